//! Reorders a store's search results and recommendations on the shopper's own device, from one static model file.
//!
//! The runtime ([`mod@format`], [`model`], [`session`], [`rank`], [`kernels`]) knows nothing of JavaScript, files, clocks
//! or random numbers: bytes, times and seeds are arguments. [`train`] and [`eval`] are native and learn and measure
//! models, [`counters`] reads what devices have counted, [`rules`] what a store's merchandisers say; the `reshelve`
//! command and the npm package stand on top. `docs/ARCHITECTURE.md` has the map.

// What every page loads does without the standard library, whose panics would bring the formatting of their words.
#![cfg_attr(all(target_arch = "wasm32", not(any(feature = "rules", feature = "publish"))), no_std)]

extern crate alloc;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "train")]
pub mod counters;
#[cfg(feature = "train")]
pub mod eval;
pub mod format;
pub mod kernels;
mod lists;
pub mod model;
#[cfg(feature = "publish")]
pub mod publish;
pub mod rank;
#[cfg(feature = "train")]
pub mod replay;
#[cfg(feature = "rules")]
pub mod rules;
#[cfg(feature = "train")]
pub mod sample;
pub mod session;
#[cfg(feature = "train")]
pub mod train;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub mod wasm;
