//! Reads a catalog.

use std::collections::HashMap;

use super::{
    columns::CatalogPlaces,
    config::{CatalogConfig, Config, RepeatedItem},
    error::InputError,
    interner::Interner,
    progress::Progress,
    report::{self, CatalogReport, FileReport, Flaw, Reason, SHOWN_FLAWS, Tally},
    rows::{Row, RowSink, read_all},
    source::{OpenFile, Source},
};
use crate::train::{Catalog, CatalogItem};

/// What can happen to a row of a catalog.
const REASONS: [Reason; 2] = [Reason::UnparsableLine, Reason::MissingItem];

/// Reads one or several files as one catalog.
///
/// # Errors
///
/// Where a file cannot be read or the item's column not be found, where more rows than allowed cannot be understood, and
/// where no row is left.
pub fn read_catalog(
    sources: &[Source],
    config: &Config,
    progress: &dyn Progress,
) -> Result<(Catalog, CatalogReport), InputError> {
    config.check()?;
    let mut reading = CatalogReading::new(config);
    let files = read_all(sources, &config.file, progress, &mut reading)?;
    reading.finish(files, config)
}

struct CatalogReading<'a> {
    config: &'a CatalogConfig,
    places: Option<CatalogPlaces>,
    ids: Interner,
    /// One a number of `ids`.
    items: Vec<CatalogItem>,
    votes: Votes,
    rows_read: u64,
    repeated_rows: u64,
    bad_prices: u64,
    bad_flags: u64,
    losses: Tally,
    bad_lines: Vec<Flaw>,
}

impl<'a> CatalogReading<'a> {
    fn new(config: &'a Config) -> CatalogReading<'a> {
        CatalogReading {
            config: &config.catalog,
            places: None,
            ids: Interner::default(),
            items: Vec::new(),
            votes: Votes::default(),
            rows_read: 0,
            repeated_rows: 0,
            bad_prices: 0,
            bad_flags: 0,
            losses: Tally::default(),
            bad_lines: Vec::new(),
        }
    }

    fn understand(&mut self, row: &Row<'_>, places: &CatalogPlaces) -> Result<CatalogItem, Flaw> {
        let text = |column| row.text_of(column).map(|text| (!text.is_empty()).then(|| text.to_owned()));
        let mut category = Vec::new();
        for &column in &places.category {
            let value = row.text(column)?;
            let separator = self.config.category_separator.as_str();
            let levels: Vec<&str> = if separator.is_empty() { vec![value] } else { value.split(separator).collect() };
            category.extend(levels.into_iter().map(str::trim).filter(|level| !level.is_empty()).map(str::to_owned));
        }
        let mut attributes = Vec::new();
        for (name, column) in &places.attributes {
            attributes.extend(text(Some(*column))?.map(|value| (name.clone(), value)));
        }
        Ok(CatalogItem {
            id: row.text(places.item)?.to_owned(),
            position: 0,
            title: text(places.title)?,
            description: text(places.description)?,
            category,
            brand: text(places.brand)?,
            price: self.price_at(row, places.price)?,
            attributes,
            adult: self.flag_at(row, places.adult)?,
            sensitive: self.flag_at(row, places.sensitive)?,
        })
    }

    fn price_at(&mut self, row: &Row<'_>, column: Option<usize>) -> Result<Option<f64>, Flaw> {
        let Some(column) = column else { return Ok(None) };
        let text = row.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        // A currency's name or sign may stand around the number.
        let number = text.trim_matches(|letter: char| !(letter.is_ascii_digit() || "+-.".contains(letter)));
        match number.parse::<f64>() {
            Ok(price) if price.is_finite() && price >= 0.0 => Ok(Some(price)),
            _ => {
                self.bad_prices += 1;
                self.show(row.flaw(column, text, "not a price. Write a number of 0 or more, e.g. 12.50"));
                Ok(None)
            }
        }
    }

    fn flag_at(&mut self, row: &Row<'_>, column: Option<usize>) -> Result<bool, Flaw> {
        let Some(column) = column else { return Ok(false) };
        let text = row.text(column)?;
        match text.to_ascii_lowercase().as_str() {
            "" | "0" | "false" | "no" | "n" | "f" => Ok(false),
            "1" | "true" | "yes" | "y" | "t" => Ok(true),
            _ => {
                self.bad_flags += 1;
                self.show(row.flaw(column, text, "neither yes nor no; taken for yes. Write 1 or 0"));
                Ok(true)
            }
        }
    }

    fn show(&mut self, flaw: Flaw) {
        if self.bad_lines.len() < SHOWN_FLAWS {
            self.bad_lines.push(flaw);
        }
    }

    fn add(&mut self, item: CatalogItem) -> Option<()> {
        let number = self.ids.intern(&item.id)?;
        if self.config.repeated == RepeatedItem::MostFrequent {
            self.votes.count(number, &item)?;
        }
        match self.items.get_mut(number as usize) {
            None => self.items.push(item),
            Some(known) => {
                self.repeated_rows += 1;
                match self.config.repeated {
                    RepeatedItem::Last => *known = item,
                    // A flag that was raised once stays: the careful answer.
                    RepeatedItem::MostFrequent => {
                        known.adult |= item.adult;
                        known.sensitive |= item.sensitive;
                    }
                }
            }
        }
        Some(())
    }

    fn finish(mut self, files: Vec<FileReport>, config: &Config) -> Result<(Catalog, CatalogReport), InputError> {
        let bad = self.losses.of(Reason::UnparsableLine);
        let cleaning = &config.cleaning;
        if bad > cleaning.bad_line_minimum && bad as f64 > cleaning.bad_line_share * self.rows_read as f64 {
            let (rows, share, samples) = (self.rows_read, cleaning.bad_line_share, self.bad_lines);
            return Err(InputError::TooManyBadLines { bad, rows, share, samples });
        }
        if self.items.is_empty() {
            return Err(InputError::NothingLeft {
                file: report::names(&files),
                rows: self.rows_read,
                reasons: self.losses.summary(),
                hint: String::new(),
                samples: self.bad_lines,
            });
        }
        self.votes.elect(&mut self.items);
        let mut items = self.items;
        for (item, position) in items.iter_mut().zip(0..) {
            item.position = position;
        }
        items.sort_unstable_by(|left, right| left.id.cmp(&right.id));
        let count = |holds: fn(&CatalogItem) -> bool| items.iter().filter(|item| holds(item)).count() as u64;
        let report = CatalogReport {
            rows_read: self.rows_read,
            items: items.len() as u64,
            repeated_rows: self.repeated_rows,
            dropped: self.losses.list(&REASONS),
            bad_prices: self.bad_prices,
            bad_flags: self.bad_flags,
            with_title: count(|item| item.title.is_some()),
            with_category: count(|item| !item.category.is_empty()),
            with_brand: count(|item| item.brand.is_some()),
            with_price: count(|item| item.price.is_some()),
            with_description: count(|item| item.description.is_some()),
            with_attributes: count(|item| !item.attributes.is_empty()),
            bad_lines: self.bad_lines,
            notes: report::notes_on_empty(&files),
            files,
        };
        Ok((Catalog { items }, report))
    }
}

impl RowSink for CatalogReading<'_> {
    fn begin(&mut self, file: &OpenFile) -> Result<(), InputError> {
        self.places = Some(CatalogPlaces::find(&file.name, file.rows.columns(), self.config)?);
        Ok(())
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), InputError> {
        // Taken out for the time of the call, so that the rest of `self` can be changed.
        let Some(places) = self.places.take() else { return Ok(()) };
        self.rows_read += 1;
        match self.understand(row, &places) {
            Ok(item) if item.id.is_empty() => self.losses.add(Reason::MissingItem),
            Ok(item) => self.add(item).ok_or_else(|| InputError::TooLarge { file: row.file.name.clone() })?,
            Err(flaw) => {
                self.losses.add(Reason::UnparsableLine);
                self.show(flaw);
            }
        }
        self.places = Some(places);
        Ok(())
    }

    fn take_flaw(&mut self, flaw: Flaw) {
        self.rows_read += 1;
        self.losses.add(Reason::UnparsableLine);
        self.show(flaw);
    }
}

/// What is voted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Attribute {
    Title,
    Description,
    Category,
    Brand,
    Price,
    /// An attribute, by the number of its name.
    Other(u32),
}

/// Counts how often an item was said to have each value.
#[derive(Debug, Default)]
struct Votes {
    values: Interner,
    /// Item, attribute and value: how often, and which vote it was first seen with.
    counts: HashMap<(u32, Attribute, u32), (u32, u64)>,
    cast: u64,
}

impl Votes {
    /// `None` when there are too many different values.
    fn count(&mut self, number: u32, item: &CatalogItem) -> Option<()> {
        let category = (!item.category.is_empty()).then(|| item.category.join("\u{1f}"));
        let values = [
            (Attribute::Title, item.title.clone()),
            (Attribute::Description, item.description.clone()),
            (Attribute::Category, category),
            (Attribute::Brand, item.brand.clone()),
            (Attribute::Price, item.price.map(|price| price.to_string())),
        ];
        let mut values: Vec<_> =
            values.into_iter().filter_map(|(attribute, value)| Some((attribute, value?))).collect();
        for (name, value) in &item.attributes {
            values.push((Attribute::Other(self.values.intern(name)?), value.clone()));
        }
        for (attribute, value) in values {
            let value = self.values.intern(&value)?;
            self.cast += 1;
            self.counts.entry((number, attribute, value)).or_insert((0, self.cast)).0 += 1;
        }
        Some(())
    }

    /// Gives every item its most frequent values; of equals the one that was there first.
    fn elect(&self, items: &mut [CatalogItem]) {
        let mut ballots: Vec<_> = self.counts.iter().collect();
        // The winner of each item and attribute comes last. No two were first seen with the same vote, so the order of the
        // map changes nothing.
        ballots.sort_unstable_by_key(|&(_, &(count, first))| (count, std::cmp::Reverse(first)));
        for (&(number, attribute, value), _) in ballots {
            let (item, value) = (&mut items[number as usize], self.values.text(value));
            match attribute {
                Attribute::Title => item.title = Some(value.to_owned()),
                Attribute::Category => item.category = value.split('\u{1f}').map(str::to_owned).collect(),
                Attribute::Description => item.description = Some(value.to_owned()),
                Attribute::Brand => item.brand = Some(value.to_owned()),
                // A number that was written by `to_string` reads back as it was.
                Attribute::Price => item.price = value.parse().ok(),
                Attribute::Other(name) => {
                    let name = self.values.text(name);
                    match item.attributes.iter_mut().find(|(known, _)| known == name) {
                        Some((_, known)) => *known = value.to_owned(),
                        None => item.attributes.push((name.to_owned(), value.to_owned())),
                    }
                }
            }
        }
    }
}
