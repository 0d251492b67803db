use alloc::vec::Vec;

use super::{Profile, Touch};
use crate::format::attributes::{BRAND, CATEGORY, PRICE_BAND, SIZE};
use crate::kernels::Top;
use crate::lists::Gather;
use crate::model::Model;

/// The columns that affinities are for.
pub const AFFINITY_COLUMNS: [&str; 4] = [BRAND, CATEGORY, PRICE_BAND, SIZE];

/// A value of a column that the shopper's events keep coming back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affinity<'a> {
    /// The column, one of [`AFFINITY_COLUMNS`].
    pub column: &'static str,
    /// The value: a number, or that of the word.
    pub value: u32,
    /// The word, in a column of words.
    pub word: Option<&'a str>,
    /// How many of the shopper's events are behind it.
    pub n_events: u32,
    /// Their weight, in 1/1024.
    pub weight: u32,
}

/// The events that may be told of, newest first: those of some weight, with items that are not marked as sensitive. No
/// session holds others, but what a request starts from may.
pub fn telling(model: &Model, profile: &Profile) -> impl DoubleEndedIterator<Item = Touch> {
    let is_sensitive = model.sensitive();
    let tells = move |touch: &Touch| touch.weight > 0 && !is_sensitive(touch.row);
    profile.touches().iter().copied().filter(tells)
}

/// What the shopper's events have in common: the greatest weight first, of equals the one that comes first in
/// [`AFFINITY_COLUMNS`], then the one met last.
///
/// Events without weight do not count, nor do items that are marked as sensitive. O(events · values).
pub fn affinities<'a>(model: &'a Model, profile: &Profile) -> Vec<Affinity<'a>> {
    let mut met: Vec<Affinity> = Vec::new();
    let Some(attributes) = model.attributes() else { return met };
    for name in AFFINITY_COLUMNS {
        let Some(column) = attributes.column(name) else { continue };
        for touch in telling(model, profile) {
            let value = column.value(touch.row);
            if value == 0 {
                continue;
            }
            let known = met.iter().position(|known| known.column == name && known.value == value);
            let place = known.unwrap_or_else(|| {
                met.push(Affinity { column: name, value, word: column.word(touch.row), n_events: 0, weight: 0 });
                met.len() - 1
            });
            met[place].n_events += 1;
            met[place].weight += u32::from(touch.weight);
        }
    }
    let mut top = Top::new(met.len());
    for (affinity, place) in met.iter().zip(0..) {
        top.offer(affinity.weight as i32, place);
    }
    top.into_sorted().into_iter().map(|(_, place)| met[place as usize]).gather()
}
