//! The gradient of the loss over a batch, by hand. Threads work on fixed parts, whose sums are added in a fixed order.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::negatives::Negatives;
use super::{Embedding, Example, PLACES, Shape, Stand, add_scaled, dot, normalize};
use crate::kernels::{floats, gemm};
use crate::train::dataset::Interaction;

/// Examples of a batch.
pub(super) const SIZE: usize = 512;
/// Examples of a part, which one thread works on.
const PART: usize = 64;
/// Negatives, or items, that a thread works on at a time.
const COLUMNS: usize = 256;

/// The gradients of a batch.
pub(super) struct Gradients {
    pub(super) shape: [f32; Shape::LEN],
    pub(super) transition: Vec<f32>,
    /// By item, as the next: of negatives, targets and what stands in the sessions. Those of others mean nothing.
    pub(super) vectors: Vec<f32>,
    pub(super) biases: Vec<f32>,
    tables: Tables,
}

/// What threads leave one another of a batch, kept for its memory, which is much.
#[derive(Default)]
struct Tables {
    /// Session vectors, one example after the other.
    sessions: Vec<f32>,
    /// Vectors of the negatives.
    negatives: Vec<f32>,
    /// Logit of every negative, later its gradient, one example after the other.
    logits: Vec<f32>,
    /// Gradients of the negatives' vectors and biases.
    sums: Vec<f32>,
    biases: Vec<f32>,
}

/// What a step is learned from, and what all threads look at.
pub(super) struct Batch<'a> {
    pub(super) events: &'a [Interaction],
    pub(super) examples: &'a [Example],
    pub(super) embedding: &'a Embedding,
    pub(super) negatives: &'a Negatives,
    /// By item: whether it is a negative, a target, or stands in one of the sessions.
    pub(super) looked_at: &'a [bool],
    pub(super) dropout: f32,
    pub(super) seed: u64,
}

/// What one thread finds out about its examples.
struct Part {
    loss: f64,
    shape: [f32; Shape::LEN],
    transition: Vec<f32>,
    exact: Vec<Exact>,
    /// The items that the session vectors are made of, and the gradient of each, one after the other.
    inputs: Vec<u32>,
    input_gradients: Vec<f32>,
}

/// The target of an example, or another item of its session.
struct Exact {
    item: u32,
    example: usize,
    /// How it stands in the session, if it does.
    stand: Option<Stand>,
    /// The logit, later its gradient.
    value: f32,
}

impl Gradients {
    pub(super) fn new(embedding: &Embedding) -> Gradients {
        Gradients {
            shape: [0.0; Shape::LEN],
            transition: vec![0.0; embedding.transition.len()],
            vectors: vec![0.0; embedding.vectors.len()],
            biases: vec![0.0; embedding.biases.len()],
            tables: Tables::default(),
        }
    }

    /// Replaces the gradients by those of a batch and returns the sum of its losses.
    pub(super) fn compute(&mut self, batch: &Batch) -> f64 {
        let Batch { examples, embedding, negatives: Negatives { items: negatives, .. }, .. } = *batch;
        let dimensions = embedding.dimensions;
        let temperature = embedding.shape.log_temperature.exp();
        let tables = &mut self.tables;
        tables.negatives.resize(negatives.len() * dimensions, 0.0);
        let rows = tables.negatives.par_chunks_exact_mut(dimensions).zip(negatives).with_min_len(COLUMNS);
        rows.for_each(|(row, &item)| row.copy_from_slice(embedding.vector(item)));
        tables.sessions.clear();
        tables.sessions.resize(examples.len() * dimensions, 0.0);
        tables.logits.resize(examples.len() * negatives.len(), 0.0);
        let sessions = tables.sessions.par_chunks_mut(PART * dimensions);
        let logits = tables.logits.par_chunks_mut(PART * negatives.len());
        let parts: Vec<Part> = examples
            .par_chunks(PART)
            .zip(sessions.zip(logits))
            .enumerate()
            .map(|(index, (examples, (sessions, logits)))| {
                batch.part(index as u64, examples, &tables.negatives, sessions, logits)
            })
            .collect();
        tables.sum_up(negatives.len(), temperature, dimensions);
        self.begin_with_negatives(batch);
        self.shape.fill(0.0);
        self.transition.fill(0.0);
        let mut loss = 0.0;
        for (part, sessions) in parts.iter().zip(self.tables.sessions.chunks(PART * dimensions)) {
            loss += part.loss;
            add_scaled(&mut self.shape, 1.0, &part.shape);
            add_scaled(&mut self.transition, 1.0, &part.transition);
            let row = |item: u32| item as usize * dimensions..(item as usize + 1) * dimensions;
            for exact in &part.exact {
                let session = &sessions[exact.example * dimensions..][..dimensions];
                let own = embedding.shape.temperature_of(exact.stand.is_some());
                add_scaled(&mut self.vectors[row(exact.item)], own * exact.value, session);
                self.biases[exact.item as usize] += exact.value;
            }
            for (&item, gradient) in part.inputs.iter().zip(part.input_gradients.chunks_exact(dimensions)) {
                add_scaled(&mut self.vectors[row(item)], 1.0, gradient);
            }
        }
        loss
    }

    /// Replaces the gradients of the items looked at by what they have as negatives: nothing if they are none.
    fn begin_with_negatives(&mut self, batch: &Batch) {
        let Tables { sums, biases, .. } = &self.tables;
        let dimensions = batch.embedding.dimensions;
        let rows = self.vectors.par_chunks_exact_mut(dimensions).zip(&mut self.biases).zip(batch.looked_at);
        let rows = rows.enumerate().with_min_len(COLUMNS).filter(|(_, (_, is_looked_at))| **is_looked_at);
        rows.for_each(|(item, ((vector, bias), _))| match batch.negatives.column(item as u32) {
            Some(column) => {
                vector.copy_from_slice(&sums[column * dimensions..][..dimensions]);
                *bias = biases[column];
            }
            None => {
                vector.fill(0.0);
                *bias = 0.0;
            }
        });
    }
}

impl Tables {
    /// Adds up what the logits of all examples say of the negatives.
    fn sum_up(&mut self, n_negatives: usize, temperature: f32, dimensions: usize) {
        let Tables { sessions, logits, sums, biases, .. } = self;
        let n_examples = sessions.len() / dimensions;
        sums.resize(n_negatives * dimensions, 0.0);
        biases.clear();
        biases.resize(n_negatives, 0.0);
        sums.par_chunks_mut(COLUMNS * dimensions).zip(biases.par_chunks_mut(COLUMNS)).enumerate().for_each(
            |(index, (sums, biases))| {
                let first = index * COLUMNS;
                // sums (columns × dimensions) = temperature · logitsᵀ (columns × examples) · sessions
                gemm(
                    [biases.len(), n_examples, dimensions],
                    temperature,
                    (&logits[first..], 1, n_negatives),
                    (sessions, dimensions, 1),
                    0.0,
                    sums,
                );
                for row in logits.chunks_exact(n_negatives) {
                    add_scaled(biases, 1.0, &row[first..first + biases.len()]);
                }
            },
        );
    }
}

impl Batch<'_> {
    /// Works on some examples, and fills in their session vectors, which are zero, and the gradients of their logits. `table`
    /// holds the vectors of the negatives.
    fn part(&self, index: u64, examples: &[Example], table: &[f32], sessions: &mut [f32], logits: &mut [f32]) -> Part {
        let &Batch { events, embedding, negatives, dropout, seed, .. } = self;
        // What an example counts.
        let scale = 1.0 / self.examples.len() as f32;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(index);
        let (dimensions, n_negatives) = (embedding.dimensions, negatives.items.len());
        let temperature = embedding.shape.log_temperature.exp();
        let place_weights = embedding.shape.place_logits.map(f32::exp);

        // Forward: session vectors, with some components of their items left out.
        let mut masks: Vec<f32> = Vec::new();
        // What the transition is multiplied by: the last item's vector, and that again or zeros if choices are told apart.
        let row_len = embedding.transition.len() / dimensions;
        let mut lasts = vec![0.0f32; examples.len() * row_len];
        let rows = sessions.chunks_exact_mut(dimensions).zip(lasts.chunks_exact_mut(row_len));
        for (example, (session, lasts)) in examples.iter().zip(rows) {
            for (place, item) in example.newest_first(events) {
                let vector = embedding.vector(item);
                let from = masks.len();
                fill_mask(&mut masks, dimensions, dropout, &mut rng);
                for ((sum, x), mask) in session.iter_mut().zip(vector).zip(&masks[from..]) {
                    *sum += place_weights[place] * mask * x;
                }
                if place == 0 {
                    for half in lasts.chunks_exact_mut(dimensions).take(example.n_halves(events)) {
                        half.iter_mut().zip(vector.iter().zip(&masks[from..])).for_each(|(y, (x, mask))| *y = mask * x);
                    }
                }
            }
        }
        // sessions += lasts · transitionᵀ
        let sizes = [examples.len(), row_len, dimensions];
        gemm(sizes, 1.0, (&lasts, row_len, 1), (&embedding.transition, 1, row_len), 1.0, sessions);
        let norms: Vec<f32> = sessions.chunks_exact_mut(dimensions).map(normalize).collect();

        // Logits of the negatives, all at once; those of the target and of own items, which count exactly, one by one.
        gemm(
            [examples.len(), dimensions, n_negatives],
            temperature,
            (sessions, dimensions, 1),
            (table, 1, dimensions),
            0.0,
            logits,
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
            transition: vec![0.0; embedding.transition.len()],
            exact: Vec::new(),
            inputs: Vec::new(),
            input_gradients: Vec::new(),
        };
        let mut session_gradients = vec![0.0f32; examples.len() * dimensions];
        for (index, example) in examples.iter().enumerate() {
            let session = &sessions[index * dimensions..][..dimensions];
            let row = &mut logits[index * n_negatives..][..n_negatives];
            add_scaled(row, 1.0, &constant);
            let mut exact = example.exact(index, events);
            for Exact { item, stand, value, .. } in &mut exact {
                let slots = stand.iter().flat_map(|stand| stand.slots());
                let history: f32 = slots.map(|slot| embedding.shape.history[slot]).sum();
                let nearness = embedding.shape.temperature_of(stand.is_some()) * dot(session, embedding.vector(*item));
                *value = nearness + embedding.biases[*item as usize] + history;
                if let Some(column) = negatives.column(*item) {
                    row[column] = f32::NEG_INFINITY;
                }
            }
            part.loss += softmax(row, &mut exact);
            // The first of the exact ones is the target.
            exact[0].value -= 1.0;
            let gradient = &mut session_gradients[index * dimensions..][..dimensions];
            for Exact { item, stand, value, .. } in &mut exact {
                *value *= scale;
                let vector = embedding.vector(*item);
                let (own, cosine) = (embedding.shape.temperature_of(stand.is_some()), dot(session, vector));
                add_scaled(gradient, own * *value, vector);
                part.shape[Shape::TEMPERATURE] += *value * own * cosine;
                if let Some(stand) = *stand {
                    part.shape[Shape::LEN - 1] += *value * temperature * cosine;
                    stand.slots().for_each(|slot| part.shape[PLACES + slot] += *value);
                }
            }
            part.exact.extend(exact);
            floats::scale(row, scale);
        }
        // Back from the negatives' logits to the session vectors.
        let mut from_negatives = vec![0.0f32; examples.len() * dimensions];
        gemm(
            [examples.len(), n_negatives, dimensions],
            temperature,
            (logits, n_negatives, 1),
            (table, dimensions, 1),
            0.0,
            &mut from_negatives,
        );
        part.shape[Shape::TEMPERATURE] += dot(&from_negatives, sessions);
        add_scaled(&mut session_gradients, 1.0, &from_negatives);

        // Back through the normalization to the transition, the items and the weights of their places.
        let gradients = session_gradients.chunks_exact_mut(dimensions);
        for (gradient, (session, norm)) in gradients.zip(sessions.chunks_exact(dimensions).zip(&norms)) {
            let along = dot(gradient, session);
            add_scaled(gradient, -along, session);
            floats::scale(gradient, 1.0 / norm);
        }
        // transition: gradientsᵀ · lasts; lasts: gradients · transition
        let gradients = &session_gradients;
        let [inner, outer] = [[dimensions, examples.len(), row_len], [examples.len(), dimensions, row_len]];
        gemm(inner, 1.0, (gradients, 1, dimensions), (&lasts, row_len, 1), 0.0, &mut part.transition);
        let mut of_lasts = vec![0.0f32; lasts.len()];
        gemm(outer, 1.0, (gradients, dimensions, 1), (&embedding.transition, row_len, 1), 0.0, &mut of_lasts);
        let mut masks = masks.chunks_exact(dimensions);
        for (index, example) in examples.iter().enumerate() {
            let gradient = &gradients[index * dimensions..][..dimensions];
            let of_last = &of_lasts[index * row_len..][..row_len];
            for (place, item) in example.newest_first(events) {
                let mask = masks.next().expect("there is a mask for every item of every session");
                let weight = place_weights[place];
                let from = part.input_gradients.len();
                part.input_gradients.extend(gradient.iter().zip(mask).map(|(g, mask)| weight * mask * g));
                part.shape[place] += dot(&part.input_gradients[from..], embedding.vector(item));
                part.inputs.push(item);
                if place == 0 {
                    for half in of_last.chunks_exact(dimensions).take(example.n_halves(events)) {
                        let sums = part.input_gradients[from..].iter_mut();
                        sums.zip(half.iter().zip(mask)).for_each(|(sum, (g, mask))| *sum += mask * g);
                    }
                }
            }
        }
        part
    }
}

impl Example {
    /// The places before the target and the items there, newest first.
    fn newest_first<'a>(&self, events: &'a [Interaction]) -> impl Iterator<Item = (usize, u32)> + use<'a> {
        events[self.target - self.n_before..self.target].iter().rev().map(|event| event.item).enumerate()
    }

    /// How many halves of the transition's rows it is about: both if the last item before the target was chosen.
    fn n_halves(&self, events: &[Interaction]) -> usize {
        1 + usize::from(events[self.target - 1].kind.is_choice())
    }

    /// The target first, then the session's other items, each once.
    fn exact(&self, example: usize, events: &[Interaction]) -> Vec<Exact> {
        let newest_first: Vec<u32> = self.newest_first(events).map(|(_, item)| item).collect();
        let mut exact = vec![Exact { item: events[self.target].item, example, stand: None, value: 0.0 }];
        for (item, stand) in Stand::all(&newest_first) {
            match exact.first_mut().filter(|target| target.item == item) {
                Some(target) => target.stand = Some(stand),
                None => exact.push(Exact { item, example, stand: Some(stand), value: 0.0 }),
            }
        }
        exact
    }
}

/// Turns logits into probabilities, in place, and returns the loss of the first exact one.
fn softmax(negatives: &mut [f32], exact: &mut [Exact]) -> f64 {
    let largest = exact.iter().map(|exact| exact.value).fold(floats::largest(negatives), f32::max);
    let loss_of = exact[0].value - largest;
    let mut sum = floats::exponentials(negatives, largest);
    for exact in exact.iter_mut() {
        exact.value = floats::exp(exact.value - largest);
        sum += exact.value;
    }
    floats::scale(negatives, 1.0 / sum);
    exact.iter_mut().for_each(|exact| exact.value *= 1.0 / sum);
    f64::from(sum.ln() - loss_of)
}

/// A fresh mask: 0 with the chance of `dropout`, else what keeps the mean.
fn fill_mask(masks: &mut Vec<f32>, dimensions: usize, dropout: f32, rng: &mut ChaCha8Rng) {
    if dropout <= 0.0 {
        masks.resize(masks.len() + dimensions, 1.0);
        return;
    }
    let bar = (dropout * 256.0) as u8;
    let kept = 256.0 / (256.0 - f32::from(bar));
    for _ in 0..dimensions / 8 {
        masks.extend(rng.next_u64().to_le_bytes().map(|byte| if byte < bar { 0.0 } else { kept }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::EventKind;
    use crate::train::Sessions;
    use crate::train::embedding::examples;

    /// How much a number is moved for the slope of the loss, and how far that may be from the gradient.
    const MOVE: f32 = 0.01;
    const OFF: f64 = 1e-3;

    #[test]
    fn gradients_are_the_slopes_of_the_loss() {
        let lists: [&[u32]; 3] = [&[0, 1, 2, 1], &[3, 2, 5, 4, 0], &[5, 5, 1]];
        let mut sessions = Sessions::of_views(6, (0..).zip(lists));
        for chosen in [1, 5, 6] {
            sessions.events[chosen].kind = EventKind::AddToCart;
        }
        let examples = examples(&sessions);
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut negatives = Negatives::new(&sessions, 64);
        negatives.draw(&mut rng);
        let mut embedding = Embedding::random(6, 16, &mut rng);
        embedding.shape.history = std::array::from_fn(|slot| 0.3 - 0.1 * slot as f32);
        embedding.transition.resize(2 * 16 * 16, 0.0);
        embedding.transition.iter_mut().for_each(|x| *x = (rng.next_u32() % 100) as f32 / 100.0 - 0.5);
        let mut gradients = Gradients::new(&embedding);
        let mut loss = |embedding: &Embedding| {
            let sum = gradients.compute(&Batch {
                events: &sessions.events,
                examples: &examples,
                embedding,
                negatives: &negatives,
                looked_at: &[true; 6],
                dropout: 0.0,
                seed: 1,
            });
            (sum / examples.len() as f64, gradients.transition.clone(), gradients.shape)
        };
        let (_, transition, shape) = loss(&embedding);
        let mut check = |gradient: f32, moved: &dyn Fn(f32) -> Embedding| {
            let slope = (loss(&moved(MOVE)).0 - loss(&moved(-MOVE)).0) / f64::from(2.0 * MOVE);
            assert!((slope - f64::from(gradient)).abs() < OFF, "{slope}, not {gradient}");
        };
        for (at, &gradient) in transition.iter().enumerate() {
            check(gradient, &|by| {
                let mut moved = embedding.clone();
                moved.transition[at] += by;
                moved
            });
        }
        for (at, &gradient) in shape.iter().enumerate() {
            check(gradient, &|by| {
                let mut moved = embedding.clone();
                let mut array = moved.shape.to_array();
                array[at] += by;
                moved.shape = Shape::from_array(&array);
                moved
            });
        }
        assert!(
            transition.iter().chain(&shape).any(|gradient| gradient.abs() > 10.0 * OFF as f32),
            "some slopes are steep"
        );
    }
}
