//! The trained embedding: what an item is like, learned from what shoppers looked at next.
//!
//! The session vector is the mean of its items' embeddings, weighted by place, as in CORE (Hou et al., SIGIR 2022:
//! encoder and items share one space). Item i gets the logit τ · cos(session, item) + bias_i, and h_k if it
//! already stands at place k of the session, and what `History` has beside. What comes next is not always what is alike: the
//! session vector also has the last item's embedding times a square matrix, the same for all items, as factorized Markov chains
//! have one (FPMC, Rendle et al., WWW 2010), and times another one if the last item was chosen: after a cart comes what goes with
//! it, after a view what is in its place. Both begin at nothing. The loss is the softmax over the target, the session's own items, and
//! sampled negatives corrected by the logarithm of their chance (Bengio and Senécal, 2008); where the catalog is small,
//! over all items. What is learned of an item is its own part; its vector is that and the parts of those around it, added up
//! by `neighborhood`. Both live on the unit sphere: gradients are projected to its tangent, steps are pulled back.

mod adam;
mod batch;
mod calibrate;
mod negatives;
mod neighborhood;
mod quantize;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use self::adam::{Adam, Moments};
use self::batch::{Batch, Gradients};
pub use self::calibrate::{Calibration, Held};
use self::negatives::Negatives;
pub use self::neighborhood::Around;
use self::neighborhood::Neighborhood;
pub use self::quantize::Rounded;
pub(super) use self::quantize::{ONE_LOGIT, round, round_bias};
use super::dataset::{Interaction, Sessions};
use crate::kernels::floats::{add_scaled, dot};

/// Places of a session that the encoder looks at, newest first.
pub const PLACES: usize = 20;
/// How often an item can stand there that is told apart: once, twice and so on; as often or more.
pub const TIMES: usize = 8;
/// How many items a session can have that are told apart: one, two and so on; as many or more.
const ITEMS: usize = 8;

/// Fewest examples of an epoch: those of a smaller log are gone through again, but not more often than so many times.
const EPOCH_MIN: usize = 250_000;
const MOST_PASSES: usize = 32;

/// How an embedding is learned.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingOptions {
    /// Length of a vector: a multiple of 16. Default 64.
    pub dimensions: usize,
    /// Negatives drawn for a batch; with fewer items than this, all of them are used. Default 4096.
    pub negatives: usize,
    /// Chance of every component of a session's items to be left out of a step, 0..1. More keeps small logs from being
    /// learned by heart. Default 0.5.
    pub dropout: f32,
    /// Step size of the first epoch. Default 0.002.
    pub learning_rate: f32,
    /// What remains of the step size after every epoch. Default 0.7.
    pub decay: f32,
    /// Most epochs that are tried. Default 8.
    pub max_epochs: u32,
    /// Most examples of an epoch: a larger log is not gone through at once. Default 1,000,000.
    pub max_examples: usize,
}

impl Default for EmbeddingOptions {
    fn default() -> EmbeddingOptions {
        EmbeddingOptions {
            dimensions: 64,
            negatives: 4096,
            dropout: 0.5,
            learning_rate: 0.002,
            decay: 0.7,
            max_epochs: 8,
            max_examples: 1_000_000,
        }
    }
}

/// What is learned.
#[derive(Debug, Clone)]
pub struct Embedding {
    /// Length of a vector.
    pub dimensions: usize,
    /// Unit vectors, one item after the other.
    pub vectors: Vec<f32>,
    /// Logit of every item whatever the session.
    pub biases: Vec<f32>,
    /// The numbers that are few.
    pub shape: Shape,
    /// What the last item's vector is multiplied by for what it adds to the session vector beside itself: a matrix of as many rows
    /// as there are dimensions, row by row. Rows are as long as a vector, or twice as long where some steps come after a
    /// [choice](crate::session::EventKind::is_choice): the second half is for the same vector once more if the last item was chosen.
    /// Empty: nothing.
    pub transition: Vec<f32>,
}

/// The learned numbers that do not grow with the catalog.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Logarithm of the weight of an item in the session vector, by place, newest first.
    pub place_logits: [f32; PLACES],
    /// Logit of an item that stands in the session.
    pub history: History,
    /// Logarithm of τ.
    pub log_temperature: f32,
    /// What τ is multiplied by for an item that stands in the session, whose vector the session's holds: 0 or more.
    pub nearness_of_known: f32,
}

impl Default for Shape {
    /// All places alike, τ = 1, and an item that stands in the session is as any other.
    fn default() -> Shape {
        Shape { place_logits: [0.0; PLACES], history: NO_HISTORY, log_temperature: 0.0, nearness_of_known: 1.0 }
    }
}

/// Logits of an item that stands in the session, which add up: by its newest place, by how often it stands there, and for the last
/// item by how many items stand there.
pub type History = [f32; PLACES + TIMES + ITEMS];

/// An item that stands in the session is as any other.
pub const NO_HISTORY: History = [0.0; PLACES + TIMES + ITEMS];

/// How an item stands in a session.
#[derive(Debug, Clone, Copy)]
struct Stand {
    /// Its newest place.
    place: usize,
    /// How often it stands there.
    times: usize,
    /// How many items do.
    n_items: usize,
}

impl Stand {
    /// The items of a session, each once, the newest first.
    fn all(newest_first: &[u32]) -> Vec<(u32, Stand)> {
        let mut stands: Vec<(u32, Stand)> = Vec::new();
        for (place, &item) in newest_first.iter().enumerate() {
            match stands.iter_mut().find(|(known, _)| *known == item) {
                None => stands.push((item, Stand { place, times: 1, n_items: 0 })),
                Some((_, stand)) => stand.times += 1,
            }
        }
        let n_items = stands.len();
        stands.iter_mut().for_each(|(_, stand)| stand.n_items = n_items);
        stands
    }

    /// Where a [`History`] says something of it.
    fn slots(self) -> impl Iterator<Item = usize> {
        let of_last = PLACES + TIMES + self.n_items.min(ITEMS) - 1;
        [self.place, PLACES + self.times.min(TIMES) - 1].into_iter().chain((self.place == 0).then_some(of_last))
    }
}

/// The last item and the [`PLACES`] before it: what one step of a session teaches.
#[derive(Debug, Clone, Copy)]
struct Example {
    /// Index of the target in the events of all sessions.
    target: usize,
    /// How many events of its session come before it, at most [`PLACES`].
    n_before: usize,
}

/// Learns an [`Embedding`], epoch by epoch. The result depends on the seed, not on the number of threads.
pub struct Trainer<'a> {
    events: &'a [Interaction],
    options: &'a EmbeddingOptions,
    examples: Vec<Example>,
    /// From here on the examples have not been used since they were shuffled.
    next_example: usize,
    negatives: Negatives,
    neighborhood: Neighborhood,
    /// The items' own parts: what is learned. `embedding.vectors` follow from them.
    own: Vec<f32>,
    own_moments: Moments,
    embedding: Embedding,
    /// The lengths of the vectors before they were scaled, of those that the last batch has looked at.
    lengths: Vec<f32>,
    adam: Adam,
    bias_moments: Moments,
    shape_moments: Moments,
    transition_moments: Moments,
    gradients: Gradients,
    rng: ChaCha8Rng,
    epoch: u32,
}

impl<'a> Trainer<'a> {
    /// Starts from random vectors. `None` if no session has two items: there is nothing to learn from.
    pub fn new(
        sessions: &'a Sessions,
        options: &'a EmbeddingOptions,
        around: Around,
        seed: u64,
    ) -> Option<Trainer<'a>> {
        let examples = examples(sessions);
        if examples.is_empty() {
            return None;
        }
        let n_items = sessions.item_ids.len();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut embedding = Embedding::random(n_items, options.dimensions, &mut rng);
        if tells_choices(sessions, options.dimensions) {
            embedding.transition.resize(2 * options.dimensions * options.dimensions, 0.0);
        }
        let mut trainer = Trainer {
            events: &sessions.events,
            options,
            next_example: examples.len(),
            examples,
            negatives: Negatives::new(sessions, options.negatives),
            neighborhood: Neighborhood::new(sessions, around),
            own: embedding.vectors.clone(),
            own_moments: Moments::new(n_items * options.dimensions),
            adam: Adam::default(),
            bias_moments: Moments::new(n_items),
            shape_moments: Moments::new(Shape::LEN),
            transition_moments: Moments::new(embedding.transition.len()),
            gradients: Gradients::new(&embedding),
            embedding,
            lengths: vec![0.0; n_items],
            rng,
            epoch: 0,
        };
        trainer.settle_all();
        Some(trainer)
    }

    /// What has been learned so far.
    pub fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// Examples that [`Trainer::epoch`] goes through: all of them, but several times where there are few, and some at a
    /// time where there are very many.
    pub fn epoch_len(&self) -> usize {
        let n_examples = self.examples.len();
        n_examples.max(EPOCH_MIN.min(MOST_PASSES * n_examples)).min(self.options.max_examples)
    }

    /// Goes through an epoch's examples in random order and returns the mean loss. `advance` is told how many are done.
    pub fn epoch(&mut self, mut advance: impl FnMut(usize)) -> f64 {
        self.adam.learning_rate = self.options.learning_rate * self.options.decay.powi(self.epoch as i32);
        self.epoch += 1;
        let (mut loss, mut done) = (0.0, 0);
        while done < self.epoch_len() {
            if self.next_example == self.examples.len() {
                self.examples.shuffle(&mut self.rng);
                self.next_example = 0;
            }
            let start = self.next_example;
            self.next_example = self.examples.len().min(start + batch::SIZE);
            loss += self.step(start, self.next_example);
            done += self.next_example - start;
            advance(done.min(self.epoch_len()));
        }
        self.settle_all();
        loss / done as f64
    }

    /// Makes every vector what the own parts say.
    fn settle_all(&mut self) {
        let all = vec![true; self.lengths.len()];
        self.neighborhood.settle(&all, &self.own, &mut self.embedding.vectors, &mut self.lengths);
    }

    /// By item: whether a batch looks at it.
    fn looked_at(&self, examples: &[Example]) -> Vec<bool> {
        let mut looked_at = vec![false; self.lengths.len()];
        for example in examples {
            for event in &self.events[example.target - example.n_before..=example.target] {
                looked_at[event.item as usize] = true;
            }
        }
        for &item in &self.negatives.items {
            looked_at[item as usize] = true;
        }
        looked_at
    }

    fn step(&mut self, start: usize, end: usize) -> f64 {
        self.negatives.draw(&mut self.rng);
        let seed = self.rng.next_u64();
        let examples = &self.examples[start..end];
        let dimensions = self.options.dimensions;
        let looked_at = self.looked_at(examples);
        self.neighborhood.settle(&looked_at, &self.own, &mut self.embedding.vectors, &mut self.lengths);
        let (gradients, embedding) = (&mut self.gradients, &mut self.embedding);
        let batch = Batch {
            events: self.events,
            examples,
            embedding,
            negatives: &self.negatives,
            looked_at: &looked_at,
            dropout: self.options.dropout,
            seed,
        };
        let (loss, reach) = rayon::join(|| gradients.compute(&batch), || self.neighborhood.reach(&looked_at));
        Neighborhood::back(&looked_at, &self.lengths, &embedding.vectors, &mut gradients.vectors);
        self.adam.advance();
        self.adam.update_rows(&mut self.own, &mut self.own_moments, dimensions, true, |item, gradient| {
            reach.gather(item, &gradients.vectors, gradient)
        });
        self.adam.update_rows(&mut embedding.biases, &mut self.bias_moments, 1, false, |item, gradient| {
            gradient[0] = gradients.biases[item];
            looked_at[item]
        });
        let mut shape = embedding.shape.to_array();
        self.adam.update(&mut shape, &gradients.shape, &mut self.shape_moments);
        embedding.shape = Shape::from_array(&shape);
        self.adam.update(&mut embedding.transition, &gradients.transition, &mut self.transition_moments);
        loss
    }
}

impl Embedding {
    fn random(n_items: usize, dimensions: usize, rng: &mut impl Rng) -> Embedding {
        let mut vectors: Vec<f32> = StandardNormal.sample_iter(rng).take(n_items * dimensions).collect();
        for vector in vectors.chunks_exact_mut(dimensions) {
            normalize(vector);
        }
        let mut place_logits = [0.0; PLACES];
        for (place, logit) in place_logits.iter_mut().enumerate() {
            *logit = -1.5 * place as f32 / (PLACES - 1) as f32;
        }
        Embedding {
            dimensions,
            vectors,
            biases: vec![0.0; n_items],
            shape: Shape { place_logits, log_temperature: 2.5, ..Shape::default() },
            transition: vec![0.0; dimensions * dimensions],
        }
    }

    /// The direction of a session: the mean of its items' vectors, weighted by place, and what the last one leads to.
    fn session_vector(&self, newest_first: &[u32], is_after_choice: bool) -> Vec<f32> {
        let mut session = vec![0.0; self.dimensions];
        for (&item, logit) in newest_first.iter().zip(&self.shape.place_logits) {
            add_scaled(&mut session, logit.exp(), self.vector(item));
        }
        if let Some(&last) = newest_first.first().filter(|_| !self.transition.is_empty()) {
            let row_len = self.transition.len() / self.dimensions;
            for (sum, row) in session.iter_mut().zip(self.transition.chunks_exact(row_len)) {
                let halves = row.chunks_exact(self.dimensions).take(1 + usize::from(is_after_choice));
                *sum += halves.map(|half| dot(half, self.vector(last))).sum::<f32>();
            }
        }
        normalize(&mut session);
        session
    }

    /// The logit of every item after these, newest first, at most [`PLACES`], in floating point: what the model file rounds.
    pub fn logits(&self, newest_first: &[u32], is_after_choice: bool) -> Vec<f32> {
        let nearness: Vec<f32> = self.nearness(newest_first, is_after_choice).collect();
        let mut logits: Vec<f32> = nearness.iter().zip(&self.biases).map(|(near, bias)| near + bias).collect();
        for (item, stand) in Stand::all(newest_first) {
            logits[item as usize] += (self.shape.nearness_of_known - 1.0) * nearness[item as usize]
                + stand.slots().map(|slot| self.shape.history[slot]).sum::<f32>();
        }
        logits
    }

    /// τ times the cosine with the session's direction, of every item.
    fn nearness(&self, newest_first: &[u32], is_after_choice: bool) -> impl Iterator<Item = f32> {
        let session = self.session_vector(newest_first, is_after_choice);
        let temperature = self.shape.log_temperature.exp();
        self.vectors.chunks_exact(self.dimensions).map(move |vector| temperature * dot(&session, vector))
    }

    fn vector(&self, item: u32) -> &[f32] {
        let start = item as usize * self.dimensions;
        &self.vectors[start..start + self.dimensions]
    }
}

impl Shape {
    const LEN: usize = PLACES + NO_HISTORY.len() + 2;
    /// Where the temperature stands in [`Shape::to_array`]; what it is multiplied by follows.
    const TEMPERATURE: usize = Shape::LEN - 2;

    /// What the cosine with the session's direction is multiplied by, for items that stand in the session or for others.
    fn temperature_of(&self, is_known: bool) -> f32 {
        self.log_temperature.exp() * if is_known { self.nearness_of_known } else { 1.0 }
    }

    fn to_array(self) -> [f32; Shape::LEN] {
        let mut array = [self.nearness_of_known; Shape::LEN];
        array[..PLACES].copy_from_slice(&self.place_logits);
        array[PLACES..Shape::TEMPERATURE].copy_from_slice(&self.history);
        array[Shape::TEMPERATURE] = self.log_temperature;
        array
    }

    fn from_array(array: &[f32; Shape::LEN]) -> Shape {
        let (places, rest) = array.split_first_chunk().expect("the array holds the places first");
        let (history, rest) = rest.split_first_chunk().expect("then the history");
        Shape {
            place_logits: *places,
            history: *history,
            log_temperature: rest[0],
            nearness_of_known: rest[1].max(0.0),
        }
    }
}

/// Every event of a session but the first teaches one step. Doing something else with the same item, as putting it into
/// the cart after viewing it, is no step to another item and teaches nothing.
fn examples(sessions: &Sessions) -> Vec<Example> {
    let mut examples = Vec::new();
    for bounds in sessions.starts.windows(2) {
        for target in bounds[0] + 1..bounds[1] {
            let (before, event) = (sessions.events[target - 1], sessions.events[target]);
            if before.item != event.item || before.kind == event.kind {
                examples.push(Example { target, n_before: (target - bounds[0]).min(PLACES) });
            }
        }
    }
    examples
}

/// Whether so many steps of the sessions come after a [choice](crate::session::EventKind::is_choice), and so many do not, that a
/// square of so many dimensions can be learned from either: as many as it has elements.
pub fn tells_choices(sessions: &Sessions, dimensions: usize) -> bool {
    let before = sessions.iter().filter_map(<[Interaction]>::split_last).flat_map(|(_, before)| before);
    let is_choice = before.map(|event| event.kind.is_choice());
    let (choices, others): (Vec<bool>, Vec<bool>) = is_choice.partition(|is_choice| *is_choice);
    choices.len().min(others.len()) >= dimensions * dimensions
}

/// Scales a vector to length 1 and returns the length it had.
pub(super) fn normalize(vector: &mut [f32]) -> f32 {
    let norm = dot(vector, vector).sqrt().max(1e-12);
    for x in vector {
        *x /= norm;
    }
    norm
}
