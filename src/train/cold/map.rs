//! From content to the embedding: what was learned of it, and how far it is to be trusted.

use twox_hash::XxHash64;

use super::features::{Features, Field};
use super::ridge::{Sparse, ridge};
use crate::train::CatalogItem;
use crate::train::embedding::Embedding;

/// Penalties that are tried.
const PENALTIES: [f32; 5] = [0.1, 0.3, 1.0, 3.0, 10.0];
/// The one that is taken where there are too few items to try.
const DEFAULT_PENALTY: f32 = 3.0;
/// One item in so many is held out to try them on.
const HELD_OUT: u64 = 5;
/// Fewest items to be held out.
const MIN_HELD_OUT: usize = 10;
/// Most items that choices are tried on.
const MAX_TRIED: usize = 20_000;
/// Events after which what was learned counts as much as the content: those that are tried.
const HALF_LIVES: [f32; 8] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
/// The one that is taken where there are too few items to try.
const DEFAULT_HALF_LIFE: f32 = 4.0;

/// Knows for every item of the catalog where its content places it.
#[derive(Debug)]
pub(super) struct Map {
    dimensions: usize,
    has_content: Vec<bool>,
    /// For each item its direction, not of unit length, and its bias.
    places: Vec<f32>,
    half_life: f32,
}

/// How a map is learned.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Choice {
    with_ids: bool,
    penalty: f32,
    /// None: every item's bias is the mean.
    bias_penalty: Option<f32>,
    half_life: f32,
}

impl Default for Choice {
    fn default() -> Choice {
        Choice { with_ids: false, penalty: DEFAULT_PENALTY, bias_penalty: None, half_life: DEFAULT_HALF_LIFE }
    }
}

/// What is regressed: items with their features, targets (the vector and the bias, less their means) and evidence.
struct Lesson {
    features: Sparse,
    targets: Vec<f32>,
    weights: Vec<f32>,
    counts: Vec<u32>,
    width: usize,
}

impl Map {
    /// Learns from the items with events. None without a catalog, or if no item has events.
    pub(super) fn learn(embedding: &Embedding, catalog: &[CatalogItem], counts: &[u32]) -> Option<Map> {
        if catalog.is_empty() || counts.iter().all(|&count| count == 0) {
            return None;
        }
        let dimensions = embedding.dimensions;
        let width = dimensions + 1;
        let is_warm: Vec<bool> = counts.iter().map(|&count| count > 0).collect();
        let all = Features::new(catalog, &is_warm);
        let without_ids = all.matrix.scaled(|column| f32::from(all.fields[column as usize] != Field::Id));

        let weights: Vec<f32> = counts.iter().map(|&count| evidence(count, DEFAULT_HALF_LIFE)).collect();
        let mut targets = Vec::with_capacity(counts.len() * width);
        for (vector, bias) in embedding.vectors.chunks_exact(dimensions).zip(&embedding.biases) {
            targets.extend(vector.iter().chain([bias]));
        }
        let mut mean = vec![0.0; width];
        let total: f32 = weights.iter().sum();
        for (target, weight) in targets.chunks_exact(width).zip(&weights) {
            mean.iter_mut().zip(target).for_each(|(mean, x)| *mean += weight * x / total);
        }
        for target in targets.chunks_exact_mut(width) {
            target.iter_mut().zip(&mean).for_each(|(x, mean)| *x -= mean);
        }

        let tried: Vec<usize> = tried(catalog, &is_warm);
        let lesson = |features: &Sparse, rows: &[usize]| Lesson {
            features: features.picked(rows),
            targets: rows.iter().flat_map(|row| &targets[row * width..(row + 1) * width]).copied().collect(),
            weights: rows.iter().map(|&row| weights[row]).collect(),
            counts: rows.iter().map(|&row| counts[row]).collect(),
            width,
        };
        let is_held_out: Vec<bool> =
            tried.iter().map(|&row| hash(1, &catalog[row].id).is_multiple_of(HELD_OUT)).collect();
        let choice = choose(&lesson(&without_ids, &tried), &lesson(&all.matrix, &tried), &is_held_out);

        let features = if choice.with_ids { &all.matrix } else { &without_ids };
        let warm: Vec<usize> = (0..counts.len()).filter(|&row| is_warm[row]).collect();
        let whole = lesson(features, &warm);
        let mut places = features.times(&whole.solve(choice.penalty), width);
        let biases = choice.bias_penalty.map(|penalty| features.times(&whole.biases().solve(penalty), 1));
        for (row, place) in places.chunks_exact_mut(width).enumerate() {
            place[dimensions] = biases.as_ref().map_or(0.0, |biases| biases[row]);
            place.iter_mut().zip(&mean).for_each(|(x, mean)| *x += mean);
        }
        let has_content = (0..counts.len()).map(|row| !features.row(row).is_empty()).collect();
        Some(Map { dimensions, has_content, places, half_life: choice.half_life })
    }

    /// The direction and the bias of an item by its content; none where the catalog says nothing that is known of others.
    pub(super) fn place(&self, row: usize) -> Option<(Vec<f32>, f32)> {
        let place = self.places.chunks_exact(self.dimensions + 1).nth(row).filter(|_| self.has_content[row])?;
        let (bias, direction) = place.split_last()?;
        Some((direction.to_vec(), *bias))
    }

    /// How much what was learned of an item counts, against its content: 0 without events, towards 1 with many.
    pub(super) fn evidence(&self, count: u32) -> f32 {
        evidence(count, self.half_life)
    }
}

fn evidence(count: u32, half_life: f32) -> f32 {
    count as f32 / (count as f32 + half_life)
}

fn hash(seed: u64, id: &str) -> u64 {
    XxHash64::oneshot(seed, id.as_bytes())
}

/// The items with events that choices are tried on, in ascending order.
fn tried(catalog: &[CatalogItem], is_warm: &[bool]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..catalog.len()).filter(|&row| is_warm[row]).collect();
    if rows.len() > MAX_TRIED {
        rows.sort_by_key(|&row| (hash(2, &catalog[row].id), row));
        rows.truncate(MAX_TRIED);
        rows.sort_unstable();
    }
    rows
}

impl Lesson {
    fn solve(&self, penalty: f32) -> Vec<f32> {
        ridge(&self.features, &self.targets, &self.weights, self.width, penalty)
    }

    /// The lesson on biases alone.
    fn biases(&self) -> Lesson {
        Lesson {
            features: self.features.clone(),
            targets: self.targets.iter().skip(self.width - 1).step_by(self.width).copied().collect(),
            weights: self.weights.clone(),
            counts: self.counts.clone(),
            width: 1,
        }
    }

    /// What the items held out are predicted to be, learned from the others.
    fn predicted(&self, is_held_out: &[bool], penalty: f32) -> Vec<f32> {
        let weights = self.weights.iter().zip(is_held_out).map(|(weight, out)| if *out { 0.0 } else { *weight });
        let weights: Vec<f32> = weights.collect();
        self.features.times(&ridge(&self.features, &self.targets, &weights, self.width, penalty), self.width)
    }

    /// Squared error over the vectors (or, of width 1, the biases) of the items held out, by their evidence.
    fn error(&self, is_held_out: &[bool], predicted: &[f32]) -> f64 {
        let n = if self.width == 1 { 1 } else { self.width - 1 };
        let rows = self.targets.chunks_exact(self.width).zip(predicted.chunks_exact(self.width));
        let errors =
            rows.zip(&self.weights).zip(is_held_out).filter(|(_, out)| **out).map(|(((target, found), weight), _)| {
                let squared: f32 = target[..n].iter().zip(found).map(|(x, y)| (x - y) * (x - y)).sum();
                f64::from(weight * squared)
            });
        errors.sum()
    }

    /// The half-life with which n / (n + half-life) tells best how well the items held out agree with their prediction. A
    /// learned vector is part truth, part chance; only the truth agrees, and its share, the reliability of the vector,
    /// has that form (Spearman 1910, Brown 1910). What is seen of it is the square root.
    fn half_life(&self, is_held_out: &[bool], predicted: &[f32]) -> f32 {
        let n = self.width - 1;
        let rows = self.targets.chunks_exact(self.width).zip(predicted.chunks_exact(self.width));
        let agreements: Vec<(u32, f64, f64)> = rows
            .zip(&self.counts)
            .zip(is_held_out)
            .filter(|(_, out)| **out)
            .map(|(((target, found), &count), _)| {
                let agreed: f32 = target[..n].iter().zip(found).map(|(x, y)| x * y).sum();
                let whole: f32 = found[..n].iter().map(|x| x * x).sum();
                (count, f64::from(agreed), f64::from(whole))
            })
            .collect();
        let error = |half_life: f32| {
            let expected = |&(count, _, whole): &(u32, f64, f64)| f64::from(evidence(count, half_life)).sqrt() * whole;
            let product: f64 = agreements.iter().map(|entry| entry.1 * expected(entry)).sum();
            let square: f64 = agreements.iter().map(|entry| expected(entry).powi(2)).sum();
            let scale = product / square.max(f64::MIN_POSITIVE);
            agreements.iter().map(|entry| (entry.1 - scale * expected(entry)).powi(2)).sum::<f64>()
        };
        HALF_LIVES.into_iter().min_by(|a, b| error(*a).total_cmp(&error(*b))).expect("there are some to choose from")
    }
}

/// Tries on items held out what predicts them best.
fn choose(without_ids: &Lesson, with_ids: &Lesson, is_held_out: &[bool]) -> Choice {
    if is_held_out.iter().filter(|out| **out).count() < MIN_HELD_OUT {
        return Choice::default();
    }
    let mut best: Option<(f64, Choice, Vec<f32>)> = None;
    for (lesson, with_ids) in [(without_ids, false), (with_ids, true)] {
        for penalty in PENALTIES {
            let predicted = lesson.predicted(is_held_out, penalty);
            let error = lesson.error(is_held_out, &predicted);
            if best.as_ref().is_none_or(|(least, ..)| error < *least) {
                best = Some((error, Choice { with_ids, penalty, ..Choice::default() }, predicted));
            }
        }
    }
    let (_, mut choice, predicted) = best.expect("at least one was tried");
    let lesson = if choice.with_ids { with_ids } else { without_ids };
    choice.half_life = lesson.half_life(is_held_out, &predicted);
    let biases = lesson.biases();
    let mut least = biases.error(is_held_out, &vec![0.0; is_held_out.len()]);
    for penalty in PENALTIES {
        let error = biases.error(is_held_out, &biases.predicted(is_held_out, penalty));
        if error < least {
            (least, choice.bias_penalty) = (error, Some(penalty));
        }
    }
    choice
}
