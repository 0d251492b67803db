//! The order of rows: items that are near each other get rows side by side.
//!
//! The file holds vectors as their differences, and neighbors by the distances of their rows, so that it is smaller when it is
//! compressed, and what is read together lies together.

use crate::format::container::SectionKind;
use crate::format::embeddings::Embeddings;
use crate::format::{FormatError, attributes, embeddings, ids, neighbors};
use crate::kernels::{self, widened};
use crate::model::Model;

/// The bytes of a file with its items so that each is followed by the nearest of those that are left.
/// O(items² · dimensions).
///
/// # Errors
///
/// [`FormatError`], which would be a mistake of ours.
pub(super) fn chained(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let model = Model::from_bytes(bytes.to_vec())?;
    let Some(embeddings) = model.embeddings() else { return Ok(bytes.to_vec()) };
    let mut order: Vec<u32> = (0..embeddings.len() as u32).collect();
    chain(&embeddings, &mut order);
    reordered(&model, &order)
}

/// Orders rows so that each is followed by the nearest of those that are left. The first one stays.
/// O(rows² · dimensions).
pub(super) fn chain(embeddings: &Embeddings, rows: &mut [u32]) {
    let width = embeddings.dimensions();
    let mut left: Vec<u32> = rows.iter().skip(1).copied().collect();
    let mut vectors: Vec<i8> = left.iter().flat_map(|&row| embeddings.vector(row)).copied().collect();
    let mut dots = vec![0; left.len()];
    for at in 1..rows.len() {
        let dots = &mut dots[..left.len()];
        kernels::dots(&widened(embeddings.vector(rows[at - 1])), &vectors, dots);
        let best = dots.iter().enumerate().rev().max_by_key(|&(_, dot)| dot);
        let nearest = best.map_or(0, |(place, _)| place);
        rows[at] = left.swap_remove(nearest);
        vectors.copy_within(left.len() * width.., nearest * width);
        vectors.truncate(left.len() * width);
    }
}

/// The bytes of a model whose rows come in another order.
pub(super) fn reordered(model: &Model, order: &[u32]) -> Result<Vec<u8>, FormatError> {
    let new_rows = inverse(order);
    let item_ids: Vec<String> = order.iter().map(|&row| model.ids().id(row)).collect();
    let mut sections = vec![(SectionKind::Ids, ids::write(&item_ids)?)];
    if let Some(of) = model.embeddings() {
        let encoded = embeddings::Encoded {
            encoder: of.encoder(),
            biases: order.iter().map(|&row| of.bias(row)).collect(),
            vectors: order.iter().flat_map(|&row| of.vector(row)).copied().collect(),
        };
        sections.push((SectionKind::Embeddings, embeddings::write(&encoded)?));
    }
    if let Some(of) = model.neighbors() {
        let row = |&row: &u32| {
            let mut entries: Vec<neighbors::Entry> =
                of.entries(row).map(|(neighbor, level)| (new_rows[neighbor as usize], level)).collect();
            entries.sort_unstable();
            entries
        };
        sections.push((
            SectionKind::Neighbors,
            neighbors::write(&of.weights(), &order.iter().map(row).collect::<Vec<_>>())?,
        ));
    }
    if let Some(of) = model.attributes() {
        let columns: Vec<attributes::Encoded> = of
            .iter()
            .map(|(name, column)| attributes::Encoded {
                name: name.to_owned(),
                values: order.iter().map(|&row| column.value(row)).collect(),
                dictionary: column.words().map(str::to_owned).collect(),
            })
            .collect();
        sections.push((SectionKind::Attributes, attributes::write(order.len(), &columns)?));
    }
    Ok(model.with_sections(sections))
}

/// The place of every row in an order.
pub(super) fn inverse(order: &[u32]) -> Vec<u32> {
    let mut places = vec![0; order.len()];
    for (place, &row) in (0..).zip(order) {
        places[row as usize] = place;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::embeddings::{Encoded, Encoder};

    #[test]
    fn each_row_is_followed_by_the_nearest_of_those_left() {
        // On a half circle, by their angles in degrees.
        let vector = |degrees: f32| {
            let mut vector = vec![0; 16];
            (vector[0], vector[1]) =
                ((100.0 * degrees.to_radians().cos()) as i8, (100.0 * degrees.to_radians().sin()) as i8);
            vector
        };
        let vectors = [90.0, 170.0, 0.0, 130.0, 60.0, 150.0].map(vector).concat();
        let encoder = Encoder { dimensions: 16, norm: 100, by_place: vec![1024], ..Encoder::default() };
        let encoded = Encoded { encoder, biases: vec![0; 6], vectors };
        let mut section = embeddings::write(&encoded).unwrap();
        let embeddings = Embeddings::restore(&mut section).unwrap();
        for (rows, expected) in [
            (vec![0, 1, 2, 3, 4, 5], vec![0, 4, 2, 3, 5, 1]),
            (vec![5, 1, 0], vec![5, 1, 0]),
            (vec![3], vec![3]),
            (vec![], vec![]),
        ] {
            let mut chained = rows;
            chain(&embeddings, &mut chained);
            assert_eq!(chained, expected);
        }
    }
}
