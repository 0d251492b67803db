//! What enters a session: the one place that decides, whoever brings an event.

use alloc::string::String;

use super::{Event, EventId, EventKind, Session};
use crate::format::attributes::FLAGS;
use crate::model::Model;

/// Events of the same kind with the same item, or with the same words, this near to each other are one event: a page
/// that was loaded again, a tag that fired twice.
pub const REPEAT_MS: u64 = 30_000;

/// Why an event was turned down. It has left no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedDown {
    /// Its item is marked as sensitive.
    Sensitive,
    /// It is one with an event that is held.
    Repeat,
    /// The log is full of newer ones.
    TooOld,
}

impl Session {
    /// Adds an event at its place in time and returns its id, unless it is to be turned down. If there is no room, the
    /// oldest one leaves. Words are not kept of searches where the model has sensitive items: they may be for those.
    /// O(events), with words O(items) where the catalog marks any item.
    ///
    /// # Errors
    ///
    /// [`TurnedDown`].
    pub fn record(&mut self, model: &Model, mut event: Event) -> Result<EventId, TurnedDown> {
        let row = event.row(model);
        let is_sensitive = model.sensitive();
        if row.is_some_and(is_sensitive) {
            return Err(TurnedDown::Sensitive);
        }
        let are_words = event.kind != EventKind::Answer && event.query.is_some();
        if are_words && model.column(FLAGS).is_some() && (0..model.n_items() as u32).any(is_sensitive) {
            // What is left of a search is that there was one.
            event.query = event.item.is_none().then(String::new);
        }
        let one_of =
            |held: &Event| held.timestamp_ms.abs_diff(event.timestamp_ms) <= REPEAT_MS && is_repeat(held, &event);
        if self.events().any(one_of) {
            return Err(TurnedDown::Repeat);
        }
        if self.leaving(event.kind).is_some_and(|place| self.log()[place].1.timestamp_ms > event.timestamp_ms) {
            return Err(TurnedDown::TooOld);
        }
        Ok(self.insert(event))
    }

    /// Whether it holds anything that could change an order. If not, every answer is that of a new session. Of items that
    /// the model does not know, impressions and aversions change nothing; other events may, by rules about the shopper.
    pub fn is_personal(&self, model: &Model) -> bool {
        let is_known = |event: &Event| event.row(model).is_some();
        self.events().any(|event| event.kind.may_interest() || is_known(event))
    }
}

/// Whether two events of nearly the same time are one. Never what counts every time (pieces put into the cart and taken
/// out, impressions), nor what undoes what came between (answers), nor what nothing tells from another (searches without
/// words).
fn is_repeat(held: &Event, event: &Event) -> bool {
    use EventKind::{AddToCart, Answer, Impression, RemoveFromCart};
    let counts = matches!(event.kind, AddToCart | RemoveFromCart | Impression | Answer);
    if counts || (held.kind, held.gift) != (event.kind, event.gift) {
        return false;
    }
    match (&held.item, &event.item) {
        (Some(held), Some(item)) => held.hash == item.hash,
        _ => held.query == event.query && event.query.as_ref().is_some_and(|words| !words.is_empty()),
    }
}
