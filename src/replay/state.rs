use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trace::is_default;
use crate::model::Model;
use crate::session::{Event, EventKind, Session, TurnedDown};

/// A session as the npm package writes it, by `docs/SESSION.md`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// Version of this shape: 1.
    pub v: u32,
    /// The events, oldest first.
    pub events: Vec<StateEvent>,
}

/// An event of a [`State`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateEvent {
    /// What was done.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// With which item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// What was searched for, or `question/answer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Pieces. Default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u16>,
    /// Whether it was done for someone else. Default false.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gift: bool,
}

impl State {
    /// The state of a session.
    pub fn of(session: &Session) -> State {
        let event = |event: &Event| {
            let item_id = event.item.as_ref().map(|item| item.id.clone());
            let quantity = Some(event.quantity).filter(|&quantity| quantity != 1);
            let Event { kind, timestamp_ms: timestamp, gift, .. } = *event;
            StateEvent { kind, item_id, query: event.query.clone(), timestamp, quantity, gift }
        };
        State { v: 1, events: session.events().map(event).collect() }
    }

    /// The session, without the events that the model turns down, with why. The ids of its events are their
    /// places in the state as long as none is turned down, which none is of a state that a session of the model gave.
    pub fn session(&self, model: &Model) -> (Session, Vec<TurnedDown>) {
        let event = |event: &StateEvent| {
            let read = match (&event.item_id, &event.query) {
                (Some(id), _) => Event::new(event.kind, id, event.timestamp),
                (None, query) => Event::of_words(event.kind, query.as_deref().unwrap_or_default(), event.timestamp),
            };
            Event { quantity: event.quantity.unwrap_or(1), gift: event.gift, ..read }
        };
        let mut session = Session::default();
        let turned_down = self.events.iter().filter_map(|stored| session.record(model, event(stored)).err()).collect();
        (session, turned_down)
    }
}
