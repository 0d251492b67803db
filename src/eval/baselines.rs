//! What a model must beat: orders that need no learning, or next to none.

use std::cmp::Reverse;
use std::collections::HashMap;

use rand::seq::index;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{Case, Cases, Figures, K, Tally};
use crate::train::Sessions;

/// The figures of every baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Baselines {
    /// Any items.
    pub random: Figures,
    /// The items with the most events.
    pub popularity: Figures,
    /// The items of the session, the most frequent and then the newest first; then the most popular ones.
    pub session_popularity: Figures,
    /// The items that most often came right after the last item; then the most popular ones.
    pub last_item: Figures,
}

/// Scores every baseline on cases, learning from sessions what it needs.
pub fn measure_baselines(sessions: &Sessions, cases: &Cases, seed: u64) -> Baselines {
    let popular = most_frequent(sessions.events.iter().map(|event| event.item));
    let mut after: HashMap<u32, Vec<u32>> = HashMap::new();
    for session in sessions.iter() {
        for pair in session.windows(2) {
            after.entry(pair[0].item).or_default().push(pair[1].item);
        }
    }
    let after: HashMap<u32, Vec<u32>> =
        after.into_iter().map(|(item, next)| (item, most_frequent(next.into_iter()))).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n_items = sessions.item_ids.len();
    let run = |list: &mut dyn FnMut(&[u32]) -> Vec<u32>| figures(sessions, cases, list);
    Baselines {
        random: run(&mut |_| random_list(n_items, &mut rng)),
        popularity: run(&mut |_| popular.iter().copied().take(K).collect()),
        session_popularity: run(&mut |prefix| {
            // Newest first, so that of equally frequent items the newest comes first.
            let newest_first: Vec<u32> = prefix.iter().rev().copied().collect();
            filled(stable_most_frequent(&newest_first), &popular)
        }),
        last_item: run(&mut |prefix| {
            let next = prefix.last().and_then(|last| after.get(last)).cloned().unwrap_or_default();
            filled(next, &popular)
        }),
    }
}

fn figures(sessions: &Sessions, cases: &Cases, list: &mut dyn FnMut(&[u32]) -> Vec<u32>) -> Figures {
    let find = |id: &String| sessions.item_ids.binary_search(id).ok().map(|item| item as u32);
    let mut tally = Tally::default();
    for Case { prefix, target } in &cases.0 {
        let prefix: Vec<u32> = prefix.iter().filter_map(find).collect();
        let list = list(&prefix);
        let rank = find(target).and_then(|target| list.iter().position(|&item| item == target));
        tally.add(rank.map(|index| index + 1), list);
    }
    tally.figures(sessions.item_ids.len())
}

fn random_list(n_items: usize, rng: &mut impl Rng) -> Vec<u32> {
    index::sample(rng, n_items, K.min(n_items)).into_iter().map(|item| item as u32).collect()
}

/// Each item once, the most frequent first; of equals the lower number.
fn most_frequent(items: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut sorted: Vec<u32> = items.collect();
    sorted.sort_unstable();
    stable_most_frequent(&sorted)
}

/// Each item once, the most frequent first; of equals the one that came first.
fn stable_most_frequent(items: &[u32]) -> Vec<u32> {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    let mut order = Vec::new();
    for &item in items {
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
    use crate::session::EventKind;
    use crate::train::Interaction;

    /// Items 0 to 3; 3 is the most popular, 1 always follows 0.
    fn sessions() -> Sessions {
        let lists: [&[u32]; 3] = [&[0, 1, 3], &[2, 3, 3], &[0, 1]];
        let mut sessions = Sessions { starts: vec![0], ..Sessions::default() };
        sessions.item_ids = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        for list in lists {
            let events = list.iter().map(|&item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 });
            sessions.events.extend(events);
            sessions.starts.push(sessions.events.len());
        }
        sessions
    }

    #[test]
    fn baselines_of_two_cases_by_hand() {
        let case = |prefix: &[&str], target: &str| Case {
            prefix: prefix.iter().map(|id| (*id).to_owned()).collect(),
            target: target.to_owned(),
        };
        let cases = Cases(vec![case(&["a"], "b"), case(&["c", "a", "c", "nowhere"], "c")]);
        let baselines = measure_baselines(&sessions(), &cases, 7);
        // Popularity: d (3), a (2), b (2), c (1): b is third, c fourth.
        assert_eq!(baselines.popularity.mrr, (1.0 / 3.0 + 1.0 / 4.0) / 2.0);
        // Session popularity: a, d, b: third; c first.
        assert_eq!(baselines.session_popularity.mrr, (1.0 / 3.0 + 1.0) / 2.0);
        // Last item: b follows a; after c comes d, then a, b, c by popularity.
        assert_eq!(baselines.last_item.mrr, (1.0 + 1.0 / 4.0) / 2.0);
        // Four items fit any list of twenty.
        assert_eq!(baselines.random.hr, 1.0);
    }
}
