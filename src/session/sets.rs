use alloc::vec::Vec;

use super::{Event, EventKind};

const DAY_MS: i64 = 86_400_000;

/// Items that follow from what the shopper did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemSet {
    /// What was put into the cart, and neither taken out nor bought since.
    Cart,
    /// What was bought and not sent back since.
    Bought,
    /// What anything was done with but that it was shown, or not wanted.
    Touched,
}

impl ItemSet {
    /// Hashes of the items' ids, the newest first, each once. Of every item the newest event that says something of the
    /// set decides, where it is at most so many days old; with 0 days, however old. O(events²).
    pub fn of<'a>(
        self,
        events: impl DoubleEndedIterator<Item = &'a Event>,
        now_ms: i64,
        days: u16,
    ) -> impl Iterator<Item = u64> {
        let mut decided: Vec<(u64, bool)> = Vec::new();
        for event in events.rev() {
            if days > 0 && now_ms.saturating_sub(event.timestamp_ms) > i64::from(days) * DAY_MS {
                break;
            }
            use EventKind::{AddToCart, Purchase, RemoveFromCart, Return};
            let is_in = match (self, event.kind) {
                (ItemSet::Cart, AddToCart) | (ItemSet::Bought, Purchase) => true,
                (ItemSet::Cart, RemoveFromCart | Purchase) | (ItemSet::Bought, Return) => false,
                (ItemSet::Touched, kind) if kind.may_interest() => true,
                _ => continue,
            };
            let Some(item) = &event.item else { continue };
            if decided.iter().all(|&(hash, _)| hash != item.hash) {
                decided.push((item.hash, is_in));
            }
        }
        decided.into_iter().filter(|&(_, is_in)| is_in).map(|(hash, _)| hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ids;
    use crate::session::Session;

    /// Events are what was done, the item, and how many days ago; `days` is how far back they count.
    fn check(set: ItemSet, events: &[(EventKind, &str, i64)], days: u16, expected: &[&str]) {
        const NOW: i64 = 1_750_000_000_000;
        let session: Session =
            events.iter().map(|&(kind, item, days_ago)| Event::new(kind, item, NOW - days_ago * DAY_MS)).collect();
        let found: Vec<u64> = set.of(session.events(), NOW, days).collect();
        let expected: Vec<u64> = expected.iter().map(|item| ids::hash(item)).collect();
        assert_eq!(found, expected, "{set:?} of {events:?}");
    }

    #[test]
    fn the_newest_event_decides() {
        use EventKind::{AddToCart, Impression, Purchase, RemoveFromCart, Return, View};
        use ItemSet::{Bought, Cart, Touched};
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
        check(Touched, &[(View, "tent", 9), (Impression, "mug", 8), (Return, "cup", 7)], 0, &["cup", "tent"]);
        check(Touched, &[(View, "tent", 9), (View, "tent", 1)], 5, &["tent"]);
    }
}
