//! Maximal marginal relevance (Carbonell & Goldstein 1998): the next item is the one with the best sum of relevance
//! and difference from what is already chosen.

use super::Share;
use crate::format::attributes::{BRAND, CATEGORY, Column};
use crate::format::embeddings::Embeddings;
use crate::kernels;
use crate::model::Model;

/// An item to choose, with its score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// Its row; the model knows it.
    pub row: u32,
    /// Its relevance.
    pub score: i32,
}

/// The order in which to take the choices, and what similarity cost each when it was taken (by choice, not by order).
///
/// `choices` come best first. With diversity d, an item is worth (1 − d) · score − d · span · similarity, the greatest
/// one to an item taken before, and span the distance of the best and the worst score, so that d means the same on every
/// scale. The first `depth` are chosen so; the others follow by their scores, at no cost.
/// O(depth · choices · dimensions).
pub(super) fn diversify(model: &Model, choices: &[Choice], diversity: Share, depth: usize) -> (Vec<usize>, Vec<i32>) {
    let mut penalties = vec![0; choices.len()];
    let mut left: Vec<usize> = (0..choices.len()).collect();
    let (Some(first), Some(last)) = (choices.first(), choices.last()) else { return (left, penalties) };
    if diversity == Share::default() {
        return (left, penalties);
    }
    let resemblance = Resemblance::new(model);
    let span = i64::from(first.score) - i64::from(last.score);
    let mut order = Vec::with_capacity(choices.len());
    while order.len() < depth && !left.is_empty() {
        let worth = |&index: &usize| diversity.rest().of(choices[index].score) - penalties[index];
        // The first of equals: they come best first.
        let best = left.iter().enumerate().max_by(|a, b| worth(a.1).cmp(&worth(b.1)).then(b.0.cmp(&a.0)));
        let Some((place, _)) = best else { break };
        let taken = left.remove(place);
        order.push(taken);
        let of_taken = resemblance.to(choices[taken].row);
        for &index in &left {
            let similar = ((span * of_taken(choices[index].row)) >> 10) as i32;
            penalties[index] = penalties[index].max(diversity.of(similar));
        }
    }
    for &index in &left {
        penalties[index] = 0;
    }
    order.extend(left);
    (order, penalties)
}

/// How much items are alike: three quarters the cosine of their embeddings (0 at least), one quarter how many of brand
/// and category they share; that alone in a model without embeddings.
struct Resemblance<'a> {
    embeddings: Option<Embeddings<'a>>,
    columns: [Option<Column<'a>>; 2],
}

impl<'a> Resemblance<'a> {
    fn new(model: &'a Model) -> Resemblance<'a> {
        let column = |name| model.attributes().and_then(|columns| columns.column(name));
        Resemblance { embeddings: model.embeddings(), columns: [BRAND, CATEGORY].map(column) }
    }

    /// Likeness to a row, in 1/1024.
    fn to(&self, taken: u32) -> impl Fn(u32) -> i64 + '_ {
        let values = self.columns.map(|column| column.map_or(0, |column| column.value(taken)));
        let vector = self.embeddings.map(|embeddings| embeddings.vector(taken));
        move |row| {
            let is_same = |(column, &value): (&Option<Column>, &u32)| {
                value != 0 && column.is_some_and(|column| column.value(row) == value)
            };
            let shared = 512 * self.columns.iter().zip(&values).filter(|&pair| is_same(pair)).count() as i64;
            let (Some(embeddings), Some(vector)) = (self.embeddings, vector) else { return shared };
            let whole = i64::from(embeddings.norm()).pow(2);
            let dot = i64::from(kernels::dot(vector, embeddings.vector(row)).max(0)).min(whole);
            (3 * ((dot << 10) / whole) + shared) / 4
        }
    }
}
