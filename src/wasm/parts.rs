//! What `reshelve/published` calls: models put together from what was downloaded.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::format::FormatError;
use crate::publish::{self, Part};

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

/// What is thrown: one of the `ErrorCode`s of the public interface, and the message.
fn failure(error: &FormatError) -> JsValue {
    let fields = [error.code(), &error.message()];
    fields.into_iter().map(JsValue::from_str).collect::<js_sys::Array>().into()
}
