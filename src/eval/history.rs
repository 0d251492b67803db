use std::collections::BTreeSet;

use crate::model::Model;
use crate::train::Sessions;

/// What happened before the cases: the sessions that a model was learned from, in the rows of that model. Baselines learn
/// from it, and it says how popular and how old an item is.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The items of all sessions, one session after the other, sessions oldest first.
    items: Vec<u32>,
    /// Where each session begins in `items`, and at the end `items.len()`.
    starts: Vec<usize>,
    n_events: Vec<u32>,
    n_sessions: Vec<u32>,
    percentiles: Vec<f64>,
    most_popular: Vec<u32>,
    first_met: Vec<Option<FirstMet>>,
    /// The newest event's time, where times are dates.
    newest_ms: Option<i64>,
}

/// When an item was met for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstMet {
    /// In the unit of [`Sessions`].
    pub timestamp_ms: i64,
    /// In the session with this index.
    pub session: usize,
}

impl History {
    /// The sessions in the rows of a model; events of other items are left out. Where there is no session, popularity is
    /// as far as the model tells it: an order without counts.
    pub fn new(model: &Model, sessions: &Sessions) -> History {
        let rows: Vec<Option<u32>> = sessions.item_ids.iter().map(|id| model.row(id)).collect();
        let mut history = History::with_items(model.n_items());
        for session in sessions.iter() {
            for event in session {
                if let Some(row) = rows[event.item as usize] {
                    history.meet(row, event.timestamp_ms);
                }
            }
            history.end_session();
        }
        history.newest_ms = sessions.newest_ms().filter(|_| sessions.has_dates);
        let levels = model.popularity().filter(|_| sessions.is_empty());
        let level = |row: u32| levels.map_or(0, |column| column.value(row));
        history.settle(|row, n_events| n_events.max(level(row)));
        history
    }

    /// Sessions of rows below `n_items`, without dates.
    #[cfg(test)]
    pub(super) fn of_rows(n_items: usize, sessions: &[&[u32]]) -> History {
        let mut history = History::with_items(n_items);
        for session in sessions {
            session.iter().for_each(|&row| history.meet(row, 0));
            history.end_session();
        }
        history.settle(|_, n_events| n_events);
        history
    }

    fn with_items(n_items: usize) -> History {
        History {
            starts: vec![0],
            n_events: vec![0; n_items],
            n_sessions: vec![0; n_items],
            first_met: vec![None; n_items],
            ..History::default()
        }
    }

    fn meet(&mut self, row: u32, timestamp_ms: i64) {
        let session = self.len();
        self.items.push(row);
        self.n_events[row as usize] += 1;
        let first = self.first_met[row as usize].get_or_insert(FirstMet { timestamp_ms, session });
        first.timestamp_ms = first.timestamp_ms.min(timestamp_ms);
    }

    fn end_session(&mut self) {
        let start = self.starts[self.len()];
        let different: BTreeSet<u32> = self.items[start..].iter().copied().collect();
        different.into_iter().for_each(|row| self.n_sessions[row as usize] += 1);
        self.starts.push(self.items.len());
    }

    /// Orders the items by their popularity, given their number of events.
    fn settle(&mut self, popularity: impl Fn(u32, u32) -> u32) {
        let popularity: Vec<u32> =
            self.n_events.iter().zip(0..).map(|(&events, row)| popularity(row, events)).collect();
        let mut order: Vec<u32> = (0..popularity.len() as u32).collect();
        order.sort_by_key(|&row| std::cmp::Reverse(popularity[row as usize]));
        self.percentiles = vec![0.0; order.len()];
        let mut n_before = 0;
        for equals in order.chunk_by(|&a, &b| popularity[a as usize] == popularity[b as usize]) {
            let n_below = order.len() - n_before - equals.len();
            let percentile = (n_below as f64 + equals.len() as f64 / 2.0) / order.len() as f64;
            equals.iter().for_each(|&row| self.percentiles[row as usize] = percentile);
            n_before += equals.len();
        }
        self.most_popular = order;
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no session.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items the model knows.
    pub fn n_items(&self) -> usize {
        self.n_events.len()
    }

    /// The rows of one session, oldest first. Panics past [`History::len`].
    pub fn session(&self, index: usize) -> &[u32] {
        &self.items[self.starts[index]..self.starts[index + 1]]
    }

    /// All sessions, oldest first.
    pub fn sessions(&self) -> impl DoubleEndedIterator<Item = &[u32]> + ExactSizeIterator + '_ {
        (0..self.len()).map(|index| self.session(index))
    }

    /// All rows, the most popular first; of equals the lower row.
    pub fn most_popular(&self) -> &[u32] {
        &self.most_popular
    }

    /// The share of items that are less popular, equals by half. From 0 to 1; over all items the mean is 0.5.
    pub fn percentile(&self, row: u32) -> f64 {
        self.percentiles[row as usize]
    }

    /// Events of an item; not a number where there is no session.
    pub fn n_events_of(&self, row: u32) -> f64 {
        if self.is_empty() { f64::NAN } else { f64::from(self.n_events[row as usize]) }
    }

    /// In how many sessions an item stands.
    pub fn n_sessions_of(&self, row: u32) -> u32 {
        self.n_sessions[row as usize]
    }

    /// `-log2` of the share of sessions that an item stands in, in bits; an item that stands in none counts as if it
    /// stood in one. Not a number where there is no session.
    pub fn self_information(&self, row: u32) -> f64 {
        if self.is_empty() {
            return f64::NAN;
        }
        -(f64::from(self.n_sessions[row as usize].max(1)) / self.len() as f64).log2()
    }

    /// When an item was met for the first time, if it was met at all.
    pub fn first_met(&self, row: u32) -> Option<FirstMet> {
        self.first_met[row as usize]
    }

    /// Milliseconds since the Unix epoch of the newest event, where times are dates.
    pub fn newest_ms(&self) -> Option<i64> {
        self.newest_ms
    }
}
