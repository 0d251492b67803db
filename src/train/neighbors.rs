//! Neighbor rows: what shoppers come to after an item, solved rather than counted.
//!
//! At every step t of a session, let S be what was seen before it and T what is seen from it on, each item counting
//! exp(−distance / reach). The rows B minimize ‖T − S·B‖² + λ‖B‖², the objective of SLIST (Choi et al., WWW 2021). A
//! target's column of B is solved over the items that most often lead to it: two that always stand together share
//! what counting would give to both. An item's own column entry is left out: coming back is the shopper's
//! history, not a neighbor.

use rayon::prelude::*;

use super::dataset::{Interaction, Sessions};
use super::pairs::{Pair, Pairs};
use super::privacy::by_visitor;
use crate::format::neighbors::{Entry, LEVELS};
use crate::kernels::floats::{add_scaled, dot};

/// Distance within a session at which an item counts 1/e: what comes right after an item counts most by far. On the newest sessions
/// of what is learned from, 0.5 does as well, and 1 and 2 do worse.
const REACH: f32 = 0.7;
/// Longest distance at which a shopper has met two items together, and their pair may be told at all.
const FARTHEST: usize = 10;
/// λ: evidence that halves a lone weight.
const RIDGE: f32 = 5.0;
/// Items that a target's weights are solved over: those that most often lead to it.
const SOURCES: usize = 150;
/// What a weight of 1 is worth, in 1/1024 of a logit.
const WHOLE: f32 = 16.0 * 1024.0;
/// Levels per halving of the weight.
const LEVELS_PER_HALVING: f32 = 8.0;
/// Marks an item that is not among a target's sources.
const NO_SOURCE: u16 = u16::MAX;

/// Which items of a session are asked for their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// All that was looked at lately, the newest most.
    Session,
    /// The last item alone: where shoppers go step by step, what came before it says nothing, or misleads.
    LastItem,
}

impl Leads {
    /// All of them.
    pub const ALL: [Leads; 2] = [Leads::Session, Leads::LastItem];
}

/// How rows are solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeighborOptions {
    /// Most neighbors of an item. Default 10.
    pub per_item: usize,
    /// Distinct visitors who must have met a pair for it to count. Default 2: what one shopper did alone is nobody's habit.
    pub min_visitors: u32,
}

impl Default for NeighborOptions {
    fn default() -> NeighborOptions {
        NeighborOptions { per_item: 10, min_visitors: 2 }
    }
}

/// Solves the rows, by item; each row in ascending order of the neighbor. O(items · `SOURCES`³) at most.
pub fn solve(sessions: &Sessions, options: &NeighborOptions) -> Vec<Vec<Entry>> {
    Solved::new(sessions, options.min_visitors).rows(options.per_item)
}

/// Rows of all neighbors that were found, from which shorter ones are taken.
pub struct Solved(Vec<Vec<(u32, f32)>>);

impl Solved {
    /// As [`solve`].
    pub fn new(sessions: &Sessions, min_visitors: u32) -> Solved {
        let n_items = sessions.item_ids.len();
        let (mut before, mut after) = correlations(sessions);
        for (item, row) in (0..).zip(before.iter_mut().zip(&mut after)) {
            // How often an item is met is its own to say; of a pair, enough visitors must.
            row.0.retain(|pair| pair.other == item || pair.visitors >= min_visitors);
            row.1.retain(|pair| pair.visitors >= min_visitors);
        }
        let columns: Vec<Vec<(u32, f32)>> =
            after.par_iter().map_init(|| vec![NO_SOURCE; n_items], |marks, row| column(&before, row, marks)).collect();
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n_items];
        for (target, column) in (0..).zip(columns) {
            for (source, weight) in column.into_iter().filter(|&(_, weight)| weight > 0.0) {
                rows[source as usize].push((target, weight));
            }
        }
        Solved(rows)
    }

    /// Rows of at most so many neighbors.
    pub fn rows(&self, per_item: usize) -> Vec<Vec<Entry>> {
        self.0.par_iter().map(|row| strongest(row.clone(), per_item)).collect()
    }
}

/// Two items near each other in a session: what that adds to SᵀS, and to SᵀT in either direction.
struct Met {
    /// The lower item first.
    pair: (u32, u32),
    shared: f32,
    up: f32,
    down: f32,
}

/// SᵀS, and SᵀT by target, both summed over the steps of all sessions in closed form, visitor by visitor.
fn correlations(sessions: &Sessions) -> (Vec<Vec<Pair>>, Vec<Vec<Pair>>) {
    let n_items = sessions.item_ids.len();
    let (mut before, mut after) = (Pairs::new(n_items), Pairs::new(n_items));
    let mut of_visitor: Vec<Met> = Vec::new();
    for sessions_of_visitor in by_visitor(sessions).chunk_by(|&a, &b| sessions.visitors[a] == sessions.visitors[b]) {
        of_visitor.clear();
        for &index in sessions_of_visitor {
            meet(sessions.session(index), &mut of_visitor);
        }
        of_visitor.sort_by_key(|met| met.pair);
        for same in of_visitor.chunk_by(|a, b| a.pair == b.pair) {
            let (low, high) = same[0].pair;
            let pair = |other: u32, weight: fn(&Met) -> f32| Pair {
                other,
                weight: same.iter().map(weight).sum(),
                visitors: 1,
            };
            before.add(low, pair(high, |met| met.shared));
            if low != high {
                before.add(high, pair(low, |met| met.shared));
                let [up, down] = [pair(low, |met| met.up), pair(high, |met| met.down)];
                for (target, pair) in [(high, up), (low, down)].into_iter().filter(|(_, pair)| pair.weight > 0.0) {
                    after.add(target, pair);
                }
            }
        }
    }
    (before.merged(), after.merged())
}

/// Adds the pairs of a session, in which an item is near itself, too.
fn meet(session: &[Interaction], met: &mut Vec<Met>) {
    let ratio = (-2.0 / REACH).exp();
    for (place, later) in session.iter().enumerate() {
        let steps_left = (session.len() - 1 - place) as f32;
        // Over the steps t behind both: Σ exp(−(t − 1 − p)/r) · exp(−(t − 1 − q)/r).
        let shared = (1.0 - ratio.powf(steps_left)) / (1.0 - ratio);
        for (distance, earlier) in session[..=place].iter().rev().take(FARTHEST + 1).enumerate() {
            let distance = distance as f32;
            // Over the steps t between both: Σ exp(−(t − 1 − p)/r) · exp(−(q − t)/r), all terms alike.
            let follows = distance * (-(distance - 1.0) / REACH).exp();
            // The pair stands for itself and its mirror, which is another entry unless both are the same item.
            let mirrored = if earlier.item == later.item && distance > 0.0 { 2.0 } else { 1.0 };
            let shared = mirrored * shared * (-distance / REACH).exp();
            met.push(if earlier.item <= later.item {
                Met { pair: (earlier.item, later.item), shared, up: follows, down: 0.0 }
            } else {
                Met { pair: (later.item, earlier.item), shared, up: 0.0, down: follows }
            });
        }
    }
}

/// The weights of the items that lead to a target.
fn column(before: &[Vec<Pair>], leads: &[Pair], marks: &mut [u16]) -> Vec<(u32, f32)> {
    let mut sources: Vec<Pair> = leads.to_vec();
    sources.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then(a.other.cmp(&b.other)));
    sources.truncate(SOURCES);
    let n_sources = sources.len();
    for (mark, source) in (0..).zip(&sources) {
        marks[source.other as usize] = mark;
    }
    let mut matrix = vec![0.0; n_sources * n_sources];
    for (source, row) in sources.iter().zip(matrix.chunks_exact_mut(n_sources.max(1))) {
        for pair in &before[source.other as usize] {
            if let Some(entry) = row.get_mut(usize::from(marks[pair.other as usize])) {
                *entry = pair.weight;
            }
        }
    }
    for source in &sources {
        marks[source.other as usize] = NO_SOURCE;
    }
    let mut weights: Vec<f32> = sources.iter().map(|source| source.weight).collect();
    solve_in_place(&mut matrix, &mut weights);
    sources.iter().zip(weights).map(|(source, weight)| (source.other, weight)).collect()
}

/// Solves (`matrix` + λI) · x = `right` by Cholesky's decomposition. O(n³).
///
/// Of a positive semidefinite matrix every pivot is λ or more. One without the pairs that few visitors met may be
/// indefinite: a pivot below λ is raised to it, as if that item had as much larger a ridge.
fn solve_in_place(matrix: &mut [f32], right: &mut [f32]) {
    let n = right.len();
    for i in 0..n {
        let (known, row) = matrix.split_at_mut(i * n);
        for (j, known) in known.chunks_exact(n).enumerate() {
            row[j] = (row[j] - dot(&row[..j], &known[..j])) / known[j];
        }
        row[i] = (row[i] + RIDGE - dot(&row[..i], &row[..i])).max(RIDGE).sqrt();
    }
    for (i, row) in matrix.chunks_exact(n.max(1)).enumerate() {
        right[i] = (right[i] - dot(&row[..i], &right[..i])) / row[i];
    }
    for (i, row) in matrix.chunks_exact(n.max(1)).enumerate().rev() {
        let (before, solved) = right.split_at_mut(i);
        solved[0] /= row[i];
        add_scaled(before, -solved[0], &row[..i]);
    }
}

fn strongest(mut row: Vec<(u32, f32)>, per_item: usize) -> Vec<Entry> {
    row.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    row.truncate(per_item);
    row.sort_unstable_by_key(|&(target, _)| target);
    row.into_iter().map(|(target, weight)| (target, level(weight))).collect()
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

    fn sessions(lists: &[&[u32]]) -> Sessions {
        let n_items = lists.iter().flat_map(|list| *list).max().unwrap() + 1;
        Sessions::of_views(n_items, (0..).zip(lists.iter().copied()))
    }

    fn rows(lists: &[&[u32]]) -> Vec<Vec<Entry>> {
        solve(&sessions(lists), &NeighborOptions::default())
    }

    fn weight(rows: &[Vec<Entry>], source: usize, target: u32) -> f32 {
        let level = rows[source].iter().find(|entry| entry.0 == target).map(|entry| entry.1);
        level.map_or(0.0, |level| f32::from(weights()[usize::from(level)]) / WHOLE)
    }

    #[test]
    fn a_pair_needs_two_visitors() {
        let rows = rows(&[&[0, 1], &[0, 1], &[0, 2]]);
        let neighbors: Vec<Vec<u32>> = rows.iter().map(|row| row.iter().map(|entry| entry.0).collect()).collect();
        assert_eq!(neighbors, [vec![1], vec![], vec![]]);
    }

    #[test]
    fn a_lone_pair_is_worth_its_evidence() {
        // Ten sessions 0 → 1: SᵀS is 10, SᵀT is 10, the ridge 5.
        let weight = weight(&rows(&[&[0u32, 1][..]; 10]), 0, 1);
        assert!((weight - 10.0 / 15.0).abs() < 0.02, "{weight}");
    }

    #[test]
    fn a_companion_does_not_lead_where_its_neighbor_does() {
        // 1 leads to 2, with 0 before it or without; 0 without 1 leads to 3. Counts would stand at 40 to 24.
        let mut lists: Vec<&[u32]> = vec![&[0, 1, 2]; 20];
        lists.extend(vec![&[1u32, 2][..]; 20]);
        lists.extend(vec![&[0u32, 3][..]; 20]);
        let rows = rows(&lists);
        let (leader, companion) = (weight(&rows, 1, 2), weight(&rows, 0, 2));
        assert!(leader > 2.5 * companion, "{leader} and {companion}");
    }

    #[test]
    fn equations_are_solved() {
        // With the ridge 9, 2 and 2, 8.
        let mut right = [13.0, 18.0];
        solve_in_place(&mut [4.0, 2.0, 2.0, 3.0], &mut right);
        assert!((right[0] - 1.0).abs() < 1e-6 && (right[1] - 2.0).abs() < 1e-6, "{right:?}");
    }

    #[test]
    fn what_one_shopper_did_over_and_over_leads_nowhere() {
        // 1 and 2 lead to 3 with 0 beside them; that 1 and 2 are met together is the doing of one shopper, and not counted.
        let mut lists: Vec<Vec<u32>> = vec![vec![0, 1, 3]; 8];
        lists.extend(vec![vec![0, 2, 3]; 8]);
        lists.push([[1, 0, 2, 0]; 40].concat());
        lists[16].push(3);
        let lists: Vec<&[u32]> = lists.iter().map(Vec::as_slice).collect();
        let options = NeighborOptions { min_visitors: 3, ..NeighborOptions::default() };
        let rows = solve(&sessions(&lists), &options);
        for source in 0..3 {
            assert!(weight(&rows, source, 3) < 1.0, "{source}: {rows:?}");
        }
    }

    #[test]
    fn levels_keep_weights_within_five_percent() {
        let weights = weights();
        for weight in [1.0, 0.5, 0.31, 0.1, 0.02, 0.004] {
            let kept = f32::from(weights[usize::from(level(weight))]) / WHOLE;
            assert!((kept / weight - 1.0).abs() < 0.05, "{weight} became {kept}");
        }
    }
}
