//! Items that events tell nothing or little of are placed by what the catalog says of them.
//!
//! A catalog's words, categories, brands, prices and attributes are sparse [`features`]. A [`ridge`] regression learns from
//! the items with events which direction of the embedding each feature stands for, and a [`Map`] of it places the others:
//! an item without events stands where its content says, one with few events between there and where it was learned to
//! be. [`rehearse`] finds how forward items without events should be, and [`make_room`] keeps them from crowding the others
//! out. Where all others stay as they are, [`place`] does the same for items that are new.

mod features;
mod map;
mod newcomers;
mod projection;
mod rehearsal;
mod ridge;

use self::map::Map;
pub(super) use self::newcomers::place;
pub(super) use self::projection::project;
pub(super) use self::rehearsal::{make_room, rehearse};
use super::embedding::{Embedding, normalize};
use super::universe::Universe;

/// Places every item by its content, the less is known of it the more. Without a catalog, and where the catalog says
/// nothing of an item without events, the item [hides](hide).
///
/// `prior` is what items without events have over what the catalog makes of their bias, in logits: see [`rehearse`].
pub(super) fn settle(embedding: &mut Embedding, universe: &Universe, prior: f32) {
    settle_counted(embedding, universe, &event_counts(universe), prior);
}

/// Leaves items without events out of sight: a zero vector, near nothing and far from nothing, and the lowest bias of all.
pub(super) fn hide(embedding: &mut Embedding, universe: &Universe) {
    hide_counted(embedding, &event_counts(universe));
}

/// As [`settle`], with other numbers of events than the log's.
fn settle_counted(embedding: &mut Embedding, universe: &Universe, counts: &[u32], prior: f32) {
    hide_counted(embedding, counts);
    let Some(map) = Map::learn(embedding, &universe.catalog, counts) else { return };
    let dimensions = embedding.dimensions;
    let rows = embedding.vectors.chunks_exact_mut(dimensions).zip(&mut embedding.biases).zip(counts).enumerate();
    for (row, ((vector, bias), &count)) in rows {
        let Some((mut direction, content_bias)) = map.place(row) else { continue };
        normalize(&mut direction);
        let learned = map.evidence(count);
        for (x, content) in vector.iter_mut().zip(&direction) {
            *x = learned * *x + (1.0 - learned) * content;
        }
        normalize(vector);
        if count == 0 {
            *bias = content_bias + prior;
        }
    }
}

/// Takes sensitive items out of all that is near or far: a zero vector, and the bias of the middle one of the others, so that
/// nothing but the store's own order says where they stand.
pub(super) fn set_apart(embedding: &mut Embedding, universe: &Universe) {
    let is_sensitive: Vec<bool> = universe.catalog.iter().map(|item| item.sensitive).collect();
    let mut others: Vec<f32> = embedding
        .biases
        .iter()
        .zip(&is_sensitive)
        .filter(|(_, sensitive)| !**sensitive)
        .map(|(bias, _)| *bias)
        .collect();
    others.sort_unstable_by(f32::total_cmp);
    let middle = others.get(others.len() / 2).copied().unwrap_or(0.0);
    let rows = embedding.vectors.chunks_exact_mut(embedding.dimensions).zip(&mut embedding.biases).zip(is_sensitive);
    for ((vector, bias), _) in rows.filter(|(_, sensitive)| *sensitive) {
        vector.fill(0.0);
        *bias = middle;
    }
}

fn hide_counted(embedding: &mut Embedding, counts: &[u32]) {
    let warm = embedding.biases.iter().zip(counts).filter(|(_, count)| **count > 0);
    let lowest = warm.map(|(bias, _)| *bias).fold(f32::INFINITY, f32::min).min(0.0);
    for ((vector, bias), &count) in
        embedding.vectors.chunks_exact_mut(embedding.dimensions).zip(&mut embedding.biases).zip(counts)
    {
        if count == 0 {
            vector.fill(0.0);
            *bias = lowest;
        }
    }
}

fn event_counts(universe: &Universe) -> Vec<u32> {
    let mut counts = vec![0; universe.sessions.item_ids.len()];
    for event in &universe.sessions.events {
        counts[event.item as usize] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::EventKind;
    use crate::train::embedding::Shape;
    use crate::train::{Catalog, CatalogItem, Interaction, Privacy, Sessions};

    /// Items of two kinds, tents along the first axis and stoves along the second; the last three have no events. The last
    /// of all has no content either.
    fn store() -> (Embedding, Universe) {
        let item = |id: usize, title: &str| CatalogItem {
            id: format!("{id:02}"),
            title: (!title.is_empty()).then(|| title.to_owned()),
            ..CatalogItem::default()
        };
        let titles = ["tent", "stove"].into_iter().cycle().take(40).chain(["Tents", "STOVE", ""]);
        let catalog =
            Catalog { items: titles.zip(0..).map(|(title, id)| item(id, title)).collect(), ..Catalog::default() };
        let view = |item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 };
        let sessions = Sessions {
            item_ids: catalog.items[..40].iter().map(|item| item.id.clone()).collect(),
            events: (0..40).flat_map(|item| std::iter::repeat_n(view(item), 50)).collect(),
            starts: vec![0, 2000],
            visitors: vec![0],
            contexts: Vec::new(),
            has_dates: false,
        };
        let mut vectors: Vec<f32> =
            (0..40).flat_map(|row| if row % 2 == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect();
        vectors.resize(2 * 43, 9.0);
        let mut biases = vec![0.25; 40];
        biases.resize(43, 9.0);
        let embedding = Embedding { dimensions: 2, vectors, biases, shape: Shape::default(), transition: Vec::new() };
        (embedding, Universe::new(&sessions, Some(&catalog), &Privacy::NONE))
    }

    #[test]
    fn an_item_without_events_stands_where_its_content_says() {
        let (mut embedding, universe) = store();
        settle(&mut embedding, &universe, 0.5);
        let [tent, stove, nothing] = [40, 41, 42].map(|row| &embedding.vectors[2 * row..2 * row + 2]);
        // "Tents" is another word than "tent", but the number of the id is near none: only its beginning is shared.
        assert!(stove[1] > 0.95 && stove[0] < 0.3, "{stove:?}");
        assert!((tent[0].hypot(tent[1]) - 1.0).abs() < 1e-5 || tent == [0.0, 0.0], "{tent:?}");
        assert_eq!(nothing, [0.0, 0.0], "nothing is known of it");
        assert!((embedding.biases[41] - 0.75).abs() < 1e-3, "the others' and the prior");
        assert_eq!(embedding.biases[42], 0.0, "the lowest");
        assert!((embedding.vectors[0] - 1.0).abs() < 1e-2, "what is well known stays");
    }

    #[test]
    fn new_items_are_placed_and_others_stay() {
        let (mut embedding, mut universe) = store();
        let known = embedding.clone();
        let mut is_new = vec![false; 43];
        is_new[40..].fill(true);
        // A tent that shoppers of stoves look at, and the item without content once, after a tent.
        let view = |item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 };
        universe.sessions.events.extend([1, 40, 3].repeat(200).into_iter().map(view));
        universe.sessions.events.extend([0, 42].map(view));
        universe.sessions.starts.extend([2600, 2602]);
        universe.sessions.visitors.extend([1, 2]);
        place(&mut embedding, &universe, &is_new);
        assert_eq!(embedding.vectors[..80], known.vectors[..80]);
        assert_eq!(embedding.biases[..40], known.biases[..40]);
        let [tent, stove, nothing] = [40, 41, 42].map(|row| &embedding.vectors[2 * row..2 * row + 2]);
        assert!(tent[1] > 0.9, "{tent:?}");
        assert!(stove[1] > 0.95, "{stove:?}");
        assert!(nothing[0] > 0.95, "{nothing:?}");
        universe.catalog.clear();
        place(&mut embedding, &universe, &is_new);
        assert_eq!(embedding.vectors[82..84], [0.0, 0.0], "nothing is known of it any more");
    }

    #[test]
    fn without_a_catalog_items_without_events_hide() {
        let (mut embedding, mut universe) = store();
        universe.catalog.clear();
        let known = embedding.vectors[..80].to_vec();
        settle(&mut embedding, &universe, 0.5);
        assert_eq!(embedding.vectors[..80], known);
        assert_eq!(embedding.vectors[80..], [0.0; 6]);
        assert_eq!(embedding.biases[40..], [0.0; 3]);
    }
}
