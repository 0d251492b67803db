//! Counts pairs of items, by item, in memory that follows the pairs and not the events.

use rayon::prelude::*;

/// Evidence that two items have to do with each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    /// The other item.
    pub(super) other: u32,
    /// How much they have to do with each other.
    pub(super) weight: f32,
    /// Distinct visitors who met both, if each is counted in one go.
    pub(super) visitors: u32,
}

/// Pairs by item. Equal ones are added up whenever a row is full.
pub(super) struct Pairs(Vec<Vec<Pair>>);

impl Pairs {
    pub(super) fn new(n_items: usize) -> Pairs {
        Pairs(vec![Vec::new(); n_items])
    }

    pub(super) fn add(&mut self, item: u32, pair: Pair) {
        let row = &mut self.0[item as usize];
        if row.len() == row.capacity() {
            merge(row);
            row.reserve(row.len() + 4);
        }
        row.push(pair);
    }

    /// The rows, each in ascending order of the other item, each pair once.
    pub(super) fn merged(mut self) -> Vec<Vec<Pair>> {
        self.0.par_iter_mut().for_each(merge);
        self.0
    }
}

/// Sorts by the other item and adds up equal ones. Stable, so that the sums do not depend on when it is called.
fn merge(row: &mut Vec<Pair>) {
    row.sort_by_key(|pair| pair.other);
    row.dedup_by(|next, kept| {
        let same = next.other == kept.other;
        if same {
            kept.weight += next.weight;
            kept.visitors += next.visitors;
        }
        same
    });
}
