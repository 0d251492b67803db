//! Items of the catalog without events: nothing can be learned about them, so they stand where their category stands.

use std::collections::HashMap;

use super::embedding::{Embedding, normalize};
use super::universe::Universe;

/// Gives every item without events the direction of the narrowest category of its path that has items with events, and the
/// lowest bias of all. Without such a category its vector is zero: near nothing, far from nothing.
pub(super) fn settle(embedding: &mut Embedding, universe: &Universe) {
    let n_items = universe.sessions.item_ids.len();
    let mut has_events = vec![false; n_items];
    for event in &universe.sessions.events {
        has_events[event.item as usize] = true;
    }
    if has_events.iter().all(|&has| has) {
        return;
    }
    let dimensions = embedding.dimensions;
    let mut sums: HashMap<&[String], Vec<f32>> = HashMap::new();
    for (item, vector) in universe
        .catalog
        .iter()
        .zip(embedding.vectors.chunks_exact(dimensions))
        .zip(&has_events)
        .filter_map(|(pair, &has)| has.then_some(pair))
    {
        for depth in 1..=item.category.len() {
            let sum = sums.entry(&item.category[..depth]).or_insert_with(|| vec![0.0; dimensions]);
            sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
        }
    }
    for sum in sums.values_mut() {
        normalize(sum);
    }
    let warm_biases = embedding.biases.iter().zip(&has_events).filter_map(|(&bias, &has)| has.then_some(bias));
    let lowest = warm_biases.fold(f32::INFINITY, f32::min);
    for (row, vector) in embedding.vectors.chunks_exact_mut(dimensions).enumerate().filter(|(row, _)| !has_events[*row])
    {
        let path = universe.catalog.get(row).map_or(&[][..], |item| &item.category);
        let narrowest = (1..=path.len()).rev().find_map(|depth| sums.get(&path[..depth]));
        match narrowest {
            Some(direction) => vector.copy_from_slice(direction),
            None => vector.fill(0.0),
        }
        embedding.biases[row] = lowest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::EventKind;
    use crate::train::embedding::{PLACES, Shape};
    use crate::train::{Catalog, CatalogItem, Interaction, Sessions};

    #[test]
    fn a_cold_item_stands_with_its_category() {
        let item = |id: &str, category: &[&str]| CatalogItem {
            id: id.to_owned(),
            category: category.iter().map(|name| (*name).to_owned()).collect(),
            ..CatalogItem::default()
        };
        let catalog = Catalog {
            items: vec![
                item("a", &["camp", "tents"]),
                item("b", &["camp", "stoves"]),
                item("c", &["camp", "tents"]),
                item("d", &["camp", "chairs"]),
                item("e", &["home"]),
            ],
        };
        let view = |item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 };
        let sessions = Sessions {
            item_ids: vec!["a".to_owned(), "b".to_owned()],
            events: vec![view(0), view(1)],
            starts: vec![0, 2],
            visitors: vec![0],
            has_dates: false,
        };
        let mut embedding = Embedding {
            dimensions: 2,
            vectors: vec![1.0, 0.0, 0.0, 1.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0],
            biases: vec![0.5, -0.5, 9.0, 9.0, 9.0],
            shape: Shape { place_logits: [0.0; PLACES], history: [0.0; PLACES], log_temperature: 0.0 },
        };
        settle(&mut embedding, &Universe::new(&sessions, Some(&catalog)));
        let half = 0.5f32.sqrt();
        assert_eq!(embedding.vectors[..6], [1.0, 0.0, 0.0, 1.0, 1.0, 0.0], "the tents'");
        assert!((embedding.vectors[6] - half).abs() < 1e-6 && (embedding.vectors[7] - half).abs() < 1e-6, "the camp's");
        assert_eq!(embedding.vectors[8..], [0.0, 0.0], "nobody's");
        assert_eq!(embedding.biases, [0.5, -0.5, -0.5, -0.5, -0.5]);
    }
}
