//! The shopper's own events, and what follows from them.
//!
//! A [`Session`] is a bounded log of [`Event`]s. Everything else is a fold over that log, computed when it is asked for:
//! the [`Profile`] that scoring reads, and the [`token`] that an edge worker reads. So an event that is deleted
//! leaves no trace.

mod event;
mod log;
mod profile;
mod sets;
pub mod token;

pub use event::EventKind;
pub use log::{Event, EventId, ItemKey, MAX_EVENTS, MAX_QUERY_LEN, Session};
pub use profile::{Profile, Touch};
pub use sets::ItemSet;
