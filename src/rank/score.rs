//! The score of one item, as a sum of integer parts.

use alloc::vec::Vec;

use serde::Serialize;

use super::priors::Tilt;
use super::{ContextWord, Share};
use crate::format::attributes::Column;
use crate::format::embeddings::Embeddings;
use crate::format::metadata::{Blend, ONE};
use crate::kernels;
use crate::model::Model;
use crate::session::{Profile, Touch};

/// Bound of every part, so that no sum of parts overflows, whatever the model holds: about 16,000 logits.
const PART_MAX: i64 = 1 << 24;
/// Fraction bits of the reciprocal that takes a dot product to a cosine.
const RECIPROCAL_BITS: u32 = 24;
/// What a level of popularity is worth where popularity is all there is, in 1/1024 of a logit.
pub(super) const POPULARITY_LEVEL: i32 = 32;

/// Most rows of a block of scores.
pub(super) const BLOCK: usize = 256;

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
    neighbors: Vec<i32>,
    touched: Vec<u32>,
}

/// Scores items for one profile and blend.
pub(super) struct Scorer<'a> {
    profile: &'a Profile,
    blend: &'a Blend,
    embeddings: Option<Embeddings<'a>>,
    popularity: Option<Column<'a>>,
    scratch: &'a mut Scratch,
    /// Takes a dot product with the session vector to 1/1024 of a logit; 0 without a session vector.
    reciprocal: i64,
    /// The newest event with every item of the session, by row.
    newest: Vec<Touch>,
    /// What is shown too often, by row, and what that costs.
    fatigue: Vec<(i32, u32)>,
    /// What is known of the request before the shopper.
    tilt: Option<Tilt<'a>>,
}

impl<'a> Scorer<'a> {
    pub(super) fn new(
        model: &'a Model,
        profile: &'a Profile,
        blend: &'a Blend,
        fatigue: Vec<(i32, u32)>,
        scratch: &'a mut Scratch,
    ) -> Scorer<'a> {
        let embeddings = model.embeddings();
        let reciprocal = embeddings.filter(|_| !profile.vector().is_empty()).map_or(0, |embeddings| {
            let temperature = i64::from(embeddings.temperature()) << (RECIPROCAL_BITS + 4);
            temperature / (i64::from(profile.norm()) * i64::from(embeddings.norm()))
        });
        let mut newest: Vec<Touch> = Vec::new();
        for touch in profile.touches() {
            if let Err(place) = newest.binary_search_by_key(&touch.row, |touch| touch.row) {
                newest.insert(place, *touch);
            }
        }
        scratch.fill(model, profile, blend);
        let popularity = model.popularity();
        Scorer { profile, blend, embeddings, popularity, scratch, reciprocal, newest, fatigue, tilt: None }
    }

    /// Lets the request's context tilt what is popular, if the blend has any popularity.
    pub(super) fn in_context(mut self, model: &'a Model, context: &[ContextWord]) -> Scorer<'a> {
        if self.blend.bias != 0 || self.blend.popularity != 0 {
            self.tilt = Tilt::new(model, context, |priors| priors.session_weight());
        }
        self
    }

    /// The personal parts of an item's score; `base` is 0. O(dimensions).
    pub(super) fn parts(&self, row: u32) -> Parts {
        let dot = match self.session_embeddings() {
            Some(embeddings) => kernels::dot(self.profile.vector(), embeddings.vector(row)),
            None => 0,
        };
        let history = self.newest_touch(row).map_or(0, |touch| self.history(touch));
        let tired = self.fatigue.binary_search_by_key(&(row as i32), |&(row, _)| row);
        let fatigue = tired.map_or(0, |index| -(self.fatigue[index].1 as i32));
        Parts { history, fatigue, ..self.parts_of_all(row, dot) }
    }

    /// The same for rows from `first` on, one after the other, as many as `out` has elements.
    pub(super) fn parts_of_block(&self, first: u32, out: &mut [Parts]) {
        let mut dots = [0; BLOCK];
        let dots = &mut dots[..out.len()];
        if let Some(embeddings) = self.session_embeddings() {
            let from = first as usize * embeddings.dimensions();
            let vectors = &embeddings.vectors()[from..from + out.len() * embeddings.dimensions()];
            kernels::dots(self.profile.vector(), vectors, dots);
        }
        for ((row, out), dot) in (first..).zip(&mut *out).zip(dots) {
            *out = self.parts_of_all(row, *dot);
        }
        let touched = self.newest.partition_point(|touch| touch.row < first);
        for touch in &self.newest[touched..] {
            let Some(parts) = out.get_mut((touch.row - first) as usize) else { break };
            parts.history = self.history(touch);
        }
        let tired = self.fatigue.partition_point(|&(row, _)| (row as u32) < first);
        for &(row, cost) in &self.fatigue[tired..] {
            let Some(parts) = out.get_mut((row as u32 - first) as usize) else { break };
            parts.fatigue = -(cost as i32);
        }
    }

    /// The newest of the shopper's events with an item.
    pub(super) fn newest_touch(&self, row: u32) -> Option<&Touch> {
        self.newest.binary_search_by_key(&row, |touch| touch.row).ok().map(|index| &self.newest[index])
    }

    pub(super) fn profile(&self) -> &'a Profile {
        self.profile
    }

    pub(super) fn level(&self, row: u32) -> i32 {
        self.popularity.map_or(0, |column| column.value(row).min(255) as i32)
    }

    /// The embeddings, if the session has a vector to compare them with.
    fn session_embeddings(&self) -> Option<Embeddings<'a>> {
        self.embeddings.filter(|_| self.reciprocal != 0)
    }

    /// What there is to say of an item that the shopper has not met.
    fn parts_of_all(&self, row: u32, dot: i32) -> Parts {
        Parts {
            embedding: weighted(clamp((i64::from(dot) * self.reciprocal) >> RECIPROCAL_BITS), self.blend.embedding),
            neighbors: weighted(self.scratch.neighbors[row as usize], self.blend.neighbors),
            popularity: self.popularity(row),
            ..Parts::default()
        }
    }

    fn history(&self, touch: &Touch) -> i32 {
        let by_place = &self.blend.history_by_place;
        let by_place = by_place.get(touch.place).or(by_place.last()).copied().unwrap_or(0);
        i32::from(by_place) + i32::from(self.blend.history_by_kind[touch.kind as usize])
    }

    fn popularity(&self, row: u32) -> i32 {
        // Biases are in 1/256 of a logit.
        let bias = self.embeddings.map_or(0, |embeddings| 4 * i32::from(embeddings.bias(row)));
        let level = if self.blend.popularity == 0 { 0 } else { self.level(row) };
        let tilt = self.tilt.as_ref().map_or(0, |tilt| tilt.of(row));
        weighted(bias, self.blend.bias) + level * i32::from(self.blend.popularity) + tilt
    }
}

impl Drop for Scorer<'_> {
    fn drop(&mut self) {
        self.scratch.clear();
    }
}

impl Scratch {
    /// Adds up what the neighbor rows of the session's items say of every item.
    fn fill(&mut self, model: &Model, profile: &Profile, blend: &Blend) {
        self.neighbors.resize(model.n_items(), 0);
        let Some(neighbors) = model.neighbors() else { return };
        for touch in profile.touches() {
            let by_place = blend.neighbors_by_place.get(touch.place).copied().unwrap_or(0);
            let weight = (u32::from(by_place) * u32::from(touch.weight)) >> 10;
            if weight == 0 {
                continue;
            }
            for (neighbor, strength) in neighbors.row(touch.row) {
                let sum = &mut self.neighbors[neighbor as usize];
                if *sum == 0 {
                    self.touched.push(neighbor);
                }
                let part = (u64::from(weight) * u64::from(strength)) >> 10;
                *sum = sum.saturating_add(part.min(PART_MAX as u64) as i32).min(PART_MAX as i32);
            }
        }
    }

    /// Takes everything back that [`Scratch::fill`] added, in the time that took.
    fn clear(&mut self) {
        for row in self.touched.drain(..) {
            self.neighbors[row as usize] = 0;
        }
    }
}

fn weighted(value: i32, weight: u16) -> i32 {
    clamp((i64::from(value) * i64::from(weight)) >> ONE.ilog2())
}

fn clamp(value: i64) -> i32 {
    value.clamp(-PART_MAX, PART_MAX) as i32
}
