use serde::Serialize;

use super::trace::{Numbers, Order, RecommendRecord, Request, RerankRecord, Trace};
use crate::model::{Model, Rules};
use crate::rank::{
    Basis, ContextWord, Overlay, Page, RecommendRequest, RequestError, RerankRequest, Scratch, Share, UNKNOWN_ROW,
    recommend, rerank,
};
use crate::session::{EventId, Lens, Session};

/// Why a trace cannot be replayed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// The shape is of another version.
    #[error("the trace has version {found}; this release reads version 1")]
    Version {
        /// The version that it states.
        found: u32,
    },
    /// Scores are missing, or left over.
    #[error("there are {scores} `scores` for an `order` of {slots}")]
    Scores {
        /// Those of the trace.
        scores: usize,
        /// Of its order.
        slots: usize,
    },
    /// It asks for nothing, or for two things.
    #[error("the request must have either `rerank` or `recommend`")]
    Kind,
    /// A share is no number from 0 to 1.
    #[error("`{option}` is {value}; it must be a number from 0 to 1")]
    Share {
        /// The option.
        option: &'static str,
        /// What it is.
        value: f64,
    },
    /// There is no such basis.
    #[error("`basis` is {name:?}; it must be one of {}", Basis::ALL.map(Basis::name).join(", "))]
    Basis {
        /// What was asked for.
        name: String,
    },
    /// The runtime refuses the request.
    #[error(transparent)]
    Request(#[from] RequestError),
}

/// What stands in a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its incoming index, in a rerank.
    pub from: Option<usize>,
    /// The item.
    pub item_id: String,
    /// Its score.
    pub score: i32,
    /// Number of the rule that had a say in its place.
    pub rule: Option<u16>,
    /// Whether that bars it.
    pub barred: bool,
}

/// What became of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum Verdict {
    /// The same answer to the bit.
    Same,
    /// Another answer.
    Differs {
        /// The first slot that differs, from 0.
        slot: usize,
        /// What was written down: the item and, where it is known, its score.
        expected: Option<String>,
        /// What stands there now.
        found: Option<String>,
    },
    /// The trace is of another model; nothing was replayed.
    OtherModel {
        /// The id of that model.
        expected: String,
        /// The id of this one.
        found: String,
    },
    /// The trace is of rules that were not given; nothing was replayed.
    OtherRules {
        /// The id of those.
        expected: String,
        /// The ids of those that were given.
        found: Vec<String>,
    },
}

/// Answers a request once more, by the rules given or else by the model's own.
///
/// # Errors
///
/// [`ReplayError`].
pub fn answer(
    model: &Model,
    rules: Option<&Rules>,
    session: &Session,
    request: &Request,
    scratch: &mut Scratch,
) -> Result<Vec<Slot>, ReplayError> {
    let without: Vec<EventId> = request.without.iter().map(|&place| EventId(place)).collect();
    let asked = Asked {
        model,
        rules,
        session,
        request,
        lens: Lens { gift: request.gift, without: &without },
        context: request.context.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect(),
    };
    match (&request.rerank, &request.recommend) {
        (Some(list), None) => asked.rerank(list, scratch),
        (None, Some(block)) => asked.recommend(block, scratch),
        _ => Err(ReplayError::Kind),
    }
}

/// Replays a trace with the rules that it names, if they are among those given.
///
/// # Errors
///
/// [`ReplayError`].
pub fn verify(model: &Model, rules: &[Rules], trace: &Trace, scratch: &mut Scratch) -> Result<Verdict, ReplayError> {
    for found in [trace.v, trace.state.v] {
        if found != 1 {
            return Err(ReplayError::Version { found });
        }
    }
    let slots = match &trace.order {
        Order::Indices(indices) => indices.len(),
        Order::Items(items) => items.len(),
    };
    if let Some(scores) = trace.scores.as_ref().map(Vec::len).filter(|&scores| scores != slots) {
        return Err(ReplayError::Scores { scores, slots });
    }
    if trace.model != model.id() {
        return Ok(Verdict::OtherModel { expected: trace.model.clone(), found: model.id() });
    }
    let rules = match &trace.rules {
        None => None,
        Some(id) => match rules.iter().find(|rules| rules.id() == *id) {
            Some(rules) => Some(rules),
            None => {
                let found = rules.iter().map(Rules::id).collect();
                return Ok(Verdict::OtherRules { expected: id.clone(), found });
            }
        },
    };
    let slots = answer(model, rules, &trace.state.session(model).0, &trace.request, scratch)?;
    let expected = written_down(trace);
    let scores = trace.scores.as_ref();
    let found = |slot: &Slot| label(slot.from, Some(&slot.item_id), scores.map(|_| slot.score));
    let found: Vec<String> = slots.iter().map(found).collect();
    let slot = (0..expected.len().max(found.len())).find(|&slot| expected.get(slot) != found.get(slot));
    Ok(slot.map_or(Verdict::Same, |slot| Verdict::Differs {
        slot,
        expected: expected.get(slot).cloned(),
        found: found.get(slot).cloned(),
    }))
}

/// What a trace says of every slot.
fn written_down(trace: &Trace) -> Vec<String> {
    let score = |slot: usize| trace.scores.as_ref().map(|scores| scores[slot]);
    match &trace.order {
        Order::Indices(indices) => {
            let candidates = trace.request.rerank.as_ref().map_or(&[][..], |list| &list.candidates);
            let of = |(slot, &from): (usize, &usize)| {
                label(Some(from), candidates.get(from).map(String::as_str), score(slot))
            };
            indices.iter().enumerate().map(of).collect()
        }
        Order::Items(items) => {
            items.iter().enumerate().map(|(slot, item)| label(None, Some(item), score(slot))).collect()
        }
    }
}

/// What stands in a slot, for people: equal exactly where the same stands there.
fn label(from: Option<usize>, item_id: Option<&str>, score: Option<i32>) -> String {
    let mut label = item_id.unwrap_or("no candidate").to_owned();
    if let Some(from) = from {
        label += &format!(", candidate {from}");
    }
    if let Some(score) = score {
        label += &format!(", score {score}");
    }
    label
}

/// A request with what it is answered from.
struct Asked<'a> {
    model: &'a Model,
    rules: Option<&'a Rules>,
    session: &'a Session,
    request: &'a Request,
    lens: Lens<'a>,
    context: Vec<ContextWord<'a>>,
}

impl Asked<'_> {
    fn page<'a>(&'a self, overlays: &'a [Overlay]) -> Result<Page<'a>, ReplayError> {
        let request = self.request;
        Ok(Page {
            surface: &request.surface,
            placement: &request.placement,
            diversity: optional_share("diversity", request.diversity)?,
            discovery: optional_share("discovery", request.discovery)?,
            broaden: share("broaden", request.broaden)?,
            seed: request.seed,
            now_ms: request.now,
            lens: self.lens,
            rules: self.rules,
            context: &self.context,
            overlays,
        })
    }

    fn rerank(&self, list: &RerankRecord, scratch: &mut Scratch) -> Result<Vec<Slot>, ReplayError> {
        let Asked { model, request, .. } = *self;
        let rows: Vec<u32> = list.candidates.iter().map(|id| model.row(id).unwrap_or(UNKNOWN_ROW)).collect();
        let prices: Vec<f64> = list.prices.iter().map(|price| price.unwrap_or(f64::NAN)).collect();
        let values = |numbers: &Numbers| match numbers {
            Numbers::List(values) => values.iter().map(|value| value.unwrap_or(Overlay::NOT_KNOWN)).collect(),
            Numbers::ByItem(values) => {
                list.candidates.iter().map(|id| values.get(id).copied().unwrap_or(Overlay::NOT_KNOWN)).collect()
            }
        };
        let values: Vec<Vec<i32>> = request.overlays.values().map(values).collect();
        let ranking = rerank(
            model,
            self.session,
            &RerankRequest {
                page: self.page(&overlays(request, &values))?,
                rows: &rows,
                base: list.base.as_deref(),
                prices: &prices,
                strength: optional_share("strength", list.strength)?,
                keep_first: list.keep_first,
                pinned: &list.pinned,
                max_shift: list.max_shift,
            },
            false,
            scratch,
        )?;
        let slot = |placed: crate::rank::Placed| Slot {
            from: Some(placed.from),
            item_id: list.candidates[placed.from].clone(),
            score: placed.parts.score(),
            rule: placed.rule,
            barred: placed.barred,
        };
        Ok(ranking.placed.into_iter().map(slot).collect())
    }

    fn recommend(&self, block: &RecommendRecord, scratch: &mut Scratch) -> Result<Vec<Slot>, ReplayError> {
        let Asked { model, request, .. } = *self;
        let rows = |ids: &[String]| -> Vec<u32> { ids.iter().filter_map(|id| model.row(id)).collect() };
        let seeds = block.seeds.as_deref().map(rows);
        let basis = block
            .basis
            .as_ref()
            .map(|name| Basis::from_name(name).ok_or_else(|| ReplayError::Basis { name: name.clone() }));
        let values = |numbers: &Numbers| match numbers {
            // As it is; a list has the length of a list of candidates, and is refused.
            Numbers::List(values) => values.iter().map(|value| value.unwrap_or(Overlay::NOT_KNOWN)).collect(),
            Numbers::ByItem(values) => {
                let mut by_row = vec![Overlay::NOT_KNOWN; model.n_items()];
                for (id, &value) in values {
                    if let Some(row) = model.row(id) {
                        by_row[row as usize] = value;
                    }
                }
                by_row
            }
        };
        let values: Vec<Vec<i32>> = request.overlays.values().map(values).collect();
        let found = recommend(
            model,
            self.session,
            &RecommendRequest {
                page: self.page(&overlays(request, &values))?,
                limit: block.limit,
                seeds: seeds.as_deref(),
                basis: basis.transpose()?,
                exclude: &rows(&block.exclude),
                threshold: share("threshold", block.threshold)?,
            },
            false,
            scratch,
        )?;
        let slot = |item: &crate::rank::Recommended| Slot {
            from: None,
            item_id: model.ids().id(item.row),
            score: item.parts.score(),
            rule: item.rule,
            barred: false,
        };
        Ok(found.items.iter().map(slot).collect())
    }
}

fn overlays<'a>(request: &'a Request, values: &'a [Vec<i32>]) -> Vec<Overlay<'a>> {
    request.overlays.keys().zip(values).map(|(name, values)| Overlay { name, values }).collect()
}

fn optional_share(option: &'static str, value: Option<f64>) -> Result<Option<Share>, ReplayError> {
    value.map(|value| share(option, value)).transpose()
}

fn share(option: &'static str, value: f64) -> Result<Share, ReplayError> {
    Share::new(value).ok_or(ReplayError::Share { option, value })
}
