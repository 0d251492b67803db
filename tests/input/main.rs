//! Reads logs and catalogs of every shape, clean and dirty, and the public data sets.
#![cfg(feature = "train")]

mod catalogs;
#[path = "../common/mod.rs"]
mod common;
mod dirt;
mod errors;
mod formats;
mod kinds;
mod real_data;
mod sessions;
mod support;
