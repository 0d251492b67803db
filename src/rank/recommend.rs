use super::diversify::{Choice, diversify};
use super::score::{BLOCK, POPULARITY_LEVEL, Scorer};
use super::{Outcome, Parts, Reason, RequestError, Scratch, Share, Unchanged};
use crate::format::attributes::{POPULARITY, REPURCHASE_DAYS, TRENDING};
use crate::format::metadata::{Blend, ONE};
use crate::kernels::{Top, sorted};
use crate::model::Model;
use crate::session::{EventKind, Profile, Session};

/// Most items that one answer may hold.
pub const MAX_LIMIT: usize = 1000;
/// How many times `limit` items are retrieved for diversity to choose from.
const OVERFETCH: usize = 4;
const DAY_MS: i64 = 86_400_000;

/// What items are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// All terms of the score, as the surface's blend mixes them.
    #[default]
    Session,
    /// Nearness of embeddings alone: "more like this".
    Similar,
    /// Neighbor rows alone: "goes with".
    Together,
    /// What most shoppers choose.
    Popular,
    /// What most shoppers choose of late.
    Trending,
    /// What the shopper has touched, the newest first: "recently viewed".
    Recent,
    /// What the shopper has bought, once it is about time to buy it again: the longest overdue first, by the item's usual
    /// interval. An item counts from three quarters of it.
    Again,
}

impl Basis {
    /// All of them.
    pub const ALL: [Basis; 7] =
        [Basis::Session, Basis::Similar, Basis::Together, Basis::Popular, Basis::Trending, Basis::Recent, Basis::Again];

    /// The name that the JavaScript API and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Session => "session",
            Basis::Similar => "similar",
            Basis::Together => "together",
            Basis::Popular => "popular",
            Basis::Trending => "trending",
            Basis::Recent => "recent",
            Basis::Again => "again",
        }
    }

    /// The basis with this name.
    pub fn from_name(name: &str) -> Option<Basis> {
        Basis::ALL.into_iter().find(|basis| basis.name() == name)
    }

    /// Itself, then what fills up where it has too little to say.
    fn chain(self) -> &'static [Basis] {
        match self {
            Basis::Session => &[Basis::Session, Basis::Popular],
            Basis::Similar => &[Basis::Similar, Basis::Popular],
            Basis::Together => &[Basis::Together, Basis::Similar, Basis::Popular],
            Basis::Popular => &[Basis::Popular],
            Basis::Trending => &[Basis::Trending, Basis::Popular],
            Basis::Recent => &[Basis::Recent, Basis::Session, Basis::Popular],
            Basis::Again => &[Basis::Again, Basis::Session, Basis::Popular],
        }
    }

    /// Whether it is the same for every shopper.
    fn is_common(self) -> bool {
        matches!(self, Basis::Popular | Basis::Trending)
    }

    /// Whether an item must have something that speaks for it, or may come with a score of 0 or less.
    fn needs_worth(self) -> bool {
        !matches!(self, Basis::Session | Basis::Popular)
    }
}

/// What to recommend.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecommendRequest<'a> {
    /// The kind of page, which chooses the blend.
    pub surface: &'a str,
    /// Most items to return, 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Recommend as if these rows had just been viewed, the newest last, instead of from the session. Never returned.
    pub seeds: Option<&'a [u32]>,
    /// What they are found by.
    pub basis: Basis,
    /// Rows never to return.
    pub exclude: &'a [u32],
    /// Drop items that score below this share of the best, where the best is above 0.
    pub threshold: Share,
    /// Weight of variety against relevance. Default 0.
    pub diversity: Share,
    /// The time, in milliseconds since the Unix epoch: events age.
    pub now_ms: i64,
}

/// Items found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendations {
    /// What became of the request.
    pub outcome: Outcome,
    /// The items, best first.
    pub items: Vec<Recommended>,
}

/// An item found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recommended {
    /// Its row.
    pub row: u32,
    /// What it was found by: what was asked for, or what filled up.
    pub basis: Basis,
    /// The parts of its score; `base` is 0.
    pub parts: Parts,
    /// What its similarity to better items took off its worth.
    pub penalty: i32,
    /// Why it stands there; computed on request only.
    pub reason: Reason,
}

/// Finds the best items of the whole catalog for a session, or for seeds. Equal scores: the lower row first.
///
/// Where a basis has less to say than is asked for, others fill up, popularity at the end: [`Recommended::basis`] says
/// which found an item. So the answer has `limit` items whenever the catalog and `exclude` leave as many. A `threshold`
/// switches that off: then fewer, even no items are what was asked for.
/// O(items · dimensions); `explain` adds O(limit · events · dimensions).
///
/// # Errors
///
/// [`RequestError::Limit`], [`RequestError::Row`].
pub fn recommend(
    model: &Model,
    session: &Session,
    request: &RecommendRequest,
    explain: bool,
    scratch: &mut Scratch,
) -> Result<Recommendations, RequestError> {
    let (limit, n_items) = (request.limit, model.n_items());
    if limit == 0 || limit > MAX_LIMIT {
        return Err(RequestError::Limit { limit });
    }
    let seeds = request.seeds.unwrap_or_default();
    if let Some(&row) = seeds.iter().chain(request.exclude).find(|&&row| row as usize >= n_items) {
        return Err(RequestError::Row { row, n_items });
    }
    let profile = match request.seeds {
        Some(seeds) => Profile::of_rows(model, seeds),
        None => Profile::of_session(model, session, request.now_ms),
    };
    let chain = request.basis.chain();
    let chain = if request.threshold == Share::default() { chain } else { &chain[..1] };
    let mut excluded: Vec<u32> = seeds.iter().chain(request.exclude).copied().collect();
    let mut items: Vec<Recommended> = Vec::new();
    for &basis in chain {
        let find = Retrieval { request, basis, excluded: &excluded, limit: limit - items.len() };
        let found = if basis.is_common() {
            find.common(model)
        } else if profile.touches().is_empty() {
            continue;
        } else {
            let blend = basis.blend(model.metadata().blend(request.surface));
            let scorer = Scorer::new(model, &profile, &blend, scratch);
            let mut found = match basis {
                Basis::Recent => find.own(model, &recent(&profile)),
                Basis::Again => find.own(model, &due(model, session, request)),
                _ => find.run(model, |first, block| scorer.parts_of_block(first, block)),
            };
            for item in found.iter_mut().filter(|_| explain) {
                item.reason = Reason::of(&scorer, model, item.row, &item.parts);
            }
            found
        };
        excluded.extend(found.iter().map(|item| item.row));
        items.extend(found);
    }
    let outcome = if items.iter().any(|item| !item.basis.is_common()) {
        Outcome::Personalized
    } else if request.seeds.is_none() && session.events().all(|event| event.item.is_none()) {
        Outcome::Popular(Unchanged::EmptySession)
    } else {
        Outcome::Popular(Unchanged::UnknownItems)
    };
    Ok(Recommendations { outcome, items })
}

/// What the shopper has touched: a logit more than the one before, from the oldest. Ascending.
fn recent(profile: &Profile) -> Vec<(i32, u32)> {
    sorted(profile.touches().iter().rev().zip(1..).map(|(touch, place)| (touch.row as i32, place * ONE as u32)))
}

/// What the shopper has bought and may need again: the time since, in its usual interval, a logit each, at most four.
/// Ascending.
fn due(model: &Model, session: &Session, request: &RecommendRequest) -> Vec<(i32, u32)> {
    let usual = model.attributes().and_then(|attributes| attributes.column(REPURCHASE_DAYS));
    let (Some(usual), None) = (usual, request.seeds) else { return Vec::new() };
    let mut due: Vec<(i32, u32)> = Vec::new();
    for event in session.events().rev().filter(|event| event.kind == EventKind::Purchase) {
        let Some(row) = event.item.as_ref().and_then(|item| model.ids().row(item.hash)) else { continue };
        // The newest purchase of an item counts.
        if due.iter().all(|&(known, _)| known != row as i32) {
            let interval = i64::from(usual.value(row)) * DAY_MS;
            let age = request.now_ms.saturating_sub(event.timestamp_ms).clamp(0, 4 * interval);
            let is_due = interval > 0 && 4 * age >= 3 * interval;
            due.push((row as i32, if is_due { (age * i64::from(ONE) / interval) as u32 } else { 0 }));
        }
    }
    sorted(due.into_iter())
}

impl Basis {
    /// The surface's blend with only this basis' terms left.
    fn blend(self, blend: &Blend) -> Blend {
        let only = |embedding: u16, neighbors: u16| Blend {
            embedding,
            neighbors,
            bias: 0,
            popularity: 0,
            history_by_place: Vec::new(),
            history_by_kind: Default::default(),
            ..blend.clone()
        };
        match self {
            Basis::Similar => only(ONE as u16, 0),
            Basis::Together => only(0, ONE as u16),
            _ => blend.clone(),
        }
    }
}

/// The finding of the best items by their parts.
struct Retrieval<'a> {
    request: &'a RecommendRequest<'a>,
    basis: Basis,
    excluded: &'a [u32],
    limit: usize,
}

impl Retrieval<'_> {
    /// Finds by how often, or how often of late, items are chosen.
    fn common(&self, model: &Model) -> Vec<Recommended> {
        let name = if self.basis == Basis::Trending { TRENDING } else { POPULARITY };
        let column = model.attributes().and_then(|attributes| attributes.column(name));
        let mut found = self.run(model, |first, block| {
            for (row, parts) in (first..).zip(block) {
                let level = column.map_or(0, |column| column.value(row).min(255) as i32);
                *parts = Parts { popularity: level * POPULARITY_LEVEL, ..Parts::default() };
            }
        });
        let reason = if self.basis == Basis::Trending { Reason::TRENDING } else { Reason::POPULAR };
        found.iter_mut().for_each(|item| item.reason = reason);
        found
    }

    /// Finds items of the shopper's own: rows with their scores, ascending. Of the scores of a row the greatest counts.
    fn own(&self, model: &Model, scores: &[(i32, u32)]) -> Vec<Recommended> {
        self.run(model, |first, block| {
            for (row, parts) in (first as i32..).zip(block) {
                let end = scores.partition_point(|&(known, _)| known <= row);
                let score = scores[..end].last().filter(|&&(known, _)| known == row);
                *parts = Parts { history: score.map_or(0, |&(_, score)| score as i32), ..Parts::default() };
            }
        })
    }

    /// Goes through all rows, block by block, then diversifies and cuts. `score` fills in the parts of a block's rows.
    fn run(&self, model: &Model, score: impl Fn(u32, &mut [Parts])) -> Vec<Recommended> {
        let excluded = sorted(self.excluded.iter().map(|&row| (row as i32, 0)));
        let diversity = self.request.diversity;
        let mut top = Top::new(if diversity > Share::default() { self.limit * OVERFETCH } else { self.limit });
        let mut block = [Parts::default(); BLOCK];
        for first in (0..model.n_items()).step_by(BLOCK) {
            let block = &mut block[..BLOCK.min(model.n_items() - first)];
            score(first as u32, block);
            for (row, parts) in (first as u32..).zip(block) {
                let score = parts.score();
                let speaks = !self.basis.needs_worth() || score > 0;
                if speaks && top.wants(score, row) && excluded.binary_search(&(row as i32, 0)).is_err() {
                    top.offer(score, row);
                }
            }
        }
        let best_first = top.into_sorted();
        let choices: Vec<Choice> = best_first.iter().map(|&(score, row)| Choice { row, score }).collect();
        let floor = choices.first().map_or(0, |best| self.request.threshold.of(best.score.max(0)));
        let (order, penalties) = diversify(&choices, model.embeddings(), diversity);
        let kept = order.into_iter().filter(|&index| floor == 0 || choices[index].score >= floor).take(self.limit);
        kept.map(|index| {
            let row = choices[index].row;
            let mut parts = [Parts::default()];
            score(row, &mut parts);
            Recommended {
                row,
                basis: self.basis,
                parts: parts[0],
                penalty: penalties[index],
                reason: Reason::STORE_ORDER,
            }
        })
        .collect()
    }
}
