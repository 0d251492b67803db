//! Lets returns and cancellations cancel the purchases that they are about.

use std::collections::HashMap;

use super::{
    events::{EventLog, RawEvent},
    report::Reason,
};
use crate::session::EventKind;

/// Drops every return, and every purchase whose pieces all went back later: of the same visitor (of the same session
/// where none is named) and item, the latest purchase first. Gives the number of returns that found no purchase.
///
/// `rows` are the numbers of the events that are not dropped, by group and time.
pub(super) fn cancel(log: &mut EventLog<'_>, rows: &[u32]) -> u64 {
    let is_kind = |events: &[RawEvent], row: u32, kind| {
        let event = &events[row as usize];
        event.dropped.is_none() && event.kind == kind
    };
    // Who and what; a visitor's number, or, with `false`, a session's.
    let key = |event: &RawEvent| match log.groups[event.group as usize].visitor {
        Some(visitor) => (true, visitor, event.item),
        None => (false, event.group, event.item),
    };
    let mut about: HashMap<(bool, u32, u32), Vec<u32>> = HashMap::new();
    for &row in rows.iter().filter(|&&row| is_kind(&log.events, row, EventKind::Return)) {
        about.entry(key(&log.events[row as usize])).or_default();
    }
    if about.is_empty() {
        return 0;
    }
    for &row in rows {
        let event = &log.events[row as usize];
        let concerns = event.dropped.is_none() && matches!(event.kind, EventKind::Purchase | EventKind::Return);
        if concerns && let Some(rows) = about.get_mut(&key(event)) {
            rows.push(row);
        }
    }
    let mut without_purchase = 0;
    // Each key has its own rows, so the order of the map changes nothing.
    for rows in about.values_mut() {
        let events = &mut log.events;
        rows.sort_unstable_by(|&a, &b| {
            let time = |row: u32| events[row as usize].time;
            time(a).total_cmp(&time(b)).then(a.cmp(&b))
        });
        // Purchases that are still with the visitor, the latest last, with the pieces that are left of them.
        let mut held: Vec<(u32, f32)> = Vec::new();
        for &row in rows.iter() {
            let event = &mut events[row as usize];
            let mut quantity = event.quantity;
            if event.kind == EventKind::Purchase {
                held.push((row, quantity));
                continue;
            }
            event.dropped = Some(Reason::Return);
            if held.is_empty() {
                without_purchase += 1;
            }
            while quantity > 0.0
                && let Some((purchase, left)) = held.last_mut()
            {
                if *left > quantity {
                    *left -= quantity;
                    break;
                }
                quantity -= *left;
                events[*purchase as usize].dropped = Some(Reason::CancelledPurchase);
                held.pop();
            }
        }
    }
    without_purchase
}
