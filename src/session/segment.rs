use alloc::vec::Vec;

use super::{DAY_MS, EventKind, Seen};
use crate::lists::has;

/// Days after which a shopper is no longer new.
const NEW_DAYS: i64 = 1;
/// Days after the newest purchase in which a shopper counts as a buyer.
const BUYER_DAYS: i64 = 180;
/// Days with a purchase that make a buyer a regular one.
const REGULAR_DAYS: u32 = 2;
/// Pieces bought that it takes beside.
const REGULAR_PIECES: u32 = 3;

/// How long ago, how often and how much a shopper has bought (recency, frequency and monetary value), in one word. It is
/// computed on the device from the log alone, which holds no prices: pieces stand for money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Has bought nothing, and did nothing a day ago or longer.
    New,
    /// Has bought nothing, and did something a day ago or longer.
    Browsing,
    /// Has bought within the last 180 days.
    Buyer,
    /// The same, on two days or more, and three pieces or more in all.
    Regular,
    /// Has bought, but not within the last 180 days.
    Lapsed,
}

impl Segment {
    /// All of them.
    pub const ALL: [Segment; 5] = [Segment::New, Segment::Browsing, Segment::Buyer, Segment::Regular, Segment::Lapsed];

    /// The segment of a shopper at a time. Impressions and aversions do not count, nor does what was bought and returned since. Days
    /// are those of UTC. O(events).
    pub fn of(session: Seen, now_ms: i64) -> Segment {
        let age_ms = |timestamp_ms: i64| now_ms.saturating_sub(timestamp_ms);
        let (mut first_ms, mut newest_ms) = (None, None);
        let (mut days, mut pieces, mut day) = (0, 0, None);
        let mut returned = Vec::new();
        for event in session.events().rev().filter(|event| event.kind.may_interest()) {
            first_ms = Some(event.timestamp_ms);
            let hash = event.item.as_ref().map(|item| item.hash);
            if event.kind == EventKind::Return {
                returned.push(hash);
            }
            if event.kind == EventKind::Purchase && !has(&returned, &hash) {
                newest_ms = newest_ms.or(first_ms);
                let bought_on = Some(event.timestamp_ms.div_euclid(DAY_MS));
                days += u32::from(day != bought_on);
                day = bought_on;
                pieces += u32::from(event.quantity);
            }
        }
        match (newest_ms, first_ms) {
            (Some(newest_ms), _) if age_ms(newest_ms) > BUYER_DAYS * DAY_MS => Segment::Lapsed,
            (Some(_), _) if days >= REGULAR_DAYS && pieces >= REGULAR_PIECES => Segment::Regular,
            (Some(_), _) => Segment::Buyer,
            (None, Some(first_ms)) if age_ms(first_ms) >= NEW_DAYS * DAY_MS => Segment::Browsing,
            (None, _) => Segment::New,
        }
    }

    /// The word that rules use.
    pub fn name(self) -> &'static str {
        match self {
            Segment::New => "new",
            Segment::Browsing => "browsing",
            Segment::Buyer => "buyer",
            Segment::Regular => "regular",
            Segment::Lapsed => "lapsed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Event, Lens, Session};

    /// Events are what was done, the item, how many days ago, and how many pieces.
    fn check(events: &[(EventKind, &str, i64, u16)], expected: Segment) {
        const NOW: i64 = 1_750_000_000_000;
        let event = |&(kind, item, days_ago, quantity): &_| Event {
            quantity,
            ..Event::new(kind, item, NOW - days_ago * DAY_MS)
        };
        let session: Session = events.iter().map(event).collect();
        assert_eq!(Segment::of(session.as_seen(Lens::default()), NOW), expected, "{events:?}");
    }

    #[test]
    fn shoppers_have_their_word() {
        use EventKind::{Impression, Purchase, Return, View};
        check(&[], Segment::New);
        check(&[(View, "tent", 0, 1)], Segment::New);
        check(&[(View, "tent", -3, 1)], Segment::New);
        check(&[(Impression, "tent", 9, 1), (View, "tent", 0, 1)], Segment::New);
        check(&[(View, "tent", 1, 1)], Segment::Browsing);
        check(&[(View, "tent", 400, 1), (View, "tent", 0, 1)], Segment::Browsing);
        check(&[(Purchase, "tent", 0, 1)], Segment::Buyer);
        check(&[(Purchase, "tent", 180, 9)], Segment::Buyer);
        check(&[(Purchase, "tent", 181, 1), (View, "tent", 0, 1)], Segment::Lapsed);
        check(&[(Purchase, "tent", 9, 2), (Purchase, "mug", 9, 2)], Segment::Buyer);
        check(&[(Purchase, "tent", 9, 1), (Purchase, "mug", 8, 1)], Segment::Buyer);
        check(&[(Purchase, "tent", 9, 2), (Purchase, "mug", 8, 1)], Segment::Regular);
        check(&[(Purchase, "tent", 900, 2), (Purchase, "mug", 8, 1)], Segment::Regular);
        check(&[(Purchase, "tent", 9, 2), (Purchase, "mug", 8, 1), (Return, "mug", 7, 1)], Segment::Buyer);
        check(&[(Purchase, "tent", 9, 1), (Return, "tent", 7, 1)], Segment::Browsing);
        check(&[(Return, "tent", 9, 1), (Purchase, "tent", 7, 1)], Segment::Buyer);
        let bought = |age_ms: i64| Session::from_iter([Event::new(Purchase, "tent", -age_ms)]);
        let segment = |age_ms| Segment::of(bought(age_ms).as_seen(Lens::default()), 0);
        assert_eq!([segment(180 * DAY_MS), segment(180 * DAY_MS + 1)], [Segment::Buyer, Segment::Lapsed]);
    }
}
