//! The attribute columns of a model, from the catalog and from how often and when items were met.

use super::universe::Universe;
use crate::format::attributes::{
    AGE_DAYS, BRAND, CATEGORY, Encoded, FLAG_ADULT, FLAG_SENSITIVE, FLAGS, POPULARITY, PRICE_BAND,
};

/// Price bands: each holds a fifth of its category's priced items.
const BANDS: usize = 5;
/// Highest level of popularity.
const MAX_LEVEL: f64 = 255.0;
const DAY_MS: i64 = 86_400_000;

/// The columns in ascending order of name, those that say nothing left out.
pub(super) fn columns(universe: &Universe) -> Vec<Encoded> {
    let plain = |name: &str, values: Vec<u32>| Encoded { name: name.to_owned(), values, dictionary: Vec::new() };
    let mut columns = vec![plain(POPULARITY, popularity(universe))];
    if universe.sessions.has_dates {
        columns.push(plain(AGE_DAYS, ages(universe)));
    }
    if !universe.catalog.is_empty() {
        let catalog = &universe.catalog;
        let flags = catalog
            .iter()
            .map(|item| (if item.adult { FLAG_ADULT } else { 0 }) | (if item.sensitive { FLAG_SENSITIVE } else { 0 }));
        columns.push(plain(FLAGS, flags.collect()));
        columns.push(plain(PRICE_BAND, price_bands(universe)));
        columns.push(words(BRAND, catalog.iter().map(|item| item.brand.clone().unwrap_or_default()).collect()));
        columns.push(words(CATEGORY, catalog.iter().map(|item| item.category.join(" > ")).collect()));
    }
    columns.retain(|column| column.name == POPULARITY || column.values.iter().any(|&value| value != 0));
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    columns
}

/// Levels on a logarithmic scale, relative to the most frequent item: the counts themselves stay at home.
fn popularity(universe: &Universe) -> Vec<u32> {
    let mut counts = vec![0u32; universe.sessions.item_ids.len()];
    for event in &universe.sessions.events {
        counts[event.item as usize] += 1;
    }
    if universe.sessions.events.is_empty() {
        return curated(universe);
    }
    let largest = f64::from(counts.iter().max().copied().unwrap_or(0)).ln_1p().max(f64::MIN_POSITIVE);
    counts.iter().map(|&count| (f64::from(count).ln_1p() / largest * MAX_LEVEL).round() as u32).collect()
}

/// Levels that fall along the store's own order, for want of events.
fn curated(universe: &Universe) -> Vec<u32> {
    let n_items = universe.catalog.len() as f64;
    let level = |position: u32| ((1.0 - f64::from(position) / n_items) * MAX_LEVEL).round() as u32;
    universe.catalog.iter().map(|item| level(item.position)).collect()
}

/// Days from each item's first event to the newest event of all; 0 for an item without events.
fn ages(universe: &Universe) -> Vec<u32> {
    let events = &universe.sessions.events;
    let newest = events.iter().map(|event| event.timestamp_ms).max().unwrap_or(0);
    let mut first = vec![newest; universe.sessions.item_ids.len()];
    for event in events {
        let first = &mut first[event.item as usize];
        *first = event.timestamp_ms.min(*first);
    }
    first.iter().map(|first| ((newest - first) / DAY_MS).clamp(0, 0xffff) as u32).collect()
}

/// The fifth of its category's prices that each item's price is in, from 1; 0 without a price.
fn price_bands(universe: &Universe) -> Vec<u32> {
    let mut priced: Vec<(&[String], f64, usize)> = Vec::new();
    for (row, item) in universe.catalog.iter().enumerate() {
        if let Some(price) = item.price {
            priced.push((&item.category, price, row));
        }
    }
    priced.sort_by(|a, b| a.0.cmp(b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut bands = vec![0; universe.catalog.len()];
    for category in priced.chunk_by(|a, b| a.0 == b.0) {
        for (place, &(_, _, row)) in category.iter().enumerate() {
            bands[row] = (place * BANDS / category.len()) as u32 + 1;
        }
    }
    bands
}

/// A dictionary column; the empty word is "none".
fn words(name: &str, words: Vec<String>) -> Encoded {
    let mut dictionary: Vec<String> = words.iter().filter(|word| !word.is_empty()).cloned().collect();
    dictionary.sort_unstable();
    dictionary.dedup();
    let values = words.iter().map(|word| dictionary.binary_search(word).map_or(0, |index| index as u32 + 1)).collect();
    Encoded { name: name.to_owned(), values, dictionary }
}
