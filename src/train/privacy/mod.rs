//! Protects the people whose events a model is learned from. A model is public: everyone downloads it.
//!
//! `support` bounds what one visitor contributes, and leaves out what too few visitors stand behind. With ε, in its
//! place, [`release`] counts with noise, and `walks` draws a log from the noisy counts: whatever is learned from that
//! log has the guarantee of the counts. `docs/PRIVACY.md` says what this protects from, and what not.

mod gaussian;
mod release;
mod support;
mod walks;

use std::fmt;

use serde::Serialize;

pub use self::gaussian::{delta_of, noise_scale};
pub use self::release::{Release, release};
pub(super) use self::support::{bounded, by_visitor, least_visitors, visitors_of_items};
pub use self::walks::draw_log;
pub use crate::format::privacy::Noise;

/// How the people behind a log are protected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Privacy {
    /// Fewest distinct visitors behind an item's events, a pair of items, and whatever is learned from either. Default: by
    /// the data's size, a fifth of the visitors that an item has on average, but 3 at least and 20 at most.
    pub min_visitors: Option<u32>,
    /// Most events of one visitor that are learned from, the newest. Default 500.
    pub max_events_per_visitor: usize,
    /// Noise in place of the above: differential privacy for all events of one visitor. Default: none.
    pub noise: Option<Noise>,
}

impl Default for Privacy {
    fn default() -> Privacy {
        Privacy { min_visitors: None, max_events_per_visitor: 500, noise: None }
    }
}

impl Privacy {
    /// Fewest visitors that may be asked for in a model that is shipped.
    pub const MIN_VISITORS: u32 = 3;
    /// What is asked for where the data are many.
    pub const USUAL_VISITORS: u32 = 20;
    /// δ where none is given: below one in the number of visitors of all but the largest stores.
    pub const DELTA: f64 = 1e-6;

    /// No protection: for measuring what protection costs, never for a model that is shipped.
    pub const NONE: Privacy = Privacy { min_visitors: Some(1), max_events_per_visitor: usize::MAX, noise: None };
}

/// What was done to protect people.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Protection {
    /// Fewest distinct visitors behind what is in the model; 0 where noise stands in its place.
    pub min_visitors: u32,
    /// Most events of one visitor.
    pub max_events_per_visitor: usize,
    /// Whether any visitor has several sessions; else every session counts as a visitor of its own.
    pub knows_visitors: bool,
    /// ε of the noise, if there is any.
    pub epsilon: Option<f64>,
    /// δ of the noise, if there is any.
    pub delta: Option<f64>,
    /// Events left aside because their item is sensitive.
    pub events_of_sensitive_items: u64,
    /// Events left aside because their visitor has newer ones enough.
    pub events_beyond_bound: u64,
    /// Items with events of too few visitors. Those events are left aside.
    pub items_of_too_few_visitors: usize,
    /// How many events that is.
    pub events_of_too_few_visitors: u64,
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.epsilon, self.delta) {
            (Some(epsilon), Some(delta)) => write!(f, "privacy: differential, ε = {epsilon}, δ = {delta}")?,
            _ => write!(f, "privacy: at least {} visitors behind every item and pair", self.min_visitors)?,
        }
        let of_whom = if self.knows_visitors { "a visitor" } else { "a session, as no visitor has several" };
        write!(f, "; at most {} events of {of_whom}", self.max_events_per_visitor)?;
        for (events, why) in [
            (self.events_of_sensitive_items, "their item is sensitive".to_owned()),
            (self.events_beyond_bound, "their visitor has newer ones enough".to_owned()),
            (
                self.events_of_too_few_visitors,
                format!("too few visitors met their item, one of {}", self.items_of_too_few_visitors),
            ),
        ] {
            if events > 0 {
                write!(f, "\n  {events:>10}  events left aside: {why}")?;
            }
        }
        Ok(())
    }
}
