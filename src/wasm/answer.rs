//! The records that go out. They cross as arrays, in the order of their fields; JavaScript gives the fields their names
//! (`pkg-template/lib/records.js`), which would cost twice as much here.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::model::{Model, Rules};
use crate::rank::{Basis, Outcome, Parts, Placed, Reason, Recommended, Unchanged};
use crate::session::{Event, EventId};

/// Hands a record to JavaScript.
pub(super) fn to_js(record: &impl Serialize) -> JsValue {
    // Not `expect`, which would bring the formatting of errors into the binary.
    let Ok(value) = serde_wasm_bindgen::to_value(record) else {
        unreachable!("records of numbers and texts always convert")
    };
    value
}

/// Id, format version, time of creation in milliseconds since the Unix epoch, items, dimensions, bytes.
#[derive(Serialize)]
pub(super) struct Info(String, String, f64, usize, usize, usize);

impl Info {
    pub(super) fn of(model: &Model) -> Info {
        let dimensions = model.embeddings().map_or(0, |embeddings| embeddings.dimensions());
        let created_at_ms = model.metadata().created_at_ms as f64;
        Info(model.id(), model.format_version(), created_at_ms, model.n_items(), dimensions, model.bytes().len())
    }
}

/// An event as the session holds it: id, type, item, query, time, quantity, and whether it was done for a gift.
#[derive(Serialize)]
pub(super) struct RecordedEvent<'a>(u32, &'static str, Option<&'a str>, Option<&'a str>, f64, u16, Option<bool>);

impl<'a> RecordedEvent<'a> {
    pub(super) fn new((id, event): &'a (EventId, Event)) -> RecordedEvent<'a> {
        let item_id = event.item.as_ref().map(|item| item.id.as_str());
        let timestamp_ms = event.timestamp_ms as f64;
        let gift = event.gift.then_some(true);
        RecordedEvent(id.0, event.kind.name(), item_id, event.query.as_deref(), timestamp_ms, event.quantity, gift)
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

/// An explained answer: the outcome, how many are barred, and why each item stands where it stands. JavaScript knows the
/// candidates' ids and slots and adds them.
#[derive(Serialize)]
pub(super) struct Explained(pub(super) u32, pub(super) u32, pub(super) Vec<Explanation>);

/// The incoming index, penalty, affinity and score; whether it is known, fixed, barred, and discovered; the rule; code of
/// the reason, item or answer, and event; the parts; and the slots after each stage.
#[derive(Serialize)]
pub(super) struct Explanation(
    i32,
    i32,
    i32,
    i32,
    [bool; 4],
    Option<u16>,
    &'static str,
    Option<String>,
    Option<&'static str>,
    [i32; 10],
    Option<[usize; 3]>,
);

impl Explanation {
    pub(super) fn of_placed(model: &Model, rules: Option<&Rules>, placed: &Placed, known: bool) -> Explanation {
        let Placed { from, parts, penalty, fixed, rule, barred, discovered, path, reason } = *placed;
        let facts = [known, fixed, barred, discovered];
        let path = [path.score, path.variety, path.place];
        Explanation::new(model, rules, from as i32, parts, penalty, facts, rule, reason, Some(path))
    }

    pub(super) fn of_found(model: &Model, rules: Option<&Rules>, item: &Recommended) -> Explanation {
        let facts = [true, false, false, item.basis == Basis::Discovery];
        Explanation::new(model, rules, -1, item.parts, item.penalty, facts, item.rule, item.reason, None)
    }

    #[expect(clippy::too_many_arguments, reason = "what both kinds of answers have")]
    fn new(
        model: &Model,
        rules: Option<&Rules>,
        from: i32,
        parts: Parts,
        penalty: i32,
        facts: [bool; 4],
        rule: Option<u16>,
        reason: Reason,
        path: Option<[usize; 3]>,
    ) -> Explanation {
        let (row, kind) = reason.event.unzip();
        let answer = reason.answer.and_then(|number| Some(rules?.book().answer(number.into())));
        let answer = answer.map(|answer| [answer.question, "/", answer.answer].concat());
        let item_id = row.map(|row| model.ids().id(row)).or(answer);
        let (affinity, score) = (parts.affinity(), parts.score());
        let event_type = kind.map(|kind| kind.name());
        let (code, parts) = (reason.code.name(), parts.values());
        Explanation(from, penalty, affinity, score, facts, rule, code, item_id, event_type, parts, path)
    }
}

/// Items found: the outcome, the items, and why each was found where that was asked for.
#[derive(Serialize)]
pub(super) struct Found(pub(super) u32, pub(super) Vec<FoundItem>, pub(super) Option<Vec<Explanation>>);

/// Id, what found it, and score.
#[derive(Serialize)]
pub(super) struct FoundItem(String, &'static str, i32);

impl FoundItem {
    pub(super) fn new(model: &Model, item: &Recommended) -> FoundItem {
        FoundItem(model.ids().id(item.row), item.basis.name(), item.parts.score())
    }
}
