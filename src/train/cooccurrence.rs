//! Neighbor rows: what goes with what, counted.
//!
//! Two items of a session go together the more, the nearer they stand: a pair at distance d counts 1/d, the earlier item
//! pointing to the later one in full and back in part. A row's weight is the share of its source's counts that a
//! target has, the similarity by conditional probability of Deshpande and Karypis (ACM TOIS 22, 2004), shrunk where the
//! evidence is thin.

use std::collections::HashMap;

use rayon::prelude::*;

use super::dataset::Sessions;
use crate::format::neighbors::{Entry, LEVELS};

/// Longest distance within a session that makes a pair.
const REACH: usize = 10;
/// What a pair counts from the later to the earlier item.
const BACKWARD: f32 = 0.2;
/// Evidence that halves a weight: a count c is worth c / (c + this) of itself.
const SHRINK: f32 = 1.0;
/// What a share of 1 is worth, in 1/1024 of a logit.
const WHOLE: f32 = 16.0 * 1024.0;
/// Levels per halving of the weight.
const LEVELS_PER_HALVING: f32 = 24.0;

/// How rows are counted.
#[derive(Debug, Clone, PartialEq)]
pub struct NeighborOptions {
    /// Most neighbors of an item. Default 16.
    pub per_item: usize,
    /// Sessions that a pair must stand in to count. Default 2: what one shopper did alone is nobody's habit.
    pub min_sessions: u32,
}

impl Default for NeighborOptions {
    fn default() -> NeighborOptions {
        NeighborOptions { per_item: 16, min_sessions: 2 }
    }
}

/// A pair's evidence.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    weight: f32,
    sessions: u32,
}

/// Counts the rows, by item; each row in ascending order of the neighbor.
pub fn count(sessions: &Sessions, options: &NeighborOptions) -> Vec<Vec<Entry>> {
    let n_items = sessions.item_ids.len();
    let mut totals = vec![0.0f32; n_items];
    // By source, so that rows can be counted side by side.
    let mut pairs: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n_items];
    let mut of_session: HashMap<(u32, u32), f32> = HashMap::new();
    for session in sessions.iter() {
        for (index, later) in session.iter().enumerate() {
            for (distance, earlier) in session[..index].iter().rev().take(REACH).enumerate() {
                if earlier.item != later.item {
                    let weight = 1.0 / (distance + 1) as f32;
                    *of_session.entry((earlier.item, later.item)).or_default() += weight;
                    *of_session.entry((later.item, earlier.item)).or_default() += weight * BACKWARD;
                }
            }
        }
        let mut counted: Vec<_> = of_session.drain().collect();
        counted.sort_unstable_by_key(|&(pair, _)| pair);
        for ((source, target), weight) in counted {
            // However often a session goes back and forth between two items, it is one shopper's word.
            let weight = weight.min(1.0);
            pairs[source as usize].push((target, weight));
            totals[source as usize] += weight;
        }
    }
    pairs.into_par_iter().enumerate().map(|(source, pairs)| row(totals[source], pairs, options)).collect()
}

fn row(total: f32, pairs: Vec<(u32, f32)>, options: &NeighborOptions) -> Vec<Entry> {
    let mut counts: HashMap<u32, Count> = HashMap::new();
    for (target, weight) in pairs {
        let count = counts.entry(target).or_default();
        count.weight += weight;
        count.sessions += 1;
    }
    let mut weighed: Vec<(u32, f32)> = counts
        .into_iter()
        .filter(|(_, count)| count.sessions >= options.min_sessions)
        .map(|(target, count)| {
            let share = count.weight / total;
            (target, share * count.weight / (count.weight + SHRINK))
        })
        .collect();
    weighed.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    weighed.truncate(options.per_item);
    weighed.sort_unstable_by_key(|&(target, _)| target);
    weighed.into_iter().map(|(target, weight)| (target, level(weight))).collect()
}

/// The weights that levels stand for, in 1/1024 of a logit: evenly spaced on a logarithmic scale.
pub fn weights() -> [u16; LEVELS] {
    std::array::from_fn(|level| {
        let halvings = (LEVELS - 1 - level) as f32 / LEVELS_PER_HALVING;
        (WHOLE * (-halvings).exp2()).round() as u16
    })
}

fn level(weight: f32) -> u8 {
    let halvings = -weight.log2();
    ((LEVELS - 1) as f32 - halvings * LEVELS_PER_HALVING).round().clamp(0.0, (LEVELS - 1) as f32) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::EventKind;
    use crate::train::Interaction;

    fn sessions(lists: &[&[u32]]) -> Sessions {
        let n_items = lists.iter().flat_map(|list| *list).max().unwrap() + 1;
        let mut sessions = Sessions { starts: vec![0], ..Sessions::default() };
        sessions.item_ids = (0..n_items).map(|item| item.to_string()).collect();
        for (list, visitor) in lists.iter().zip(0..) {
            let events = list.iter().map(|&item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 });
            sessions.events.extend(events);
            sessions.starts.push(sessions.events.len());
            sessions.visitors.push(visitor);
        }
        sessions
    }

    #[test]
    fn a_pair_needs_two_sessions() {
        let rows = count(&sessions(&[&[0, 1], &[0, 1], &[0, 2]]), &NeighborOptions::default());
        let neighbors: Vec<Vec<u32>> = rows.iter().map(|row| row.iter().map(|entry| entry.0).collect()).collect();
        assert_eq!(neighbors, [vec![1], vec![0], vec![]]);
    }

    #[test]
    fn near_and_forward_count_more() {
        let log = sessions(&[&[0, 1, 2], &[0, 1, 2], &[0, 1, 2]]);
        let rows = count(&log, &NeighborOptions::default());
        let level_of = |source: usize, target| rows[source].iter().find(|entry| entry.0 == target).unwrap().1;
        assert!(level_of(0, 1) > level_of(0, 2), "nearer");
        assert!(level_of(0, 1) > level_of(1, 0), "forward");
    }

    #[test]
    fn levels_keep_weights_within_two_percent() {
        let weights = weights();
        for weight in [1.0, 0.5, 0.31, 0.1, 0.02, 0.004] {
            let kept = f32::from(weights[usize::from(level(weight))]) / WHOLE;
            assert!((kept / weight - 1.0).abs() < 0.02, "{weight} became {kept}");
        }
    }
}
