//! The `.shelf` model file, byte for byte as `docs/FORMAT.md` lays it out.
//!
//! A file is a [header and a section table](container), then 16-byte-aligned sections, then its end. Every section has
//! a file here that both reads and writes it: [`metadata`], [`ids`], [`embeddings`], [`neighbors`], [`attributes`],
//! [`priors`], [`ranker`], [`rules`], [`index`], `privacy`, which is native only, and `part`, for models in parts.
//! Reading borrows: a section's view holds slices of the bytes it was given and copies nothing but the metadata.
//! `parse` of a view costs O(1); `validate` walks the whole section once and establishes what the accessors rely on.

pub mod attributes;
pub(crate) mod bytes;
pub mod container;
pub mod embeddings;
mod error;
pub mod features;
pub mod ids;
pub mod index;
pub(crate) mod message;
pub mod metadata;
pub mod neighbors;
#[cfg(feature = "publish")]
pub mod part;
pub mod priors;
#[cfg(feature = "train")]
pub mod privacy;
pub mod ranker;
pub mod rules;

pub use error::FormatError;
