//! Writing the store's files, all of them or none.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::calendar::{date, timestamp};
use super::catalog::{Assortment, Department, Item, stock};
use super::dice::Dice;
use super::options::{SampleError, SampleOptions};
use super::personas::{Persona, personas};
use super::sessions::{Histories, n_bots};
use super::walk::LogEvent;
use crate::session::EventKind;

/// The catalog: a JSON object a line, an item a line.
pub const CATALOG_FILE: &str = "catalog.jsonl";
/// The event log: CSV with the builder's own column names, visitor after visitor, each one's events in order of time.
pub const EVENTS_FILE: &str = "events.csv";
/// The store's name and its personas, and the mark of a directory that may be written over.
pub const SHOPPERS_FILE: &str = "shoppers.json";

/// What stands first in [`SHOPPERS_FILE`].
const MAKER: &str = "reshelve sample";

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SampleSummary {
    /// Lines of the catalog.
    pub items: u64,
    /// Products, where all colors of one count once.
    pub products: u64,
    /// Visitors, the bots among them.
    pub visitors: u64,
    /// Visitors that are bots.
    pub bots: u64,
    /// Sessions of people.
    pub sessions: u64,
    /// Lines of the event log after its header, dirt and bots included.
    pub events: u64,
    /// Purchased items.
    pub purchases: u64,
    /// Repeated lines: page refreshes.
    pub refreshes: u64,
    /// Lines whose item id is lost.
    pub missing_item_ids: u64,
    /// Length of [`CATALOG_FILE`].
    pub catalog_bytes: u64,
    /// Length of [`EVENTS_FILE`].
    pub events_bytes: u64,
}

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

/// Creates the directory, or makes sure that what stands there is empty or ours.
fn claim(directory: &Path) -> Result<(), SampleError> {
    let failed = |action| move |source| SampleError::File { action, path: directory.to_owned(), source };
    fs::create_dir_all(directory).map_err(failed("create"))?;
    let is_empty = fs::read_dir(directory).map_err(failed("read"))?.next().is_none();
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

/// A complete file with no name yet.
fn write_beside(
    directory: &Path,
    write: impl FnOnce(&mut BufWriter<&mut NamedTempFile>) -> io::Result<()>,
) -> Result<NamedTempFile, SampleError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".reshelve-sample-");
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

/// A line of `catalog.jsonl`.
#[derive(Serialize)]
struct CatalogLine<'a> {
    item_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    title: String,
    category: String,
    brand: &'a str,
    price: Price,
    description: String,
    color: &'a str,
    color_hex: &'a str,
    accent_hex: &'a str,
    material: &'a str,
    size_range: &'a str,
    keywords: String,
    look: &'a str,
    price_level: u8,
    shape: &'a str,
    form: &'a str,
    pattern: &'a str,
    available_from: String,
}

/// Cents, written as euros. A division by 100 rounds to the nearest `f64`, which prints with at most two decimals.
struct Price(u32);

impl Serialize for Price {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

fn write_catalog(file: &mut impl Write, store: &Assortment, summary: &mut SampleSummary) -> io::Result<()> {
    let mut product = None;
    for item in &store.items {
        let this = item.parent_id.as_ref().unwrap_or(&item.id);
        if product != Some(this) {
            summary.products += 1;
            product = Some(this);
        }
        serde_json::to_writer(&mut *file, &catalog_line(item))?;
        file.write_all(b"\n")?;
    }
    Ok(())
}

fn catalog_line(item: &Item) -> CatalogLine<'_> {
    let department = item.department.map(Department::name);
    let mut title = String::new();
    if let Some(department) = department {
        title.push_str(department);
        title.push_str("’s ");
    }
    for part in [&item.model, item.cut.label, item.kind.noun] {
        if !part.is_empty() {
            title.push_str(part);
            title.push(' ');
        }
    }
    title.pop();
    if item.parent_id.is_some() {
        title.push_str(", ");
        title.push_str(item.color.name);
    }
    let sentences: Vec<String> = item.sentences.iter().map(|sentence| fill_in(sentence, item)).collect();
    let category: Vec<&str> = department.iter().chain(item.kind.category).copied().collect();
    CatalogLine {
        item_id: &item.id,
        parent_id: item.parent_id.as_deref(),
        title,
        category: category.join(" > "),
        brand: item.brand.name,
        price: Price(item.price_cents),
        description: sentences.join(" "),
        color: item.color.name,
        color_hex: item.color.hex,
        accent_hex: item.accent.hex,
        material: item.material,
        size_range: item.cut.size,
        keywords: item.kind.keywords.to_owned(),
        look: item.brand.look.name(),
        price_level: item.brand.level,
        shape: item.kind.shape,
        form: item.form,
        pattern: item.pattern,
        available_from: date(item.first_day),
    }
}

/// The sentence with the item's material and size in its gaps, and a capital at its beginning.
fn fill_in(sentence: &str, item: &Item) -> String {
    let filled = sentence.replace("{material}", item.material).replace("{size}", item.cut.size);
    let mut letters = filled.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn write_events(
    file: &mut impl Write,
    store: &Assortment,
    options: &SampleOptions,
    summary: &mut SampleSummary,
) -> io::Result<()> {
    let mut log = EventLog { csv: csv::Writer::from_writer(file), store, summary, time: Vec::new() };
    log.csv.write_record(["visitor_id", "timestamp", "event", "item_id", "query", "quantity"])?;
    let histories = Histories::new(store, options.seed);
    let n_bots = n_bots(options.shoppers);
    let mut events = Vec::new();
    for number in 0..options.shoppers {
        let visitor_id = format!("v{number:06}");
        events.clear();
        // The dirt has a stream of its own, so that it does not change what people do.
        let dirt = &mut Dice::new(options.seed, DIRT_STREAM + u64::from(number));
        if number < options.shoppers - n_bots {
            log.summary.sessions += u64::from(histories.shopper(number, &mut events));
        } else {
            log.summary.bots += 1;
            histories.bot(number, &mut events);
        }
        log.summary.visitors += 1;
        for event in &events {
            log.write(&visitor_id, event, dirt)?;
        }
    }
    log.csv.flush()
}

/// Streams of [`Dice`] from here on soil the log of one visitor each.
const DIRT_STREAM: u64 = 1 << 41;

/// The event log while it is written.
struct EventLog<'a, W: Write> {
    csv: csv::Writer<W>,
    store: &'a Assortment,
    summary: &'a mut SampleSummary,
    /// Room for a timestamp.
    time: Vec<u8>,
}

impl<W: Write> EventLog<'_, W> {
    /// Writes an event, sometimes twice, sometimes without its item.
    fn write(&mut self, visitor_id: &str, event: &LogEvent, dirt: &mut Dice) -> io::Result<()> {
        let loses_item = event.item.is_some() && dirt.below(1_000) == 0;
        self.line(visitor_id, event, event.seconds, loses_item)?;
        self.summary.missing_item_ids += u64::from(loses_item);
        self.summary.purchases += u64::from(event.kind == EventKind::Purchase);
        if event.kind == EventKind::View && dirt.below(64) == 0 {
            self.line(visitor_id, event, event.seconds + dirt.between(1, 3), loses_item)?;
            self.summary.refreshes += 1;
        }
        Ok(())
    }

    fn line(&mut self, visitor_id: &str, event: &LogEvent, seconds: u32, loses_item: bool) -> io::Result<()> {
        self.summary.events += 1;
        self.time.clear();
        write!(self.time, "{}", timestamp(seconds))?;
        let item_id = match event.item {
            Some(item) if !loses_item => self.store.items[item as usize].id.as_str(),
            _ => "",
        };
        let quantity = if event.quantity == 0 { String::new() } else { event.quantity.to_string() };
        self.csv.write_field(visitor_id)?;
        self.csv.write_field(&self.time)?;
        self.csv.write_field(event.kind.name())?;
        self.csv.write_field(item_id)?;
        self.csv.write_field(event.query)?;
        self.csv.write_field(quantity)?;
        self.csv.write_record(None::<&[u8]>)?;
        Ok(())
    }
}
