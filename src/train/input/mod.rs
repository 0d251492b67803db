//! Reads event logs and catalogs of any shape and turns them into clean sessions.
//!
//! A [`Source`] is opened, unpacked and recognized by its content (`source`), read row by row whatever its format
//! (`delimited`, `json_lines`, `parquet_rows`), its columns found by name or by [`Config`] (`columns`), its rows
//! understood one at a time (`events`, `kinds`, `timestamp`), and, once all are in memory, cleaned and cut into
//! sessions (`clean`, `clock`, `returns`). Every row that does not arrive has a [`Reason`], and the reasons add up: see [`IntakeReport`].
//! `docs/INPUT.md` describes all of it for the people who own the files.

mod catalog;
mod clean;
mod clock;
mod column_names;
mod columns;
mod config;
mod delimited;
mod error;
mod events;
mod flags;
mod impressions;
mod interner;
mod json_lines;
mod kinds;
mod lines;
mod margins;
mod parquet_rows;
mod progress;
mod report;
mod returns;
mod rows;
mod source;
mod timestamp;

pub use catalog::read_catalog;
pub use column_names::ColumnNames;
pub use config::{
    CatalogConfig, CleaningConfig, Config, EventColumns, EventConfig, FileConfig, FileFormat, ImpressionConfig,
    KindWord, RepeatedItem,
};
pub use error::InputError;
pub use events::read_events;
pub use flags::ColumnFlags;
pub use impressions::{ImpressionReport, read_impressions};
pub use lines::each_line;
pub use progress::{NoProgress, Progress};
pub use report::{CatalogReport, Dropped, FileReport, Flaw, IntakeReport, Reason};
pub use source::Source;
