//! Items that events tell nothing or little of are placed by what the catalog says of them.
//!
//! A catalog's words, categories, brands, prices and attributes are sparse [`features`]. A [`ridge`] regression learns from
//! the items with events which direction of the embedding each feature stands for, and a [`Map`] of it places the others:
//! an item without events stands where its content says, one with few events between there and where it was learned to
//! be. [`rehearse`] finds how forward items without events should be.

mod features;
mod map;
mod projection;
mod rehearsal;
mod ridge;

use self::map::Map;
pub(super) use self::projection::project;
pub(super) use self::rehearsal::rehearse;
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
