use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::output;
use crate::sample::{SampleOptions, write_store};

/// Make a fictional store: a catalog and an event log to try everything with
///
/// The same options make the same files, to the byte.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder for the files; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Items of the catalog
    #[arg(long, value_name = "N", default_value_t = SampleOptions::default().items)]
    items: u32,
    /// Shoppers, each with several sessions
    #[arg(long, value_name = "N", default_value_t = SampleOptions::default().shoppers)]
    shoppers: u32,
    /// Another seed makes another store
    #[arg(long, value_name = "N", default_value_t = SampleOptions::default().seed)]
    seed: u64,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let options = SampleOptions { items: arguments.items, shoppers: arguments.shoppers, seed: arguments.seed };
    let summary = write_store(&arguments.out, &options)?;
    let folder = arguments.out.display();
    output::print(format!(
        "{summary}\nnext: reshelve build --events {folder}/events.csv --catalog {folder}/catalog.jsonl -o store.shelf"
    ))
}
