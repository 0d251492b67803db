//! Errors on their way out: plain records, which JavaScript turns into `RankerError`.

use std::cell::RefCell;

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::answer::to_js;
use crate::format::FormatError;
use crate::rank::RequestError;

/// What is thrown: one of the `ErrorCode`s of the public interface, the message, and, where these are numbers, what there
/// should have been and what there was.
#[derive(Debug, Serialize)]
pub(super) struct Failure(&'static str, String, Option<f64>, Option<f64>);

impl Failure {
    pub(super) fn invalid(message: impl Into<String>) -> JsValue {
        Failure::new("ERR_INVALID_ARGUMENT", message.into(), None).into_js()
    }

    pub(super) fn disposed() -> JsValue {
        Failure::new("ERR_DISPOSED", "the model was disposed of; load it again".to_owned(), None).into_js()
    }

    pub(super) fn memory(most: f64, needed: f64) -> JsValue {
        let message = "the models need more memory than `maxMemory` allows; raise it, or build a smaller model";
        Failure::new("ERR_MEMORY_LIMIT", message.to_owned(), Some((most, needed))).into_js()
    }

    pub(super) fn format(error: &FormatError) -> JsValue {
        Failure::of_bytes(error.code(), error)
    }

    /// As [`Failure::format`], for a file of rules.
    pub(super) fn rules(error: &FormatError) -> JsValue {
        Failure::of_bytes("ERR_RULES_FORMAT", error)
    }

    fn of_bytes(code: &'static str, error: &FormatError) -> JsValue {
        let numbers = match *error {
            FormatError::Version { found, supported } => Some((f64::from(supported), f64::from(found))),
            FormatError::Length { expected, found } => Some((expected as f64, found as f64)),
            _ => None,
        };
        Failure::new(code, error.message(), numbers).into_js()
    }

    /// A request that cannot be answered, `cause` being the option that is wrong. The page goes on with the incoming
    /// order and nobody would notice, so the console says it, once for each cause.
    pub(super) fn refused(cause: &'static str, message: impl Into<String>) -> JsValue {
        thread_local!(static TOLD: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });
        let message = message.into();
        let is_new = TOLD.with_borrow_mut(|told| {
            let is_new = !told.contains(&cause);
            if is_new {
                told.push(cause);
            }
            is_new
        });
        if is_new {
            web_sys::console::warn_1(&["reshelve changes nothing: ", &message].concat().into());
        }
        Failure::invalid(message)
    }

    /// As [`Failure::refused`], for what the ranking itself refuses.
    pub(super) fn request(error: &RequestError) -> JsValue {
        let cause = match error {
            RequestError::Length { .. } => "length",
            RequestError::BaseScore { .. } => "baseScore",
            RequestError::Pin { .. } => "pinned",
            RequestError::Row { .. } => "rows",
            RequestError::Placement => "placement",
            RequestError::Rules => "rules",
            RequestError::Limit { .. } => "limit",
        };
        Failure::refused(cause, error.message())
    }

    fn new(code: &'static str, message: String, numbers: Option<(f64, f64)>) -> Failure {
        let (expected, got) = numbers.unzip();
        Failure(code, message, expected, got)
    }

    fn into_js(self) -> JsValue {
        to_js(&self)
    }
}
