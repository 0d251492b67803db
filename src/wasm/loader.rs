use alloc::vec::Vec;
use core::cell::RefCell;
use core::sync::atomic::{AtomicUsize, Ordering};

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::failure;
use super::model::ModelHandle;
use crate::format::FormatError;
use crate::format::container::{HEADER_LEN, announced_len};
use crate::model::Model;

/// Bytes that are copied at once: they lie on the stack.
const PIECE: usize = 1 << 15;

/// Takes a file in pieces. Each is copied once, to where the model will use it.
#[wasm_bindgen]
pub struct ModelLoader {
    max_memory: f64,
    bytes: RefCell<Vec<u8>>,
    /// Room for the whole file; none before its header has said how long it is.
    room: RefCell<Option<Room>>,
}

#[wasm_bindgen]
impl ModelLoader {
    /// Starts a file. `max_memory`: most bytes that all models together may take.
    #[wasm_bindgen(constructor)]
    pub fn new(max_memory: f64) -> ModelLoader {
        ModelLoader { max_memory, bytes: RefCell::default(), room: RefCell::default() }
    }

    /// Adds the next bytes. Returns the length of the whole file as soon as its header has arrived. A file that is
    /// something else, too long for the memory allowed or longer than its header says is refused before it is copied.
    pub fn append(&self, chunk: &Uint8Array) -> Result<Option<f64>, JsValue> {
        let mut bytes = self.bytes.borrow_mut();
        let mut room = self.room.borrow_mut();
        let len = chunk.length() as usize;
        if len == 0 {
            return Ok(None);
        }
        if room.is_none() {
            let wanted = HEADER_LEN.saturating_sub(bytes.len()).min(len);
            let mut header = bytes.clone();
            copy_onto(&mut header, &chunk.subarray(0, wanted as u32));
            match announced_len(&header).map_err(|error| failure::format(&error))? {
                Some(announced) => {
                    let reserved = Room::reserve(announced as f64, self.max_memory)?;
                    if bytes.try_reserve_exact(reserved.len).is_err() {
                        return Err(failure::memory(self.max_memory, announced as f64));
                    }
                    *room = Some(reserved);
                }
                None => {
                    *bytes = header;
                    return Ok(None);
                }
            }
        }
        let announced = room.as_ref().map(|room| room.len);
        if let Some(expected) = announced.filter(|&announced| bytes.len() + len > announced) {
            let (expected, found) = (expected as u64, (bytes.len() + len) as u64);
            return Err(failure::format(&FormatError::Length { expected, found }));
        }
        copy_onto(&mut bytes, chunk);
        Ok(announced.map(|announced| announced as f64))
    }

    /// A copy of what has arrived, for a digest.
    pub fn bytes(&self) -> Uint8Array {
        Uint8Array::from(self.bytes.borrow().as_slice())
    }

    /// Checks the whole file and makes the model. The loader is empty afterwards.
    pub fn finish(&self) -> Result<ModelHandle, JsValue> {
        let model = Model::from_bytes(self.bytes.take()).map_err(|error| failure::format(&error))?;
        let room = self.room.take().expect("a file that is sound has a header");
        Ok(ModelHandle::new(model, room))
    }
}

/// Appends, piece by piece: making room of zeros for all of it first would take longer than copying it twice.
fn copy_onto(bytes: &mut Vec<u8>, chunk: &Uint8Array) {
    let mut piece = [0; PIECE];
    let len = chunk.length();
    for start in (0..len).step_by(PIECE) {
        let end = len.min(start + PIECE as u32);
        let piece = &mut piece[..(end - start) as usize];
        chunk.subarray(start, end).copy_to(piece);
        bytes.extend_from_slice(piece);
    }
}

/// What all of them take.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Memory that a model or a loader takes, counted as long as it lives.
pub(super) struct Room {
    len: usize,
}

impl Room {
    fn reserve(len: f64, max_memory: f64) -> Result<Room, JsValue> {
        let needed = TAKEN.load(Ordering::Relaxed) as f64 + len;
        // Also false where the limit is not a number.
        if needed <= max_memory && needed <= f64::from(i32::MAX) {
            let len = len as usize;
            TAKEN.fetch_add(len, Ordering::Relaxed);
            return Ok(Room { len });
        }
        Err(failure::memory(max_memory, needed))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.len, Ordering::Relaxed);
    }
}
