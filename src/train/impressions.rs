//! What was shown, what was clicked in it, and what shoppers had done before.

use std::collections::HashMap;

use twox_hash::XxHash64;

use super::dataset::{Catalog, Interaction, Sessions};
use crate::session::{Event, EventKind, MAX_EVENTS, MAX_IMPRESSIONS, Session};

/// A log with shown lists, in memory; items are dense numbers.
#[derive(Debug, Clone, Default)]
pub struct Impressions {
    /// The store's ids, sorted by their bytes, each once.
    pub item_ids: Vec<String>,
    /// The sessions, those of one visitor side by side from the oldest; visitors as the log names them first.
    pub sessions: Vec<LoggedSession>,
}

/// A session of the log.
#[derive(Debug, Clone, Default)]
pub struct LoggedSession {
    /// Hash of the visitor's id; of the session's where the log names no visitors.
    pub visitor: u64,
    /// Everything that happened, oldest first.
    pub events: Vec<LoggedEvent>,
}

/// A row of the log.
#[derive(Debug, Clone)]
pub struct LoggedEvent {
    /// What was done.
    pub kind: EventKind,
    /// With which item, as an index into [`Impressions::item_ids`]; none in a search, or where nothing was clicked.
    pub item: Option<u32>,
    /// Milliseconds since the Unix epoch, or a thousand for each step where the log has no dates.
    pub timestamp_ms: i64,
    /// The list that was shown, if the row holds one.
    pub shown: Option<Shown>,
}

/// A list as it was shown.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Indexes into [`Impressions::item_ids`], in the order shown.
    pub items: Vec<u32>,
    /// Their prices, NaN where one is not known; empty where none is.
    pub prices: Vec<f64>,
    /// The surface; empty where it is not known.
    pub surface: String,
    /// The slot that was clicked, from 0; none where the item clicked is not in the list.
    pub clicked: Option<usize>,
}

/// A list with a click, and what its shopper had done before.
#[derive(Debug, Clone, Copy)]
pub struct ClickedList<'a> {
    /// The visitor's older sessions, oldest first.
    pub earlier: &'a [LoggedSession],
    /// The session it was shown in.
    pub session: &'a LoggedSession,
    /// Index of its row in the session.
    pub at: usize,
    /// The list.
    pub shown: &'a Shown,
    /// The slot that was clicked.
    pub clicked: usize,
}

impl Impressions {
    /// All lists in which one of the items shown was clicked.
    pub fn clicked_lists(&self) -> impl Iterator<Item = ClickedList<'_>> {
        let of_one_visitor = self.sessions.chunk_by(|session, next| session.visitor == next.visitor);
        let places = of_one_visitor.flat_map(|sessions| (0..sessions.len()).map(move |place| sessions.split_at(place)));
        places.flat_map(|(earlier, rest)| {
            let session = &rest[0];
            session.events.iter().enumerate().filter_map(move |(at, event)| {
                let shown = event.shown.as_ref()?;
                Some(ClickedList { earlier, session, at, shown, clicked: shown.clicked? })
            })
        })
    }

    /// The log without what was done with sensitive items of a catalog: no event with them, and no list in which one was
    /// clicked.
    pub fn without_sensitive_items(mut self, catalog: Option<&Catalog>) -> Impressions {
        let is_sensitive = |id: &String| catalog.is_some_and(|catalog| catalog.is_sensitive(id));
        let is_left_out: Vec<bool> = self.item_ids.iter().map(is_sensitive).collect();
        for session in &mut self.sessions {
            let is_kept = |event: &LoggedEvent| event.item.is_none_or(|item| !is_left_out[item as usize]);
            session.events.retain(is_kept);
        }
        self
    }

    /// What a model is learned from: the sessions of some visitors. The same event right after itself counts once.
    pub fn sessions_of(&self, is_meant: impl Fn(u64) -> bool) -> Sessions {
        let mut sessions = Sessions { starts: vec![0], has_dates: true, ..Sessions::default() };
        sessions.item_ids.clone_from(&self.item_ids);
        let mut order: Vec<&LoggedSession> = self.sessions.iter().filter(|session| is_meant(session.visitor)).collect();
        order.sort_by_key(|session| session.events.last().map(|event| event.timestamp_ms));
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        for session in order {
            let start = sessions.events.len();
            for event in &session.events {
                let Some(item) = event.item else { continue };
                let before = sessions.events[start..].last();
                if before.is_none_or(|before| (before.item, before.kind) != (item, event.kind)) {
                    sessions.events.push(Interaction { item, kind: event.kind, timestamp_ms: event.timestamp_ms });
                }
            }
            if sessions.events.len() > start {
                sessions.starts.push(sessions.events.len());
                let number = numbers.len() as u32;
                sessions.visitors.push(*numbers.entry(session.visitor).or_insert(number));
            }
        }
        sessions
    }
}

impl ClickedList<'_> {
    /// The log as the shopper's device would hold it when the list is shown: what the visitor did in this session and in
    /// older ones, lists as impressions.
    pub fn session_before(&self, item_ids: &[String]) -> Session {
        let id = |item: u32| item_ids[item as usize].as_str();
        let (mut room, mut impression_room) = (MAX_EVENTS, MAX_IMPRESSIONS);
        let mut newest_first = Vec::new();
        for row in self.rows_before().into_iter().rev() {
            if room > 0 {
                room -= 1;
                newest_first.push(match row.item {
                    Some(item) => Event::new(row.kind, id(item), row.timestamp_ms),
                    None => Event::search("", row.timestamp_ms),
                });
            }
            // A list was shown before it was clicked.
            let shown = row.shown.iter().flat_map(|shown| shown.items.iter().rev()).take(impression_room);
            let n_before = newest_first.len();
            newest_first.extend(shown.map(|&item| Event::new(EventKind::Impression, id(item), row.timestamp_ms)));
            impression_room -= newest_first.len() - n_before;
            if room == 0 && impression_room == 0 {
                break;
            }
        }
        newest_first.into_iter().rev().collect()
    }

    /// What the log has of the visitor from before the list, oldest first. Sessions of one visitor may overlap.
    fn rows_before(&self) -> Vec<&LoggedEvent> {
        let earlier = self.earlier.iter().flat_map(|session| &session.events);
        let earlier = earlier.filter(|event| event.timestamp_ms <= self.now_ms());
        let mut rows: Vec<&LoggedEvent> = earlier.chain(&self.session.events[..self.at]).collect();
        rows.sort_by_key(|event| event.timestamp_ms);
        rows
    }

    /// The time at which the list was shown, as far as the log tells: that of the click.
    pub fn now_ms(&self) -> i64 {
        self.session.events[self.at].timestamp_ms
    }
}

/// The part, below `n_parts`, that a visitor belongs to: the same wherever the visitor turns up.
pub fn part_of(visitor: u64, n_parts: u64, seed: u64) -> u64 {
    XxHash64::oneshot(seed, &visitor.to_le_bytes()) % n_parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a device holds that was told of every row.
    fn held_of_all(list: &ClickedList, item_ids: &[String]) -> Vec<Event> {
        let mut session = Session::default();
        let earlier = list.earlier.iter().flat_map(|session| &session.events);
        let earlier = earlier.filter(|event| event.timestamp_ms <= list.now_ms());
        for event in earlier.chain(&list.session.events[..list.at]) {
            for &item in event.shown.iter().flat_map(|shown| &shown.items) {
                session.insert(Event::new(EventKind::Impression, &*item_ids[item as usize], event.timestamp_ms));
            }
            session.insert(match event.item {
                Some(item) => Event::new(event.kind, &*item_ids[item as usize], event.timestamp_ms),
                None => Event::search("", event.timestamp_ms),
            });
        }
        session.events().cloned().collect()
    }

    /// Sessions of one visitor that overlap: every third row has a list, every fifth is a search.
    fn log(n_sessions: i64, n_events: i64) -> Impressions {
        let event = |number: i64| {
            let items: Vec<u32> = (0..25).map(|slot| ((number + slot) % 40) as u32).collect();
            let shown = (number % 3 == 0).then(|| Shown { items, clicked: Some(0), ..Shown::default() });
            let item = (number % 5 != 0 || shown.is_some()).then_some((number % 40) as u32);
            let kind = if item.is_some() { EventKind::Click } else { EventKind::Search };
            LoggedEvent { kind, item, timestamp_ms: number / 2, shown }
        };
        let session =
            |first: i64| LoggedSession { visitor: 1, events: (0..n_events).map(|n| event(first + n)).collect() };
        let sessions = (0..n_sessions).map(|number| session(number * n_events / 2)).collect();
        Impressions { item_ids: (0..40).map(|item| format!("{item:02}")).collect(), sessions }
    }

    #[test]
    fn the_session_before_a_list_is_that_of_all_rows() {
        for log in [log(1, 40), log(1, 900), log(9, 100), log(200, 4)] {
            for list in log.clicked_lists().step_by(7) {
                let held: Vec<Event> = list.session_before(&log.item_ids).events().cloned().collect();
                assert_eq!(held, held_of_all(&list, &log.item_ids));
            }
        }
    }

    /// Ids of events are numbers in the order in which they are put into the session.
    #[test]
    fn only_what_a_session_holds_is_put_into_it() {
        let log = log(1, 9000);
        let session = log.clicked_lists().last().unwrap().session_before(&log.item_ids);
        let ids: Vec<u32> = session.log().iter().map(|(id, _)| id.0).collect();
        assert_eq!(ids, (0..(MAX_EVENTS + MAX_IMPRESSIONS) as u32).collect::<Vec<u32>>());
    }
}
