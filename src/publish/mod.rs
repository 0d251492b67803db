//! Models on their way to a page: in parts, for what is larger than a page should load, and as what has changed, for a page
//! that has an earlier one. `docs/PUBLISHING.md` says how a store uses it.

pub mod delta;
mod directory;
#[cfg(feature = "train")]
mod divide;
mod part;
#[cfg(feature = "train")]
mod release;

pub use directory::Directory;
#[cfg(feature = "train")]
pub use divide::{Division, FIRST, OTHER, divide};
pub use part::Part;
#[cfg(feature = "train")]
pub use release::{Delta, File, MAX_DELTAS, Manifest, Release, ReleaseError, Shard};
