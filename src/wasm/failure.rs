//! Errors on their way out: records, which JavaScript turns into `RankerError`.

use alloc::borrow::ToOwned;

use wasm_bindgen::JsValue;

use super::answer::Fields;
use crate::format::FormatError;
use crate::rank::RequestError;

/// What is thrown: one of the `ErrorCode`s of the public interface, the message, the option that is wrong, and, where these
/// are numbers, what there should have been and what there was.
#[inline(never)]
fn failure(code: &str, message: &str, option: Option<&str>, numbers: &[f64]) -> JsValue {
    let fields = Fields::new();
    fields.text(Some(code));
    fields.text(Some(message));
    fields.text(option);
    for &number in numbers {
        fields.number(number);
    }
    fields.into()
}

pub(super) fn invalid(message: &str) -> JsValue {
    failure("ERR_INVALID_ARGUMENT", message, None, &[])
}

pub(super) fn disposed() -> JsValue {
    failure("ERR_DISPOSED", "the model was disposed of; load it again", None, &[])
}

/// Asked of a build that was made without it.
pub(super) fn left_out() -> JsValue {
    failure("ERR_LEFT_OUT", "the WebAssembly in use leaves this out: take `reshelve/wasm` instead", None, &[])
}

pub(super) fn memory(most: f64, needed: f64) -> JsValue {
    let message =
        "the models need more memory than `maxMemory`, or this runtime, allows; build a smaller one, or raise it";
    failure("ERR_MEMORY_LIMIT", message, None, &[most, needed])
}

pub(super) fn format(error: &FormatError) -> JsValue {
    of_bytes(error.code(), &error.message(), error)
}

/// As [`format`], for a file of rules.
pub(super) fn rules(error: &FormatError) -> JsValue {
    let message = match error {
        FormatError::Magic { .. } => {
            "no compiled rules; `reshelve rules compile` makes them, or `reshelve/rules`".to_owned()
        }
        _ => error.message(),
    };
    of_bytes("ERR_RULES_FORMAT", &message, error)
}

fn of_bytes(code: &str, message: &str, error: &FormatError) -> JsValue {
    let numbers: &[f64] = match *error {
        FormatError::Version { found, supported } => &[supported.into(), found.into()],
        FormatError::Length { expected, found } => &[expected as f64, found as f64],
        _ => &[],
    };
    failure(code, message, None, numbers)
}

/// A request that cannot be answered because of an option.
pub(super) fn refused(option: &str, message: &str) -> JsValue {
    failure("ERR_INVALID_ARGUMENT", message, Some(option), &[])
}

/// As [`refused`], for what the ranking itself refuses.
pub(super) fn request(error: &RequestError) -> JsValue {
    let option = match error {
        RequestError::Length { .. } => "length",
        RequestError::BaseScore { .. } => "baseScore",
        RequestError::Pin { .. } => "pinned",
        RequestError::Row { .. } => "rows",
        RequestError::Placement => "placement",
        RequestError::Rules => "rules",
        RequestError::Limit { .. } => "limit",
    };
    refused(option, &error.message())
}
