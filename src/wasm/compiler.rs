//! What `reshelve/rules` calls: rules that people write into rules that the runtime takes.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::format::FormatError;
use crate::model::Model;
use crate::rules::{self, Compiled, Places, RuleFile, RulesError, Severity};

/// What is thrown: one of the `ErrorCode`s of the public interface, the message, and of what is about a rule: its kind and
/// name, the field, line and column.
#[derive(Debug, Default, Serialize)]
struct Failure(&'static str, String, Option<String>, Option<String>, Option<usize>, Option<usize>);

/// A rule: its kind and name, and its line.
#[derive(Debug, Serialize)]
struct Summary(String, Option<usize>);

/// Severity, message, rule, and the rule's line.
#[derive(Debug, Serialize)]
struct Finding(&'static str, String, Option<String>, Option<usize>);

/// Lets panics, which are bugs of ours, say on the console what has happened and where: the page is one of the store's own
/// people, who can pass it on.
#[wasm_bindgen(start)]
fn tell_of_panics() {
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
}

/// The rules of a text, which is TOML or JSON, as the runtime takes them.
#[wasm_bindgen]
pub fn compile(text: &str, is_json: bool) -> Result<Vec<u8>, JsValue> {
    read(text, is_json).map(|(_, compiled)| compiled.to_file())
}

/// The rules of a text in the order of their numbers.
#[wasm_bindgen]
pub fn list(text: &str, is_json: bool) -> Result<JsValue, JsValue> {
    let (_, compiled) = read(text, is_json)?;
    let places = places(text, is_json);
    let line = |label: &str| places.of_rule(label).map(|place| place.line);
    let rules = compiled.rules.into_iter().map(|rule| Summary(rule.label.clone(), line(&rule.label)));
    Ok(to_js(&rules.collect::<Vec<_>>()))
}

/// What in the rules of a text will not do what was meant, with a model, or without.
#[wasm_bindgen]
pub fn check(text: &str, is_json: bool, model: Option<Vec<u8>>, enough: u32) -> Result<JsValue, JsValue> {
    let (file, compiled) = read(text, is_json)?;
    let places = places(text, is_json);
    let failure = |error: FormatError| to_js(&Failure(error.code(), error.message(), None, None, None, None));
    let model = model.map(Model::from_bytes).transpose().map_err(failure)?;
    let found = rules::check(&file, &compiled, model.as_ref(), enough as usize).map_err(failure)?;
    let finding = |rules::Finding { severity, rule, message }: rules::Finding| {
        let severity = if severity == Severity::Error { "error" } else { "warning" };
        let line = rule.as_ref().and_then(|label| places.of_rule(label)).map(|place| place.line);
        Finding(severity, message, rule, line)
    };
    Ok(to_js(&found.into_iter().map(finding).collect::<Vec<_>>()))
}

/// The JSON Schema of a file of rules, as text.
#[wasm_bindgen]
pub fn schema() -> String {
    RuleFile::json_schema().to_string()
}

fn read(text: &str, is_json: bool) -> Result<(RuleFile, Compiled), JsValue> {
    const FILE: &str = "the rules";
    let file = if is_json { RuleFile::from_json(FILE, text) } else { RuleFile::from_toml(FILE, text) };
    let compiled = file.and_then(|file| rules::compile(&file).map(|compiled| (file, compiled)));
    compiled.map_err(|error| {
        let (line, column) = places(text, is_json).of_error(&error).map(|place| (place.line, place.column)).unzip();
        let message = error.to_string();
        let (rule, field) = match error {
            RulesError::Expression { rule, field, .. } | RulesError::Value { rule, field, .. } => {
                (Some(rule), Some(field.to_owned()))
            }
            _ => (None, None),
        };
        to_js(&Failure("ERR_RULES", message, rule, field, line, column))
    })
}

fn places(text: &str, is_json: bool) -> Places<'_> {
    if is_json { Places::default() } else { Places::of_toml(text) }
}

fn to_js(record: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(record).expect("records of numbers and texts always convert")
}
