use super::{Embedding, PLACES};
use crate::format::embeddings::Encoded;

/// Share of the components that may be cut off at the ends of the int8 range: the finer the steps, the more are.
const CUT: f64 = 1e-4;
/// One, in the scorer's fixed-point numbers.
const ONE: f32 = 1024.0;

/// Rounds an embedding to what the model file holds. Items keep their order.
pub fn quantize(embedding: &Embedding) -> Encoded {
    let mut sizes: Vec<f32> = embedding.vectors.iter().map(|x| x.abs()).collect();
    let keep = ((sizes.len() as f64 * (1.0 - CUT)) as usize).min(sizes.len() - 1);
    let (_, &mut largest, _) = sizes.select_nth_unstable_by(keep, f32::total_cmp);
    let norm = (127.0 / largest.max(1e-3)).round();
    let mut by_place = [0.0; PLACES];
    let newest = embedding.shape.place_logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for (weight, logit) in by_place.iter_mut().zip(embedding.shape.place_logits) {
        *weight = (logit - newest).exp();
    }
    Encoded {
        dimensions: embedding.dimensions,
        norm: norm as u16,
        temperature: (embedding.shape.log_temperature.exp() * ONE).round() as u16,
        by_place: by_place.map(|weight| (weight * ONE).round() as u16).to_vec(),
        biases: embedding.biases.iter().map(|bias| (bias * 256.0).round() as i16).collect(),
        vectors: embedding.vectors.iter().map(|x| (x * norm).round().clamp(-127.0, 127.0) as i8).collect(),
    }
}
