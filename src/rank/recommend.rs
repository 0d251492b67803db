use super::diversify::{Choice, diversify};
use super::score::{BLOCK, POPULARITY_LEVEL, Scorer};
use super::{Outcome, Parts, Reason, RequestError, Scratch, Share, Unchanged};
use crate::format::metadata::{Blend, ONE};
use crate::kernels::{Top, sorted};
use crate::model::Model;
use crate::session::{Profile, Session};

/// Most items that one answer may hold.
pub const MAX_LIMIT: usize = 1000;
/// How many times `limit` items are retrieved for diversity to choose from.
const OVERFETCH: usize = 4;

/// Which terms of the score count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// All, as the surface's blend mixes them.
    #[default]
    Session,
    /// Nearness of embeddings alone: "more like this".
    Similar,
    /// Neighbor rows alone: "goes with".
    Together,
}

impl Basis {
    /// The basis with this name in the JavaScript API and on the command line.
    pub fn from_name(name: &str) -> Option<Basis> {
        match name {
            "session" => Some(Basis::Session),
            "similar" => Some(Basis::Similar),
            "together" => Some(Basis::Together),
            _ => None,
        }
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
    /// Which terms of the score count.
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
    /// The parts of its score; `base` is 0.
    pub parts: Parts,
    /// What its similarity to better items took off its worth.
    pub penalty: i32,
    /// Why it stands there; computed on request only.
    pub reason: Reason,
}

/// Finds the best items of the whole catalog for a session, or for seeds. Equal scores: the lower row first.
///
/// Where a basis has less to say than is asked for, the next one fills up: neighbor rows, then embeddings, then
/// popularity. So the answer has `limit` items whenever the catalog and `exclude` leave as many. A `threshold` switches
/// that off: then fewer, even no items are what was asked for.
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
    let mut excluded: Vec<u32> = seeds.iter().chain(request.exclude).copied().collect();
    let mut items: Vec<Recommended> = Vec::new();
    if !profile.touches().is_empty() {
        for &stage in stages(request) {
            let blend = stage.blend(model.metadata().blend(request.surface));
            let scorer = Scorer::new(model, &profile, &blend, scratch);
            let find = Retrieval {
                request,
                excluded: &excluded,
                limit: limit - items.len(),
                only_positive: stage != Basis::Session,
            };
            let found = find.run(model, |first, block| scorer.parts_of_block(first, block));
            items.extend(found.into_iter().map(|mut item| {
                if explain {
                    item.reason = Reason::of(&scorer, model, item.row, &item.parts);
                }
                item
            }));
            excluded.extend(items.iter().map(|item| item.row));
        }
    }
    let personalized = !items.is_empty();
    if items.len() < limit && fills(request) {
        let popularity = model.popularity();
        let find = Retrieval { request, excluded: &excluded, limit: limit - items.len(), only_positive: false };
        let found = find.run(model, |first, block| {
            for (row, parts) in (first..).zip(block) {
                let level = popularity.map_or(0, |column| column.value(row).min(255) as i32);
                *parts = Parts { popularity: level * POPULARITY_LEVEL, ..Parts::default() };
            }
        });
        items.extend(found.into_iter().map(|item| Recommended { reason: Reason::POPULAR, ..item }));
    }
    let outcome = if personalized {
        Outcome::Personalized
    } else if request.seeds.is_none() && session.events().all(|event| event.item.is_none()) {
        Outcome::Popular(Unchanged::EmptySession)
    } else {
        Outcome::Popular(Unchanged::UnknownItems)
    };
    Ok(Recommendations { outcome, items })
}

fn stages(request: &RecommendRequest) -> &'static [Basis] {
    match request.basis {
        Basis::Together if fills(request) => &[Basis::Together, Basis::Similar],
        Basis::Together => &[Basis::Together],
        Basis::Similar => &[Basis::Similar],
        Basis::Session => &[Basis::Session],
    }
}

fn fills(request: &RecommendRequest) -> bool {
    request.threshold == Share::default()
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
            Basis::Session => blend.clone(),
            Basis::Similar => only(ONE as u16, 0),
            Basis::Together => only(0, ONE as u16),
        }
    }
}

/// The finding of the best items by their parts.
struct Retrieval<'a> {
    request: &'a RecommendRequest<'a>,
    excluded: &'a [u32],
    limit: usize,
    /// Whether an item must have something that speaks for it.
    only_positive: bool,
}

impl Retrieval<'_> {
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
                let speaks = !self.only_positive || score > 0;
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
            Recommended { row, parts: parts[0], penalty: penalties[index], reason: Reason::STORE_ORDER }
        })
        .collect()
    }
}
