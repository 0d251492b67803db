//! Lets items learn from their neighbors: an item's vector is its own part and its neighbors' parts, added up.
//!
//! What a session teaches about one item so reaches those that shoppers look at beside it, and theirs in turn. That is what
//! carries the long tail: an item with three events is held by what is known of its neighbors. It is one layer of
//! the propagation of LightGCN (He et al., SIGIR 2020) over the global item graph of GCE-GNN (Wang et al., SIGIR
//! 2020), done while learning only: the model file holds the sums.

use super::sparse_rows::SparseRows;
use super::{Sessions, add_scaled, dot, normalize};
use crate::train::pairs::{Pair, Pairs};
use rayon::prelude::*;

/// Longest distance within a session that makes two items neighbors.
const REACH: usize = 5;
/// Most neighbors of an item: its strongest.
const NEIGHBORS: usize = 8;
/// What all neighbors of an item weigh together, its own part weighing 1.
const WEIGHT: f32 = 1.0;
/// Rows that a thread works on at a time.
const ROWS_PER_TASK: usize = 64;

/// Who is whose neighbor, and how much.
#[derive(Debug)]
pub(super) struct Neighborhood {
    /// By item: its neighbors, and what each weighs.
    neighbors: Adjacency,
    /// By item: those whose neighbor it is, and what it weighs there.
    neighbor_of: Adjacency,
}

/// Sparse rows, one after the other.
#[derive(Debug)]
struct Adjacency {
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Neighborhood {
    /// Counts pairs: at distance d they count 1/d, in both directions.
    pub(super) fn new(sessions: &Sessions) -> Neighborhood {
        let n_items = sessions.item_ids.len();
        let mut pairs = Pairs::new(n_items);
        for session in sessions.iter() {
            for (index, later) in session.iter().enumerate() {
                for (distance, earlier) in (1u8..).zip(session[..index].iter().rev().take(REACH)) {
                    if earlier.item != later.item {
                        let weight = 1.0 / f32::from(distance);
                        pairs.add(earlier.item, Pair { other: later.item, weight, visitors: 1 });
                        pairs.add(later.item, Pair { other: earlier.item, weight, visitors: 1 });
                    }
                }
            }
        }
        let neighbors: Vec<Vec<(u32, f32)>> = pairs.merged().into_par_iter().map(strongest).collect();
        let mut neighbor_of = vec![Vec::new(); n_items];
        for (item, row) in (0..).zip(&neighbors) {
            for &(neighbor, weight) in row {
                neighbor_of[neighbor as usize].push((item, weight));
            }
        }
        Neighborhood { neighbors: Adjacency::new(&neighbors), neighbor_of: Adjacency::new(&neighbor_of) }
    }

    /// Replaces the vectors of some items by what their own parts and their neighbors' add up to, scaled to length 1.
    /// Returns the lengths before. `items` ascend.
    pub(super) fn settle(&self, items: &[u32], own: &[f32], vectors: &mut [f32], dimensions: usize) -> Vec<f32> {
        let settled: Vec<(Vec<f32>, f32)> = items
            .par_iter()
            .with_min_len(ROWS_PER_TASK)
            .map(|&item| {
                let part = |item: u32| &own[item as usize * dimensions..][..dimensions];
                let mut vector = part(item).to_vec();
                for &(neighbor, weight) in self.neighbors.row(item) {
                    add_scaled(&mut vector, weight, part(neighbor));
                }
                let length = normalize(&mut vector);
                (vector, length)
            })
            .collect();
        let placed = items.iter().zip(settled).map(|(&item, (vector, length))| {
            vectors[item as usize * dimensions..][..dimensions].copy_from_slice(&vector);
            length
        });
        placed.collect()
    }

    /// Takes the gradients of vectors back to the own parts that they are made of. `items` and `lengths` are those
    /// of [`Neighborhood::settle`], and hold every item that has a gradient.
    pub(super) fn back(
        &self,
        items: &[u32],
        lengths: &[f32],
        vectors: &[f32],
        gradients: &mut SparseRows,
        own: &mut SparseRows,
    ) {
        let dimensions = gradients.width();
        own.clear();
        for (&item, length) in items.iter().zip(lengths) {
            let Some(gradient) = gradients.get_mut(item) else { continue };
            let vector = &vectors[item as usize * dimensions..][..dimensions];
            let along = dot(gradient, vector);
            for (gradient, x) in gradient.iter_mut().zip(vector) {
                *gradient = (*gradient - along * x) / length;
            }
            own.touch(item);
            for &(neighbor, _) in self.neighbors.row(item) {
                own.touch(neighbor);
            }
        }
        let gradients = &*gradients;
        own.rows().par_iter_mut().with_min_len(ROWS_PER_TASK).for_each(|(item, sum)| {
            if let Some(gradient) = gradients.get(*item) {
                add_scaled(sum, 1.0, gradient);
            }
            for &(of, weight) in self.neighbor_of.row(*item) {
                if let Some(gradient) = gradients.get(of) {
                    add_scaled(sum, weight, gradient);
                }
            }
        });
    }
}

impl Adjacency {
    fn new(rows: &[Vec<(u32, f32)>]) -> Adjacency {
        let mut starts = vec![0];
        starts.extend(rows.iter().scan(0, |end, row| {
            *end += row.len();
            Some(*end)
        }));
        Adjacency { starts, entries: rows.concat() }
    }

    fn row(&self, item: u32) -> &[(u32, f32)] {
        &self.entries[self.starts[item as usize]..self.starts[item as usize + 1]]
    }
}

/// The heaviest of the pairs, their weights scaled to [`WEIGHT`] together.
fn strongest(pairs: Vec<Pair>) -> Vec<(u32, f32)> {
    let mut row: Vec<(u32, f32)> = pairs.iter().map(|pair| (pair.other, pair.weight)).collect();
    row.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    row.truncate(NEIGHBORS);
    let total: f32 = row.iter().map(|(_, weight)| weight).sum();
    row.iter_mut().for_each(|(_, weight)| *weight *= WEIGHT / total);
    row
}
