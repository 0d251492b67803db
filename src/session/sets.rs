use alloc::vec::Vec;

use super::{DAY_MS, EventKind, Seen};
use crate::format::rules::VariableKind;
use crate::lists::Gather;

impl Seen<'_> {
    /// Hashes of the ids of a set's items, the newest first, each once; of a set that is not from the shopper's own events
    /// none. Of every item the newest event that says something of the set decides, where it is at most so many days old;
    /// with 0 days, however old. O(events²).
    pub fn items(&self, set: VariableKind, now_ms: i64, days: u16) -> Vec<u64> {
        let mut decided: Vec<(u64, bool)> = Vec::new();
        for event in self.events().rev() {
            if days > 0 && now_ms.saturating_sub(event.timestamp_ms) > i64::from(days) * DAY_MS {
                break;
            }
            use EventKind::{AddToCart, Purchase, RemoveFromCart, Return};
            let is_in = match (set, event.kind) {
                (VariableKind::Cart, AddToCart) | (VariableKind::Bought, Purchase) => true,
                (VariableKind::Cart, RemoveFromCart | Purchase) | (VariableKind::Bought, Return) => false,
                (VariableKind::TouchedItems, kind) if kind.may_interest() => true,
                _ => continue,
            };
            let Some(item) = &event.item else { continue };
            if decided.iter().all(|&(hash, _)| hash != item.hash) {
                decided.push((item.hash, is_in));
            }
        }
        decided.into_iter().filter(|&(_, is_in)| is_in).map(|(hash, _)| hash).gather()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ids;
    use crate::session::{Event, Lens, Session};

    /// Events are what was done, the item, and how many days ago; `days` is how far back they count.
    fn check(set: VariableKind, events: &[(EventKind, &str, i64)], days: u16, expected: &[&str]) {
        const NOW: i64 = 1_750_000_000_000;
        let session: Session =
            events.iter().map(|&(kind, item, days_ago)| Event::new(kind, item, NOW - days_ago * DAY_MS)).collect();
        let found = session.as_seen(Lens::default()).items(set, NOW, days);
        let expected: Vec<u64> = expected.iter().map(|item| ids::hash(item)).collect();
        assert_eq!(found, expected, "{set:?} of {events:?}");
    }

    #[test]
    fn the_newest_event_decides() {
        use EventKind::{AddToCart, Impression, Purchase, RemoveFromCart, Return, View};
        use VariableKind::{Bought, Cart, TouchedItems};
        check(Cart, &[], 0, &[]);
        check(Cart, &[(AddToCart, "tent", 3), (AddToCart, "mug", 2), (View, "tent", 1)], 0, &["mug", "tent"]);
        check(Cart, &[(AddToCart, "tent", 3), (RemoveFromCart, "tent", 2)], 0, &[]);
        check(Cart, &[(RemoveFromCart, "tent", 3), (AddToCart, "tent", 2), (AddToCart, "tent", 1)], 0, &["tent"]);
        check(Cart, &[(AddToCart, "tent", 3), (Purchase, "tent", 2)], 0, &[]);
        check(Cart, &[(AddToCart, "tent", 3), (AddToCart, "mug", 2)], 2, &["mug"]);
        check(Bought, &[(Purchase, "tent", 30), (AddToCart, "mug", 1)], 0, &["tent"]);
        check(Bought, &[(Purchase, "tent", 30)], 30, &["tent"]);
        check(Bought, &[(Purchase, "tent", 31)], 30, &[]);
        check(Bought, &[(Purchase, "tent", -2)], 30, &["tent"]);
        check(Bought, &[(Purchase, "tent", 9), (Return, "tent", 8)], 0, &[]);
        check(Bought, &[(Return, "tent", 9), (Purchase, "tent", 8)], 0, &["tent"]);
        check(TouchedItems, &[(View, "tent", 9), (Impression, "mug", 8), (Return, "cup", 7)], 0, &["cup", "tent"]);
        check(TouchedItems, &[(View, "tent", 9), (View, "tent", 1)], 5, &["tent"]);
    }
}
