//! Fits what is learned into so many bytes an item.

use super::TrainError;
use super::attributes;
use super::embedding::tells_choices;
use super::options::Options;
use super::universe::Universe;
use crate::format::{attributes as attribute_section, ids};

/// Dimensions come in steps of so many.
const STEP: usize = 16;
/// Bytes of an item in the section of embeddings beside its vector: its bias.
const BIAS: usize = 2;
/// Bytes of an item in the section of neighbors beside its entries, at most: how long its row is, and its share of where the
/// block of rows begins.
const ROW: usize = 3;
/// Bytes of an entry of a row, at most in all but very large catalogs.
const ENTRY: usize = 3;
/// Bytes of the file that do not grow with the catalog, about.
const FRAME: usize = 1024;

/// Gives the embedding as many dimensions, up to `most`, as there is room for beside ids and attributes, and the neighbor rows
/// what is left. Without room for the fewest dimensions there is no embedding, and without room for an entry no row.
///
/// # Errors
///
/// [`TrainError::TooFewBytes`] without room for ids and attributes, and [`TrainError::Format`].
pub(super) fn within(
    bytes_per_item: usize,
    most: usize,
    options: &Options,
    universe: &Universe,
) -> Result<Options, TrainError> {
    let item_ids = &universe.sessions.item_ids;
    let attributes = attribute_section::write(item_ids.len(), &attributes::columns(universe))?;
    let fixed = (FRAME + ids::write(item_ids)?.len() + attributes.len()).div_ceil(item_ids.len());
    let Some(room) = bytes_per_item.checked_sub(fixed) else {
        return Err(TrainError::TooFewBytes { asked: bytes_per_item, fixed, enough: fixed + ROW + ENTRY });
    };
    let squares = |dimensions: usize| 1 + usize::from(tells_choices(&universe.sessions, dimensions));
    // A vector and a bias, and its share of the transition.
    let taken = |dimensions: usize| match dimensions {
        0 => 0,
        _ => dimensions + BIAS + (squares(dimensions) * dimensions * dimensions).div_ceil(item_ids.len()),
    };
    let fits = |dimensions: &usize| taken(*dimensions) <= room;
    let dimensions = (0..=most).step_by(STEP).take_while(fits).last().unwrap_or(0);
    let rest = room - taken(dimensions);
    let mut fitted = options.clone();
    fitted.embedding.dimensions = dimensions;
    fitted.neighbors.per_item = rest.saturating_sub(ROW) / ENTRY;
    Ok(fitted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::embeddings::MAX_DIMENSIONS;
    use crate::session::EventKind;
    use crate::train::{Interaction, Privacy, Sessions};

    #[test]
    fn the_embedding_comes_first_and_rows_get_the_rest() {
        let view = |item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 };
        let sessions = Sessions {
            item_ids: (0..2000).map(|item| format!("{item:06}")).collect(),
            events: (0..2000).map(view).collect(),
            starts: vec![0, 2000],
            visitors: vec![0],
            contexts: Vec::new(),
            has_dates: false,
        };
        let universe = Universe::new(&sessions, None, &Privacy::NONE);
        let check = |bytes_per_item: usize, dimensions: usize, per_item: std::ops::RangeInclusive<usize>| {
            let fitted = within(bytes_per_item, MAX_DIMENSIONS, &Options::default(), &universe).unwrap();
            assert_eq!(fitted.embedding.dimensions, dimensions, "{bytes_per_item}");
            assert!(per_item.contains(&fitted.neighbors.per_item), "{bytes_per_item}: {}", fitted.neighbors.per_item);
        };
        let refused =
            |bytes_per_item| within(bytes_per_item, MAX_DIMENSIONS, &Options::default(), &universe).unwrap_err();
        let TrainError::TooFewBytes { asked: 0, fixed, enough } = refused(0) else { panic!("{}", refused(0)) };
        assert!(refused(fixed - 1).to_string().contains(&format!("allow {fixed} or more")));
        check(fixed, 0, 0..=0);
        check(enough, 0, 1..=1);
        check(30, 0, 1..=4);
        check(44, 16, 1..=5);
        check(1000, 256, 200..=300);
    }
}
