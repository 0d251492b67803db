//! Reads logs and catalogs of every shape, clean and dirty, and the public data sets.
#![cfg(feature = "train")]

mod catalogs;
mod dirt;
mod errors;
mod formats;
mod kinds;
mod real_data;
mod sessions;
mod support;
