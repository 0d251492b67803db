//! Learns a model from a catalog and an event log. Native only.

mod dataset;
pub mod input;

pub use dataset::{Catalog, CatalogItem, Interaction, Sessions};
