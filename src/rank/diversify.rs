//! Maximal marginal relevance (Carbonell & Goldstein 1998): the next item is the one with the best sum of relevance
//! and difference from what is already chosen.

use alloc::vec;
use alloc::vec::Vec;

use super::Share;
use crate::format::attributes::{BRAND, CATEGORY, Column};
use crate::kernels;
use crate::lists::Gather;
use crate::model::Model;

/// An item to choose, with its score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// Its row; the model knows it.
    pub row: u32,
    /// Its relevance.
    pub score: i32,
}

/// How many times as many choices compete as there are slots to fill with variety.
pub(super) const OVERFETCH: usize = 4;

/// The order in which to take the choices, and what similarity cost each when it was taken (by choice, not by order).
///
/// `choices` come best first. With diversity d, an item is worth (1 − d) · score − d · span · similarity, the greatest
/// one to an item taken before, and span the distance of the best and the worst score, so that d means the same on every
/// scale. The first `depth` are chosen so, out of [`OVERFETCH`] times as many; the others follow by their scores, at no
/// cost. O(depth² · dimensions).
pub(super) fn diversify(model: &Model, choices: &[Choice], diversity: Share, depth: usize) -> (Vec<usize>, Vec<i32>) {
    let mut penalties = vec![0; choices.len()];
    let n = choices.len().min(depth * OVERFETCH);
    if n < 2 || diversity == Share::default() {
        return ((0..choices.len()).gather(), penalties);
    }
    let (likeness, columns) = (Likeness::new(model), Likeness::columns(model));
    let competitor = |choice: &Choice| Competitor {
        tags: Likeness::tags(&columns, choice.row),
        relevance: diversity.rest().of(choice.score),
        penalty: 0,
        is_taken: false,
    };
    let mut pool: Vec<Competitor> = choices[..n].iter().map(competitor).gather();
    let vectors = Vectors::new(model, &choices[..n]);
    let span = diversity.of(choices[0].score.saturating_sub(choices[n - 1].score));
    let mut order = Vec::with_capacity(choices.len());
    let mut dots = vec![0; n];
    // They come best first.
    let mut next = Some(0);
    while let Some(taken) = next.filter(|_| order.len() < depth) {
        order.push(taken);
        penalties[taken] = pool[taken].penalty;
        pool[taken].is_taken = true;
        vectors.compare(taken, &mut dots);
        let own = pool[taken].tags;
        let mut most = i32::MIN;
        next = None;
        for (index, (other, &dot)) in pool.iter_mut().zip(&dots).enumerate().filter(|(_, (other, _))| !other.is_taken) {
            let alike = likeness.of(dot, own, other.tags);
            other.penalty = other.penalty.max(((i64::from(span) * i64::from(alike)) >> 10) as i32);
            // The first of equals.
            let worth = other.relevance - other.penalty;
            if next.is_none() || worth > most {
                (most, next) = (worth, Some(index));
            }
        }
    }
    order.extend((0..choices.len()).filter(|&index| pool.get(index).is_none_or(|choice| !choice.is_taken)));
    (order, penalties)
}

/// A choice that competes for a slot.
struct Competitor {
    tags: [u32; 2],
    /// Its part of the worth.
    relevance: i32,
    /// What its similarity to those taken so far takes off its worth.
    penalty: i32,
    is_taken: bool,
}

/// How much two items are alike, in 1/1024: three quarters the cosine of their embeddings (0 at least), one quarter how
/// many of brand and category they share; that alone in a model without embeddings.
pub(super) struct Likeness {
    /// Takes a dot product to 3/4 of a cosine, in 1/1024; 0 without embeddings.
    reciprocal: i64,
}

impl Likeness {
    pub(super) fn new(model: &Model) -> Likeness {
        let of_norm = |norm: u16| (768 << RECIPROCAL_BITS) / i64::from(norm).pow(2);
        // The bound matters to a norm of 1 alone, where a product could get too large.
        let reciprocal = model.embeddings().map_or(0, |embeddings| of_norm(embeddings.norm()).min(1 << 40));
        Likeness { reciprocal }
    }

    /// The two columns.
    pub(super) fn columns(model: &Model) -> [Option<Column<'_>>; 2] {
        let attributes = model.attributes();
        [BRAND, CATEGORY].map(|name| attributes.as_ref()?.column(name))
    }

    /// An item's values there, 0 where there is none.
    pub(super) fn tags(columns: &[Option<Column>; 2], row: u32) -> [u32; 2] {
        columns.map(|column| column.map_or(0, |column| column.value(row)))
    }

    /// From the embeddings' dot product, and the two items' tags.
    #[inline(always)]
    pub(super) fn of(&self, dot: i32, one: [u32; 2], other: [u32; 2]) -> i32 {
        let (common, most) = if self.reciprocal == 0 { (512, 0) } else { (128, 768) };
        let near = (i64::from(dot) * self.reciprocal) >> RECIPROCAL_BITS;
        let shares = |at: usize| i32::from(one[at] != 0 && one[at] == other[at]);
        near.clamp(0, most) as i32 + common * (shares(0) + shares(1))
    }
}

/// The embeddings of choices, one after the other; empty where there are none.
struct Vectors {
    components: Vec<i8>,
    dimensions: usize,
}

/// Fraction bits of the reciprocal.
const RECIPROCAL_BITS: u32 = 32;

impl Vectors {
    fn new(model: &Model, choices: &[Choice]) -> Vectors {
        let Some(embeddings) = model.embeddings() else {
            return Vectors { components: Vec::new(), dimensions: 0 };
        };
        let mut components = Vec::with_capacity(choices.len() * embeddings.dimensions());
        for choice in choices {
            components.extend_from_slice(embeddings.vector(choice.row));
        }
        Vectors { components, dimensions: embeddings.dimensions() }
    }

    /// The dot products of all with one of them; nothing changes without embeddings.
    fn compare(&self, one: usize, dots: &mut [i32]) {
        let vector = self.components.get(one * self.dimensions..(one + 1) * self.dimensions).unwrap_or_default();
        if !vector.is_empty() {
            kernels::dots(&kernels::widened(vector), &self.components, dots);
        }
    }
}
