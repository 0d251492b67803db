//! The shopper's own events, and what follows from them.

mod event;

pub use event::EventKind;
