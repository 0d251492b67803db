//! What the catalog says of each item, as a sparse vector: words, categories, brand, price and attributes, each weighted
//! by how rare it is.

use std::collections::HashMap;

use twox_hash::XxHash64;
use unicode_segmentation::UnicodeSegmentation;

use super::ridge::Sparse;
use crate::train::CatalogItem;

/// Where a feature comes from. What is said in one field weighs as much as what is said in another, however long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(super) enum Field {
    Title,
    Description,
    Category,
    Brand,
    Price,
    Attributes,
    /// The beginning of the id: stores number a series, or the variants of a product, one after the other.
    Id,
}

/// Letters of a word that stand for its other forms: "hearts" and "heart".
const STEM: usize = 5;
/// Lengths of the beginnings of an id.
const ID_PREFIXES: [usize; 5] = [1, 2, 3, 4, 5];
/// Price bands of the catalog, each with as many items.
const PRICE_BANDS: [usize; 2] = [4, 16];

/// The features of every item.
#[derive(Debug)]
pub(super) struct Features {
    /// One row an item; unit length within each field.
    pub(super) matrix: Sparse,
    /// Of each column of the matrix.
    pub(super) fields: Vec<Field>,
}

impl Features {
    /// The features of the catalog's items. Those that no item with events has are left out: nothing is known of them.
    pub(super) fn new(catalog: &[CatalogItem], is_warm: &[bool]) -> Features {
        let bands = price_bands(catalog);
        let rows: Vec<Vec<(Field, u64)>> = catalog.iter().zip(&bands).map(|(item, &bands)| told(item, bands)).collect();
        let mut counts: HashMap<(Field, u64), (u32, bool)> = HashMap::new();
        for (row, &warm) in rows.iter().zip(is_warm) {
            for &feature in row {
                let (count, known) = counts.entry(feature).or_default();
                *count += 1;
                *known |= warm;
            }
        }
        let mut kept: Vec<(Field, u64)> =
            counts.iter().filter(|(_, (count, known))| *known && *count > 1).map(|(&feature, _)| feature).collect();
        kept.sort_unstable();
        let columns: HashMap<(Field, u64), u32> = kept.iter().copied().zip(0..).collect();
        let n_items = catalog.len() as f32;
        let rows = rows.iter().map(|row| {
            let mut entries: Vec<(u32, f32)> = row
                .iter()
                .filter_map(|feature| Some((*columns.get(feature)?, (1.0 + n_items / counts[feature].0 as f32).ln())))
                .collect();
            for of_field in entries.chunk_by_mut(|a, b| kept[a.0 as usize].0 == kept[b.0 as usize].0) {
                let norm = of_field.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
                of_field.iter_mut().for_each(|(_, value)| *value /= norm);
            }
            entries
        });
        Features { matrix: Sparse::new(rows, kept.len()), fields: kept.iter().map(|&(field, _)| field).collect() }
    }
}

/// Everything said of an item, each once, in ascending order: the field, and a hash of what is said in it.
fn told(item: &CatalogItem, bands: [Option<usize>; PRICE_BANDS.len()]) -> Vec<(Field, u64)> {
    let mut told = Vec::new();
    let mut tell = |field: Field, what: &str| told.push((field, XxHash64::oneshot(field as u64, what.as_bytes())));
    for (field, text) in [(Field::Title, &item.title), (Field::Description, &item.description)] {
        words(text.as_deref().unwrap_or_default(), |word| tell(field, word));
    }
    for depth in 1..=item.category.len() {
        tell(Field::Category, &item.category[..depth].join("\u{1f}"));
    }
    if let Some(brand) = &item.brand {
        tell(Field::Brand, &brand.to_lowercase());
    }
    for (band, of) in bands.into_iter().zip(PRICE_BANDS) {
        if let Some(band) = band {
            tell(Field::Price, &format!("{band}/{of}"));
        }
    }
    for (name, value) in &item.attributes {
        tell(Field::Attributes, &format!("{name}\u{1f}{}", value.to_lowercase()));
        words(value, |word| tell(Field::Attributes, &format!("{name}\u{1e}{word}")));
    }
    for len in ID_PREFIXES {
        if let Some((end, _)) = item.id.char_indices().nth(len) {
            tell(Field::Id, &item.id[..end]);
        }
    }
    told.sort_unstable();
    told.dedup();
    told
}

/// The words of a text in small letters, their beginnings, and pairs of neighbors.
fn words(text: &str, mut tell: impl FnMut(&str)) {
    let text = text.to_lowercase();
    let mut before: Option<&str> = None;
    for word in text.unicode_words() {
        tell(word);
        if let Some((end, _)) = word.char_indices().nth(STEM) {
            tell(&format!("{}-", &word[..end]));
        }
        if let Some(before) = before {
            tell(&format!("{before} {word}"));
        }
        before = Some(word);
    }
}

/// For each item the band that its price is in, for each number of bands.
fn price_bands(catalog: &[CatalogItem]) -> Vec<[Option<usize>; PRICE_BANDS.len()]> {
    let mut prices: Vec<f64> = catalog.iter().filter_map(|item| item.price).collect();
    prices.sort_unstable_by(f64::total_cmp);
    let band = |price: f64| {
        let below = prices.partition_point(|other| *other < price);
        PRICE_BANDS.map(|bands| Some(below * bands / prices.len()))
    };
    catalog.iter().map(|item| item.price.map_or([None; PRICE_BANDS.len()], band)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(a: &CatalogItem, b: &CatalogItem) -> Vec<Field> {
        let (a, b) = (told(a, [None; 2]), told(b, [None; 2]));
        a.iter().filter(|feature| b.contains(feature)).map(|(field, _)| *field).collect()
    }

    #[test]
    fn alike_items_share_features() {
        let item = |id: &str, title: &str, category: &[&str], color: &str| CatalogItem {
            id: id.to_owned(),
            title: Some(title.to_owned()),
            category: category.iter().map(|name| (*name).to_owned()).collect(),
            attributes: vec![("color".to_owned(), color.to_owned())],
            ..CatalogItem::default()
        };
        let lamp = item("zz9", "Lanterns, red", &["Home", "Light"], "Red");
        use Field::{Attributes, Category, Title};
        let check = |other: &CatalogItem, expected: &[Field]| assert_eq!(shared(&lamp, other), expected, "{other:?}");
        check(&item("a", "RED", &[], ""), &[Title]);
        check(&item("a", "a lantern", &[], ""), &[Title]);
        check(&item("a", "", &["Home"], ""), &[Category]);
        check(&item("a", "", &["Light"], ""), &[]);
        check(&item("a", "", &[], "red"), &[Attributes, Attributes]);
        check(&item("zy8", "", &[], ""), &[Field::Id]);
    }

    #[test]
    fn every_field_weighs_the_same() {
        let item = |id: &str, title: &str, brand: &str| CatalogItem {
            id: id.to_owned(),
            title: Some(title.to_owned()),
            brand: Some(brand.to_owned()),
            ..CatalogItem::default()
        };
        let catalog = [item("a", "red tin lamp", "Lux"), item("b", "red tin mug", "Lux"), item("c", "bowl", "Lux")];
        let features = Features::new(&catalog, &[true, true, false]);
        let norm = |row: usize, field: Field| {
            let entries = features.matrix.row(row).iter().filter(|entry| features.fields[entry.0 as usize] == field);
            entries.map(|entry| entry.1 * entry.1).sum::<f32>()
        };
        for (row, field, expected) in [(0, Field::Title, 1.0), (0, Field::Brand, 1.0), (2, Field::Title, 0.0)] {
            assert!((norm(row, field) - expected).abs() < 1e-5, "row {row}, {field:?}");
        }
    }
}
