//! The score of one item, as a sum of integer parts.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use serde::Serialize;

use super::fatigue::Fatigue;
use super::priors::Tilt;
use super::{ContextWord, Share};
use crate::format::attributes::Column;
use crate::format::embeddings::Embeddings;
use crate::format::index::{BEST, Index};
use crate::format::metadata::{Blend, ONE};
use crate::kernels::{self, Sieve, Top};
use crate::model::Model;
use crate::session::{Profile, Touch};

/// Bound of every part, so that no sum of parts overflows, whatever the model holds: about 16,000 logits.
const PART_MAX: i64 = 1 << 24;
/// Fraction bits of the reciprocal that takes a dot product to a cosine.
const RECIPROCAL_BITS: u32 = 30;
/// What a level of popularity is worth where popularity is all there is, in 1/1024 of a logit.
pub(super) const POPULARITY_LEVEL: i32 = 32;

/// The parts that a basis gives to the items of the catalog.
pub(super) trait Scores {
    /// The parts of an item.
    fn parts(&self, row: u32) -> Parts;

    /// Shows items and their scores, each once, in any order: all that score at least `least`, or what `see` has returned
    /// last instead, and perhaps others. With `best`, where an index helps, only those among which so many of the best are
    /// most likely found.
    fn each(&self, best: Option<usize>, least: i32, see: &mut dyn FnMut(u32, i32) -> i32);
}

/// The terms of a score, in 1/1024 of a logit. They add up to it exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Parts {
    /// The incoming order, or the engine's own score.
    pub base: i32,
    /// Nearness of the item's embedding to the session vector.
    pub embedding: i32,
    /// Neighbor rows of the session's items.
    pub neighbors: i32,
    /// The shopper's own earlier events with this very item.
    pub history: i32,
    /// How popular the item is with everyone.
    pub popularity: i32,
    /// What the store says of the item, its price above all; 0 without a learned ranker.
    pub attributes: i32,
    /// What the store's rules add, whoever asks.
    pub boost: i32,
    /// What the shopper's answers to the store's questions add.
    pub answers: i32,
    /// What it costs to have been shown often and never touched: 0 or less.
    pub fatigue: i32,
    /// What it costs to be unwanted, or like what the shopper wants less of: 0 or less.
    pub aversion: i32,
}

impl Parts {
    /// What the parts are called, in the order of [`Parts::values`].
    pub const NAMES: [&str; 10] = [
        "base",
        "embedding",
        "neighbors",
        "history",
        "popularity",
        "attributes",
        "boost",
        "answers",
        "fatigue",
        "aversion",
    ];

    /// The parts one by one.
    pub fn values(&self) -> [i32; 10] {
        let Parts { base, embedding, neighbors, history, popularity, attributes, boost, answers, .. } = *self;
        [base, embedding, neighbors, history, popularity, attributes, boost, answers, self.fatigue, self.aversion]
    }

    /// The sum.
    pub fn score(&self) -> i32 {
        self.base + self.boost + self.affinity()
    }

    /// The sum without the incoming order and the rules.
    pub fn affinity(&self) -> i32 {
        let Parts { embedding, neighbors, history, popularity, attributes, answers, fatigue, aversion, .. } = *self;
        embedding + neighbors + history + popularity + attributes + answers + fatigue + aversion
    }

    /// The most that the shopper's events say for the item.
    pub(super) fn speaks(&self) -> i32 {
        [self.embedding, self.neighbors, self.history].into_iter().fold(0, i32::max)
    }

    /// The mix of an incoming order and these parts: strength 0 is the order alone, 1 the parts alone.
    pub(super) fn blended(self, base: i32, strength: Share) -> Parts {
        Parts {
            base: strength.rest().of(base) + strength.of(self.base),
            embedding: strength.of(self.embedding),
            neighbors: strength.of(self.neighbors),
            history: strength.of(self.history),
            popularity: strength.of(self.popularity),
            attributes: strength.of(self.attributes),
            boost: self.boost,
            answers: self.answers,
            fatigue: strength.of(self.fatigue),
            aversion: self.aversion,
        }
    }
}

/// Memory that calls reuse: one number an item of the model. Any scratch serves any model and session.
#[derive(Debug, Default)]
pub struct Scratch {
    /// What neighbor rows say of every item, and [`NAMED`].
    said: Vec<i32>,
    /// Rows of which anything is said.
    named: Vec<u32>,
}

/// Set where the shopper's events themselves are with the item.
const NAMED: i32 = 1 << 30;

/// Scores items for one profile and blend.
pub(super) struct Scorer<'a> {
    profile: &'a Profile,
    blend: &'a Blend,
    embeddings: Option<Embeddings<'a>>,
    popularity: Option<Column<'a>>,
    scratch: &'a mut Scratch,
    /// Takes a dot product with the session vector to 1/1024 of a logit; 0 without a session vector.
    reciprocal: i64,
    /// The newest event with every item of the session, by row, and how many there are.
    newest: Vec<(Touch, usize)>,
    /// How many items have theirs at a place that the history tells apart.
    n_recent: usize,
    fatigue: &'a Fatigue,
    /// What is known of the request before the shopper.
    tilt: Option<Tilt<'a>>,
    index: Option<Index<'a>>,
}

impl<'a> Scorer<'a> {
    pub(super) fn new(
        model: &'a Model,
        profile: &'a Profile,
        blend: &'a Blend,
        fatigue: &'a Fatigue,
        scratch: &'a mut Scratch,
    ) -> Scorer<'a> {
        let embeddings = model.embeddings();
        let reciprocal = embeddings.filter(|_| !profile.vector().is_empty()).map_or(0, |embeddings| {
            let temperature = i64::from(embeddings.temperature()) << RECIPROCAL_BITS;
            temperature / (i64::from(profile.norm()) * i64::from(embeddings.norm()))
        });
        let mut newest: Vec<(Touch, usize)> = Vec::new();
        for touch in profile.touches() {
            match newest.binary_search_by_key(&touch.row, |(touch, _)| touch.row) {
                Ok(known) => newest[known].1 += usize::from(touch.place < blend.history_by_place.len()),
                Err(place) => newest.insert(place, (*touch, 1)),
            }
        }
        let n_recent = newest.iter().filter(|(touch, _)| touch.place < blend.history_by_place.len()).count();
        scratch.fill(model, profile, blend);
        newest.iter().for_each(|(touch, _)| scratch.name(touch.row));
        fatigue.rows().for_each(|row| scratch.name(row));
        let popularity = model.popularity();
        Scorer {
            profile,
            blend,
            embeddings,
            popularity,
            scratch,
            reciprocal,
            newest,
            n_recent,
            fatigue,
            tilt: None,
            index: model.index(),
        }
    }

    /// Lets the request's context tilt what is popular, if the blend has any popularity.
    pub(super) fn in_context(mut self, model: &'a Model, context: &[ContextWord]) -> Scorer<'a> {
        if self.tells_popularity() {
            self.tilt = Tilt::new(model, context, |priors| priors.session_weight());
        }
        self
    }

    /// Whether there is something to say of the item that is not read from its embedding, bias and popularity.
    fn is_named(&self, row: u32) -> bool {
        self.scratch.said[row as usize] != 0
    }

    /// The newest of the shopper's events with an item.
    pub(super) fn newest_touch(&self, row: u32) -> Option<&(Touch, usize)> {
        self.newest.binary_search_by_key(&row, |(touch, _)| touch.row).ok().map(|index| &self.newest[index])
    }

    pub(super) fn profile(&self) -> &'a Profile {
        self.profile
    }

    /// How much the neighbor row of an event counts.
    pub(super) fn neighbors_weight(&self, touch: &Touch) -> u32 {
        neighbors_weight(self.blend, touch)
    }

    pub(super) fn level(&self, row: u32) -> i32 {
        self.popularity.map_or(0, |column| column.value(row).min(255) as i32)
    }

    /// What a point of the dot product is worth, in 1/2^([`RECIPROCAL_BITS`] + 10) of a score.
    fn unit(&self) -> i64 {
        self.reciprocal * i64::from(self.blend.embedding)
    }

    /// Whether what is popular with everyone counts.
    fn tells_popularity(&self) -> bool {
        self.blend.bias != 0 || self.blend.popularity != 0
    }

    /// The embeddings, if the session has a vector to compare them with.
    fn session_embeddings(&self) -> Option<Embeddings<'a>> {
        self.embeddings.filter(|_| self.reciprocal != 0)
    }

    fn embedding(&self, row: u32) -> i32 {
        self.embedding_of(match self.session_embeddings() {
            Some(embeddings) => kernels::dot(self.profile.vector(), embeddings.vector(row)),
            None => 0,
        })
    }

    /// From the dot product with the session vector.
    fn embedding_of(&self, dot: i32) -> i32 {
        weighted(clamp((i64::from(dot) * self.reciprocal) >> RECIPROCAL_BITS), self.blend.embedding)
    }

    fn history(&self, &(touch, times): &(Touch, usize)) -> i32 {
        let at = |table: &[i16], index| i32::from(table.get(index).or(table.last()).copied().unwrap_or(0));
        at(&self.blend.history_by_place, touch.place)
            + at(&self.blend.history_by_times, times - 1)
            + if touch.place == 0 { at(&self.blend.history_of_last, self.n_recent.saturating_sub(1)) } else { 0 }
            + i32::from(self.blend.history_by_kind[touch.kind as usize])
    }

    fn popularity(&self, row: u32) -> i32 {
        // Biases are in 1/256 of a logit.
        let bias = self.embeddings.map_or(0, |embeddings| 4 * i32::from(embeddings.bias(row)));
        let level = if self.blend.popularity == 0 { 0 } else { self.level(row) };
        let tilt = self.tilt.as_ref().map_or(0, |tilt| tilt.of(row));
        weighted(bias, self.blend.bias) + level * i32::from(self.blend.popularity) + tilt
    }
}

impl Scores for Scorer<'_> {
    /// The personal parts of an item's score; `base` is 0. O(dimensions).
    fn parts(&self, row: u32) -> Parts {
        let known = self.newest_touch(row);
        let embedding = self.embedding(row);
        Parts {
            embedding: if known.is_some() { weighted(embedding, self.blend.embedding_of_known) } else { embedding },
            neighbors: weighted(self.scratch.said[row as usize] & !NAMED, self.blend.neighbors),
            history: known.map_or(0, |known| self.history(known)),
            popularity: self.popularity(row),
            fatigue: self.fatigue.of(row),
            ..Parts::default()
        }
    }

    /// First what the shopper's events name, then what embedding and bias can bring far enough.
    fn each(&self, best: Option<usize>, mut least: i32, see: &mut dyn FnMut(u32, i32) -> i32) {
        for &row in &self.scratch.named {
            least = see(row, self.parts(row).score());
        }
        match Bound::new(self) {
            Some(bound) => {
                let mut look = |mut rows: Range<usize>| {
                    while let Some(found) = kernels::passing(&bound.sieve, bound.least_sum(least), rows.clone()) {
                        rows.start = found.first + 4;
                        for (row, dot) in found.rows().filter(|&(row, _)| !self.is_named(row)) {
                            least = see(row, self.embedding_of(dot) + self.popularity(row));
                        }
                    }
                };
                match self.index.zip(best).filter(|_| bound.rest == 0 && self.tilt.is_none()) {
                    Some((index, best)) => {
                        let n_lists = index.probes().saturating_mul(best.max(BEST)).div_ceil(BEST);
                        bound.lists(&index, n_lists).for_each(|list| look(index.rows(list as usize)));
                    }
                    None => look(0..self.scratch.said.len()),
                }
            }
            // All others score 0.
            None if self.unit() == 0 && !self.tells_popularity() && least > 0 => (),
            None => {
                let others = (0..self.scratch.said.len() as u32).filter(|&row| !self.is_named(row));
                others.for_each(|row| _ = see(row, self.embedding(row) + self.popularity(row)));
            }
        }
    }
}

/// What tells rows whose embedding and bias can bring a score far enough from those where they cannot.
struct Bound<'a> {
    sieve: Sieve<'a>,
    unit: i64,
    /// The most that the rest of a score can be.
    rest: i32,
}

impl<'a> Bound<'a> {
    /// None without a session vector or with weights so far apart that sums would overflow or be clamped.
    ///
    /// An embedding part is at most dot · unit / 2^(RECIPROCAL_BITS + 10), a bias part at most 4 · bias · weight / 1024, as
    /// both are rounded down: measured in points of the dot product, they add up to dot + bias · weight · 2^(RECIPROCAL_BITS
    /// + 2) / unit.
    fn new(scorer: &Scorer<'a>) -> Option<Bound<'a>> {
        let (embeddings, unit) = (scorer.session_embeddings()?, scorer.unit());
        let vector = scorer.profile.vector();
        let most = vector.iter().map(|&component| i64::from(component).abs()).sum::<i64>() << 7;
        let of_bias = i64::from(scorer.blend.bias) << (RECIPROCAL_BITS + 2);
        let weight = (of_bias + unit / 2).checked_div(unit)?;
        let part = (most * scorer.reciprocal) >> RECIPROCAL_BITS;
        let is_clamped = part >= PART_MAX || ((part + 1) * i64::from(scorer.blend.embedding)) >> 10 >= PART_MAX;
        let fits = weight < 1 << 16 && most + (weight << 15) < 1 << 31;
        let levels = 255 * i32::from(scorer.blend.popularity);
        let rest = levels + scorer.tilt.as_ref().map_or(0, Tilt::most);
        let sieve = Sieve { vector, rows: embeddings.vectors(), biases: embeddings.biases(), weight: weight as i32 };
        (fits && !is_clamped).then_some(Bound { sieve, unit, rest })
    }

    /// The lists that are nearest to the session, nearest first: by the sum that an item in the middle of the list has with the
    /// list's greatest bias.
    fn lists(&self, index: &Index, n_lists: usize) -> impl Iterator<Item = u32> + use<> {
        let Sieve { vector, weight, .. } = self.sieve;
        let mut sums = vec![0; index.n_lists()];
        kernels::dots(vector, index.centers(), &mut sums);
        let mut top = Top::new(n_lists.min(index.n_lists()));
        for (list, sum) in sums.into_iter().enumerate() {
            top.offer(sum + weight * i32::from(index.bias(list)), list as u32);
        }
        top.into_sorted().into_iter().map(|(_, list)| list)
    }

    /// What a row's sum is at least if its score is, or less: half a point for each of the bias, by which the rounded weight
    /// may be off, and two for the rounding here. It is a bound that chooses what to score, and no score.
    fn least_sum(&self, least: i32) -> i32 {
        let scale = (1i64 << (RECIPROCAL_BITS + 10)) as f64 / self.unit as f64;
        let sum = (f64::from(least) - f64::from(self.rest)) * scale;
        (sum - f64::from((1 << 14) + 2)) as i32
    }
}

/// The lists of the index in the order in which a session with these rows, the newest last, would look through them.
#[cfg(feature = "train")]
pub(crate) fn lists_by_session(model: &Model, touched: &[u32], scratch: &mut Scratch) -> Vec<u32> {
    let profile = Profile::of_rows(model, touched);
    let scorer = Scorer::new(model, &profile, model.metadata().blend(""), Fatigue::NONE, scratch);
    let lists =
        Bound::new(&scorer).zip(model.index()).map(|(bound, index)| bound.lists(&index, index.n_lists()).collect());
    lists.unwrap_or_default()
}

/// The rows that score best with a session with these rows, best first, found without the index; none that it has touched.
#[cfg(feature = "train")]
pub(crate) fn best_by_session(model: &Model, touched: &[u32], n: usize, scratch: &mut Scratch) -> Vec<u32> {
    let profile = Profile::of_rows(model, touched);
    let scorer = Scorer::new(model, &profile, model.metadata().blend(""), Fatigue::NONE, scratch);
    let mut top = Top::new(n);
    scorer.each(None, i32::MIN, &mut |row, score| {
        if !scorer.is_named(row) {
            top.offer(score, row);
        }
        top.least()
    });
    top.into_sorted().into_iter().map(|(_, row)| row).collect()
}

impl Drop for Scorer<'_> {
    fn drop(&mut self) {
        self.scratch.clear();
    }
}

impl Scratch {
    /// Adds up what the neighbor rows of the session's items say of every item.
    fn fill(&mut self, model: &Model, profile: &Profile, blend: &Blend) {
        self.said.resize(model.n_items(), 0);
        let Some(neighbors) = model.neighbors() else { return };
        for touch in profile.touches() {
            let weight = neighbors_weight(blend, touch);
            if weight == 0 {
                continue;
            }
            for (neighbor, strength) in neighbors.row(touch.row) {
                let sum = &mut self.said[neighbor as usize];
                let part = ((u64::from(weight) * u64::from(strength)) >> 10).min(PART_MAX as u64) as i32;
                if *sum == 0 && part > 0 {
                    self.named.push(neighbor);
                }
                *sum = (*sum + part).min(PART_MAX as i32);
            }
        }
    }

    /// Notes that the shopper's events are with an item.
    fn name(&mut self, row: u32) {
        let said = &mut self.said[row as usize];
        if *said == 0 {
            self.named.push(row);
        }
        *said |= NAMED;
    }

    /// Takes everything back that was added, in the time that took.
    fn clear(&mut self) {
        for row in self.named.drain(..) {
            self.said[row as usize] = 0;
        }
    }
}

/// By the event's place in the session, and its weight.
fn neighbors_weight(blend: &Blend, touch: &Touch) -> u32 {
    let by_place = blend.neighbors_by_place.get(touch.place).copied().unwrap_or(0);
    (u32::from(by_place) * u32::from(touch.weight)) >> 10
}

fn weighted(value: i32, weight: u16) -> i32 {
    clamp((i64::from(value) * i64::from(weight)) >> ONE.ilog2())
}

fn clamp(value: i64) -> i32 {
    value.clamp(-PART_MAX, PART_MAX) as i32
}
