//! What a model must beat: orders that need no learning, or next to none, and a nearest-neighbor method that needs
//! everyone's sessions at hand.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::answers::Step;
use super::vsknn::Vsknn;
use super::{Answers, History, K};

/// Something simple that answers cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// Any items.
    Random,
    /// The items with the most events.
    Popularity,
    /// The items of the session, the most frequent and then the newest first; then the most popular ones.
    SessionPopularity,
    /// The items that most often came right after the last item; then the most popular ones.
    LastItem,
    /// What followed in similar sessions: [`Vsknn`]; then the most popular ones.
    Vsknn,
}

impl Baseline {
    /// Every baseline, the least able first.
    pub const ALL: [Baseline; 5] =
        [Baseline::Random, Baseline::Popularity, Baseline::SessionPopularity, Baseline::LastItem, Baseline::Vsknn];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Baseline::Random => "random",
            Baseline::Popularity => "popularity",
            Baseline::SessionPopularity => "session_popularity",
            Baseline::LastItem => "last_item",
            Baseline::Vsknn => "vsknn",
        }
    }

    /// Answers every step, learning from the history what it needs.
    pub fn answer(self, history: &History, steps: &[Step], seed: u64) -> Answers {
        let popular = history.most_popular();
        match self {
            Baseline::Random => Answers::of_steps(steps, |index, _| random_list(history.n_items(), seed, index)),
            Baseline::Popularity => Answers::of_steps(steps, |_, _| filled(Vec::new(), popular)),
            Baseline::SessionPopularity => Answers::of_steps(steps, |_, step| {
                // Newest first, so that of equally frequent items the newest comes first.
                filled(most_frequent(step.prefix().iter().rev().copied()), popular)
            }),
            Baseline::LastItem => {
                let after = followers(history);
                Answers::of_steps(steps, |_, step| {
                    let next = step.prefix().last().map(|&last| after[last as usize].clone());
                    filled(next.unwrap_or_default(), popular)
                })
            }
            Baseline::Vsknn => {
                let vsknn = Vsknn::new(history);
                Answers::of_steps(steps, |_, step| filled(vsknn.list(step.prefix()), popular))
            }
        }
    }
}

/// A list for one case. Each case has its own stream of numbers, whichever thread asks.
fn random_list(n_items: usize, seed: u64, case: usize) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(case as u64);
    index::sample(&mut rng, n_items, K.min(n_items)).into_iter().map(|row| row as u32).collect()
}

/// What came right after each item, the most frequent first; of equals the lower row.
fn followers(history: &History) -> Vec<Vec<u32>> {
    let mut after = vec![Vec::new(); history.n_items()];
    for pair in history.sessions().flat_map(|session| session.windows(2)) {
        after[pair[0] as usize].push(pair[1]);
    }
    for next in &mut after {
        next.sort_unstable();
        *next = most_frequent(std::mem::take(next).into_iter());
        next.truncate(K);
    }
    after
}

/// Each item once, the most frequent first; of equals the one that came first.
fn most_frequent(items: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    let mut order = Vec::new();
    for item in items {
        let count = counts.entry(item).or_default();
        if *count == 0 {
            order.push(item);
        }
        *count += 1;
    }
    order.sort_by_key(|item| Reverse(counts[item]));
    order
}

/// The first [`K`] of a list, filled up from another.
fn filled(mut list: Vec<u32>, rest: &[u32]) -> Vec<u32> {
    list.truncate(K);
    let missing = rest.iter().filter(|item| !list.contains(item)).take(K - list.len()).copied().collect::<Vec<_>>();
    list.extend(missing);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items 0 to 3; 3 is the most popular, 1 always follows 0.
    #[test]
    fn lists_by_hand() {
        let history = History::of_rows(4, &[&[0, 1, 3], &[2, 3, 3], &[0, 1]]);
        let check = |baseline: Baseline, prefix: &[u32], expected: &[u32]| {
            let step = Step::of_rows(prefix, None, &[]);
            let answers = baseline.answer(&history, &[step], 7);
            assert_eq!(answers.list(0), expected, "{} of {prefix:?}", baseline.name());
        };
        check(Baseline::Popularity, &[0], &[3, 0, 1, 2]);
        check(Baseline::SessionPopularity, &[0], &[0, 3, 1, 2]);
        check(Baseline::SessionPopularity, &[2, 0, 2, 1], &[2, 1, 0, 3]);
        check(Baseline::LastItem, &[0], &[1, 3, 0, 2]);
        check(Baseline::LastItem, &[0, 2], &[3, 0, 1, 2]);
        check(Baseline::LastItem, &[], &[3, 0, 1, 2]);
        check(Baseline::Vsknn, &[], &[3, 0, 1, 2]);
    }

    #[test]
    fn random_lists_hold_each_item_once_and_differ() {
        let history = History::of_rows(50, &[]);
        let step = Step::of_rows(&[], Some(1), &[]);
        let answers = Baseline::Random.answer(&history, &[step.clone(), step.clone()], 7);
        let mut sorted = answers.list(0).to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), K);
        assert_ne!(answers.list(0), answers.list(1));
        assert_eq!(answers, Baseline::Random.answer(&history, &[step.clone(), step], 7));
    }
}
