//! The index of a large catalog: items that are near each other get rows side by side, so that the runtime looks through the
//! lists that a session is near to, and no others.
//!
//! An inverted file (Jégou, Douze & Schmid 2011) over the rounded embeddings: k-means with cosines, learned from a part of the
//! items. As the rows themselves are put in the order of the lists, the index costs next to nothing an item, what is read
//! lies side by side, and neighbors and attributes of near items lie near, too. All sums are integers: the same input gives
//! the same index, whatever the number of threads.

use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::format::container::SectionKind;
use crate::format::embeddings::Embeddings;
use crate::format::index::BEST;
use crate::format::{FormatError, index};
use crate::kernels::{self, widened};
use crate::model::Model;
use crate::rank::{Scratch, best_by_session, lists_by_session};
use crate::train::rows::{chain, inverse, reordered};

/// Items from which an index is made: with fewer, looking at all of them takes no longer than the rest of a call.
pub const MIN_ITEMS: usize = 10_000;
/// Share of the best items that a model is to find, of those that unrounded vectors and no index find.
const FOUND: f64 = 0.981;
/// Share that the index is to find of what is left after rounding, on half of the sessions that it is tried with; the file
/// states what is found on the other half.
const RECALL: f64 = 0.999;
/// Lists for the square root of the number of items: so that choosing lists takes less time than looking through them, and they
/// take little of the file.
const LISTS: usize = 2;
/// Items for a list that are learned from, and how often the means are moved.
const SAMPLE: usize = 48;
const ROUNDS: usize = 8;
/// Sessions that it is tried with.
pub const TRIALS: usize = 800;
/// Length of the means that items are compared with.
const NORM: f32 = 400.0;

/// Share of the best items that rounding is to keep in a catalog of so many: the index takes its part of [`FOUND`].
pub(super) fn left_to_rounding(n_items: usize) -> f64 {
    if n_items < MIN_ITEMS { FOUND } else { FOUND / RECALL }
}

/// The bytes of a file with an index; without one where there are no embeddings. `sessions`: rows that were touched together,
/// oldest first, the newest session last, to try it with; where there are none, every item by itself.
///
/// Rows change: items come in the order of the lists, within a list each before the nearest of those that are left.
///
/// # Errors
///
/// [`FormatError`], which would be a mistake of ours.
pub fn indexed(bytes: &[u8], sessions: &[Vec<u32>], seed: u64) -> Result<Vec<u8>, FormatError> {
    let model = Model::from_bytes(bytes.to_vec())?;
    let Some(embeddings) = model.embeddings().filter(|embeddings| !embeddings.is_empty()) else {
        return Ok(bytes.to_vec());
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let lists = assign(&embeddings, &mut rng);
    let mut order: Vec<u32> = (0..embeddings.len() as u32).collect();
    order.sort_by_key(|&row| lists[row as usize]);
    order.par_chunk_by_mut(|&a, &b| lists[a as usize] == lists[b as usize]).for_each(|rows| chain(&embeddings, rows));
    in_lists(&model, order, &lists, sessions, &mut rng)
}

/// The bytes of a model with the lists of an older one's index, where that has one: items that have the vector they had there
/// are in the list they were in, the others in the nearest. Items come in the order of the lists, within a list in the one given.
///
/// # Errors
///
/// [`FormatError`], which would be a mistake of ours.
///
/// # Panics
///
/// If the model has no embeddings, or the order does not have each of its rows once.
pub fn indexed_like(
    old: &Model,
    model: &Model,
    order: Vec<u32>,
    sessions: &[Vec<u32>],
    seed: u64,
) -> Result<Vec<u8>, FormatError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let embeddings = model.embeddings().expect("a renewed model has embeddings");
    let lists = match old.index().zip(old.embeddings()) {
        None => assign(&embeddings, &mut rng),
        Some((index, of_old)) => {
            let width = index.dimensions();
            let centers: Vec<i8> = index.centers().chunks_exact(width).flat_map(lengthened).collect();
            let ends: Vec<usize> = (0..index.n_lists()).map(|list| index.rows(list).end).collect();
            let list = |row: u32| {
                let vector = embeddings.vector(row);
                let old_row = old.row(&model.ids().id(row)).filter(|&old_row| of_old.vector(old_row) == vector);
                old_row.map_or_else(|| nearest(vector, &centers), |row| list_of(&ends, row) as u32)
            };
            (0..embeddings.len() as u32).into_par_iter().map(list).collect()
        }
    };
    in_lists(model, order, &lists, sessions, &mut rng)
}

/// The list that holds a row.
fn list_of(ends: &[usize], row: u32) -> usize {
    ends.partition_point(|&end| end <= row as usize)
}

/// The bytes of a model whose rows are put in the order of their lists, with the index that this makes.
fn in_lists(
    model: &Model,
    mut order: Vec<u32>,
    lists: &[u32],
    sessions: &[Vec<u32>],
    rng: &mut ChaCha8Rng,
) -> Result<Vec<u8>, FormatError> {
    let n_items = order.len();
    order.sort_by_key(|&row| lists[row as usize]);
    let starts: Vec<usize> = (0..n_items)
        .filter(|&at| at == 0 || lists[order[at] as usize] != lists[order[at - 1] as usize])
        .chain([n_items])
        .collect();
    let model = Model::from_bytes(reordered(model, &order)?)?;
    let mut encoded = describe(&model.embeddings().expect("it had embeddings"), &starts);
    let with = |encoded: &index::Encoded| -> Result<Vec<u8>, FormatError> {
        Ok(model.with_sections([(SectionKind::Index, index::write(encoded)?)]))
    };
    let mut trials: Vec<Vec<u32>> =
        sessions.iter().rev().filter(|rows| !rows.is_empty()).take(TRIALS).cloned().collect();
    if trials.is_empty() {
        trials = sample(rng, n_items, TRIALS.min(n_items)).iter().map(|row| vec![row as u32]).collect();
    }
    let new_rows = inverse(&order);
    trials.iter_mut().flatten().for_each(|row| *row = new_rows[*row as usize]);
    let ranks = ranks(&Model::from_bytes(with(&encoded)?)?, &trials);
    let (chosen, tried): (Vec<_>, Vec<_>) = ranks.into_iter().enumerate().partition(|(trial, _)| trial % 2 == 0);
    let recall = |of: &[(usize, Vec<usize>)], probes: usize| {
        let ranks = || of.iter().flat_map(|(_, ranks)| ranks);
        ranks().filter(|&&rank| rank < probes).count() as f64 / ranks().count().max(1) as f64
    };
    let probes =
        (1..encoded.ends.len()).find(|&probes| recall(&chosen, probes) >= RECALL).unwrap_or(encoded.ends.len());
    encoded.probes = probes as u16;
    encoded.recall = (recall(&tried, probes) * 1024.0) as u16;
    with(&encoded)
}

/// The list of every item.
fn assign(embeddings: &Embeddings, rng: &mut ChaCha8Rng) -> Vec<u32> {
    let (n_items, width) = (embeddings.len(), embeddings.dimensions());
    let n_lists = (LISTS * n_items.isqrt()).clamp(1, index::MAX_LISTS.min(n_items));
    let mut rows = sample(rng, n_items, (SAMPLE * n_lists).min(n_items)).into_vec();
    let mut centers: Vec<i8> = rows[..n_lists].iter().flat_map(|&row| embeddings.vector(row as u32)).copied().collect();
    rows.sort_unstable();
    for _ in 0..ROUNDS {
        let nearest: Vec<u32> = rows.par_iter().map(|&row| nearest(embeddings.vector(row as u32), &centers)).collect();
        let mut sums = vec![0i32; centers.len()];
        for (&row, &list) in rows.iter().zip(&nearest) {
            let sums = &mut sums[list as usize * width..][..width];
            sums.iter_mut().zip(embeddings.vector(row as u32)).for_each(|(sum, &x)| *sum += i32::from(x));
        }
        for (center, sums) in centers.chunks_exact_mut(width).zip(sums.chunks_exact(width)) {
            // A list that has lost all its items keeps its place.
            if sums.iter().any(|&sum| sum != 0) {
                center.copy_from_slice(&lengthened(sums));
            }
        }
    }
    (0..n_items as u32).into_par_iter().map(|row| nearest(embeddings.vector(row), &centers)).collect()
}

/// A mean, or a sum, at the length at which items are compared with it.
fn lengthened<T: Copy + Into<i32>>(sums: &[T]) -> Vec<i8> {
    let sums = || sums.iter().map(|&sum| sum.into() as f32);
    let norm = sums().map(|sum| sum.powi(2)).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    sums().map(|sum| (sum / norm * NORM).round().clamp(-127.0, 127.0) as i8).collect()
}

/// The center with the greatest dot product, the first of equals.
fn nearest(vector: &[i8], centers: &[i8]) -> u32 {
    let mut dots = vec![0; centers.len() / vector.len()];
    kernels::dots(&widened(vector), centers, &mut dots);
    let best = dots.iter().enumerate().rev().max_by_key(|&(_, dot)| dot);
    best.map_or(0, |(list, _)| list as u32)
}

/// The lists that begin at these rows, before it is known how many to look through.
fn describe(embeddings: &Embeddings, starts: &[usize]) -> index::Encoded {
    let width = embeddings.dimensions();
    let mut encoded = index::Encoded { dimensions: width, probes: 1, recall: 0, ..index::Encoded::default() };
    for bounds in starts.windows(2) {
        let rows = bounds[0] as u32..bounds[1] as u32;
        let mut sums = vec![0i64; width];
        for row in rows.clone() {
            sums.iter_mut().zip(embeddings.vector(row)).for_each(|(sum, &x)| *sum += i64::from(x));
        }
        let mean = |sum: i64| (sum as f64 / rows.len() as f64).round() as i8;
        encoded.ends.push(rows.end);
        encoded.biases.push(rows.clone().map(|row| embeddings.bias(row)).max().unwrap_or(0));
        encoded.centers.extend(sums.into_iter().map(mean));
    }
    encoded
}

/// For every session, the places, among the lists as it is near to them, of those that hold its best items. What it has
/// touched is found without an index.
fn ranks(model: &Model, sessions: &[Vec<u32>]) -> Vec<Vec<usize>> {
    let index = model.index().expect("the model has an index");
    let ends: Vec<usize> = (0..index.n_lists()).map(|list| index.rows(list).end).collect();
    let ranks = |scratch: &mut Scratch, touched: &Vec<u32>| {
        let mut place_of = vec![0; ends.len()];
        for (place, list) in lists_by_session(model, touched, scratch).into_iter().enumerate() {
            place_of[list as usize] = place;
        }
        let best = best_by_session(model, touched, BEST, scratch);
        best.into_iter().map(|row| place_of[list_of(&ends, row)]).collect()
    };
    sessions.par_iter().map_init(Scratch::default, ranks).collect()
}
