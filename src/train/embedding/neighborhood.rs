//! Lets items learn from those around them: an item's vector is its own part, its neighbors' parts, and those of its
//! neighbors' neighbors, added up.
//!
//! What a session teaches about one item so reaches those that shoppers look at beside it, and theirs in turn. That is what
//! carries the long tail: an item with three events is held by what is known of those around it, the more the fewer events it
//! has. It is two layers of the propagation of LightGCN (He et al., SIGIR 2020) over the global item graph of GCE-GNN (Wang et
//! al., SIGIR 2020), done while learning only: the model file holds the sums.

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

/// By item: its neighbors, and what each weighs.
#[derive(Debug)]
pub(super) struct Neighborhood(Adjacency);

/// By item: those of some items whose vectors its own part goes into, and what it weighs there.
pub(super) struct Reach(Adjacency);

/// Items, and what each weighs.
type Row = Vec<(u32, f32)>;

/// Sparse rows, one after the other.
#[derive(Debug)]
struct Adjacency {
    starts: Vec<usize>,
    entries: Row,
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
        Neighborhood(Adjacency::new(&n_events.par_iter().enumerate().map(all).collect::<Vec<Row>>()))
    }

    /// Replaces the vectors of the items looked at by what their own parts and their neighbors' add up to, scaled to length 1,
    /// and notes the lengths before.
    pub(super) fn settle(&self, looked_at: &[bool], own: &[f32], vectors: &mut [f32], lengths: &mut [f32]) {
        let dimensions = own.len() / looked_at.len();
        let rows = vectors.par_chunks_exact_mut(dimensions).zip(lengths).zip(looked_at).enumerate();
        rows.with_min_len(ROWS_PER_TASK).for_each(|(item, ((vector, length), is_looked_at))| {
            if *is_looked_at {
                vector.copy_from_slice(&own[item * dimensions..][..dimensions]);
                add_rows(vector, own, self.0.row(item));
                *length = normalize(vector);
            }
        });
    }

    /// Takes the gradients of the vectors looked at back through what [`Neighborhood::settle`] did last: they are then those of
    /// the sums.
    pub(super) fn back(looked_at: &[bool], lengths: &[f32], vectors: &[f32], gradients: &mut [f32]) {
        let dimensions = vectors.len() / looked_at.len();
        let rows = gradients.par_chunks_exact_mut(dimensions).zip(vectors.par_chunks_exact(dimensions));
        let rows = rows.zip(lengths).zip(looked_at).with_min_len(ROWS_PER_TASK);
        rows.for_each(|(((gradient, vector), length), is_looked_at)| {
            if *is_looked_at {
                let along = dot(gradient, vector);
                for (gradient, x) in gradient.iter_mut().zip(vector) {
                    *gradient = (*gradient - along * x) / length;
                }
            }
        });
    }

    /// Where the own part of every item goes, as far as it is looked at.
    pub(super) fn reach(&self, looked_at: &[bool]) -> Reach {
        let items = (0..).zip(looked_at).filter_map(|(item, is_looked_at)| is_looked_at.then_some(item));
        let into_itself = items.clone().map(|item: u32| (item, item, 1.0));
        let into_others =
            items.flat_map(|item| self.0.row(item as usize).iter().map(move |&(other, weight)| (other, item, weight)));
        let all = into_itself.chain(into_others);
        // Two places ahead, so that the starts are right once all are in.
        let mut starts = vec![0; looked_at.len() + 2];
        all.clone().for_each(|(own, ..)| starts[own as usize + 2] += 1);
        let n_entries = starts.iter_mut().fold(0, |end, start| {
            *start += end;
            *start
        });
        let mut entries = vec![(0, 0.0); n_entries];
        all.for_each(|(own, into, weight)| {
            let end = &mut starts[own as usize + 1];
            entries[*end] = (into, weight);
            *end += 1;
        });
        Reach(Adjacency { starts, entries })
    }
}

impl Reach {
    /// Writes the gradient of an item's own part, from those of the sums. Returns whether it goes anywhere.
    pub(super) fn gather(&self, item: usize, gradients: &[f32], own: &mut [f32]) -> bool {
        let into = self.0.row(item);
        own.fill(0.0);
        add_rows(own, gradients, into);
        !into.is_empty()
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

    fn row(&self, item: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[item]..self.starts[item + 1]]
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

#[cfg(test)]
mod tests {
    use super::*;

    const DIMENSIONS: usize = 4;
    /// How much a number is moved for a slope, and how far that may be from the gradient.
    const MOVE: f32 = 0.01;
    const OFF: f32 = 1e-3;

    /// A number that depends on the vectors looked at alone: their products with as many fixed ones.
    #[test]
    fn gradients_of_own_parts_are_slopes() {
        let lists: [&[u32]; 3] = [&[0, 1, 2], &[2, 3, 1, 4], &[5, 0]];
        let neighborhood = Neighborhood::new(&Sessions::of_views(7, (0..).zip(lists)), Around::ALL[0]);
        let looked_at = [true, false, true, true, false, false, false];
        let own: Vec<f32> = (0..7 * DIMENSIONS).map(|n| (n as f32 * 0.7).sin()).collect();
        let factors: Vec<f32> = (0..7 * DIMENSIONS).map(|n| (n as f32 * 1.3).cos()).collect();
        let (mut vectors, mut lengths) = (vec![0.0; own.len()], vec![0.0; 7]);
        let mut number = |own: &[f32]| {
            neighborhood.settle(&looked_at, own, &mut vectors, &mut lengths);
            (dot(&vectors, &factors), vectors.clone(), lengths.clone())
        };
        let (_, vectors, lengths) = number(&own);
        let mut gradients = factors.clone();
        Neighborhood::back(&looked_at, &lengths, &vectors, &mut gradients);
        let reach = neighborhood.reach(&looked_at);
        for item in 0..7 {
            let mut gradient = [f32::NAN; DIMENSIONS];
            let reaches = reach.gather(item, &gradients, &mut gradient);
            assert_eq!(reaches, item < 6, "item 6 is looked at by nobody, and nobody's neighbor");
            for (axis, gradient) in gradient.into_iter().enumerate() {
                let mut moved = |by: f32| {
                    let mut own = own.clone();
                    own[item * DIMENSIONS + axis] += by;
                    number(&own).0
                };
                let slope = (moved(MOVE) - moved(-MOVE)) / (2.0 * MOVE);
                assert!((slope - gradient).abs() < OFF, "item {item}: {slope}, not {gradient}");
            }
        }
    }
}
