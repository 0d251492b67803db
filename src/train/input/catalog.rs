//! Reads a catalog.

use std::collections::HashMap;

use super::{
    column_names,
    columns::CatalogPlaces,
    config::{CatalogConfig, Config, PrivacyConfig, RepeatedItem, leads_to},
    error::InputError,
    interner::Interner,
    margins::{self, MIN_ITEMS_OF_BAND},
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
    privacy: &'a PrivacyConfig,
    places: Option<CatalogPlaces>,
    /// Names of the attributes that go into the model, of all files.
    attributes: Vec<String>,
    ids: Interner,
    /// One a number of `ids`.
    items: Vec<CatalogItem>,
    /// Their margins, which go no further.
    margins: Vec<Option<f64>>,
    votes: Votes,
    rows_read: u64,
    repeated_rows: u64,
    bad_prices: u64,
    /// Whether prices have fractions behind a comma.
    decimal_commas: bool,
    /// Prices with three digits behind a dot.
    dots_of_three: u64,
    bad_margins: u64,
    bad_flags: u64,
    losses: Tally,
    bad_lines: Vec<Flaw>,
}

impl<'a> CatalogReading<'a> {
    fn new(config: &'a Config) -> CatalogReading<'a> {
        CatalogReading {
            config: &config.catalog,
            privacy: &config.privacy,
            places: None,
            attributes: Vec::new(),
            ids: Interner::default(),
            items: Vec::new(),
            margins: Vec::new(),
            votes: Votes::default(),
            rows_read: 0,
            repeated_rows: 0,
            bad_prices: 0,
            decimal_commas: false,
            dots_of_three: 0,
            bad_margins: 0,
            bad_flags: 0,
            losses: Tally::default(),
            bad_lines: Vec::new(),
        }
    }

    /// What a row says of an item, and its margin.
    fn understand(&mut self, row: &Row<'_>, places: &CatalogPlaces) -> Result<(CatalogItem, Option<f64>), Flaw> {
        let text = |column: Option<usize>| {
            let Some(column) = column else { return Ok(None) };
            let text = match row.arrays(column)? {
                Some(lists) => lists.concat().join(" "),
                None => row.text(column)?.to_owned(),
            };
            Ok((!text.is_empty()).then_some(text))
        };
        let mut category = Vec::new();
        let mut is_sensitive = self.flag_at(row, places.sensitive)?;
        for &column in &places.category {
            let paths = match row.arrays(column)? {
                Some(lists) if lists.len() > 1 => lists,
                Some(lists) => lists.concat().iter().map(|value| self.levels(value)).collect(),
                None => vec![self.levels(row.text(column)?)],
            };
            // The levels of one path, or several paths: then the first one counts, but none of them goes unheeded.
            is_sensitive |= paths.len() > 1 && paths.iter().any(|path| self.privacy.is_sensitive(path));
            let are_levels = paths.iter().all(|path| path.len() == 1);
            let n_counted = if are_levels { paths.len() } else { 1 };
            category.extend(paths.into_iter().take(n_counted).flatten());
        }
        let mut attributes = Vec::new();
        for (name, column) in places.attributes.iter().chain(&places.content) {
            attributes.extend(text(Some(*column))?.map(|value| (name.clone(), value)));
        }
        let item = CatalogItem {
            id: row.id(places.item)?.to_owned(),
            position: 0,
            margin_band: 0,
            title: text(places.title)?,
            description: text(places.description)?,
            category,
            brand: text(places.brand)?,
            price: self.price_at(row, places.price)?,
            attributes,
            adult: self.flag_at(row, places.adult)?,
            sensitive: is_sensitive,
        };
        Ok((item, self.margin_at(row, places.margin)?))
    }

    /// The levels of a category that is written as a path.
    fn levels(&self, path: &str) -> Vec<String> {
        let separator = self.config.category_separator.as_str();
        let levels: Vec<&str> = if separator.is_empty() { vec![path] } else { path.split(separator).collect() };
        levels.into_iter().map(str::trim).filter(|level| !level.is_empty()).map(str::to_owned).collect()
    }

    fn price_at(&mut self, row: &Row<'_>, column: Option<usize>) -> Result<Option<f64>, Flaw> {
        let Some((column, text)) = given(row, column)? else { return Ok(None) };
        let price = amount(text).filter(|price| *price >= 0.0);
        self.decimal_commas |= price.is_some_and(|price| price.fract() != 0.0) && !text.contains('.');
        self.dots_of_three +=
            u64::from(price.is_some() && text.split_once('.').is_some_and(|(_, behind)| is_of_three(behind)));
        if price.is_none() {
            self.bad_prices += 1;
            self.show(row.flaw(column, text, "not a price. Write a number of 0 or more, e.g. 12.50"));
        }
        Ok(price)
    }

    fn margin_at(&mut self, row: &Row<'_>, column: Option<usize>) -> Result<Option<f64>, Flaw> {
        let Some((column, text)) = given(row, column)? else { return Ok(None) };
        let margin = amount(text);
        if margin.is_none() {
            self.bad_margins += 1;
            self.show(row.flaw(column, text, "not a margin. Write a number, e.g. 3.20 or 35 %"));
        }
        Ok(margin)
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

    fn add(&mut self, item: CatalogItem, margin: Option<f64>) -> Option<()> {
        let number = self.ids.intern(&item.id)?;
        if self.config.repeated == RepeatedItem::MostFrequent {
            self.votes.count(number, &item, margin)?;
        }
        match self.items.get_mut(number as usize) {
            None => {
                self.items.push(item);
                self.margins.push(margin);
            }
            Some(known) => {
                self.repeated_rows += 1;
                match self.config.repeated {
                    RepeatedItem::Last => {
                        *known = item;
                        self.margins[number as usize] = margin;
                    }
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
        self.votes.elect(&mut self.items, &mut self.margins);
        let mut items = self.items;
        for (item, band) in items.iter_mut().zip(margins::bands(&self.margins)) {
            item.margin_band = band;
        }
        for (item, position) in items.iter_mut().zip(0..) {
            item.position = position;
        }
        items.iter_mut().for_each(|item| item.sensitive |= config.privacy.is_sensitive(&item.category));
        items.sort_unstable_by(|left, right| left.id.cmp(&right.id));
        let count = |holds: fn(&CatalogItem) -> bool| items.iter().filter(|item| holds(item)).count() as u64;
        let with_margin = self.margins.iter().flatten().count();
        let mut notes = report::notes_on_empty(&files);
        if with_margin > 0 && items.iter().all(|item| item.margin_band == 0) {
            notes.push(format!(
                "{with_margin} margins are too few or too much alike for bands that {MIN_ITEMS_OF_BAND} items share: the model gets none."
            ));
        }
        if self.decimal_commas && self.dots_of_three > 0 {
            notes.push(format!(
                "{} prices have three digits behind a dot, which were taken for a fraction, and others a decimal comma: write \
                 them all one way.",
                self.dots_of_three
            ));
        }
        for path in &config.privacy.sensitive {
            if !items.iter().any(|item| leads_to(path, &item.category)) {
                notes.push(format!(
                    "[privacy] sensitive names {path:?}, and no item is in that category: is it written as in the catalog?"
                ));
            }
        }
        let report = CatalogReport {
            rows_read: self.rows_read,
            items: items.len() as u64,
            repeated_rows: self.repeated_rows,
            dropped: self.losses.list(&REASONS),
            bad_prices: self.bad_prices,
            bad_margins: self.bad_margins,
            bad_flags: self.bad_flags,
            with_title: count(|item| item.title.is_some()),
            with_category: count(|item| !item.category.is_empty()),
            with_brand: count(|item| item.brand.is_some()),
            with_margin: with_margin as u64,
            with_price: count(|item| item.price.is_some()),
            with_description: count(|item| item.description.is_some()),
            with_attributes: count(|item| !item.attributes.is_empty()),
            bad_lines: self.bad_lines,
            notes,
            files,
        };
        let catalog = Catalog { items, attributes: self.attributes };
        column_names::check(&catalog, &report::names(&report.files))?;
        Ok((catalog, report))
    }
}

impl RowSink for CatalogReading<'_> {
    fn begin(&mut self, file: &OpenFile) -> Result<(), InputError> {
        let places = CatalogPlaces::find(&file.name, file.rows.columns(), self.config)?;
        for (name, _) in &places.attributes {
            if !self.attributes.contains(name) {
                self.attributes.push(name.clone());
            }
        }
        self.places = Some(places);
        Ok(())
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), InputError> {
        // Taken out for the time of the call, so that the rest of `self` can be changed.
        let Some(places) = self.places.take() else { return Ok(()) };
        self.rows_read += 1;
        match self.understand(row, &places) {
            Ok((item, _)) if item.id.is_empty() => self.losses.add(Reason::MissingItem),
            Ok((item, margin)) => {
                self.add(item, margin).ok_or_else(|| InputError::TooLarge { file: row.file.name.clone() })?
            }
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

/// The text in a column, where there is one, and the column.
fn given<'r>(row: &'r Row<'_>, column: Option<usize>) -> Result<Option<(usize, &'r str)>, Flaw> {
    let Some(column) = column else { return Ok(None) };
    let text = row.text(column)?;
    Ok((!text.is_empty()).then_some((column, text)))
}

/// A finite number. A currency's name or sign, or another one, may stand around it. A dot right behind a letter is the name's,
/// as in `Rs.500`; of one elsewhere behind a name, as in `S/.500`, nobody can say what it means. Fractions are as
/// [`with_point`] finds them.
pub(super) fn amount(text: &str) -> Option<f64> {
    let mut before = ' ';
    let mut is_of_name = |letter| std::mem::replace(&mut before, letter).is_alphabetic() && letter == '.';
    let text: String = text.chars().filter(|&letter| !is_of_name(letter)).collect();
    let number = text.trim_matches(|letter: char| !(letter.is_ascii_digit() || "+-.".contains(letter)));
    let is_unclear = number.starts_with('.') && text.starts_with(char::is_alphabetic);
    with_point(number)?.parse().ok().filter(|amount: &f64| amount.is_finite() && !is_unclear)
}

/// Whether a text begins with three digits and not with four.
fn is_of_three(text: &str) -> bool {
    text.chars().take_while(char::is_ascii_digit).count() == 3
}

/// A number with a decimal point, and without marks between thousands; none if groups of thousands are not of three digits.
/// Of dots and commas the one that comes last, and once, begins the fraction, but a comma that comes alone and ahead of three
/// digits is one between thousands.
fn with_point(number: &str) -> Option<String> {
    let is_mark = |letter: char| ".,'’".contains(letter) || letter.is_whitespace();
    let Some((last, mark)) = number.char_indices().rfind(|&(_, letter)| is_mark(letter)) else {
        return Some(number.to_owned());
    };
    let (before, behind) = (&number[..last], &number[last + mark.len_utf8()..]);
    let begins_fraction = match mark {
        '.' => !before.contains('.'),
        ',' => !before.contains(',') && (behind.len() != 3 || before.contains(is_mark)),
        _ => false,
    };
    let (whole, fraction) = if begins_fraction { (before, behind) } else { (number, "") };
    let mut groups = whole.split(is_mark);
    let first = groups.next().unwrap_or_default();
    let are_thousands = groups.all(|group| group.len() == 3) && (first.len() <= 3 || !whole.contains(is_mark));
    let mut marks = whole.chars().filter(|&letter| is_mark(letter));
    let is_one_kind = marks.next().is_none_or(|first| marks.all(|mark| mark == first));
    let whole: String = whole.chars().filter(|&letter| !is_mark(letter)).collect();
    (are_thousands && is_one_kind).then(|| format!("{whole}.{fraction}"))
}

/// What is voted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Attribute {
    Title,
    Description,
    Category,
    Brand,
    Price,
    Margin,
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
    fn count(&mut self, number: u32, item: &CatalogItem, margin: Option<f64>) -> Option<()> {
        let category = (!item.category.is_empty()).then(|| item.category.join("\u{1f}"));
        let values = [
            (Attribute::Title, item.title.clone()),
            (Attribute::Description, item.description.clone()),
            (Attribute::Category, category),
            (Attribute::Brand, item.brand.clone()),
            (Attribute::Price, item.price.map(|price| price.to_string())),
            (Attribute::Margin, margin.map(|margin| margin.to_string())),
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
    fn elect(&self, items: &mut [CatalogItem], margins: &mut [Option<f64>]) {
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
                Attribute::Margin => margins[number as usize] = value.parse().ok(),
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
