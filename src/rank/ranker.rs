//! What the learned ranker says of a candidate: for every tree the value of the leaf that its features lead to.

use super::features::Features;
use super::score::Parts;
use crate::format::features::{Feature, N_FEATURES, Part};
use crate::format::ranker::Ranker;

/// What every feature adds to a candidate's score, in 1/1024 of a logit, by number. The sum is the score.
pub type Contributions = [i32; N_FEATURES];

/// Follows every tree and gives each step's gain to the feature that was asked for it: the values of the nodes on a
/// path telescope, so that the contributions add up to the leaves' values exactly.
pub(super) fn contributions(ranker: Ranker, features: &Features) -> Contributions {
    let mut contributions = [0; N_FEATURES];
    for tree in 0..ranker.n_trees() {
        let (mut at, _) = ranker.bounds(tree);
        let mut node = ranker.node(at);
        while node.skip > 0 {
            let feature = usize::from(node.feature);
            at += if features[feature] > node.threshold { usize::from(node.skip) } else { 1 };
            let next = ranker.node(at);
            contributions[feature] += next.value - node.value;
            node = next;
        }
    }
    contributions
}

/// Contributions added up by the part of the score that they count to.
pub(super) fn parts(contributions: &Contributions) -> Parts {
    let mut parts = Parts::default();
    for (feature, contribution) in Feature::ALL.iter().zip(contributions) {
        *match feature.part() {
            Part::Base => &mut parts.base,
            Part::Embedding => &mut parts.embedding,
            Part::Neighbors => &mut parts.neighbors,
            Part::History => &mut parts.history,
            Part::Popularity => &mut parts.popularity,
            Part::Attributes => &mut parts.attributes,
        } += contribution;
    }
    parts
}
