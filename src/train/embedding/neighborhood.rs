//! Lets items learn from those around them: an item's vector is its own part, its neighbors' parts, and those of its
//! neighbors' neighbors, added up.
//!
//! What a session teaches about one item so reaches those that shoppers look at beside it, and theirs in turn. That is what
//! carries the long tail: an item with three events is held by what is known of those around it, the more the fewer events it
//! has. It is two layers of the propagation of LightGCN (He et al., SIGIR 2020) over the global item graph of GCE-GNN (Wang et
//! al., SIGIR 2020), done while learning only: the model file holds the sums.

use super::sparse_rows::{SparseRows, rows_mut};
use super::{Sessions, dot, normalize};
use crate::kernels::floats::add_rows;
use crate::train::pairs::{Pair, Pairs};
use rayon::prelude::*;

/// Longest distance within a session that makes two items neighbors.
const REACH: usize = 5;
/// Most neighbors of an item: its strongest.
const NEIGHBORS: usize = 8;
/// What all neighbors of an item weigh together, its own part weighing 1.
const WEIGHT: f32 = 1.0;
/// Most items of those that walks of one step and of two come to: the likeliest.
const AROUND: usize = 32;
/// Rows that a thread works on at a time.
const ROWS_PER_TASK: usize = 64;

/// What all around an item weigh together, beside its neighbors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Around {
    /// What it is called while it is tried.
    pub name: &'static str,
    /// For an item without events.
    weight: f32,
    /// With how many events they weigh half of that.
    half: f32,
}

impl Around {
    /// What to choose from. In most logs an item with many events is best known by its own; where shoppers come for one thing
    /// and look at much of its kind, all items learn more from those around them.
    pub const ALL: [Around; 2] = [
        Around { name: "more around rare items", weight: 4.0, half: 20.0 },
        Around { name: "as much around all", weight: 2.0, half: f32::INFINITY },
    ];

    fn weight(self, n_events: u32) -> f32 {
        self.weight / (1.0 + n_events as f32 / self.half)
    }
}

/// Who is whose neighbor, and how much.
#[derive(Debug)]
pub(super) struct Neighborhood {
    /// By item: its neighbors, and what each weighs.
    neighbors: Adjacency,
    /// By item: those whose neighbor it is, and what it weighs there.
    neighbor_of: Adjacency,
}

/// Items, and what each weighs.
type Row = Vec<(u32, f32)>;

/// Sparse rows, one after the other.
#[derive(Debug)]
struct Adjacency {
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Neighborhood {
    /// Counts pairs: at distance d they count 1/d, in both directions.
    pub(super) fn new(sessions: &Sessions, around: Around) -> Neighborhood {
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
        let row = |pairs: Vec<Pair>| pairs.iter().map(|pair| (pair.other, pair.weight)).collect();
        let nearest: Vec<Row> =
            pairs.merged().into_par_iter().map(|pairs| heaviest(row(pairs), NEIGHBORS, WEIGHT)).collect();
        let mut n_events = vec![0u32; n_items];
        for event in &sessions.events {
            n_events[event.item as usize] += 1;
        }
        let all = |(item, &n_events): (usize, &u32)| {
            let around = heaviest(walks(item as u32, &nearest), AROUND, around.weight(n_events));
            added([&nearest[item][..], &around].concat())
        };
        let neighbors: Vec<Row> = n_events.par_iter().enumerate().map(all).collect();
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
        let vectors = rows_mut(vectors, dimensions, items.iter().copied());
        let settled = items.par_iter().zip(vectors).with_min_len(ROWS_PER_TASK).map(|(&item, vector)| {
            vector.copy_from_slice(&own[item as usize * dimensions..][..dimensions]);
            add_rows(vector, own, self.neighbors.row(item));
            normalize(vector)
        });
        settled.collect()
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
        own.rows().into_par_iter().with_min_len(ROWS_PER_TASK).for_each_init(Row::new, |from, (item, sum)| {
            let parts = [(item, 1.0)].into_iter().chain(self.neighbor_of.row(item).iter().copied());
            from.clear();
            from.extend(parts.filter(|&(of, _)| gradients.has(of)));
            add_rows(sum, gradients.values(), from);
        });
    }
}

impl Adjacency {
    fn new(rows: &[Row]) -> Adjacency {
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

/// Where walks from an item come to, with one step or with two.
fn walks(item: u32, nearest: &[Row]) -> Row {
    let once = &nearest[item as usize];
    let twice = once.iter().flat_map(|&(between, weight)| {
        nearest[between as usize].iter().map(move |&(other, onward)| (other, weight * onward / WEIGHT))
    });
    added(once.iter().copied().chain(twice).filter(|&(other, _)| other != item).collect())
}

/// Each item once, with what it weighs in all places together. Stable, so that sums do not depend on how rows are sorted.
fn added(mut row: Row) -> Row {
    row.sort_by_key(|&(item, _)| item);
    row.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    row
}

/// The heaviest of a row, their weights scaled to a total.
fn heaviest(mut row: Row, most: usize, total: f32) -> Row {
    row.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    row.truncate(most);
    let sum: f32 = row.iter().map(|(_, weight)| weight).sum();
    row.iter_mut().for_each(|(_, weight)| *weight *= total / sum);
    row
}
