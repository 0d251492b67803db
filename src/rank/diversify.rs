//! Maximal marginal relevance (Carbonell and Goldstein 1998): each slot takes the item with the best sum of relevance
//! and difference from what is already chosen.

use super::Share;
use crate::format::embeddings::Embeddings;
use crate::kernels;

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
/// `choices` come best first. With diversity d, an item is worth (1 − d) · score − d · span · cos, where cos is its
/// greatest similarity to an item taken before, 0 at least, and span the distance of the best and the worst score, so
/// that d means the same on every scale. O(choices² · dimensions).
pub(super) fn diversify(
    choices: &[Choice],
    embeddings: Option<Embeddings>,
    diversity: Share,
) -> (Vec<usize>, Vec<i32>) {
    let mut penalties = vec![0; choices.len()];
    let (Some(embeddings), Some(first), Some(last)) = (embeddings, choices.first(), choices.last()) else {
        return ((0..choices.len()).collect(), penalties);
    };
    if diversity == Share::default() {
        return ((0..choices.len()).collect(), penalties);
    }
    let span = i64::from(first.score) - i64::from(last.score);
    let whole = i64::from(embeddings.norm()).pow(2);
    let mut left: Vec<usize> = (0..choices.len()).collect();
    let mut order = Vec::with_capacity(choices.len());
    while !left.is_empty() {
        let worth = |&index: &usize| diversity.rest().of(choices[index].score) - penalties[index];
        // The first of equals: they come best first.
        let best = left.iter().enumerate().max_by(|a, b| worth(a.1).cmp(&worth(b.1)).then(b.0.cmp(&a.0)));
        let taken = left.remove(best.expect("something is left").0);
        order.push(taken);
        let vector = embeddings.vector(choices[taken].row);
        for &index in &left {
            let dot = i64::from(kernels::dot(vector, embeddings.vector(choices[index].row)).max(0));
            let similar = (span * dot.min(whole) / whole) as i32;
            penalties[index] = penalties[index].max(diversity.of(similar));
        }
    }
    (order, penalties)
}
