//! Columns of files that rules can name: which they are, and what they are called there.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

use super::error::InputError;
use crate::format::attributes::{
    AGE_DAYS, BRAND, CATEGORY, CLICK_RATE, FLAGS, MARGIN_BAND, MAX_NAME_LEN, PARENT, POPULARITY, PRICE_BAND,
    REPURCHASE_DAYS, TRENDING,
};
use crate::train::{Catalog, whole_number};

/// Most columns that are named in one place.
const MAX_NAMES: usize = 32;
/// Most different words in one of them: whoever reads rules looks through all.
const MAX_WORDS: usize = 0xffff;

/// What is called so already: columns of every model, and words of the rules.
const TAKEN: [&str; 26] = [
    AGE_DAYS,
    BRAND,
    CATEGORY,
    CLICK_RATE,
    FLAGS,
    MARGIN_BAND,
    POPULARITY,
    PRICE_BAND,
    REPURCHASE_DAYS,
    TRENDING,
    "margin",
    "adult",
    "sensitive",
    "item",
    "surface",
    "placement",
    "segment",
    "touched",
    "seeds",
    "cart",
    "bought",
    "and",
    "or",
    "not",
    "in",
    "under",
];

/// Names in the model, each with its column of the catalog. Written as a table, `{ seller = "Merchant name" }`, or as a
/// list of columns that keep their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnNames(pub Vec<(String, String)>);

impl ColumnNames {
    /// Whether every name can stand in a rule, none is taken, here or by everything else that is called so, and there are
    /// not too many: else what is wrong.
    pub(super) fn problem(&self, taken: &[&str]) -> Option<(&str, &'static str)> {
        let names = || self.0.iter().map(|(name, _)| name.as_str());
        if let Some(name) = names().nth(MAX_NAMES) {
            return Some((name, "there can be 32; leave this one and those behind it out"));
        }
        names().enumerate().find_map(|(place, name)| {
            let is_letter = |at: usize, letter: u8| letter == b'_' || letter.is_ascii_alphabetic() || at > 0 && letter.is_ascii_digit();
            if name.is_empty() || name.len() > MAX_NAME_LEN || !name.bytes().enumerate().all(|(at, letter)| is_letter(at, letter)) {
                Some((name, "no name for rules: at most 16 ASCII letters, digits and _. Write NAME = \"column\" in place of the list"))
            } else if TAKEN.contains(&name) || taken.contains(&name) {
                Some((name, "taken by a column of every model or a word of the rules. Write another NAME = \"column\" in place of the list"))
            } else if names().take(place).any(|other| other == name) {
                Some((name, "there twice. Leave one out"))
            } else {
                None
            }
        })
    }
}

impl<'de> Deserialize<'de> for ColumnNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ColumnNames, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = ColumnNames;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a column's name, a list of names, or a table of NAME = \"column\"")
            }

            fn visit_str<E: de::Error>(self, column: &str) -> Result<ColumnNames, E> {
                Ok(ColumnNames(vec![(column.to_owned(), column.to_owned())]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut columns: A) -> Result<ColumnNames, A::Error> {
                let mut names = Vec::new();
                while let Some(column) = columns.next_element::<String>()? {
                    names.push((column.clone(), column));
                }
                Ok(ColumnNames(names))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut columns: A) -> Result<ColumnNames, A::Error> {
                let mut names = Vec::new();
                while let Some(entry) = columns.next_entry()? {
                    names.push(entry);
                }
                Ok(ColumnNames(names))
            }
        }

        deserializer.deserialize_any(Names)
    }
}

/// Whether the model can hold the columns of a catalog.
///
/// # Errors
///
/// [`InputError::TooManyWords`].
pub(super) fn check(catalog: &Catalog, file: &str) -> Result<(), InputError> {
    for column in catalog.attributes.iter().filter(|name| *name != PARENT) {
        let values = catalog.items.iter().flat_map(|item| &item.attributes).filter(|(name, _)| name == column);
        let words: HashSet<&str> = values.map(|(_, value)| value.as_str()).collect();
        if words.len() > MAX_WORDS && !words.iter().all(|word| whole_number(word).is_some()) {
            let (file, attribute, n_words) = (file.to_owned(), column.clone(), words.len());
            return Err(InputError::TooManyWords { file, attribute, n_words });
        }
    }
    Ok(())
}
