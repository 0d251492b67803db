//! What `reshelve/published` calls: models put together from what was downloaded.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::format::FormatError;
use crate::publish::{self, Part, delta};

/// Parts of a model, to be put together.
#[wasm_bindgen]
#[derive(Default)]
pub struct Joiner(RefCell<Vec<Part>>);

#[wasm_bindgen]
impl Joiner {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Joiner {
        Joiner::default()
    }

    /// Adds a file.
    pub fn add(&self, file: &[u8]) -> Result<(), JsValue> {
        let part = Part::read(file).map_err(|error| failure(&error))?;
        self.0.borrow_mut().push(part);
        Ok(())
    }

    /// The file of all that was added.
    pub fn join(&self) -> Result<Vec<u8>, JsValue> {
        Part::join(self.0.take()).and_then(|part| part.write()).map_err(|error| failure(&error))
    }
}

/// Which part an item is in.
#[wasm_bindgen]
pub struct Directory(publish::Directory);

#[wasm_bindgen]
impl Directory {
    /// Of the bytes of its file.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &[u8]) -> Result<Directory, JsValue> {
        publish::Directory::read(file).map(Directory).map_err(|error| failure(&error))
    }

    /// The numbers of the parts that have, or seem to have, the item.
    pub fn find(&self, item_id: &str) -> Vec<u32> {
        self.0.find(item_id)
    }
}

/// The file that a delta makes of an earlier one, of at most so many bytes.
#[wasm_bindgen(js_name = applyDelta)]
pub fn apply_delta(old: &[u8], delta: &[u8], most: f64) -> Result<Vec<u8>, JsValue> {
    delta::apply(old, delta, most as usize).map_err(|error| thrown("ERR_MODEL_FORMAT", &error.to_string()))
}

fn failure(error: &FormatError) -> JsValue {
    thrown(error.code(), &error.message())
}

/// What is thrown: one of the `ErrorCode`s of the public interface, and the message.
fn thrown(code: &str, message: &str) -> JsValue {
    [code, message].into_iter().map(JsValue::from_str).collect::<js_sys::Array>().into()
}
