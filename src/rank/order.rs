//! The order of what is no item: categories, facets, banners, offers.

use alloc::vec;
use alloc::vec::Vec;

use super::base::log2;
use super::{Outcome, Parts, Reason, ReasonCode, Unchanged};
use crate::format::attributes::Column;
use crate::format::metadata::ONE;
use crate::kernels::Top;
use crate::lists::Gather;
use crate::model::{Model, is_within};
use crate::session::{Lens, Profile, Session, Touch, telling};

/// What a thing gets that all of the session speaks for, in logits.
const AFFINITY: i64 = 4;
/// What a thing gets over one whose items are chosen half as often: so many parts of a logit.
const PER_OCTAVE: i32 = 8;
/// Numbers below this can be the value of a tag.
const MAX_NUMBER: usize = 256;

/// What a thing is about: the items with this value in this column of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Name of the column.
    pub column: &'a str,
    /// A word, or the beginning of a path of words, or a number below 256.
    pub value: &'a str,
}

/// Things to order, each by its tags.
#[derive(Debug, Clone, Copy, Default)]
pub struct OrderRequest<'a> {
    /// How many tags every thing has, in incoming order.
    pub things: &'a [u32],
    /// The tags of the first thing, then of the next.
    pub tags: &'a [Tag<'a>],
    /// The time, in milliseconds since the Unix epoch: events age.
    pub now_ms: i64,
    /// Which of the session's events count.
    pub lens: Lens<'a>,
}

/// Things in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What became of the request.
    pub outcome: Outcome,
    /// A permutation of the things.
    pub things: Vec<Thing>,
}

/// A thing in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thing {
    /// Its incoming index.
    pub from: usize,
    /// The parts of its score: `attributes` is the affinity for its tags, `popularity` that of their items.
    pub parts: Parts,
    /// Why it stands there.
    pub reason: Reason,
}

/// Orders things for a session. Those that score the same, and all where the session says nothing of any, keep their
/// incoming order.
///
/// The affinity for a tag is 4 logits times w / (w₀ + 1): w is the weight of the session's events with its items, w₀ that
/// of all its events. A thing's is the mean of its tags'. Its popularity is that of its least popular tag: an eighth of
/// the binary logarithm of the sum of 2^(level / 16) over the tag's items. Items that are marked as sensitive say
/// nothing. O(items · columns named + things · (events + words)).
pub fn order(model: &Model, session: &Session, request: &OrderRequest) -> Order {
    let session = session.as_seen(request.lens);
    let profile = Profile::of_session(model, session, request.now_ms);
    let touches: Vec<Touch> = telling(model, &profile).gather();
    let whole = touches.iter().map(|touch| i64::from(touch.weight)).sum::<i64>() + i64::from(ONE);
    let mut columns: Vec<Tagged> = Vec::new();
    let mut things: Vec<Thing> = Vec::new();
    let mut left = request.tags.iter();
    for (from, &n_tags) in request.things.iter().enumerate() {
        let (mut affinity, mut popularity) = (0, None);
        let mut strongest: Option<Touch> = None;
        for tag in left.by_ref().take(n_tags as usize) {
            let known = columns.iter().position(|known| known.name == tag.column);
            let column = known.or_else(|| {
                columns.push(Tagged::new(model, tag.column)?);
                Some(columns.len() - 1)
            });
            let Some(column) = column.map(|at| &columns[at]) else {
                popularity = Some(0);
                continue;
            };
            let values = column.values(tag.value);
            let sum = values.iter().fold(0u32, |sum, &value| sum.saturating_add(column.popularity[value]));
            let octaves = log2(sum) as i32;
            popularity = Some(popularity.unwrap_or(octaves).min(octaves));
            for touch in &touches {
                if values.binary_search(&(column.column.value(touch.row) as usize)).is_ok() {
                    affinity += i64::from(touch.weight);
                    // The newest of equals: touches come newest first.
                    strongest = strongest.filter(|strongest| strongest.weight >= touch.weight).or(Some(*touch));
                }
            }
        }
        let attributes = AFFINITY * i64::from(ONE) * affinity / (whole * i64::from(n_tags).max(1));
        let popularity = popularity.unwrap_or(0) / PER_OCTAVE;
        let parts = Parts { attributes: attributes as i32, popularity, ..Parts::default() };
        let reason = match strongest {
            Some(touch) => Reason { code: ReasonCode::SimilarTo, event: Some((touch.row, touch.kind)), answer: None },
            None if popularity >= ONE => Reason::POPULAR,
            None => Reason::STORE_ORDER,
        };
        things.push(Thing { from, parts, reason });
    }
    let outcome = if things.iter().any(|thing| thing.parts.attributes > 0) {
        Outcome::Personalized
    } else {
        Outcome::Unchanged(Unchanged::of(session))
    };
    if outcome == Outcome::Personalized {
        let mut top = Top::new(things.len());
        for (thing, from) in things.iter().zip(0..) {
            top.offer(thing.parts.score(), from);
        }
        things = top.into_sorted().into_iter().map(|(_, from)| things[from as usize]).gather();
    } else {
        // The store's order says why; parts are those that nothing went by.
        things.iter_mut().for_each(|thing| thing.reason = Reason::STORE_ORDER);
    }
    Order { outcome, things }
}

/// A column that tags name.
struct Tagged<'a> {
    name: &'a str,
    column: Column<'a>,
    /// By value, how often its items are chosen.
    popularity: Vec<u32>,
}

impl<'a> Tagged<'a> {
    fn new(model: &'a Model, name: &'a str) -> Option<Tagged<'a>> {
        let column = model.column(name)?;
        let levels = model.popularity();
        let mut popularity = vec![0u32; if column.n_words() > 0 { column.n_words() + 1 } else { MAX_NUMBER }];
        for row in 0..model.n_items() as u32 {
            if let Some(sum) = popularity.get_mut(column.value(row) as usize) {
                let level = levels.map_or(0, |levels| levels.value(row).min(255));
                // Levels are logarithms: about 16 of them double how often an item is chosen.
                *sum = sum.saturating_add(1 << (level / 16));
            }
        }
        Some(Tagged { name, column, popularity })
    }

    /// The values that a tag means; 0 is none.
    fn values(&self, tag: &str) -> Vec<usize> {
        if self.column.n_words() == 0 {
            return tag.parse().ok().filter(|number| (1..MAX_NUMBER).contains(number)).into_iter().gather();
        }
        let words = self.column.words().zip(1..).filter(|(word, _)| is_within(word, tag));
        words.map(|(_, number)| number).gather()
    }
}
