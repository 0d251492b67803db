//! What to tell about a store that was made.

use std::fmt;

use serde::Serialize;

use super::store::{CATALOG_FILE, EVENTS_FILE, SHOPPERS_FILE};

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SampleSummary {
    /// Lines of the catalog.
    pub items: u64,
    /// Products, where all colors of one count once.
    pub products: u64,
    /// Visitors, the bots among them.
    pub visitors: u64,
    /// Visitors that are bots.
    pub bots: u64,
    /// Sessions of people.
    pub sessions: u64,
    /// Lines of the event log after its header, dirt and bots included.
    pub events: u64,
    /// Purchased items.
    pub purchases: u64,
    /// Repeated lines: page refreshes.
    pub refreshes: u64,
    /// Lines whose item id is lost.
    pub missing_item_ids: u64,
    /// Length of [`CATALOG_FILE`].
    pub catalog_bytes: u64,
    /// Length of [`EVENTS_FILE`].
    pub events_bytes: u64,
}

impl fmt::Display for SampleSummary {
    /// Three lines: what there is, what is wrong with it on purpose, and the files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SampleSummary { items, products, visitors, bots, sessions, events, purchases, .. } = self;
        let people = visitors - bots;
        writeln!(
            f,
            "{items} items ({products} products), {people} shoppers, {sessions} sessions, {events} events, {purchases} items bought"
        )?;
        let SampleSummary { refreshes, missing_item_ids, catalog_bytes, events_bytes, .. } = self;
        writeln!(f, "dirt on purpose: {refreshes} page refreshes, {missing_item_ids} lost item ids, {bots} bots")?;
        write!(f, "{CATALOG_FILE} ({catalog_bytes} bytes), {EVENTS_FILE} ({events_bytes} bytes), {SHOPPERS_FILE}")
    }
}
