//! What was shown, what was clicked in it, and what shoppers had done before.

use std::collections::HashMap;

use twox_hash::XxHash64;

use super::dataset::{Interaction, Sessions};
use crate::session::{Event, EventKind, Session};

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

    /// The log without what was done with some items, named by id: no event with them, and no list in which one was clicked.
    pub fn without_items(mut self, is_left_out: impl Fn(&str) -> bool) -> Impressions {
        let is_left_out: Vec<bool> = self.item_ids.iter().map(|id| is_left_out(id)).collect();
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
        let mut session = Session::default();
        let earlier = self.earlier.iter().flat_map(|session| &session.events);
        let earlier = earlier.filter(|event| event.timestamp_ms <= self.now_ms());
        for event in earlier.chain(&self.session.events[..self.at]) {
            let id = |item: u32| item_ids[item as usize].as_str();
            for &item in event.shown.iter().flat_map(|shown| &shown.items) {
                session.insert(Event::new(EventKind::Impression, id(item), event.timestamp_ms));
            }
            match event.item {
                Some(item) => session.insert(Event::new(event.kind, id(item), event.timestamp_ms)),
                None => session.insert(Event::search("", event.timestamp_ms)),
            };
        }
        session
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
