use super::{Event, EventId, Session};

/// Which of a shopper's events count for a request. Default: all that are not for a gift.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lens<'a> {
    /// What was done for a gift, and nothing else: what suits another person says nothing of the shopper, nor the other
    /// way round.
    pub gift: bool,
    /// Events to leave out: the answer is the one that there would be if they had never happened.
    pub without: &'a [EventId],
}

/// A session through a [`Lens`]: what everything that is computed from a session reads.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    log: &'a [(EventId, Event)],
    lens: Lens<'a>,
}

impl Session {
    /// The session as a request is to see it. O(1).
    pub fn as_seen<'a>(&'a self, lens: Lens<'a>) -> Seen<'a> {
        Seen { log: self.log(), lens }
    }
}

impl<'a> Seen<'a> {
    /// The events that count, oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &'a Event> + use<'a> {
        let Lens { gift, without } = self.lens;
        let counts = move |(id, event): &&(EventId, Event)| event.gift == gift && !without.contains(id);
        self.log.iter().filter(counts).map(|(_, event)| event)
    }

    /// Whether any of them is with an item and may tell of interest.
    pub fn tells(&self) -> bool {
        self.events().any(|event| event.item.is_some() && event.kind.may_interest())
    }
}
