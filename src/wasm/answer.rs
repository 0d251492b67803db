//! The records that go out, field by field as `index.d.ts` declares them.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::model::Model;
use crate::rank::{Outcome, Parts, Placed, Reason, Recommended, Unchanged};
use crate::session::{Event, EventId, ItemKey};

/// Hands a record to JavaScript.
pub(super) fn to_js(record: &impl Serialize) -> JsValue {
    // Not `expect`, which would bring the formatting of errors into the binary.
    let Ok(value) = serde_wasm_bindgen::to_value(record) else {
        unreachable!("records of numbers and texts always convert")
    };
    value
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Info {
    id: String,
    format_version: String,
    created_at_ms: f64,
    item_count: usize,
    dimensions: usize,
    byte_length: usize,
}

impl Info {
    pub(super) fn of(model: &Model) -> Info {
        Info {
            id: model.id(),
            format_version: model.format_version(),
            created_at_ms: model.metadata().created_at_ms as f64,
            item_count: model.n_items(),
            dimensions: model.embeddings().map_or(0, |embeddings| embeddings.dimensions()),
            byte_length: model.bytes().len(),
        }
    }
}

/// An event as the session holds it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordedEvent<'a> {
    id: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    timestamp: f64,
    quantity: u16,
}

impl<'a> RecordedEvent<'a> {
    /// An item that came with a token has its id back if the model knows it, and none otherwise.
    pub(super) fn new(model: &Model, (id, event): &'a (EventId, Event)) -> RecordedEvent<'a> {
        let item_id = |item: &ItemKey| match item.id.as_str() {
            "" => model.ids().row(item.hash).map(|row| model.ids().id(row)),
            id => Some(id.to_owned()),
        };
        RecordedEvent {
            id: id.0,
            kind: event.kind.name(),
            item_id: event.item.as_ref().and_then(item_id),
            query: event.query.as_deref(),
            timestamp: event.timestamp_ms as f64,
            quantity: event.quantity,
        }
    }
}

/// What became of a request, as a number: an index into the list in `ranking.js`.
pub(super) fn outcome_number(outcome: Outcome) -> u32 {
    let reason = |unchanged| match unchanged {
        Unchanged::EmptySession => 0,
        Unchanged::UnknownItems => 1,
        Unchanged::StrengthZero => 2,
    };
    match outcome {
        Outcome::Personalized => 0,
        Outcome::Unchanged(unchanged) => 1 + reason(unchanged),
        Outcome::Popular(unchanged) => 4 + reason(unchanged),
    }
}

/// An explained answer. JavaScript knows the candidates' ids and slots and adds them.
#[derive(Serialize)]
pub(super) struct Explained {
    pub(super) outcome: u32,
    pub(super) explanations: Vec<Explanation>,
}

#[derive(Serialize)]
pub(super) struct Explanation {
    from: i32,
    base: i32,
    affinity: i32,
    penalty: i32,
    score: i32,
    parts: Parts,
    known: bool,
    fixed: bool,
    reason: ReasonRecord,
}

impl Explanation {
    pub(super) fn of_placed(model: &Model, placed: &Placed, known: bool) -> Explanation {
        let Placed { from, parts, penalty, fixed, reason, .. } = *placed;
        Explanation { known, fixed, ..Explanation::new(model, from as i32, parts, penalty, reason) }
    }

    fn new(model: &Model, from: i32, parts: Parts, penalty: i32, reason: Reason) -> Explanation {
        Explanation {
            from,
            base: parts.base,
            affinity: parts.affinity(),
            penalty,
            score: parts.score(),
            parts,
            known: true,
            fixed: false,
            reason: ReasonRecord::new(model, reason),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReasonRecord {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'static str>,
}

impl ReasonRecord {
    fn new(model: &Model, reason: Reason) -> ReasonRecord {
        let (row, kind) = reason.event.unzip();
        ReasonRecord {
            code: reason.code.name(),
            item_id: row.map(|row| model.ids().id(row)),
            event_type: kind.map(|kind| kind.name()),
        }
    }
}

/// Items found.
#[derive(Serialize)]
pub(super) struct Found {
    pub(super) outcome: u32,
    pub(super) items: Vec<FoundItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explanations: Option<Vec<Explanation>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FoundItem {
    item_id: String,
    basis: &'static str,
    score: i32,
}

impl FoundItem {
    pub(super) fn new(model: &Model, item: &Recommended) -> FoundItem {
        FoundItem { item_id: model.ids().id(item.row), basis: item.basis.name(), score: item.parts.score() }
    }
}

impl Explanation {
    pub(super) fn of_found(model: &Model, item: &Recommended) -> Explanation {
        Explanation::new(model, -1, item.parts, item.penalty, item.reason)
    }
}
