//! The attribute columns of a model, from the catalog and from how often and when items were met.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::repeat;

use super::dataset::CatalogItem;
use super::privacy::visitors_of_items;
use super::universe::Universe;
use crate::format::attributes::{
    AGE_DAYS, BRAND, CATEGORY, Encoded, FLAG_ADULT, FLAG_SENSITIVE, FLAGS, MARGIN_BAND, PARENT, POPULARITY, PRICE_BAND,
    REPURCHASE_DAYS, SELLER, SET, STEP, TRENDING,
};
use crate::session::{DAY_MS, EventKind};

/// Price bands: each holds a fifth of its category's priced items.
const BANDS: usize = 5;
/// Highest level of popularity.
const MAX_LEVEL: f64 = 255.0;
/// Days after which an event counts half as much for what is trending.
const HALF_LIFE_DAYS: f64 = 7.0;
/// Fewest visitors who must have bought an item again before it has a usual interval, if not more are asked for everywhere.
const MIN_BUYERS: usize = 5;
/// Days within which as many visitors must have met an item as are asked for everywhere, for it to be trending.
const TRENDING_DAYS: i64 = 28;

/// The columns in ascending order of name, those that say nothing left out.
pub(super) fn columns(universe: &Universe) -> Vec<Encoded> {
    let plain = |name: &str, values: Vec<u32>| Encoded { name: name.to_owned(), values, dictionary: Vec::new() };
    let mut columns = vec![plain(POPULARITY, popularity(universe))];
    if universe.sessions.has_dates {
        columns.push(plain(AGE_DAYS, ages(universe)));
        columns.push(plain(TRENDING, trending(universe)));
        columns.push(plain(REPURCHASE_DAYS, repurchase_days(universe)));
    }
    if !universe.catalog.is_empty() {
        let catalog = &universe.catalog;
        let flags = catalog
            .iter()
            .map(|item| (if item.adult { FLAG_ADULT } else { 0 }) | (if item.sensitive { FLAG_SENSITIVE } else { 0 }));
        columns.push(plain(FLAGS, flags.collect()));
        columns.push(plain(PRICE_BAND, price_bands(universe)));
        columns.push(plain(MARGIN_BAND, catalog.iter().map(|item| item.margin_band.into()).collect()));
        columns.push(words(BRAND, catalog.iter().map(|item| item.brand.clone().unwrap_or_default()).collect()));
        columns.push(words(CATEGORY, catalog.iter().map(|item| item.category.join(STEP)).collect()));
        columns.extend(universe.attributes.iter().map(|name| attribute(universe, name)));
    }
    columns.retain(|column| column.name == POPULARITY || column.values.iter().any(|&value| value != 0));
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    columns
}

/// Levels on a logarithmic scale, relative to the most frequent item: the counts themselves stay at home.
fn popularity(universe: &Universe) -> Vec<u32> {
    if universe.sessions.events.is_empty() {
        return curated(universe);
    }
    levels(universe, |_| 1.0)
}

/// The same with newer events weighing more; 0 for what enough visitors met, but not lately.
fn trending(universe: &Universe) -> Vec<u32> {
    let newest = universe.sessions.newest_ms().unwrap_or(0);
    let late = universe.sessions.filtered(|event| event.timestamp_ms >= newest - TRENDING_DAYS * DAY_MS);
    let visitors = visitors_of_items(&late);
    let mut levels = levels(universe, |time| (-((newest - time) as f64) / DAY_MS as f64 / HALF_LIFE_DAYS).exp2());
    // Where a single visitor is enough, so is one of long ago.
    let too_few = |visitors: &u32| (*visitors).max(1) < universe.protection.min_visitors;
    levels.iter_mut().zip(&visitors).filter(|(_, visitors)| too_few(visitors)).for_each(|(level, _)| *level = 0);
    levels
}

fn levels(universe: &Universe, weight: impl Fn(i64) -> f64) -> Vec<u32> {
    let mut sums = vec![0.0f64; universe.sessions.item_ids.len()];
    for event in &universe.sessions.events {
        sums[event.item as usize] += weight(event.timestamp_ms);
    }
    let largest = sums.iter().copied().fold(f64::MIN_POSITIVE, f64::max).ln_1p();
    sums.iter().map(|sum| (sum.ln_1p() / largest * MAX_LEVEL).round() as u32).collect()
}

/// The median, over the visitors who bought an item on several days, of the mean days between.
fn repurchase_days(universe: &Universe) -> Vec<u32> {
    let sessions = &universe.sessions;
    let visitors =
        (0..sessions.len()).flat_map(|index| sessions.session(index).iter().zip(repeat(sessions.visitors[index])));
    let bought = visitors.filter(|(event, _)| event.kind == EventKind::Purchase);
    let mut bought: Vec<(u32, u32, i64)> =
        bought.map(|(event, visitor)| (event.item, visitor, event.timestamp_ms.div_euclid(DAY_MS))).collect();
    bought.sort_unstable();
    bought.dedup();
    let mut days = vec![0; sessions.item_ids.len()];
    for of_item in bought.chunk_by(|a, b| a.0 == b.0) {
        let of_visitors = of_item.chunk_by(|a, b| a.1 == b.1).filter(|dates| dates.len() > 1);
        let mut intervals: Vec<i64> =
            of_visitors.map(|dates| (dates[dates.len() - 1].2 - dates[0].2) / (dates.len() as i64 - 1)).collect();
        if intervals.len() >= MIN_BUYERS.max(universe.protection.min_visitors as usize) {
            intervals.sort_unstable();
            days[of_item[0].0 as usize] = intervals[intervals.len() / 2].clamp(1, 0xffff) as u32;
        }
    }
    days
}

/// Levels that fall along the store's own order, for want of events; 0 without a catalog, which alone has one.
fn curated(universe: &Universe) -> Vec<u32> {
    if universe.catalog.is_empty() {
        return vec![0; universe.sessions.item_ids.len()];
    }
    let n_items = universe.catalog.len() as f64;
    let level = |position: u32| ((1.0 - f64::from(position) / n_items) * MAX_LEVEL).round() as u32;
    universe.catalog.iter().map(|item| level(item.position)).collect()
}

/// Days from when as many visitors had met an item as are asked for everywhere, to the newest event of all; 0 for an
/// item without events. When the very first one came is nobody's business.
fn ages(universe: &Universe) -> Vec<u32> {
    let sessions = &universe.sessions;
    let newest = sessions.newest_ms().unwrap_or(0);
    let mut visitors: Vec<Vec<u32>> = vec![Vec::new(); sessions.item_ids.len()];
    let mut met = vec![newest; sessions.item_ids.len()];
    let mut by_time: Vec<(i64, u32, u32)> = Vec::with_capacity(sessions.events.len());
    for (session, &visitor) in sessions.iter().zip(&sessions.visitors) {
        by_time.extend(session.iter().map(|event| (event.timestamp_ms, event.item, visitor)));
    }
    by_time.sort_unstable();
    for (timestamp_ms, item, visitor) in by_time {
        let visitors = &mut visitors[item as usize];
        if visitors.len() < universe.protection.min_visitors as usize && !visitors.contains(&visitor) {
            visitors.push(visitor);
            met[item as usize] = timestamp_ms;
        }
    }
    met.iter().map(|met| ((newest - met) / DAY_MS).clamp(0, 0xffff) as u32).collect()
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

/// A column of the store's own: numbers where every value is one, else words.
fn attribute(universe: &Universe, name: &str) -> Encoded {
    if name == PARENT {
        return Encoded { name: name.to_owned(), values: parents(universe), dictionary: Vec::new() };
    }
    let value = |item: &CatalogItem| attribute_of(item, name).unwrap_or_default().to_owned();
    let values: Vec<String> = universe.catalog.iter().map(value).collect();
    // Who is whom is not a number, even where it is written in digits.
    let numbers = values.iter().map(|value| if value.is_empty() { Some(0) } else { whole_number(value) });
    match numbers.collect::<Option<Vec<u32>>>().filter(|_| ![SELLER, SET].contains(&name)) {
        Some(values) => Encoded { name: name.to_owned(), values, dictionary: Vec::new() },
        None => words(name, values),
    }
}

fn attribute_of<'a>(item: &'a CatalogItem, name: &str) -> Option<&'a str> {
    item.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A number from 0 to 2³¹ − 1, if it is written as one. `007` is a word.
pub(super) fn whole_number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|&number: &u32| number <= i32::MAX as u32 && number.to_string() == text)
}

/// The number of each item's product, from 1 in the order of their ids; 0 for an item that is a variant of nothing. An
/// item whose id others name is their product, and counts among them.
fn parents(universe: &Universe) -> Vec<u32> {
    let named: BTreeSet<&str> = universe.catalog.iter().filter_map(|item| attribute_of(item, PARENT)).collect();
    let of_item = |item: &'_ CatalogItem| -> Option<String> {
        attribute_of(item, PARENT).or(named.get(item.id.as_str()).copied()).map(str::to_owned)
    };
    let products: Vec<Option<String>> = universe.catalog.iter().map(of_item).collect();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for product in products.iter().flatten() {
        *counts.entry(product).or_default() += 1;
    }
    let shared = counts.into_iter().filter(|&(_, count)| count > 1).map(|(product, _)| product);
    let numbers: BTreeMap<&str, u32> = shared.zip(1..).collect();
    products.iter().map(|product| product.as_deref().and_then(|id| numbers.get(id).copied()).unwrap_or(0)).collect()
}

/// A dictionary column; the empty word is "none".
fn words(name: &str, words: Vec<String>) -> Encoded {
    let mut dictionary: Vec<String> = words.iter().filter(|word| !word.is_empty()).cloned().collect();
    dictionary.sort_unstable();
    dictionary.dedup();
    let values = words.iter().map(|word| dictionary.binary_search(word).map_or(0, |index| index as u32 + 1)).collect();
    Encoded { name: name.to_owned(), values, dictionary }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Catalog, Privacy, Sessions};

    /// The columns of a catalog whose items `0`, `1`, … have these values of an attribute.
    fn column(name: &str, values: &[&str]) -> Encoded {
        let item = |(id, value): (usize, &&str)| CatalogItem {
            id: id.to_string(),
            attributes: (!value.is_empty()).then(|| (name.to_owned(), (*value).to_owned())).into_iter().collect(),
            ..CatalogItem::default()
        };
        let items: Vec<CatalogItem> = values.iter().enumerate().map(item).collect();
        let sessions = Sessions { item_ids: items.iter().map(|item| item.id.clone()).collect(), ..Sessions::default() };
        let catalog = Catalog { items, attributes: vec![name.to_owned()] };
        let columns = columns(&Universe::new(&sessions, Some(&catalog), &Privacy::default()));
        columns.into_iter().find(|column| column.name == name).unwrap_or_else(|| words(name, Vec::new()))
    }

    #[test]
    fn attributes_are_numbers_or_words() {
        let check = |name: &str, values: &[&str], expected: &[u32], dictionary: &[&str]| {
            let column = column(name, values);
            assert_eq!(
                (column.values.as_slice(), column.dictionary),
                (expected, dictionary.iter().map(|word| (*word).to_owned()).collect()),
                "{values:?}"
            );
        };
        check("grade", &["1", "", "70000", "0"], &[1, 0, 70_000, 0], &[]);
        check("grade", &["1", "02"], &[2, 1], &["02", "1"]);
        check("grade", &["b", "", "a", "b"], &[2, 0, 1, 2], &["a", "b"]);
        check("grade", &["1", "-1"], &[2, 1], &["-1", "1"]);
        check("grade", &["1", "2147483648"], &[1, 2], &["1", "2147483648"]);
        check("seller", &["7", "", "8"], &[1, 0, 2], &["7", "8"]);
        check("grade", &["", ""], &[], &[]);
        // Item 4 is the product that 2 and 3 are variants of; nothing else is of `z`.
        check("parent", &["b", "b", "4", "4", "", "z", ""], &[2, 2, 1, 1, 1, 0, 0], &[]);
        check("parent", &["a", "b"], &[], &[]);
    }
}
