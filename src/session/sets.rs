use alloc::vec::Vec;

use super::{DAY_MS, EventKind, Seen};
use crate::format::rules::VariableKind;
use crate::lists::Gather;

impl Seen<'_> {
    /// Hashes of the ids of a set's items, the newest first, each once; of a set that is not from the shopper's own events
    /// none. Of every item the newest event that says something of the set decides, where it is at most so many days old;
    /// with 0 days, however old. In the cart is what was put into it, since it was bought, in more pieces than were taken out
    /// since. O(events²).
    pub fn items(&self, set: VariableKind, now_ms: i64, days: u16) -> Vec<u64> {
        use EventKind::{AddToCart, Purchase, RemoveFromCart, Return};
        let mut found: Vec<Standing> = Vec::new();
        for event in self.events().rev() {
            if days > 0 && now_ms.saturating_sub(event.timestamp_ms) > i64::from(days) * DAY_MS {
                break;
            }
            let says = match set {
                VariableKind::Cart => matches!(event.kind, AddToCart | RemoveFromCart | Purchase),
                VariableKind::Bought => matches!(event.kind, Purchase | Return),
                VariableKind::TouchedItems => event.kind.may_interest(),
                _ => false,
            };
            let Some(item) = event.item.as_ref().filter(|_| says) else { continue };
            let at = found.iter().position(|standing| standing.hash == item.hash).unwrap_or_else(|| {
                found.push(Standing { hash: item.hash, n_out: 0, is_in: None });
                found.len() - 1
            });
            let Standing { n_out, is_in, .. } = &mut found[at];
            if is_in.is_some() {
                continue;
            }
            let pieces = u32::from(event.quantity);
            match (set, event.kind) {
                (VariableKind::Cart, RemoveFromCart) => *n_out += pieces,
                (VariableKind::Cart, AddToCart) if pieces <= *n_out => *n_out -= pieces,
                (VariableKind::Cart, Purchase) | (VariableKind::Bought, Return) => *is_in = Some(false),
                _ => *is_in = Some(true),
            }
        }
        found.into_iter().filter(|standing| standing.is_in == Some(true)).map(|standing| standing.hash).gather()
    }
}

/// What is known of an item from the newest events on.
struct Standing {
    hash: u64,
    /// Pieces that were taken out of the cart, and not yet seen to have been put in.
    n_out: u32,
    /// Whether it is in the set, once that is decided.
    is_in: Option<bool>,
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
        check(Cart, &[(RemoveFromCart, "tent", 1)], 0, &[]);
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

    #[test]
    fn pieces_in_the_cart_add_up() {
        use EventKind::{AddToCart, Purchase, RemoveFromCart};
        let check = |events: &[(EventKind, u16)], is_in: bool| {
            let event = |(at, &(kind, quantity)): (i64, &_)| Event { quantity, ..Event::new(kind, "tent", at) };
            let session: Session = (0..).zip(events).map(event).collect();
            let found = session.as_seen(Lens::default()).items(VariableKind::Cart, 9, 0);
            assert_eq!(found == [ids::hash("tent")], is_in, "{events:?}");
        };
        check(&[(AddToCart, 3), (RemoveFromCart, 1)], true);
        check(&[(AddToCart, 3), (RemoveFromCart, 3)], false);
        check(&[(AddToCart, 1), (RemoveFromCart, 9), (AddToCart, 1)], true);
        check(&[(AddToCart, 2), (AddToCart, 1), (RemoveFromCart, 2)], true);
        check(&[(AddToCart, 2), (AddToCart, 1), (RemoveFromCart, 2), (RemoveFromCart, 1)], false);
        check(&[(AddToCart, 3), (Purchase, 3), (AddToCart, 1), (RemoveFromCart, 1)], false);
    }
}
