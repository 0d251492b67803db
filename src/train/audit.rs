//! What is in the data: the numbers that a store's owner looks at before building.

use std::collections::HashSet;

use serde::Serialize;

use super::learn::universe;
use super::universe::Universe;
use super::{Catalog, Options, Privacy, Protection, Sessions, Verdict};
use crate::session::EventKind;

/// Items with fewer events than this are counted.
const FEW_EVENTS: [u32; 4] = [2, 5, 10, 50];

/// What is in a log, and in a catalog beside it. Shares from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// Kinds of events with their numbers, those that occur.
    pub events_by_kind: Vec<KindCount>,
    /// Items of the log with few events.
    pub items_with_few_events: Vec<FewEvents>,
    /// Share of the sessions that have one event.
    pub single_event_sessions: f64,
    /// Share of the events about an item that the session has met before.
    pub repeats: f64,
    /// Events of the longest session.
    pub longest_session: usize,
    /// Share of the events that the busiest visitor made.
    pub busiest_visitor: f64,
    /// Share of the events about the most frequent item.
    pub most_frequent_item: f64,
    /// How log and catalog fit, where there is one.
    pub coverage: Option<Coverage>,
    /// What is done to protect the people behind the log.
    pub privacy: Protection,
    /// What the data are enough for.
    pub verdict: Verdict,
    /// Why no model can be built from them, if none can.
    pub obstacle: Option<String>,
}

/// Events of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KindCount {
    /// The kind.
    pub kind: &'static str,
    /// How many.
    pub events: u64,
}

/// Items with few events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FewEvents {
    /// Fewer than so many.
    pub fewer_than: u32,
    /// How many items.
    pub items: u64,
}

/// How log and catalog fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Items of the catalog that have events.
    pub items_with_events: u64,
    /// Items of the catalog that have none: they are placed by content.
    pub items_without_events: u64,
    /// Items of the log that the catalog has not: they are not learned.
    pub items_not_in_catalog: u64,
    /// Their events.
    pub events_not_in_catalog: u64,
}

impl Audit {
    /// Looks at cleaned sessions, and at the catalog.
    pub fn of(sessions: &Sessions, catalog: Option<&Catalog>, privacy: &Privacy) -> Audit {
        let n_events = sessions.events.len();
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let mut by_kind = [0; EventKind::COUNT];
        let mut by_item = vec![0u32; sessions.item_ids.len()];
        for event in &sessions.events {
            by_kind[event.kind as usize] += 1;
            by_item[event.item as usize] += 1;
        }
        let mut by_visitor = vec![0usize; sessions.visitors.iter().max().map_or(0, |&last| last as usize + 1)];
        let mut repeats = 0;
        for (session, &visitor) in sessions.iter().zip(&sessions.visitors) {
            by_visitor[visitor as usize] += session.len();
            let mut met = HashSet::new();
            repeats += session.iter().filter(|event| !met.insert(event.item)).count();
        }
        let kinds =
            EventKind::ALL.into_iter().map(|kind| KindCount { kind: kind.name(), events: by_kind[kind as usize] });
        let options = Options { privacy: *privacy, ..Options::default() };
        let (universe, obstacle) = match universe(sessions, catalog, &options) {
            Ok(universe) => (universe, None),
            Err(error) => (Universe::new(sessions, catalog, privacy), Some(error.to_string())),
        };
        let few = FEW_EVENTS.map(|fewer_than| {
            let items = by_item.iter().filter(|&&count| count < fewer_than).count() as u64;
            FewEvents { fewer_than, items }
        });
        Audit {
            events_by_kind: kinds.filter(|entry| entry.events > 0).collect(),
            items_with_few_events: few.to_vec(),
            single_event_sessions: share(sessions.iter().filter(|session| session.len() == 1).count(), sessions.len()),
            repeats: share(repeats, n_events),
            longest_session: sessions.iter().map(<[_]>::len).max().unwrap_or(0),
            busiest_visitor: share(by_visitor.into_iter().max().unwrap_or(0), n_events),
            most_frequent_item: share(by_item.iter().max().map_or(0, |&count| count as usize), n_events),
            coverage: catalog.map(|catalog| Coverage::of(sessions, catalog, &by_item)),
            verdict: Verdict::of_universe(&universe),
            privacy: universe.protection,
            obstacle,
        }
    }
}

impl Coverage {
    fn of(sessions: &Sessions, catalog: &Catalog, by_item: &[u32]) -> Coverage {
        let known = |id: &String| catalog.items.binary_search_by(|item| item.id.cmp(id)).is_ok();
        let (mut with_events, mut items_not_in_catalog, mut events_not_in_catalog) = (0, 0, 0);
        for (id, &count) in sessions.item_ids.iter().zip(by_item) {
            if known(id) {
                with_events += u64::from(count > 0);
            } else {
                items_not_in_catalog += 1;
                events_not_in_catalog += u64::from(count);
            }
        }
        Coverage {
            items_with_events: with_events,
            items_without_events: catalog.items.len() as u64 - with_events,
            items_not_in_catalog,
            events_not_in_catalog,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{CatalogItem, Interaction};

    #[test]
    fn three_sessions_by_hand() {
        let view = |item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 };
        let buy = |item| Interaction { item, kind: EventKind::Purchase, timestamp_ms: 0 };
        let sessions = Sessions {
            item_ids: ["a", "b", "c"].map(str::to_owned).to_vec(),
            events: vec![view(0), view(1), view(0), buy(0), view(2), view(0)],
            starts: vec![0, 4, 5, 6],
            visitors: vec![0, 1, 0],
            contexts: Vec::new(),
            has_dates: false,
        };
        let item = |id: &str| CatalogItem { id: id.to_owned(), ..CatalogItem::default() };
        let catalog = Catalog { items: vec![item("a"), item("b"), item("d"), item("e")], ..Catalog::default() };
        let audit = Audit::of(&sessions, Some(&catalog), &Privacy::NONE);
        let kinds: Vec<_> = audit.events_by_kind.iter().map(|entry| (entry.kind, entry.events)).collect();
        assert_eq!(kinds, [("view", 5), ("purchase", 1)]);
        let few: Vec<_> = audit.items_with_few_events.iter().map(|few| (few.fewer_than, few.items)).collect();
        assert_eq!(few, [(2, 2), (5, 3), (10, 3), (50, 3)]);
        assert_eq!((audit.single_event_sessions, audit.repeats), (2.0 / 3.0, 2.0 / 6.0));
        assert_eq!((audit.longest_session, audit.busiest_visitor, audit.most_frequent_item), (4, 5.0 / 6.0, 4.0 / 6.0));
        let coverage = audit.coverage.unwrap();
        assert_eq!((coverage.items_with_events, coverage.items_without_events), (2, 2));
        assert_eq!((coverage.items_not_in_catalog, coverage.events_not_in_catalog), (1, 1));
        // Only a to b and back are steps, and c is no item of the model.
        assert_eq!((audit.verdict.evidence.events, audit.verdict.evidence.steps), (5, 2));
    }
}
