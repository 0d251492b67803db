use rayon::prelude::*;

use super::{Embedding, PLACES, dot};
use crate::format::embeddings::{Encoded, Encoder};
use crate::format::index::BEST;
use crate::kernels::{self, Top};
use crate::train::index::left_to_rounding;

/// The shortest length of vectors that is tried, how much longer each next one is, and how many are. The longest is 443: in 64
/// dimensions the ends of the int8 range then cut off two of a hundred components.
const SHORTEST: f32 = 60.0;
const LONGER: f32 = 1.05;
const LENGTHS: i32 = 42;
/// Items that lengths are tried with, and how many of those near to each may come among its best when they are rounded.
const TRIALS: usize = 400;
const RIVALS: usize = 3 * BEST;
/// Cosine of an item and a session for which it is among the best: what rounding is to keep.
const NEAR: f32 = 0.75;
/// What a bias of one logit is in the file, and what biases are multiples of there: what is finer no ranking shows.
pub(in crate::train) const ONE_LOGIT: f32 = 256.0;
const BIAS_STEP: f32 = 2.0;
/// One, in the scale of a transition.
const TRANSITION_ONE: f32 = (1 << 20) as f32;
/// One, in the scorer's fixed-point numbers.
const ONE: f32 = 1024.0;

/// The vectors of an embedding as the model file holds them. Items keep their order, and dot products their values, up to
/// rounding; vectors are turned in space.
#[derive(Debug, Clone)]
pub struct Rounded {
    norm: u16,
    vectors: Vec<i8>,
}

impl Rounded {
    /// Rounds the vectors. O(items · dimensions), with a large constant: those of embeddings that differ in nothing but their
    /// few numbers are better rounded once.
    pub fn new(embedding: &Embedding) -> Rounded {
        let dimensions = embedding.dimensions;
        let mut vectors = embedding.vectors.clone();
        vectors.par_chunks_exact_mut(dimensions).for_each(turn);
        let norm = norm(&vectors, dimensions);
        let vectors = vectors.par_chunks_exact(dimensions).flat_map_iter(|row| round(row, norm)).collect();
        Rounded { norm: norm as u16, vectors }
    }

    /// What the model file holds of an embedding that has these vectors.
    pub fn encode(&self, embedding: &Embedding) -> Encoded {
        let mut by_place = [0.0; PLACES];
        let newest = embedding.shape.place_logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for (weight, logit) in by_place.iter_mut().zip(embedding.shape.place_logits) {
            *weight = (logit - newest).exp();
        }
        let (transition, transition_scale) =
            round_transition(&embedding.transition, embedding.dimensions, (-newest).exp());
        let encoder = Encoder {
            dimensions: embedding.dimensions,
            norm: self.norm,
            temperature: (embedding.shape.log_temperature.exp() * ONE).round() as u16,
            by_place: by_place.map(|weight| (weight * ONE).round() as u16).to_vec(),
            transition,
            transition_scale,
        };
        Encoded {
            encoder,
            biases: embedding.biases.iter().map(|&bias| round_bias(bias)).collect(),
            vectors: self.vectors.clone(),
        }
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

/// A transition times a factor, for vectors that are turned: T · M · Tᵀ of each of its square matrices M, T being the turn.
/// Elements are in the scale returned, in 2^-20, the largest near 127; without any, and where all would be 0, there are none.
fn round_transition(transition: &[f32], dimensions: usize, factor: f32) -> (Vec<i8>, u16) {
    let mut turned = transition.to_vec();
    for width in [transition.len() / dimensions, dimensions] {
        turned.chunks_exact_mut(dimensions).for_each(turn);
        turned = transposed(&turned, width);
    }
    let largest = turned.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
    let scale = (largest * factor / 127.0 * TRANSITION_ONE).ceil().min(u16::MAX.into());
    if scale == 0.0 {
        return (Vec::new(), 0);
    }
    let whole = |x: &f32| (x * factor / scale * TRANSITION_ONE).round().clamp(-127.0, 127.0) as i8;
    (turned.iter().map(whole).collect(), scale as u16)
}

fn transposed(matrix: &[f32], width: usize) -> Vec<f32> {
    (0..width).flat_map(|column| matrix.chunks_exact(width).map(move |row| row[column])).collect()
}

/// The length to scale vectors to: the shortest with which items keep enough of what is nearest to them, as what is short is
/// small when it is compressed; where none does, that with which they keep most.
fn norm(vectors: &[f32], dimensions: usize) -> f32 {
    let n_items = vectors.len() / dimensions;
    let vector = |item: u32| &vectors[item as usize * dimensions..][..dimensions];
    let nearest = |item: u32| -> Vec<u32> {
        let mut top = Top::new(RIVALS);
        for other in (0..n_items as u32).filter(|&other| other != item) {
            top.offer((dot(vector(item), vector(other)) * (1 << 30) as f32) as i32, other);
        }
        top.into_sorted().into_iter().map(|(_, other)| other).collect()
    };
    let items = (0..n_items as u32).into_par_iter().step_by(n_items.div_ceil(TRIALS).max(1));
    let trials: Vec<(u32, Vec<u32>)> = items.map(|item| (item, nearest(item))).collect();
    let n_best: usize = trials.iter().map(|(_, nearest)| nearest.len().min(BEST)).sum();
    let kept = |norm: f32| {
        let kept = trials.par_iter().map(|(item, nearest)| {
            let item = kernels::widened(&round(vector(*item), norm));
            let mut order: Vec<(i32, u32, usize)> = (0..)
                .zip(nearest)
                .map(|(place, &other)| (-kernels::dot(&item, &round(vector(other), norm)), other, place))
                .collect();
            order.sort_unstable();
            order.iter().take(BEST).filter(|(.., place)| *place < BEST).count()
        });
        kept.sum::<usize>() as f64 / n_best.max(1) as f64
    };
    let mut best = (0.0, SHORTEST);
    for norm in (0..LENGTHS).map(|step| (SHORTEST * LONGER.powi(step)).round()) {
        let kept = kept(norm);
        if kept > best.0 {
            best = (kept, norm);
        }
        if kept >= left_to_rounding(n_items) {
            break;
        }
    }
    best.1
}

/// Rounds a bias, in logits, to what the file holds.
pub(in crate::train) fn round_bias(bias: f32) -> i16 {
    ((bias * ONE_LOGIT / BIAS_STEP).round() * BIAS_STEP) as i16
}

/// Rounds a vector so that its dot products with what is near it change least.
///
/// What is at a cosine c has the part c of the rounding error along the vector, and the rest of the error in directions that
/// matter to nothing in particular: the loss is |error|² + w · (error along the vector)² (score-aware quantization, Guo et al.
/// 2020, section 3). From the nearest whole numbers on, one component after the other goes to the other side as long as that
/// takes from the loss.
pub(in crate::train) fn round(row: &[f32], norm: f32) -> Vec<i8> {
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
    rounded.into_iter().map(|x| x as i8).collect()
}
