//! The shopper's own events, and what follows from them.
//!
//! A [`Session`] is a bounded log of [`Event`]s; [`Session::record`] decides what enters it. Everything else is a fold over that log, computed when it is asked for:
//! the [`Profile`] that scoring reads, the [`affinities`] and the [`Segment`] that a page may show and rules may ask for,
//! and the [`token`] that an edge worker reads. So an event that is deleted leaves no trace. Folds read the log through a
//! [`Lens`]: what was done for a gift says nothing of the shopper, and a request may ask what would be without an event.

mod admission;
mod affinities;
mod base64;
mod event;
mod lens;
mod log;
mod profile;
mod segment;
mod sets;
pub mod token;

pub use admission::{REPEAT_MS, TurnedDown};
pub use affinities::{AFFINITY_COLUMNS, Affinity, affinities, telling};
pub use event::EventKind;
pub use lens::{Lens, Seen};
pub use log::{DAY_MS, Event, EventId, ItemKey, MAX_EVENTS, MAX_IMPRESSIONS, MAX_QUERY_LEN, Session};
pub use profile::{Profile, Touch};
pub use segment::Segment;
