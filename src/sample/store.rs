//! Writing the store's files, all of them or none.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::assortment::Assortment;
use super::catalog_file::write_catalog;
use super::event_file::write_events;
use super::options::{SampleError, SampleOptions};
use super::personas::{Persona, personas};
use super::stock::stock;
use super::summary::SampleSummary;

/// The catalog: a JSON object a line, an item a line.
pub const CATALOG_FILE: &str = "catalog.jsonl";
/// The event log: CSV with the builder's own column names, visitor after visitor, each one's events in order of time.
pub const EVENTS_FILE: &str = "events.csv";
/// The store's name and its personas, and the mark of a directory that may be written over.
pub const SHOPPERS_FILE: &str = "shoppers.json";

/// What stands first in [`SHOPPERS_FILE`].
const MAKER: &str = "reshelve sample";

/// Makes a store and writes it into `directory`, which is created where it is missing.
///
/// The same options give the same bytes. An empty directory is filled, one that holds a sample store gets the new one
/// in its place; other files in it stay. Each file is written beside its place and renamed when all are complete.
/// Memory grows with the items, not with the shoppers.
///
/// # Errors
///
/// [`SampleError`]: a number out of range, a directory with files that are not ours, or a refusal of the file system.
pub fn write_store(directory: &Path, options: &SampleOptions) -> Result<SampleSummary, SampleError> {
    options.check()?;
    claim(directory)?;
    let store = stock(options.items, options.seed);
    let mut summary = SampleSummary { items: store.items.len() as u64, ..SampleSummary::default() };

    let shoppers = write_beside(directory, |file| write_shoppers(file, &store, options))?;
    let catalog = write_beside(directory, |file| write_catalog(file, &store, &mut summary))?;
    let events = write_beside(directory, |file| write_events(file, &store, options, &mut summary))?;
    summary.catalog_bytes = len(&catalog)?;
    summary.events_bytes = len(&events)?;
    // The mark goes first: if the power fails in between, the directory is still known as ours.
    for (file, name) in [(shoppers, SHOPPERS_FILE), (catalog, CATALOG_FILE), (events, EVENTS_FILE)] {
        let path = directory.join(name);
        file.persist(&path).map_err(|error| SampleError::File { action: "replace", path, source: error.error })?;
    }
    Ok(summary)
}

/// Creates the directory, or makes sure that what stands there is empty or ours. What an interrupted run has left is removed.
fn claim(directory: &Path) -> Result<(), SampleError> {
    let failed = |action| move |source| SampleError::File { action, path: directory.to_owned(), source };
    fs::create_dir_all(directory).map_err(failed("create"))?;
    let mut is_empty = true;
    for entry in fs::read_dir(directory).map_err(failed("read"))? {
        let entry = entry.map_err(failed("read"))?;
        let is_left = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if is_left {
            fs::remove_file(entry.path()).map_err(failed("clear"))?;
        }
        is_empty &= is_left;
    }
    if is_empty || is_sample(&directory.join(SHOPPERS_FILE)) {
        return Ok(());
    }
    Err(SampleError::NotASample { directory: directory.to_owned() })
}

/// Whether the file is one of our [`SHOPPERS_FILE`]s.
fn is_sample(path: &Path) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Mark {
        made_by: String,
    }
    let mark = fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Mark>(&bytes).ok());
    mark.is_some_and(|mark| mark.made_by == MAKER)
}

/// What the names of files that are not complete yet begin with.
const UNFINISHED: &str = ".reshelve-sample-";

/// A complete file with no name yet.
fn write_beside(
    directory: &Path,
    write: impl FnOnce(&mut BufWriter<&mut NamedTempFile>) -> io::Result<()>,
) -> Result<NamedTempFile, SampleError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // As any new file; the library's own default is a file that nobody else may read.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let failed = |action: &'static str, path: PathBuf| move |source| SampleError::File { action, path, source };
    let mut file = builder.tempfile_in(directory).map_err(failed("create a file in", directory.to_owned()))?;
    let path = file.path().to_owned();
    let mut writer = BufWriter::with_capacity(1 << 16, &mut file);
    write(&mut writer).and_then(|()| writer.flush()).map_err(failed("write", path))?;
    drop(writer);
    Ok(file)
}

fn len(file: &NamedTempFile) -> Result<u64, SampleError> {
    let metadata = file.as_file().metadata();
    metadata.map(|metadata| metadata.len()).map_err(|source| SampleError::File {
        action: "read",
        path: file.path().to_owned(),
        source,
    })
}

/// The whole of `shoppers.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shoppers {
    made_by: &'static str,
    seed: u64,
    items: u32,
    shoppers: u32,
    store: StoreFront,
    personas: Vec<Persona>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StoreFront {
    name: &'static str,
    tagline: &'static str,
    currency: &'static str,
}

fn write_shoppers(file: &mut impl Write, store: &Assortment, options: &SampleOptions) -> io::Result<()> {
    let shoppers = Shoppers {
        made_by: MAKER,
        seed: options.seed,
        items: options.items,
        shoppers: options.shoppers,
        store: StoreFront { name: "Larkmoor", tagline: "For outside, and for coming home", currency: "EUR" },
        personas: personas(store),
    };
    serde_json::to_writer_pretty(&mut *file, &shoppers)?;
    file.write_all(b"\n")
}
