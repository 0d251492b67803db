//! New items among vectors that stay as they are.

use super::map::Map;
use super::{event_counts, normalize};
use crate::train::embedding::Embedding;
use crate::train::universe::Universe;

/// Distance within a session at which what is around a new item counts 1/e.
const REACH: f32 = 2.0;
/// Longest distance that counts at all: it counts 1 % there.
const FARTHEST: usize = 10;

/// Places the marked items among the others, whose vectors and biases stay: each between where its content says and the mean of
/// what shoppers looked at before and after it, the more events it has the nearer to that. One of which neither is known gets a
/// zero vector and the lowest bias of all.
pub(in crate::train) fn place(embedding: &mut Embedding, universe: &Universe, is_new: &[bool]) {
    let counts = event_counts(universe);
    let known = |count: u32, new: bool| if new { 0 } else { count };
    let known: Vec<u32> = counts.iter().zip(is_new).map(|(&count, &new)| known(count, new)).collect();
    let around = around(embedding, universe, is_new);
    let map = Map::learn(embedding, &universe.catalog, &known);
    let trend = Trend::of(&embedding.biases, &known);
    let lowest = embedding.biases.iter().zip(is_new).filter(|(_, new)| !**new).map(|(bias, _)| *bias);
    let lowest = lowest.fold(f32::INFINITY, f32::min).min(0.0);
    let dimensions = embedding.dimensions;
    let rows = embedding.vectors.chunks_exact_mut(dimensions).zip(&mut embedding.biases).zip(&counts);
    let around = around.chunks_exact(dimensions);
    for (row, (((vector, bias), &count), around)) in rows.zip(around).enumerate().filter(|(row, _)| is_new[*row]) {
        let content = map.as_ref().and_then(|map| Some((map.place(row)?, map.evidence(count))));
        vector.copy_from_slice(around);
        *bias = if count > 0 { trend.at(count) } else { lowest };
        if let Some(((mut direction, content_bias), met)) = content {
            normalize(&mut direction);
            for (x, content) in vector.iter_mut().zip(direction) {
                *x = met * *x + (1.0 - met) * content;
            }
            *bias = met * *bias + (1.0 - met) * content_bias;
        }
        normalize(vector);
    }
}

/// For every marked item the direction of what sessions hold near it, nearer events weighing more; zero where there is nothing.
fn around(embedding: &Embedding, universe: &Universe, is_new: &[bool]) -> Vec<f32> {
    let dimensions = embedding.dimensions;
    let mut sums = vec![0.0; embedding.vectors.len()];
    for session in universe.sessions.iter() {
        for (place, event) in session.iter().enumerate().filter(|(_, event)| is_new[event.item as usize]) {
            let sum = &mut sums[event.item as usize * dimensions..][..dimensions];
            let first = place.saturating_sub(FARTHEST);
            for (other, near) in session.iter().enumerate().skip(first).take(place - first + FARTHEST + 1) {
                if !is_new[near.item as usize] {
                    let weight = (-(place.abs_diff(other) as f32) / REACH).exp();
                    let vector = &embedding.vectors[near.item as usize * dimensions..][..dimensions];
                    sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += weight * x);
                }
            }
        }
    }
    sums.chunks_exact_mut(dimensions).for_each(|sum| {
        normalize(sum);
    });
    sums
}

/// The bias that items have by how often they are met: a straight line over the logarithm, by least squares.
struct Trend {
    bias: f32,
    slope: f32,
}

impl Trend {
    fn of(biases: &[f32], counts: &[u32]) -> Trend {
        let points: Vec<(f64, f64)> = biases
            .iter()
            .zip(counts)
            .filter(|(_, count)| **count > 0)
            .map(|(&bias, &count)| (f64::from(count).ln(), f64::from(bias)))
            .collect();
        let n = points.len().max(1) as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
        let (count, bias) = (mean(|point| point.0), mean(|point| point.1));
        let product: f64 = points.iter().map(|point| (point.0 - count) * (point.1 - bias)).sum();
        let square: f64 = points.iter().map(|point| (point.0 - count).powi(2)).sum();
        let slope = if square > 0.0 { product / square } else { 0.0 };
        Trend { bias: (bias - slope * count) as f32, slope: slope as f32 }
    }

    fn at(&self, count: u32) -> f32 {
        self.bias + self.slope * (count as f32).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: eight times the events are worth 1.
    #[test]
    fn more_events_are_worth_more() {
        let counts = [1, 8, 64, 0];
        let trend = Trend::of(&[0.0, 1.0, 2.0, 9.0], &counts);
        assert!((trend.at(512) - 3.0).abs() < 1e-5 && trend.at(1).abs() < 1e-5);
        assert_eq!(Trend::of(&[0.5, 9.0], &[4, 0]).at(100), 0.5);
        assert_eq!(Trend::of(&[], &[]).at(1), 0.0);
    }
}
