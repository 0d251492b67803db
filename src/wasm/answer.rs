//! The records that go out. They cross as arrays of numbers and texts, field after field, one record after the other;
//! JavaScript gives the fields their names (`pkg-template/lib/records.js`), which would cost twice as much here.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::model::{Model, Rules};
use crate::rank::{Basis, Outcome, Parts, Path, Placed, Reason, Recommended, Unchanged};
use crate::session::{Affinity, Event, EventId};

#[wasm_bindgen]
extern "C" {
    /// Fields on their way to JavaScript: an array there.
    #[wasm_bindgen(js_name = Array)]
    pub type Fields;
    #[wasm_bindgen(constructor, js_class = "Array")]
    pub(super) fn new() -> Fields;
    #[wasm_bindgen(method, js_name = push)]
    pub(super) fn number(this: &Fields, number: f64);
    /// None becomes `undefined`.
    #[wasm_bindgen(method, js_name = push)]
    pub(super) fn text(this: &Fields, text: Option<&str>);
}

/// Stands for a number that there is not.
const NOTHING: f64 = -1.0;

impl Fields {
    /// Fields with what became of a request in front.
    pub(super) fn of(outcome: Outcome) -> Fields {
        let fields = Fields::new();
        fields.number(outcome_number(outcome).into());
        fields
    }

    /// Id, format version, time of creation in milliseconds since the Unix epoch, items, dimensions, bytes.
    pub(super) fn info(&self, model: &Model) {
        self.text(Some(&model.id()));
        self.text(Some(&model.format_version()));
        self.number(model.metadata().created_at_ms as f64);
        self.number(model.n_items() as f64);
        self.number(model.embeddings().map_or(0, |embeddings| embeddings.dimensions()) as f64);
        self.number(model.byte_len() as f64);
    }

    /// An event as the session holds it: id, type, item, query, time, quantity, and whether it was done for a gift.
    pub(super) fn event(&self, (id, event): &(EventId, Event)) {
        self.number(id.0.into());
        self.text(Some(event.kind.name()));
        self.text(event.item.as_ref().map(|item| item.id.as_str()));
        self.text(event.query.as_deref());
        self.number(event.timestamp_ms as f64);
        self.number(event.quantity.into());
        self.number(event.gift.into());
    }

    /// Column, word, value, how many events, and their weight.
    pub(super) fn affinity(&self, affinity: &Affinity) {
        self.text(Some(affinity.column));
        self.text(affinity.word);
        for number in [affinity.value, affinity.n_events, affinity.weight] {
            self.number(number.into());
        }
    }

    /// Length of the id as JavaScript counts it, number of what found the item, and score. The id comes behind those before:
    /// a text for each would cost more than finding the items.
    pub(super) fn found(&self, id: &str, item: &Recommended) {
        self.number(id.encode_utf16().count() as f64);
        self.number((item.basis as u8).into());
        self.number(item.parts.score().into());
    }

    /// Why an item stands where it stands; JavaScript knows the candidates' ids and slots and adds them.
    pub(super) fn placed(&self, model: &Model, rules: Option<&Rules>, placed: &Placed, known: bool) {
        let Placed { from, parts, penalty, fixed, rule, barred, discovered, path, reason } = *placed;
        let facts = [known, fixed, barred, discovered];
        self.explanation(model, rules, from as f64, parts, penalty, facts, rule, reason, path);
    }

    /// The same for an item that was found: there is no slot that it came from.
    pub(super) fn why_found(&self, model: &Model, rules: Option<&Rules>, item: &Recommended) {
        let Recommended { parts, penalty, rule, reason, .. } = *item;
        let facts = [true, false, false, item.basis == Basis::Discovery];
        self.explanation(model, rules, NOTHING, parts, penalty, facts, rule, reason, Path::default());
    }

    /// The incoming index; bits for whether the item is known, fixed, barred, and discovered; penalty; the rule; the parts;
    /// the slots after each stage; code of the reason, item or answer, and event.
    #[expect(clippy::too_many_arguments, reason = "what both kinds of answers have")]
    #[inline(never)]
    fn explanation(
        &self,
        model: &Model,
        rules: Option<&Rules>,
        from: f64,
        parts: Parts,
        penalty: i32,
        facts: [bool; 4],
        rule: Option<u16>,
        reason: Reason,
        path: Path,
    ) {
        let facts = facts.iter().rev().fold(0, |bits, &fact| bits << 1 | u8::from(fact));
        self.number(from);
        self.number(facts.into());
        self.number(penalty.into());
        self.number(rule.map_or(NOTHING, f64::from));
        for part in parts.values() {
            self.number(part.into());
        }
        for slot in [path.score, path.variety, path.place] {
            self.number(slot as f64);
        }
        let (row, kind) = reason.event.unzip();
        let answer = reason.answer.and_then(|number| Some(rules?.book().answer(number.into())));
        let answer = answer.map(|answer| [answer.question, "/", answer.answer].concat());
        self.text(Some(reason.code.name()));
        self.text(row.map(|row| model.ids().id(row)).or(answer).as_deref());
        self.text(kind.map(|kind| kind.name()));
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
