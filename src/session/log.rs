use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::EventKind;
#[cfg(doc)]
use super::Lens;
use crate::format::ids;
use crate::model::Model;

/// Most events that a session holds beside impressions; older ones are dropped.
pub const MAX_EVENTS: usize = 256;
/// Most impressions that it holds: what was only shown pushes nothing out that was done.
pub const MAX_IMPRESSIONS: usize = 128;
/// Longest query that is kept, in bytes; the rest of it is dropped.
pub const MAX_QUERY_LEN: usize = 256;

/// A day, in milliseconds, as the timestamps of events count them.
pub const DAY_MS: i64 = 86_400_000;

/// Names an item across models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemKey {
    /// [`ids::hash`] of the id.
    pub hash: u64,
    /// The store's id.
    pub id: String,
}

impl ItemKey {
    /// The key of an item whose id is known.
    pub fn new(id: impl Into<String>) -> ItemKey {
        let id = id.into();
        ItemKey { hash: ids::hash(&id), id }
    }
}

/// Something the shopper did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What was done.
    pub kind: EventKind,
    /// Milliseconds since the Unix epoch.
    pub timestamp_ms: i64,
    /// With which item; none for a search or an answer.
    pub item: Option<ItemKey>,
    /// What was searched for, or `question/answer`.
    pub query: Option<String>,
    /// How many pieces.
    pub quantity: u16,
    /// Whether it was done for someone else: a [`Lens`] tells such events from the others.
    pub gift: bool,
}

impl Event {
    /// An event with one piece of an item.
    pub fn new(kind: EventKind, item_id: impl Into<String>, timestamp_ms: i64) -> Event {
        Event { kind, timestamp_ms, item: Some(ItemKey::new(item_id)), query: None, quantity: 1, gift: false }
    }

    /// An event of words in place of an item: a search, or an answer as `question/answer`.
    pub fn of_words(kind: EventKind, query: impl Into<String>, timestamp_ms: i64) -> Event {
        let mut query = query.into();
        query.truncate(query.floor_char_boundary(MAX_QUERY_LEN));
        Event { kind, timestamp_ms, item: None, query: Some(query), quantity: 1, gift: false }
    }

    /// A search.
    pub fn search(query: impl Into<String>, timestamp_ms: i64) -> Event {
        Event::of_words(EventKind::Search, query, timestamp_ms)
    }

    /// The item's row in a model that knows it.
    #[inline(never)]
    pub(crate) fn row(&self, model: &Model) -> Option<u32> {
        model.ids().row(self.item.as_ref()?.hash)
    }

    /// The question and the answer, of an answer.
    pub fn answer(&self) -> Option<(&str, &str)> {
        self.query.as_ref().filter(|_| self.kind == EventKind::Answer)?.split_once('/')
    }
}

/// Names an event of a session; never used again in that session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(pub u32);

/// One visitor's log: the newest [`MAX_EVENTS`] events and [`MAX_IMPRESSIONS`] impressions in order of time, those of the
/// same time in order of arrival.
///
/// Deleting an event leaves exactly the log of a shopper who never did it, repeats that were turned down on its account
/// included: they were one event. Where the log was full, "never" reaches as far back as the log does: what had been
/// dropped for age, or turned down for it, does not return.
#[derive(Debug, Clone, Default)]
pub struct Session {
    log: Vec<(EventId, Event)>,
    next_id: u32,
}

impl Session {
    /// Adds an event whatever it is: [`Session::record`] is what decides. If there is no room, the oldest one leaves.
    pub(crate) fn insert(&mut self, event: Event) -> EventId {
        let id = EventId(self.next_id);
        self.next_id += 1;
        let place = self.log.partition_point(|(_, held)| held.timestamp_ms <= event.timestamp_ms);
        let leaving = self.leaving(event.kind);
        self.log.insert(place, (id, event));
        if let Some(leaving) = leaving {
            self.log.remove(leaving.min(place));
        }
        id
    }

    /// Place of the event that leaves for one of this kind; none while there is room.
    pub(super) fn leaving(&self, kind: EventKind) -> Option<usize> {
        let is_impression = kind == EventKind::Impression;
        let most = if is_impression { MAX_IMPRESSIONS } else { MAX_EVENTS };
        let is_alike = |(_, held): &(EventId, Event)| (held.kind == EventKind::Impression) == is_impression;
        let is_full = self.log.iter().filter(|held| is_alike(held)).count() == most;
        self.log.iter().position(is_alike).filter(|_| is_full)
    }

    /// Deletes an event; false if it is not there.
    pub fn forget(&mut self, id: EventId) -> bool {
        let before = self.log.len();
        self.log.retain(|(held, _)| *held != id);
        self.log.len() < before
    }

    /// Deletes all events.
    pub fn clear(&mut self) {
        self.log.clear();
    }

    /// The events and their ids, oldest first.
    pub fn log(&self) -> &[(EventId, Event)] {
        &self.log
    }

    /// All events, oldest first; [`Session::as_seen`] has those that count for a request.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> + ExactSizeIterator {
        self.log.iter().map(|(_, event)| event)
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }
}

/// The events as they are, repeats and sensitive items included: for logs that were cleaned already, as those that are
/// learned from. What a shopper does goes through [`Session::record`].
#[cfg(any(test, feature = "train"))]
impl FromIterator<Event> for Session {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Session {
        let mut session = Session::default();
        for event in events {
            session.insert(event);
        }
        session
    }
}
