//! Counts with noise: all that is ever read of a log under differential privacy.
//!
//! A visitor contributes one vector of length 1 at most, whatever they did: the items they met, the pairs of items that they
//! went from one to the other of, to which of the last items they came back how often, and how long their sessions
//! were. The vectors are added up, and normal noise is added to every number of the sum, those of the pairs that nobody
//! met included ([`gaussian`](super::gaussian)). Of the noisy pairs those are kept that stand out from noise; as that
//! is seen from the noisy numbers alone, it costs no privacy.

use std::collections::{HashMap, HashSet};

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Geometric, StandardNormal};

use super::gaussian::{below, exceeded_with};
use super::support::by_visitor;
use super::{Noise, noise_scale};
use crate::train::Sessions;

/// Places that shoppers come back to, newest first: where the item stands that is met again.
pub(super) const RETURNS: usize = 10;
/// Lengths of sessions that are told apart; longer ones count as the longest.
pub(super) const LENGTHS: usize = 20;
/// What share of a visitor's square goes to items, pairs, returns and lengths. The latter are few numbers, which all
/// visitors add to.
const SHARES: [f64; 4] = [0.30, 0.66, 0.02, 0.02];
/// Share of noise that is put up with among what is taken for more than noise.
const FALSE_SHARE: f64 = 0.1;
/// How many pairs of noise alone are drawn for every item.
const UNMET_AN_ITEM: f64 = 10.0;
/// The noisy numbers are rounded to multiples of 1/1024: their last bits would tell more than the noise hides (Mironov,
/// CCS 2012).
const GRAIN: f64 = 1024.0;

/// Noisy counts of what visitors did, in units that mean nothing by themselves. What does not stand out from noise is
/// left out, or 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Release {
    /// How often each item was met.
    pub items: Vec<f64>,
    /// How often visitors went between two items, the lower one first, ascending.
    pub pairs: Vec<((u32, u32), f64)>,
    /// How often they came back to the item at each place, and at last how often they came to one not met before.
    pub returns: [f64; RETURNS + 1],
    /// How often a session had each length, from 1.
    pub lengths: [f64; LENGTHS],
}

/// Counts with noise for (ε, δ). `rng` must not be foreseeable, and nobody may ever learn its seed: who knows the noise
/// can take it away.
///
/// O(events + items · log items).
pub fn release(sessions: &Sessions, noise: Noise, rng: &mut impl Rng) -> Release {
    let scale = noise_scale(noise);
    let mut sums = Sums::of(sessions);
    let n_items = sums.items.len();
    let mut noisy = |value: &mut f64| {
        *value += scale * Distribution::<f64>::sample(&StandardNormal, &mut *rng);
        *value = (*value * GRAIN).round() / GRAIN;
    };
    sums.items.iter_mut().for_each(&mut noisy);
    sums.returns.iter_mut().for_each(&mut noisy);
    sums.lengths.iter_mut().for_each(&mut noisy);
    // In the order of the pairs, so that the same random numbers make the same release.
    let mut pairs: Vec<((u32, u32), f64)> = sums.pairs.drain().collect();
    pairs.sort_unstable_by_key(|(pair, _)| *pair);
    pairs.iter_mut().for_each(|(_, value)| noisy(value));

    with_unmet(&mut pairs, n_items, scale, rng);
    let n_pairs = n_items * n_items.saturating_sub(1) / 2;
    let least = least_that_stands_out(pairs.iter().map(|(_, value)| *value), n_pairs, scale);
    pairs.retain(|(_, value)| *value >= least);
    pairs.sort_unstable_by_key(|(pair, _)| *pair);
    let least = least_that_stands_out(sums.items.iter().copied(), n_items, scale);
    sums.items.iter_mut().for_each(|value| *value = if *value >= least { *value } else { 0.0 });
    let not_negative = |value: f64| value.max(0.0);
    Release {
        items: sums.items,
        pairs,
        returns: sums.returns.map(not_negative),
        lengths: sums.lengths.map(|value| not_negative(value) / SHARES[3].sqrt()),
    }
}

/// Keeps the pairs above a threshold that noise alone is expected to exceed [`UNMET_AN_ITEM`] times an item, and adds those
/// of the pairs that nobody met whose noise does. Which of those lie below need not be drawn, as nothing says so of any.
fn with_unmet(pairs: &mut Vec<((u32, u32), f64)>, n_items: usize, scale: f64, rng: &mut impl Rng) {
    if n_items < 2 {
        return;
    }
    let wanted = (2.0 * UNMET_AN_ITEM / n_items as f64).min(0.5);
    let threshold = (scale * exceeded_with(wanted) * GRAIN).ceil() / GRAIN;
    // What is rounded to the threshold, and all above.
    let chance = below(-(threshold - 0.5 / GRAIN) / scale);
    let met: HashSet<(u32, u32)> = pairs.iter().map(|(pair, _)| *pair).collect();
    pairs.retain(|(_, value)| *value >= threshold);
    let gap = Geometric::new(chance).expect("a chance is between 0 and 1");
    // All ordered pairs in a row; those whose first item is the lower one count.
    let n_cells = (n_items as u64).pow(2);
    let mut cell = gap.sample(rng);
    while cell < n_cells {
        let pair = ((cell / n_items as u64) as u32, (cell % n_items as u64) as u32);
        // The chance to be exceeded is uniform below that of the threshold.
        let value = scale * exceeded_with(chance * (1.0 - rng.random::<f64>()));
        if pair.0 < pair.1 && !met.contains(&pair) {
            pairs.push((pair, (value * GRAIN).round() / GRAIN));
        }
        cell = cell.saturating_add(1).saturating_add(gap.sample(rng));
    }
}

/// The least of the noisy values from which on at most [`FALSE_SHARE`] are expected to be noise alone, of so many
/// numbers (Benjamini and Hochberg, 1995). Infinite if there is none.
fn least_that_stands_out(values: impl Iterator<Item = f64>, n_numbers: usize, scale: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    let is_fine = |&(rank, value): &(usize, f64)| n_numbers as f64 * below(-value / scale) <= FALSE_SHARE * rank as f64;
    let last = (1..).zip(values).filter(is_fine).last();
    last.map_or(f64::INFINITY, |(_, value)| value)
}

/// The sum of what all visitors contribute, without noise. It goes no further than this file.
struct Sums {
    items: Vec<f64>,
    pairs: HashMap<(u32, u32), f64>,
    returns: [f64; RETURNS + 1],
    lengths: [f64; LENGTHS],
}

impl Sums {
    fn of(sessions: &Sessions) -> Sums {
        let mut sums = Sums {
            items: vec![0.0; sessions.item_ids.len()],
            pairs: HashMap::new(),
            returns: [0.0; RETURNS + 1],
            lengths: [0.0; LENGTHS],
        };
        for of_visitor in by_visitor(sessions).chunk_by(|&a, &b| sessions.visitors[a] == sessions.visitors[b]) {
            sums.add(&Contribution::of(sessions, of_visitor));
        }
        sums
    }

    /// Adds one visitor's vector, each of its four parts scaled to the length that is its share.
    fn add(&mut self, contribution: &Contribution) {
        let [items, pairs, returns, lengths] = SHARES.map(f64::sqrt);
        let each = items / (contribution.items.len().max(1) as f64).sqrt();
        contribution.items.iter().for_each(|&item| self.items[item as usize] += each);
        let each = pairs / (contribution.pairs.len().max(1) as f64).sqrt();
        contribution.pairs.iter().for_each(|&pair| *self.pairs.entry(pair).or_default() += each);
        add_scaled(&mut self.returns, &contribution.returns, returns);
        add_scaled(&mut self.lengths, &contribution.lengths, lengths);
    }
}

/// Adds a vector scaled to a length; nothing of a vector that is 0.
fn add_scaled(sum: &mut [f64], vector: &[f64], length: f64) {
    let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    if norm > 0.0 {
        sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x * length / norm);
    }
}

/// What one visitor did.
struct Contribution {
    /// Items, each once.
    items: Vec<u32>,
    /// Pairs of items met one right after the other, each once, the lower item first.
    pairs: Vec<(u32, u32)>,
    returns: [f64; RETURNS + 1],
    lengths: [f64; LENGTHS],
}

impl Contribution {
    fn of(sessions: &Sessions, of_visitor: &[usize]) -> Contribution {
        let (mut items, mut pairs) = (Vec::new(), Vec::new());
        let (mut returns, mut lengths) = ([0.0; RETURNS + 1], [0.0; LENGTHS]);
        for session in of_visitor.iter().map(|&index| sessions.session(index)) {
            lengths[session.len().clamp(1, LENGTHS) - 1] += 1.0;
            items.extend(session.iter().map(|event| event.item));
            for (place, event) in session.iter().enumerate().skip(1) {
                let before = session[place - 1];
                if before.item != event.item {
                    pairs.push((before.item.min(event.item), before.item.max(event.item)));
                } else if before.kind != event.kind {
                    // As in the learning of embeddings: another thing done with the same item is no step.
                    continue;
                }
                let newest_first = session[..place].iter().rev().take(RETURNS);
                let met = newest_first.map(|event| event.item).position(|item| item == event.item);
                returns[met.unwrap_or(RETURNS)] += 1.0;
            }
        }
        items.sort_unstable();
        items.dedup();
        pairs.sort_unstable();
        pairs.dedup();
        Contribution { items, pairs, returns, lengths }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::session::EventKind;
    use crate::train::Interaction;

    /// Sessions of random items, by their visitors.
    fn sessions(visitors: &[u32], n_items: u32, rng: &mut impl Rng) -> Sessions {
        let mut sessions = Sessions { starts: vec![0], ..Sessions::default() };
        sessions.item_ids = (0..n_items).map(|item| item.to_string()).collect();
        for &visitor in visitors {
            for _ in 0..rng.random_range(1..30) {
                let kind = if rng.random() { EventKind::View } else { EventKind::AddToCart };
                sessions.events.push(Interaction { item: rng.random_range(0..n_items), kind, timestamp_ms: 0 });
            }
            sessions.starts.push(sessions.events.len());
            sessions.visitors.push(visitor);
        }
        sessions
    }

    #[test]
    fn one_visitor_moves_the_sum_by_one_at_most() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        for n_items in [1, 2, 5, 40] {
            let with = sessions(&[0, 1, 0, 2, 3, 0, 1], n_items, &mut rng);
            for visitor in 0..4 {
                let others: Vec<usize> = (0..with.len()).filter(|&index| with.visitors[index] != visitor).collect();
                let (with, without) = (Sums::of(&with), Sums::of(&with.choose(&others)));
                let squares = |left: &[f64], right: &[f64]| -> f64 {
                    left.iter().zip(right).map(|(left, right)| (left - right).powi(2)).sum()
                };
                let pairs = with.pairs.iter().map(|(pair, value)| value - without.pairs.get(pair).unwrap_or(&0.0));
                let square = squares(&with.items, &without.items)
                    + squares(&with.returns, &without.returns)
                    + squares(&with.lengths, &without.lengths)
                    + pairs.map(|difference| difference * difference).sum::<f64>();
                assert!(square <= 1.0 + 1e-9, "visitor {visitor} of {n_items} items: {square}");
                assert!(square > 0.3, "visitor {visitor} of {n_items} items adds next to nothing: {square}");
            }
        }
    }

    /// Pairs that nobody met are as many, and as large, as if the noise of every single one had been drawn.
    #[test]
    fn pairs_that_nobody_met_are_as_noise_has_it() {
        let (n_items, scale) = (400, 2.0);
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (mut drawn, mut lazily) = (Vec::new(), Vec::new());
        for _ in 0..20 {
            let mut pairs = Vec::new();
            with_unmet(&mut pairs, n_items, scale, &mut rng);
            assert!(pairs.iter().all(|((low, high), _)| low < high && (*high as usize) < n_items));
            lazily.extend(pairs.into_iter().map(|(_, value)| value));
            let noise = (0..n_items * (n_items - 1) / 2).map(|_| {
                let noise: f64 = StandardNormal.sample(&mut rng);
                (scale * noise * GRAIN).round() / GRAIN
            });
            drawn.extend(noise.collect::<Vec<f64>>());
        }
        let least = lazily.iter().copied().fold(f64::INFINITY, f64::min);
        for threshold in [least, least + 1.0, least + 3.0] {
            let above = |values: &[f64]| values.iter().filter(|&&value| value >= threshold).count() as f64;
            let (expected, found) = (above(&drawn), above(&lazily));
            assert!(
                (found - expected).abs() < 5.0 * (2.0 * expected).sqrt() + 1.0,
                "{threshold}: {found}, not {expected}"
            );
        }
        let expected = 20.0 * UNMET_AN_ITEM * n_items as f64 * (n_items - 1) as f64 / n_items as f64;
        assert!((lazily.len() as f64 / expected - 1.0).abs() < 0.05, "{} of {expected}", lazily.len());
    }

    #[test]
    fn what_is_below_the_threshold_is_gone_whoever_met_it() {
        let mut pairs = vec![((0, 1), 0.001), ((2, 3), 1e6)];
        with_unmet(&mut pairs, 400, 2.0, &mut ChaCha8Rng::seed_from_u64(1));
        assert!(pairs.contains(&((2, 3), 1e6)) && !pairs.iter().any(|(pair, _)| *pair == (0, 1)));
    }

    #[test]
    fn noise_alone_stands_out_nowhere() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut sessions = sessions(&[], 300, &mut rng);
        sessions.starts = vec![0];
        let release = release(&sessions, Noise { epsilon: 1.0, delta: 1e-6 }, &mut rng);
        assert!(
            release.pairs.len() < 3 && release.items.iter().filter(|&&value| value > 0.0).count() < 3,
            "{release:?}"
        );
    }
}
