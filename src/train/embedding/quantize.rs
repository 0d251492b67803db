use rayon::prelude::*;

use super::{Embedding, PLACES};
use crate::format::embeddings::Encoded;

/// Share of the components that the coarsest steps cut off at the ends of the int8 range. The finer the steps, the more are.
const CUT: f64 = 1e-4;
/// How much finer each next step is that is tried, and how many are.
const FINER: f32 = 1.06;
const STEPS: i32 = 12;
/// Vectors that steps are tried with.
const SAMPLE: usize = 4096;
/// Cosine of an item and a session for which it is among the best: what rounding is to keep.
const NEAR: f32 = 0.75;
/// One, in the scorer's fixed-point numbers.
const ONE: f32 = 1024.0;

/// Rounds an embedding to what the model file holds. Items keep their order, and dot products their values, up to rounding;
/// vectors are turned in space.
pub fn quantize(embedding: &Embedding) -> Encoded {
    let dimensions = embedding.dimensions;
    let mut vectors = embedding.vectors.clone();
    vectors.par_chunks_exact_mut(dimensions).for_each(turn);
    let norm = norm(&vectors, dimensions);
    let mut by_place = [0.0; PLACES];
    let newest = embedding.shape.place_logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for (weight, logit) in by_place.iter_mut().zip(embedding.shape.place_logits) {
        *weight = (logit - newest).exp();
    }
    Encoded {
        dimensions,
        norm: norm as u16,
        temperature: (embedding.shape.log_temperature.exp() * ONE).round() as u16,
        by_place: by_place.map(|weight| (weight * ONE).round() as u16).to_vec(),
        biases: embedding.biases.iter().map(|bias| (bias * 256.0).round() as i16).collect(),
        vectors: vectors.par_chunks_exact(dimensions).flat_map_iter(|row| round(row, norm).0).collect(),
    }
}

/// Turns a vector in space, all in the same way, so that what lies in a few components is spread over many and int8 has
/// finer steps for it: signs changed, then a Hadamard transform of stretches of a power of two.
fn turn(row: &mut [f32]) {
    for (axis, x) in row.iter_mut().enumerate() {
        // Multiplicative hashing: signs without a pattern.
        *x *= if (axis as u32 + 1).wrapping_mul(0x9e37_79b9) >> 31 == 0 { 1.0 } else { -1.0 };
    }
    let stretch = 1 << row.len().trailing_zeros();
    for half in (0..row.len().trailing_zeros()).map(|level| 1 << level) {
        for pair in row.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
    }
    let scale = (stretch as f32).sqrt().recip();
    row.iter_mut().for_each(|x| *x *= scale);
}

/// The length to scale vectors to: that with the least [loss](round), of lengths from where next to nothing is cut off.
fn norm(vectors: &[f32], dimensions: usize) -> f32 {
    let mut sizes: Vec<f32> = vectors.iter().map(|x| x.abs()).collect();
    let keep = ((sizes.len() as f64 * (1.0 - CUT)) as usize).min(sizes.len() - 1);
    let (_, &mut largest, _) = sizes.select_nth_unstable_by(keep, f32::total_cmp);
    let apart = (vectors.len() / dimensions).div_ceil(SAMPLE);
    let norms = (0..STEPS).map(|step| (127.0 / largest.max(1e-3) * FINER.powi(step)).round());
    let loss = |norm: f32| {
        let rows = vectors.chunks_exact(dimensions).step_by(apart);
        rows.map(|row| f64::from(round(row, norm).1 / (norm * norm))).sum::<f64>()
    };
    norms.min_by(|&a, &b| loss(a).total_cmp(&loss(b))).expect("there are steps")
}

/// Rounds a vector so that its dot products with what is near it change least.
///
/// What is at a cosine c has the part c of the rounding error along the vector, and the rest of the error in directions that
/// matter to nothing in particular: the loss is |error|² + w · (error along the vector)² (score-aware quantization, Guo et al.
/// 2020, section 3). From the nearest whole numbers on, one component after the other goes to the other side as long as that
/// takes from the loss. Returns it too.
pub(in crate::train) fn round(row: &[f32], norm: f32) -> (Vec<i8>, f32) {
    let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    let weight = NEAR * NEAR / (1.0 - NEAR * NEAR) * (row.len() as f32 - 1.0) - 1.0;
    let mut rounded: Vec<f32> = row.iter().map(|x| (x * norm).round().clamp(-127.0, 127.0)).collect();
    let mut along: f32 = row.iter().zip(&rounded).map(|(x, rounded)| (rounded - x * norm) * x / length).sum();
    for _ in 0..2 {
        for (x, rounded) in row.iter().zip(&mut rounded) {
            let error = *rounded - x * norm;
            let step = if error > 0.0 { -1.0 } else { 1.0 };
            let moved = along + step * x / length;
            let gain = error * error - (error + step) * (error + step) + weight * (along * along - moved * moved);
            if gain > 0.0 && (*rounded + step).abs() <= 127.0 {
                (*rounded, along) = (*rounded + step, moved);
            }
        }
    }
    let error: f32 = row.iter().zip(&rounded).map(|(x, rounded)| (rounded - x * norm).powi(2)).sum();
    (rounded.into_iter().map(|x| x as i8).collect(), error + weight * along * along)
}
