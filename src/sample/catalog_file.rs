//! The catalog as JSON Lines.

use std::io::{self, Write};

use serde::Serialize;

use super::SampleSummary;
use super::assortment::{Assortment, Department, Item};
use super::calendar::date;

/// A line of `catalog.jsonl`.
#[derive(Serialize)]
struct CatalogLine<'a> {
    item_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    title: String,
    category: String,
    brand: &'a str,
    seller: &'a str,
    price: Hundredths,
    margin: Hundredths,
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

/// Cents, written as euros, or percent, written as a share. A division by 100 rounds to the nearest `f64`, which prints
/// with at most two decimals.
struct Hundredths(u32);

impl Serialize for Hundredths {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

/// Writes every item, shelf by shelf, and counts the products.
pub(super) fn write_catalog(file: &mut impl Write, store: &Assortment, summary: &mut SampleSummary) -> io::Result<()> {
    let mut product = None;
    for item in &store.items {
        let this = item.product_id();
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
        seller: item.brand.seller,
        price: Hundredths(item.price_cents),
        margin: Hundredths(margin_percent(item)),
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

/// What the store earns of the price: more by what is dearer, and by every product as was bargained for. Nothing is drawn,
/// so that all else stays as it is.
fn margin_percent(item: &Item) -> u32 {
    let digits = item.product_id().bytes().filter(u8::is_ascii_digit);
    let number = digits.fold(0, |number, digit| 10 * number + u32::from(digit - b'0'));
    18 + 6 * u32::from(item.brand.level) + number % 13
}

/// The sentence with the item's material and size in its gaps, and a capital at its beginning.
fn fill_in(sentence: &str, item: &Item) -> String {
    let filled = sentence.replace("{material}", item.material).replace("{size}", item.cut.size);
    let mut letters = filled.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
