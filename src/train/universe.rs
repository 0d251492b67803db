//! Settles which items a model knows: those of the catalog, or without one those of the log. Their order by id is the
//! order of the model's rows.

use super::dataset::{Catalog, CatalogItem, Interaction, Sessions};

/// Sessions over exactly the items of the model, and what the catalog says of each.
#[derive(Debug, Clone)]
pub(super) struct Universe {
    /// As the log has them, without the events whose item is not in the catalog; items are rows.
    pub(super) sessions: Sessions,
    /// One entry a row where there is a catalog; else empty.
    pub(super) catalog: Vec<CatalogItem>,
    /// Names of the catalog's attributes that become columns of the model.
    pub(super) attributes: Vec<String>,
    /// Events dropped because the catalog has not their item.
    pub(super) events_not_in_catalog: u64,
}

impl Universe {
    pub(super) fn new(sessions: &Sessions, catalog: Option<&Catalog>) -> Universe {
        let Some(catalog) = catalog else {
            return Universe {
                sessions: sessions.clone(),
                catalog: Vec::new(),
                attributes: Vec::new(),
                events_not_in_catalog: 0,
            };
        };
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
        let events_not_in_catalog = (sessions.events.len() - kept.events.len()) as u64;
        Universe {
            sessions: kept,
            catalog: catalog.items.clone(),
            attributes: catalog.attributes.clone(),
            events_not_in_catalog,
        }
    }
}
