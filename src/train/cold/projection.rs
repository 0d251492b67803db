//! Vectors from content alone, for stores whose log is too small to learn any.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::event_counts;
use super::features::{Features, Field};
use crate::train::embedding::{Embedding, Shape, normalize};
use crate::train::universe::Universe;

/// What a cosine of 1 is worth, in logits: against popularity, which is worth the logarithm of the number of events.
const TEMPERATURE: f32 = 12.0;
/// What every place further back in the session weighs less, as a logarithm.
const PLACE_STEP: f32 = 0.3;

/// An embedding in which items are near each other whose content is alike: the features' sparse vectors, each feature in
/// a random direction, which keeps their angles (Johnson and Lindenstrauss, 1984). Biases are the logarithm of popularity.
/// None where the catalog says nothing that is said of two items, and without dimensions.
pub(in crate::train) fn project(universe: &Universe, dimensions: usize, seed: u64) -> Option<Embedding> {
    if universe.sessions.item_ids.is_empty() || dimensions == 0 {
        return None;
    }
    let features = Features::new(&universe.catalog, &vec![true; universe.catalog.len()]);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut directions: Vec<f32> = Vec::with_capacity(features.fields.len() * dimensions);
    for field in &features.fields {
        // What an id begins with may mean something, but without events nobody can tell.
        let size = if *field == Field::Id { 0.0 } else { 1.0 };
        directions.extend((0..dimensions).map(|_| if rng.next_u32() & 1 == 0 { size } else { -size }));
    }
    let mut vectors = features.matrix.times(&directions, dimensions);
    if vectors.iter().all(|&x| x == 0.0) {
        return None;
    }
    vectors.chunks_exact_mut(dimensions).for_each(|vector| {
        normalize(vector);
    });
    let biases = event_counts(universe).iter().map(|&count| (count as f32).ln_1p()).collect();
    let shape = Shape {
        place_logits: std::array::from_fn(|place| -PLACE_STEP * place as f32),
        log_temperature: TEMPERATURE.ln(),
        ..Shape::default()
    };
    Some(Embedding { dimensions, vectors, biases, shape, transition: Vec::new() })
}
