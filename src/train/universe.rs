//! Settles which items a model knows: those of the catalog, or without one those of the log that enough visitors have met.
//! Their order by id is the order of rows, until `rows` puts what is near side by side.

use super::dataset::{Catalog, CatalogItem, Interaction, Sessions};
use super::privacy::{Privacy, Protection, bounded, least_visitors, visitors_of_items};

/// Sessions over exactly the items of the model, and what the catalog says of each.
#[derive(Debug, Clone)]
pub(super) struct Universe {
    /// As the log has them, without the events whose item is not in the catalog, is sensitive, or is met by too few
    /// visitors; items are rows.
    pub(super) sessions: Sessions,
    /// One entry a row where there is a catalog; else empty.
    pub(super) catalog: Vec<CatalogItem>,
    /// Names of the catalog's attributes that become columns of the model.
    pub(super) attributes: Vec<String>,
    /// Events dropped because the catalog has not their item.
    pub(super) events_not_in_catalog: u64,
    /// What was done to protect the people behind the log.
    pub(super) protection: Protection,
}

impl Universe {
    /// What may be learned from. Noise is not made here.
    pub(super) fn new(sessions: &Sessions, catalog: Option<&Catalog>, privacy: &Privacy) -> Universe {
        let known = match catalog {
            Some(catalog) => in_catalog(sessions, catalog),
            None => sessions.clone(),
        };
        let events_not_in_catalog = (sessions.events.len() - known.events.len()) as u64;
        let (items, attributes) =
            catalog.map(|catalog| (catalog.items.clone(), catalog.attributes.clone())).unwrap_or_default();

        let is_sensitive = |item: u32| items.get(item as usize).is_some_and(|item| item.sensitive);
        let n_known = known.events.len();
        let told = if items.iter().any(|item| item.sensitive) {
            known.filtered(|event| !is_sensitive(event.item))
        } else {
            known
        };
        let n_told = told.events.len();
        let told = bounded(told, privacy.max_events_per_visitor);
        let n_bounded = told.events.len();
        let visitors = visitors_of_items(&told);
        let min_visitors = privacy.min_visitors.unwrap_or_else(|| least_visitors(&visitors));
        let is_rare = |item: u32| visitors[item as usize] < min_visitors;
        let n_rare = visitors.iter().filter(|&&visitors| visitors > 0 && visitors < min_visitors).count();
        let mut sessions = if n_rare > 0 { told.filtered(|event| !is_rare(event.item)) } else { told };
        let protection = Protection {
            min_visitors,
            max_events_per_visitor: privacy.max_events_per_visitor,
            knows_visitors: has_several_sessions(&sessions),
            epsilon: None,
            delta: None,
            events_of_sensitive_items: (n_known - n_told) as u64,
            events_beyond_bound: (n_told - n_bounded) as u64,
            items_of_too_few_visitors: n_rare,
            events_of_too_few_visitors: (n_bounded - sessions.events.len()) as u64,
        };
        // Of an item of the log alone, that it is there at all is what few visitors tell. Where events were left aside, it
        // may have none any more.
        if items.is_empty() && sessions.events.len() < n_known {
            sessions = sessions.without_unused_items();
        }
        Universe { sessions, catalog: items, attributes, events_not_in_catalog, protection }
    }

    /// The same items with the sessions from one index up to another. Panics past [`Sessions::len`].
    pub(super) fn part(&self, range: std::ops::Range<usize>) -> Universe {
        Universe {
            sessions: self.sessions.part(range),
            catalog: self.catalog.clone(),
            attributes: self.attributes.clone(),
            ..*self
        }
    }
}

/// The sessions in the rows of a catalog, without the events of other items.
fn in_catalog(sessions: &Sessions, catalog: &Catalog) -> Sessions {
    let item_ids: Vec<String> = catalog.items.iter().map(|item| item.id.clone()).collect();
    let rows: Vec<Option<u32>> =
        sessions.item_ids.iter().map(|id| item_ids.binary_search(id).ok().map(|row| row as u32)).collect();
    let mut kept = Sessions { item_ids, starts: vec![0], has_dates: sessions.has_dates, ..Sessions::default() };
    for (index, session) in sessions.iter().enumerate() {
        let known = session.iter().filter_map(|event| {
            let item = rows[event.item as usize]?;
            Some(Interaction { item, ..*event })
        });
        let before = kept.events.len();
        kept.events.extend(known);
        if kept.events.len() > before {
            kept.starts.push(kept.events.len());
            kept.visitors.push(sessions.visitors[index]);
            kept.contexts.extend(sessions.contexts.get(index).cloned());
        }
    }
    kept
}

/// Whether any visitor has several sessions.
fn has_several_sessions(sessions: &Sessions) -> bool {
    let mut visitors = sessions.visitors.clone();
    visitors.sort_unstable();
    visitors.windows(2).any(|pair| pair[0] == pair[1])
}
