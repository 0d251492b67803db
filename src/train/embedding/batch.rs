//! The gradient of the loss over a batch, by hand. Threads work on fixed parts, whose sums are added in a fixed order.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::negatives::Negatives;
use super::sparse_rows::SparseRows;
use super::{Embedding, Example, PLACES, Shape, add_scaled, dot, normalize};
use crate::kernels::{floats, gemm};
use crate::train::dataset::Interaction;

/// Examples of a batch.
pub(super) const SIZE: usize = 512;
/// Examples of a part, which one thread works on.
const PART: usize = 64;
/// Negatives whose gradients one thread adds up.
const COLUMNS: usize = 256;

/// The gradients of a batch.
pub(super) struct Gradients {
    pub(super) shape: [f32; Shape::LEN],
    pub(super) vectors: SparseRows,
    pub(super) biases: SparseRows,
}

/// What one thread finds out about its examples.
struct Part {
    loss: f64,
    shape: [f32; Shape::LEN],
    /// Session vectors, one example after the other.
    sessions: Vec<f32>,
    /// Gradient of the logit of every negative, one example after the other.
    negatives: Vec<f32>,
    /// Gradients of the logits of targets and own items.
    exact: Vec<Exact>,
    /// The items that the session vectors are made of, and the gradient of each, one after the other.
    inputs: Vec<u32>,
    input_gradients: Vec<f32>,
}

struct Exact {
    item: u32,
    example: usize,
    gradient: f32,
}

impl Gradients {
    pub(super) fn new(n_items: usize, dimensions: usize) -> Gradients {
        Gradients {
            shape: [0.0; Shape::LEN],
            vectors: SparseRows::new(n_items, dimensions),
            biases: SparseRows::new(n_items, 1),
        }
    }

    /// Replaces the gradients by those of these examples and returns the sum of their losses.
    pub(super) fn compute(
        &mut self,
        events: &[Interaction],
        examples: &[Example],
        embedding: &Embedding,
        negatives: &Negatives,
        dropout: f32,
        seed: u64,
    ) -> f64 {
        self.vectors.clear();
        self.biases.clear();
        self.shape.fill(0.0);
        let dimensions = embedding.dimensions;
        let mut table = Vec::with_capacity(negatives.items.len() * dimensions);
        for &item in &negatives.items {
            table.extend(embedding.vector(item));
        }
        let scale = 1.0 / examples.len() as f32;
        let parts: Vec<Part> = examples
            .par_chunks(PART)
            .enumerate()
            .map(|(index, examples)| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(index as u64);
                Part::compute(events, examples, embedding, negatives, &table, dropout, scale, &mut rng)
            })
            .collect();
        let temperature = embedding.shape.log_temperature.exp();
        self.add_negatives(&parts, negatives, temperature, dimensions);
        let mut loss = 0.0;
        for part in &parts {
            loss += part.loss;
            add_scaled(&mut self.shape, 1.0, &part.shape);
            for exact in &part.exact {
                let session = &part.sessions[exact.example * dimensions..][..dimensions];
                add_scaled(self.vectors.touch(exact.item), temperature * exact.gradient, session);
                self.biases.touch(exact.item)[0] += exact.gradient;
            }
            for (&item, gradient) in part.inputs.iter().zip(part.input_gradients.chunks_exact(dimensions)) {
                add_scaled(self.vectors.touch(item), 1.0, gradient);
            }
        }
        loss
    }

    fn add_negatives(&mut self, parts: &[Part], negatives: &Negatives, temperature: f32, dimensions: usize) {
        let n_negatives = negatives.items.len();
        let mut sums = vec![0.0f32; n_negatives * dimensions];
        let mut biases = vec![0.0f32; n_negatives];
        sums.par_chunks_mut(COLUMNS * dimensions).zip(biases.par_chunks_mut(COLUMNS)).enumerate().for_each(
            |(index, (sums, biases))| {
                let first = index * COLUMNS;
                for part in parts {
                    let n_examples = part.sessions.len() / dimensions;
                    // sums (columns × dimensions) += temperature · negativesᵀ (columns × examples) · sessions
                    gemm(
                        [biases.len(), n_examples, dimensions],
                        temperature,
                        (&part.negatives[first..], 1, n_negatives),
                        (&part.sessions, dimensions, 1),
                        sums,
                    );
                    for row in part.negatives.chunks_exact(n_negatives) {
                        add_scaled(biases, 1.0, &row[first..first + biases.len()]);
                    }
                }
            },
        );
        for ((&item, sum), bias) in negatives.items.iter().zip(sums.chunks_exact(dimensions)).zip(biases) {
            add_scaled(self.vectors.touch(item), 1.0, sum);
            self.biases.touch(item)[0] += bias;
        }
    }
}

impl Part {
    #[expect(clippy::too_many_arguments, reason = "called in one place, and each is another thing")]
    fn compute(
        events: &[Interaction],
        examples: &[Example],
        embedding: &Embedding,
        negatives: &Negatives,
        table: &[f32],
        dropout: f32,
        scale: f32,
        rng: &mut ChaCha8Rng,
    ) -> Part {
        let (dimensions, n_negatives) = (embedding.dimensions, negatives.items.len());
        let temperature = embedding.shape.log_temperature.exp();
        let place_weights = embedding.shape.place_logits.map(f32::exp);

        // Forward: session vectors, with some components of their items left out.
        let mut sessions = vec![0.0f32; examples.len() * dimensions];
        let mut norms = Vec::with_capacity(examples.len());
        let mut masks: Vec<f32> = Vec::new();
        for (example, session) in examples.iter().zip(sessions.chunks_exact_mut(dimensions)) {
            for (place, item) in example.newest_first(events) {
                let vector = embedding.vector(item);
                let from = masks.len();
                fill_mask(&mut masks, dimensions, dropout, rng);
                for ((sum, x), mask) in session.iter_mut().zip(vector).zip(&masks[from..]) {
                    *sum += place_weights[place] * mask * x;
                }
            }
            norms.push(normalize(session));
        }

        // Logits of the negatives, all at once; those of the target and of own items, which count exactly, one by one.
        let mut logits = vec![0.0f32; examples.len() * n_negatives];
        gemm(
            [examples.len(), dimensions, n_negatives],
            temperature,
            (&sessions, dimensions, 1),
            (table, 1, dimensions),
            &mut logits,
        );
        let constant: Vec<f32> = negatives
            .items
            .iter()
            .zip(&negatives.corrections)
            .map(|(&item, correction)| embedding.biases[item as usize] + correction)
            .collect();
        let mut part = Part {
            loss: 0.0,
            shape: [0.0; Shape::LEN],
            sessions: Vec::new(),
            negatives: Vec::new(),
            exact: Vec::new(),
            inputs: Vec::new(),
            input_gradients: Vec::new(),
        };
        let mut session_gradients = vec![0.0f32; examples.len() * dimensions];
        for (index, example) in examples.iter().enumerate() {
            let session = &sessions[index * dimensions..][..dimensions];
            let row = &mut logits[index * n_negatives..][..n_negatives];
            add_scaled(row, 1.0, &constant);
            let own = example.own_items(events);
            let mut exact: Vec<(u32, Option<usize>, f32)> = own
                .iter()
                .map(|&(item, place)| {
                    let history = place.map_or(0.0, |place| embedding.shape.history[place]);
                    let cosine = dot(session, embedding.vector(item));
                    (item, place, temperature * cosine + embedding.biases[item as usize] + history)
                })
                .collect();
            for &(item, ..) in &exact {
                if let Some(logit) = row.get_mut(negatives.columns[item as usize] as usize) {
                    *logit = f32::NEG_INFINITY;
                }
            }
            part.loss += softmax(row, &mut exact);
            // The first of the exact ones is the target.
            exact[0].2 -= 1.0;
            let gradient = &mut session_gradients[index * dimensions..][..dimensions];
            for (item, place, value) in exact {
                let value = value * scale;
                let vector = embedding.vector(item);
                add_scaled(gradient, temperature * value, vector);
                part.shape[2 * PLACES] += value * temperature * dot(session, vector);
                if let Some(place) = place {
                    part.shape[PLACES + place] += value;
                }
                part.exact.push(Exact { item, example: index, gradient: value });
            }
            floats::scale(row, scale);
        }
        // Back from the negatives' logits to the session vectors.
        let mut from_negatives = vec![0.0f32; examples.len() * dimensions];
        gemm(
            [examples.len(), n_negatives, dimensions],
            temperature,
            (&logits, n_negatives, 1),
            (table, dimensions, 1),
            &mut from_negatives,
        );
        part.shape[2 * PLACES] += dot(&from_negatives, &sessions);
        add_scaled(&mut session_gradients, 1.0, &from_negatives);

        // Back through the normalization to the items and the weights of their places.
        let mut masks = masks.chunks_exact(dimensions);
        for (index, example) in examples.iter().enumerate() {
            let session = &sessions[index * dimensions..][..dimensions];
            let gradient = &mut session_gradients[index * dimensions..][..dimensions];
            let along = dot(gradient, session);
            add_scaled(gradient, -along, session);
            for (place, item) in example.newest_first(events) {
                let mask = masks.next().expect("there is a mask for every item of every session");
                let weight = place_weights[place] / norms[index];
                let from = part.input_gradients.len();
                part.input_gradients.extend(gradient.iter().zip(mask).map(|(g, mask)| weight * mask * g));
                part.shape[place] += dot(&part.input_gradients[from..], embedding.vector(item));
                part.inputs.push(item);
            }
        }
        part.sessions = sessions;
        part.negatives = logits;
        part
    }
}

impl Example {
    /// The places before the target and the items there, newest first.
    fn newest_first<'a>(&self, events: &'a [Interaction]) -> impl Iterator<Item = (usize, u32)> + use<'a> {
        events[self.target - self.n_before..self.target].iter().rev().map(|event| event.item).enumerate()
    }

    /// The target first, then the session's other items, each once with its newest place.
    fn own_items(&self, events: &[Interaction]) -> Vec<(u32, Option<usize>)> {
        let mut own = vec![(events[self.target].item, None)];
        for (place, item) in self.newest_first(events) {
            match own.iter_mut().find(|(known, _)| *known == item) {
                None => own.push((item, Some(place))),
                Some((_, newest @ None)) => *newest = Some(place),
                Some(_) => {}
            }
        }
        own
    }
}

/// Turns logits into probabilities, in place, and returns the loss of the first exact one.
fn softmax(negatives: &mut [f32], exact: &mut [(u32, Option<usize>, f32)]) -> f64 {
    let largest = exact.iter().map(|exact| exact.2).fold(floats::largest(negatives), f32::max);
    let loss_of = exact[0].2 - largest;
    let mut sum = floats::exponentials(negatives, largest);
    for exact in exact.iter_mut() {
        exact.2 = floats::exp(exact.2 - largest);
        sum += exact.2;
    }
    floats::scale(negatives, 1.0 / sum);
    exact.iter_mut().for_each(|exact| exact.2 *= 1.0 / sum);
    f64::from(sum.ln() - loss_of)
}

/// A fresh mask: 0 with the chance of `dropout`, else what keeps the mean.
fn fill_mask(masks: &mut Vec<f32>, dimensions: usize, dropout: f32, rng: &mut ChaCha8Rng) {
    if dropout <= 0.0 {
        masks.resize(masks.len() + dimensions, 1.0);
        return;
    }
    let (bar, kept) = ((dropout * 256.0) as u8, 1.0 / (1.0 - dropout));
    for _ in 0..dimensions / 8 {
        masks.extend(rng.next_u64().to_le_bytes().map(|byte| if byte < bar { 0.0 } else { kept }));
    }
}
