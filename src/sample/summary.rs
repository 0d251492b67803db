//! What to tell about a store that was made.

use serde::Serialize;

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
    /// Length of [`CATALOG_FILE`](super::CATALOG_FILE).
    pub catalog_bytes: u64,
    /// Length of [`EVENTS_FILE`](super::EVENTS_FILE).
    pub events_bytes: u64,
}
