use alloc::rc::Rc;
use alloc::string::String;
use core::cell::RefCell;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::answer::Fields;
use super::failure;
use super::loader::Room;
use super::session::SessionHandle;
use crate::format::FormatError;
use crate::format::rules::MAX_LEN;
use crate::model::{Model, Rules};
use crate::rank::{Scratch, UNKNOWN_ROW};
use crate::session::{Session, token};

/// What a model's handle and its sessions share.
pub(super) struct Shared {
    /// None once the model was disposed of, whoever still holds a handle.
    loaded: RefCell<Option<(Model, Room)>>,
    pub(super) scratch: RefCell<Scratch>,
    /// In place of the model's own.
    pub(super) rules: RefCell<Option<Rules>>,
}

impl Shared {
    /// Runs something with the model.
    pub(super) fn with<T>(&self, use_model: impl FnOnce(&Model) -> Result<T, JsValue>) -> Result<T, JsValue> {
        match self.loaded.borrow().as_ref() {
            Some((model, _)) => use_model(model),
            None => Err(failure::disposed()),
        }
    }
}

/// A loaded model.
#[wasm_bindgen]
pub struct ModelHandle(Rc<Shared>);

impl ModelHandle {
    pub(super) fn new(model: Model, room: Room) -> ModelHandle {
        ModelHandle(Rc::new(Shared {
            loaded: RefCell::new(Some((model, room))),
            scratch: RefCell::default(),
            rules: RefCell::default(),
        }))
    }
}

#[wasm_bindgen]
impl ModelHandle {
    /// What the model says of itself.
    pub fn info(&self) -> Result<Fields, JsValue> {
        self.0.with(|model| {
            let fields = Fields::new();
            fields.info(model);
            Ok(fields)
        })
    }

    /// The bytes of its file.
    pub fn bytes(&self) -> Result<Uint8Array, JsValue> {
        self.0.with(|model| Ok(Uint8Array::from(model.to_bytes().as_slice())))
    }

    /// The row of an item, `u32::MAX` if the model does not know it.
    pub fn row(&self, item_id: &str) -> Result<u32, JsValue> {
        self.0.with(|model| Ok(model.row(item_id).unwrap_or(UNKNOWN_ROW)))
    }

    /// An empty session.
    pub fn session(&self) -> SessionHandle {
        SessionHandle::new(Rc::clone(&self.0), Session::default(), None)
    }

    /// The session that a token holds, as far as it can be read. `max_age_ms`: how old the token's newest event may be.
    #[wasm_bindgen(js_name = sessionFromToken)]
    pub fn session_from_token(&self, token: &str, now_ms: f64, max_age_ms: f64) -> Result<SessionHandle, JsValue> {
        self.0.with(|model| {
            let (session, lost) = token::decode(model, token, now_ms as i64, max_age_ms as u64);
            Ok(SessionHandle::new(Rc::clone(&self.0), session, lost))
        })
    }

    /// Gives the model's memory back. Every later use of it or its sessions fails.
    pub fn unload(&self) {
        self.0.loaded.take();
        self.0.scratch.take();
        self.0.rules.take();
    }

    /// Puts the rules of a file in place of the model's own, and returns their id; without one, these hold again. On failure
    /// nothing changes.
    #[wasm_bindgen(js_name = useRules)]
    pub fn use_rules(&self, file: Option<Uint8Array>) -> Result<Option<String>, JsValue> {
        if !cfg!(feature = "merchandising") {
            return Err(failure::left_out());
        }
        self.0.with(|model| {
            let rules = match file {
                // Twice what rules may have is enough for a file around them; what is longer is not copied.
                Some(file) if file.length() as usize > 2 * MAX_LEN => {
                    let numbers = [file.length().into(), 2 * MAX_LEN as u64];
                    return Err(failure::rules(&FormatError::unsound(
                        "rules",
                        "# bytes, at most # are allowed",
                        &numbers,
                    )));
                }
                Some(file) => Some(Rules::from_bytes(model, &file.to_vec()).map_err(|error| failure::rules(&error))?),
                None => None,
            };
            let id = rules.as_ref().map(Rules::id);
            self.0.rules.replace(rules);
            Ok(id)
        })
    }
}
