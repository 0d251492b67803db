//! How large the sample store is, and what can go wrong while it is written.

use std::ops::RangeInclusive;
use std::path::PathBuf;

/// How large a store to make, and which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleOptions {
    /// Items in the catalog, every color of a product counted, 200 to 500,000. Default 600. Where the names run out,
    /// products get model numbers.
    pub items: u32,
    /// Shoppers in the event log, 10 to 5,000,000. Default 2,500. Each visits about four times and leaves about ten
    /// events a visit.
    pub shoppers: u32,
    /// Another seed is another store. Default 7.
    pub seed: u64,
}

impl SampleOptions {
    /// The numbers of items that can be asked for.
    pub const ITEMS: RangeInclusive<u32> = 200..=500_000;
    /// The numbers of shoppers that can be asked for.
    pub const SHOPPERS: RangeInclusive<u32> = 10..=5_000_000;

    pub(super) fn check(&self) -> Result<(), SampleError> {
        for (option, value, range) in [("items", self.items, Self::ITEMS), ("shoppers", self.shoppers, Self::SHOPPERS)]
        {
            if !range.contains(&value) {
                return Err(SampleError::OutOfRange { option, value, first: *range.start(), last: *range.end() });
            }
        }
        Ok(())
    }
}

impl Default for SampleOptions {
    fn default() -> Self {
        SampleOptions { items: 600, shoppers: 2_500, seed: 7 }
    }
}

/// Why there is no sample store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// A number that cannot be asked for. Choose one in the range.
    #[error("the number of {option} is {value}; choose one from {first} to {last}")]
    OutOfRange {
        /// Which option.
        option: &'static str,
        /// What was asked for.
        value: u32,
        /// The smallest number allowed.
        first: u32,
        /// The largest number allowed.
        last: u32,
    },
    /// The directory holds files, and none of them says that a sample store was made here. Choose another directory.
    #[error(
        "{} is not empty and holds no sample store; name a new or an empty directory, so that nothing of yours is written over",
        .directory.display()
    )]
    NotASample {
        /// The directory asked for.
        directory: PathBuf,
    },
    /// The file system refused. What stood in the directory before still stands there.
    #[error("cannot {action} {}: {source}", .path.display())]
    File {
        /// What was tried: read, create, write or replace.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
