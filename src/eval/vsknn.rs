use std::collections::BTreeMap;

use super::{History, K};

/// Sessions that are compared: the newest of those that share an item.
const SAMPLE: usize = 1000;
/// Sessions among them that are listened to: the most similar ones.
const NEIGHBORS: usize = 500;

/// V-SKNN, the vector-multiplication session-based nearest-neighbor method of Ludewig and Jannach, "Evaluation of
/// session-based recommendation algorithms" (User Modeling and User-Adapted Interaction 28, 2018, section 3.3), as a
/// reference: it keeps everyone's sessions, and so cannot be shipped.
///
/// An item of the session weighs by its place, 1 for the newest and falling linearly. Of the sessions that share an item
/// the newest 1000 are compared: the shared weights over the root of both lengths. The 500 most similar give their items
/// their similarity, times the weight of the newest item that they share, times the item's inverse document frequency.
/// The paper's settings, nowhere tuned. Equal similarities: the newer session; equal scores: the lower row.
#[derive(Debug)]
pub struct Vsknn<'a> {
    history: &'a History,
    /// The sessions that each item stands in, newest first, at most [`SAMPLE`].
    sessions_of: Vec<Vec<u32>>,
    /// `ln(sessions / sessions with the item)`.
    rarity: Vec<f64>,
}

/// What a session shares with the one that is asked for.
#[derive(Debug, Clone, Copy, Default)]
struct Shared {
    weights: f64,
    newest: f64,
}

impl<'a> Vsknn<'a> {
    /// Indexes the sessions of a history.
    pub fn new(history: &'a History) -> Vsknn<'a> {
        let mut sessions_of: Vec<Vec<u32>> = vec![Vec::new(); history.n_items()];
        for (index, session) in history.sessions().enumerate().rev() {
            for &row in session {
                let sessions = &mut sessions_of[row as usize];
                if sessions.len() < SAMPLE && sessions.last() != Some(&(index as u32)) {
                    sessions.push(index as u32);
                }
            }
        }
        let rarity = |row: u32| (history.len() as f64 / f64::from(history.n_sessions_of(row).max(1))).ln();
        Vsknn { history, sessions_of, rarity: (0..history.n_items() as u32).map(rarity).collect() }
    }

    /// The best items for a session of rows, oldest first: at most [`K`], all of which have a score.
    pub fn list(&self, prefix: &[u32]) -> Vec<u32> {
        // Of an item that comes again, the newest place counts.
        let weights: BTreeMap<u32, f64> =
            prefix.iter().zip(1..).map(|(&row, place)| (row, f64::from(place) / prefix.len() as f64)).collect();
        let mut found: Vec<(u32, f64)> = weights
            .iter()
            .flat_map(|(&row, &weight)| self.sessions_of[row as usize].iter().map(move |&session| (session, weight)))
            .collect();
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
        let mut neighbors: Vec<(f64, u32, f64)> = found
            .chunk_by(|a, b| a.0 == b.0)
            .take(SAMPLE)
            .map(|shared| {
                let session = shared[0].0;
                let shared = shared.iter().fold(Shared::default(), |sum, &(_, weight)| Shared {
                    weights: sum.weights + weight,
                    newest: sum.newest.max(weight),
                });
                let lengths = weights.len() as f64 * self.n_different(session) as f64;
                (shared.weights / lengths.sqrt(), session, shared.newest)
            })
            .collect();
        neighbors.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        neighbors.truncate(NEIGHBORS);
        let mut scored: Vec<(u32, f64)> = Vec::new();
        for &(similarity, session, newest) in &neighbors {
            let items = self.history.session(session as usize);
            let first_time = |&(place, row): &(usize, &u32)| !items[..place].contains(row);
            scored.extend(items.iter().enumerate().filter(first_time).map(|(_, &row)| {
                let score = similarity * newest * self.rarity[row as usize];
                (row, score)
            }));
        }
        // Added up in a fixed order: a stable sort keeps the neighbors' order within a row.
        scored.sort_by_key(|&(row, _)| row);
        let mut totals: Vec<(u32, f64)> = scored
            .chunk_by(|a, b| a.0 == b.0)
            .map(|parts| (parts[0].0, parts.iter().map(|part| part.1).sum()))
            .collect();
        totals.sort_by(|a, b| b.1.total_cmp(&a.1));
        totals.into_iter().take(K).map(|(row, _)| row).collect()
    }

    fn n_different(&self, session: u32) -> usize {
        let mut items = self.history.session(session as usize).to_vec();
        items.sort_unstable();
        items.dedup();
        items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, for the session 0, 1: 1 weighs 1, 0 weighs 1/2. Sessions of two items, so that both similarities are
    /// divided by 2; 0,2 is half as similar as 1,3 and half as near.
    #[test]
    fn lists_by_hand() {
        let history = History::of_rows(5, &[&[0, 2], &[1, 3], &[4, 4], &[4]]);
        let vsknn = Vsknn::new(&history);
        // Scores over ln 4: 3 and 1 have 1/2, 2 and 0 have 1/8.
        assert_eq!(vsknn.list(&[0, 1]), [1, 3, 0, 2]);
        // Each place's weight turned around.
        assert_eq!(vsknn.list(&[1, 0]), [0, 2, 1, 3]);
        assert_eq!(vsknn.list(&[4]), [4], "its two sessions hold nothing else");
        assert!(vsknn.list(&[]).is_empty());
    }
}
