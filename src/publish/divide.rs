//! Which items go into which part.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Part;
use crate::format::attributes::{CATEGORY, POPULARITY, STEP};

/// The name of the part that every page loads.
pub const FIRST: &str = "first";
/// The name of parts with items of no category, and of categories that are too small for a part of their own.
pub const OTHER: &str = "other";
/// A part has at least the most that it may have over this many items, where others can take them.
const LEAST: usize = 50;

/// How large parts may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// Items of the first part, those that are met most.
    pub first: usize,
    /// Most items of any other.
    pub most: usize,
}

/// The parts of a model: their names, and places of their items, ascending. The most popular items make the first part;
/// the others go by their category, the larger ones by what these are divided into. Where nothing divides them any
/// further the most popular ones of them go first, and several parts have the same name.
pub fn divide(whole: &Part, division: Division) -> Vec<(String, Vec<usize>)> {
    let n_items = whole.ids().len();
    let popularity = whole.column(POPULARITY).map(|column| column.values.as_slice());
    let mut by_popularity: Vec<usize> = (0..n_items).collect();
    by_popularity.sort_by_key(|&at| Reverse(popularity.map_or(0, |values| values[at])));
    let rest = by_popularity.split_off(division.first.min(n_items));
    let mut parts = vec![(FIRST.to_owned(), by_popularity)];
    let categories = whole.column(CATEGORY);
    let path = |at: usize| {
        let category = categories?;
        let word = category.values[at].checked_sub(1)?;
        category.dictionary.get(word as usize).map(String::as_str)
    };
    by_category("", rest, division.most.max(1), &path, &mut parts);
    for (_, places) in &mut parts {
        places.sort_unstable();
    }
    parts.retain(|(_, places)| !places.is_empty());
    parts
}

/// Divides what is in a category, by the next step of its items' paths.
fn by_category<'a>(
    category: &str,
    places: Vec<usize>,
    most: usize,
    path: &impl Fn(usize) -> Option<&'a str>,
    parts: &mut Vec<(String, Vec<usize>)>,
) {
    let mut narrower: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut here = Vec::new();
    for at in places {
        match path(at).and_then(|path| next(category, path)) {
            Some(next) => narrower.entry(next).or_default().push(at),
            None => here.push(at),
        }
    }
    for (name, places) in narrower {
        if places.len() > most {
            by_category(name, places, most, path, parts);
        } else if places.len() >= most.div_ceil(LEAST) {
            parts.push((name.to_owned(), places));
        } else {
            here.extend(places);
        }
    }
    let name = if category.is_empty() { OTHER } else { category };
    parts.extend(here.chunks(most).map(|chunk| (name.to_owned(), chunk.to_vec())));
}

/// A path up to the step that follows a category; none where it ends there.
fn next<'a>(category: &str, path: &'a str) -> Option<&'a str> {
    let begins = if category.is_empty() { 0 } else { category.len() + STEP.len() };
    let rest = path.get(begins..)?;
    Some(rest.find(STEP).map_or(path, |step| &path[..begins + step]))
}
