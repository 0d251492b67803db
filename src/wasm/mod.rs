//! What the npm package's JavaScript calls. Internal to the package: `pkg-template/index.d.ts` is the public interface.
//!
//! It is one of three modules: with the feature `rules` the compiler of rules, which pages for merchandisers load; with
//! `publish` what puts published models together, for pages that load them in parts; without both the runtime, which every
//! page loads.
//!
//! A [`ModelLoader`] takes the bytes of a file as they arrive and becomes a [`ModelHandle`], which gives
//! [`SessionHandle`]s. Everything is copied across: requests come in as scalars and typed arrays, answers go out as
//! typed arrays or, where they are records, as [`answer::Fields`]. Nothing here decides anything, waits, or calls
//! what a page has given, and every method takes `&self`, so that no call finds an object in use.
//! Failures are thrown as records, too; a trap is a bug of ours, after which JavaScript calls no more.

#[cfg(not(any(feature = "rules", feature = "publish")))]
mod answer;
#[cfg(feature = "rules")]
mod compiler;
#[cfg(not(any(feature = "rules", feature = "publish")))]
mod failure;
#[cfg(not(any(feature = "rules", feature = "publish")))]
mod loader;
#[cfg(not(any(feature = "rules", feature = "publish")))]
mod model;
#[cfg(feature = "publish")]
mod parts;
#[cfg(not(any(feature = "rules", feature = "publish")))]
mod session;

use alloc::borrow::ToOwned;
use alloc::string::String;

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "rules")]
pub use compiler::{check, compile, list, schema};
#[cfg(not(any(feature = "rules", feature = "publish")))]
pub use loader::ModelLoader;
#[cfg(not(any(feature = "rules", feature = "publish")))]
pub use model::ModelHandle;
#[cfg(feature = "publish")]
pub use parts::{Directory, Joiner, apply_delta};
#[cfg(not(any(feature = "rules", feature = "publish")))]
pub use session::SessionHandle;

/// Half the size of the standard library's. Memory that a disposed model leaves is joined with its neighbors and reused.
#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// A panic is a bug of ours, and nobody in a page would read what it says.
#[cfg(not(any(feature = "rules", feature = "publish")))]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// Names the sources that this module was built from. The JavaScript of the package carries the same text.
#[wasm_bindgen(js_name = buildId)]
pub fn build_id() -> String {
    option_env!("RESHELVE_BUILD_ID").unwrap_or("unknown").to_owned()
}
