//! Learns a model from a catalog and an event log. Native only.
//!
//! A log becomes [`Sessions`], a catalog a [`Catalog`]; [`learn`] turns both into the bytes of a `.shelf` file. In
//! between, `universe` settles which items there are, the [`embedding`] and the rows of [`neighbors`] are learned from
//! the same sessions, and `tune` finds on the newest sessions how long to learn and how to mix.

mod attributes;
pub mod audit;
mod budget;
mod calendar;
mod cold;
mod dataset;
pub mod embedding;
mod impressions;
pub mod index;
pub mod input;
mod learn;
pub mod neighbors;
mod options;
mod pairs;
mod priors;
pub mod privacy;
pub mod ranker;
mod renew;
mod rows;
mod shelf;
mod tune;
mod universe;
mod verdict;

use attributes::whole_number;
pub use calendar::calendar_words;
pub use dataset::{Catalog, CatalogItem, Context, Interaction, Sessions};
pub use impressions::{ClickedList, Impressions, LoggedEvent, LoggedSession, Shown, part_of};
pub use learn::{Learned, TrainError, learn};
pub use options::Options;
pub use priors::ContextWorth;
pub use privacy::{Privacy, Protection};
pub use renew::renew;
pub use tune::Rounding;
pub use verdict::{
    Evidence, Level, MIN_EVENTS_FOR_POPULARITY, MIN_SHARE_WITH_CONTENT, MIN_STEPS_FOR_EMBEDDING, MIN_STEPS_FOR_ROWS,
    MIN_STEPS_WITHOUT_CONTENT, Verdict,
};

/// Is told how far the learning is. Stages follow one another; each counts up to its own total.
pub trait Watch: Sync {
    /// A stage begins. `name` is for people.
    fn begin(&self, name: &str, total: u64);
    /// So much of the stage is done.
    fn advance(&self, done: u64);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn begin(&self, _name: &str, _total: u64) {}

    fn advance(&self, _done: u64) {}
}
