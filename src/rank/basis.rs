//! What recommended items are found by, and the scores that belong to each basis.

use alloc::vec::Vec;

use super::fatigue::Fatigue;
use super::priors::Tilt;
use super::reason::POPULAR_LEVEL;
use super::rules::ContextWord;
use super::score::{POPULARITY_LEVEL, Scorer, Scores};
use super::{Parts, Reason, RecommendRequest, Scratch};
use crate::format::attributes::{Column, POPULARITY, REPURCHASE_DAYS, TRENDING};
use crate::format::metadata::{Blend, ONE};
use crate::kernels::sorted;
use crate::model::Model;
use crate::session::{DAY_MS, EventKind, Profile, Seen};

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
    /// What is near to what the shopper came for, of categories that they have not met.
    Discovery,
}

impl Basis {
    /// All of them, by the numbers that placements and the package's JavaScript call them by: those are part of the format,
    /// so new ones go to the end.
    pub const ALL: [Basis; 8] = [
        Basis::Session,
        Basis::Similar,
        Basis::Together,
        Basis::Popular,
        Basis::Trending,
        Basis::Recent,
        Basis::Again,
        Basis::Discovery,
    ];

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
            Basis::Discovery => "discovery",
        }
    }

    /// The basis with this name.
    pub fn from_name(name: &str) -> Option<Basis> {
        Basis::ALL.into_iter().find(|basis| basis.name() == name)
    }

    /// The number in the file, where 0 ends a placement's chain.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The basis with this number in the file.
    pub fn from_number(number: u8) -> Option<Basis> {
        Basis::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Itself, then what fills up where it has too little to say.
    pub(super) fn chain(self) -> &'static [Basis] {
        match self {
            Basis::Session => &[Basis::Session, Basis::Popular],
            Basis::Similar => &[Basis::Similar, Basis::Popular],
            Basis::Together => &[Basis::Together, Basis::Similar, Basis::Popular],
            Basis::Popular => &[Basis::Popular],
            Basis::Trending => &[Basis::Trending, Basis::Popular],
            Basis::Recent => &[Basis::Recent, Basis::Session, Basis::Popular],
            Basis::Again => &[Basis::Again, Basis::Session, Basis::Popular],
            Basis::Discovery => &[Basis::Discovery, Basis::Session, Basis::Popular],
        }
    }

    /// Whether it is the same for every shopper.
    pub(super) fn is_common(self) -> bool {
        matches!(self, Basis::Popular | Basis::Trending)
    }

    /// Why an item is shown that was found by what is the same for every shopper: where it is popular, for that.
    pub(super) fn common_reason(self, parts: &Parts) -> Reason {
        match self {
            Basis::Trending if parts.popularity > 0 => Reason::TRENDING,
            Basis::Popular if parts.popularity >= POPULAR_LEVEL * POPULARITY_LEVEL => Reason::POPULAR,
            _ => Reason::STORE_ORDER,
        }
    }

    /// Whether an item must have something that speaks for it, or may come with a score of 0 or less.
    pub(super) fn needs_worth(self) -> bool {
        !matches!(self, Basis::Session | Basis::Popular)
    }

    /// The surface's blend with only this basis' terms left; none if that is all of them.
    fn blend(self, blend: &Blend) -> Option<Blend> {
        let (embedding, neighbors) = match self {
            Basis::Similar => (ONE as u16, 0),
            Basis::Together => (0, ONE as u16),
            _ => return None,
        };
        let Blend { ref neighbors_by_place, base_range, strength, .. } = *blend;
        let neighbors_by_place = neighbors_by_place.clone();
        Some(Blend {
            embedding,
            embedding_of_known: ONE as u16,
            neighbors,
            neighbors_by_place,
            base_range,
            strength,
            ..Blend::default()
        })
    }
}

/// Says why an item is shown, from its row and the parts of its score.
type Why<'a> = dyn Fn(u32, &Parts) -> Reason + 'a;

/// What the scores of every basis come from.
pub(super) struct Sources<'a> {
    pub(super) model: &'a Model,
    pub(super) session: &'a Seen<'a>,
    pub(super) request: &'a RecommendRequest<'a>,
    pub(super) profile: &'a Profile,
    pub(super) fatigue: &'a Fatigue,
    pub(super) explain: bool,
}

impl Sources<'_> {
    /// Lets `find` find items by the scores of a basis, each with its reason. Not called where the basis has nothing to say.
    pub(super) fn ask(&self, basis: Basis, scratch: &mut Scratch, find: &mut dyn FnMut(&dyn Scores, &Why)) {
        let Sources { model, session, request, profile, fatigue, explain } = *self;
        let page = &request.page;
        if basis.is_common() {
            let scores = &ByPopularity::new(model, basis, page.context, fatigue);
            return find(scores, &|_, parts| basis.common_reason(parts));
        }
        if profile.touches().is_empty() {
            return;
        }
        let own = match basis {
            Basis::Recent => Some(recent(profile)),
            Basis::Again => Some(due(model, *session, request)),
            _ => None,
        };
        if let Some(own) = own {
            let touch = |row| profile.touches().iter().find(|touch| touch.row == row);
            return find(&ByRow(own), &|row, _| touch(row).map_or(Reason::STORE_ORDER, Reason::seen_before));
        }
        let blend = model.metadata().blend(page.surface);
        let own = basis.blend(blend);
        let standing = (basis == Basis::Similar).then(|| profile.standing(model));
        let profile = standing.as_ref().unwrap_or(profile);
        let scorer = Scorer::new(model, profile, own.as_ref().unwrap_or(blend), fatigue, scratch);
        let scorer = scorer.in_context(model, page.context);
        find(&scorer, &|row, parts| match explain {
            true => Reason::of(&scorer, model, row, parts),
            false => Reason::STORE_ORDER,
        });
    }
}

/// Parts by how often items are chosen, in such a context more or less, or how often of late.
pub(super) struct ByPopularity<'a> {
    n_items: usize,
    column: Option<Column<'a>>,
    tilt: Option<Tilt<'a>>,
    fatigue: &'a Fatigue,
}

impl<'a> ByPopularity<'a> {
    pub(super) fn new(
        model: &'a Model,
        basis: Basis,
        context: &[ContextWord],
        fatigue: &'a Fatigue,
    ) -> ByPopularity<'a> {
        let (name, tilt) = match basis {
            Basis::Trending => (TRENDING, None),
            _ => (POPULARITY, Tilt::new(model, context, |priors| priors.popular_weight())),
        };
        let column = model.column(name);
        ByPopularity { n_items: model.n_items(), column, tilt, fatigue }
    }
}

impl Scores for ByPopularity<'_> {
    fn parts(&self, row: u32) -> Parts {
        let level = self.column.map_or(0, |column| column.value(row).min(255) as i32);
        let popularity = level * POPULARITY_LEVEL + self.tilt.as_ref().map_or(0, |tilt| tilt.of(row));
        Parts { popularity, fatigue: self.fatigue.of(row), ..Parts::default() }
    }

    fn each(&self, _best: Option<usize>, mut least: i32, see: &mut dyn FnMut(u32, i32) -> i32) {
        for row in 0..self.n_items as u32 {
            let score = self.parts(row).score();
            if score >= least {
                least = see(row, score);
            }
        }
    }
}

/// Parts of the shopper's own items: rows with their scores, ascending. Of the scores of a row the greatest counts. All
/// other items have nothing that speaks for them.
struct ByRow(Vec<(i32, u32)>);

impl Scores for ByRow {
    fn parts(&self, row: u32) -> Parts {
        let end = self.0.partition_point(|&(known, _)| known <= row as i32);
        let score = self.0[..end].last().filter(|&&(known, _)| known == row as i32);
        Parts { history: score.map_or(0, |&(_, score)| score as i32), ..Parts::default() }
    }

    fn each(&self, _best: Option<usize>, _least: i32, see: &mut dyn FnMut(u32, i32) -> i32) {
        for of_row in self.0.chunk_by(|one, other| one.0 == other.0) {
            let (row, score) = of_row[of_row.len() - 1];
            see(row as u32, score as i32);
        }
    }
}

/// What the shopper has touched: a logit more than the one before, from the oldest. Ascending.
fn recent(profile: &Profile) -> Vec<(i32, u32)> {
    sorted(profile.touches().iter().rev().zip(1..).map(|(touch, place)| (touch.row as i32, place * ONE as u32)))
}

/// What the shopper has bought and may need again: the time since, in its usual interval, a logit each, at most four.
/// Ascending.
fn due(model: &Model, session: Seen, request: &RecommendRequest) -> Vec<(i32, u32)> {
    let usual = model.column(REPURCHASE_DAYS);
    let (Some(usual), None) = (usual, request.seeds) else { return Vec::new() };
    let mut due: Vec<(i32, u32)> = Vec::new();
    for event in session.events().rev().filter(|event| matches!(event.kind, EventKind::Purchase | EventKind::Return)) {
        let Some(row) = event.row(model) else { continue };
        // The newest purchase of an item counts, unless it was sent back.
        if due.iter().all(|&(known, _)| known != row as i32) {
            // No more than a file may say, so that no product is too large.
            let interval = i64::from(usual.value(row).min(u16::MAX.into())) * DAY_MS;
            let age = request.page.now_ms.saturating_sub(event.timestamp_ms).clamp(0, 4 * interval);
            let is_due = event.kind == EventKind::Purchase && interval > 0 && 4 * age >= 3 * interval;
            due.push((row as i32, if is_due { (age * i64::from(ONE) / interval) as u32 } else { 0 }));
        }
    }
    sorted(due.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_format() {
        let names = ["session", "similar", "together", "popular", "trending", "recent", "again", "discovery"];
        let named = names.map(|name| Basis::from_name(name).unwrap());
        assert_eq!(named.map(Basis::number), [1, 2, 3, 4, 5, 6, 7, 8], "as docs/FORMAT.md says");
        assert_eq!([0, 1, 8, 9].map(Basis::from_number), [None, Some(Basis::Session), Some(Basis::Discovery), None]);
        assert_eq!(Basis::ALL, named);
    }
}
