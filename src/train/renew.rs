//! Renews a model: what was learned of its embedding stays, and what changes from day to day is made anew.
//!
//! Two trainings end in two spaces that have nothing to do with each other, so that whoever has the old file fetches all of
//! the new one. Here every item keeps its vector and its bias, to the bit, and new ones are [placed](cold::place) among them;
//! blends and weights of places, which were found together with the embedding, stay with it. Neighbor rows, attributes and
//! what contexts say come from the new log and catalog. Nothing is trained, and what a day hardly changes stays as it is: rows
//! keep their numbers, and levels and neighbors are steady.

use std::cmp::Reverse;

use super::dataset::{Catalog, Sessions};
use super::embedding::{Embedding, ONE_LOGIT, Shape, round, round_bias};
use super::learn::{Learned, TrainError, has_room, newest_ms, newest_rows, universe, with_context};
use super::neighbors::NeighborOptions;
use super::options::Options;
use super::universe::Universe;
use super::verdict::{Level, Verdict};
use super::{Watch, attributes, budget, cold, index, neighbors, priors, rows, shelf};
use crate::format::FormatError;
use crate::format::attributes::{Encoded as Column, POPULARITY, TRENDING};
use crate::format::embeddings::{Embeddings, Encoded};
use crate::format::metadata::Metadata;
use crate::format::neighbors::Entry;
use crate::model::Model;

/// By how many levels, of 9 % each, a neighbor's weight may have changed without being written anew, and by how many another
/// neighbor may be stronger without taking its place.
const STEADY_NEIGHBOR: u8 = 1;
/// By how many of 255 levels popularity, and what is trending, must have changed to be written anew.
const STEADY_LEVEL: u32 = 3;

/// Makes a new model of an old one. Takes as long as the neighbor rows take. The same input gives the same bytes.
///
/// # Errors
///
/// [`TrainError`]: besides those of [`learn`](super::learn()), where the old model has no embedding, knows none of the items,
/// or does not fit, and where noise is asked for, which what is kept would not have.
pub fn renew(
    old: &Model,
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Learned, TrainError> {
    if options.privacy.noise.is_some() {
        return Err(TrainError::NoiseOverKept);
    }
    let embeddings = old.embeddings().ok_or(TrainError::NothingToKeep)?;
    let universe = universe(sessions, catalog, options)?;
    let kept = Kept::new(old, embeddings, &universe)?;
    let mut options = options.clone();
    options.embedding.dimensions = embeddings.dimensions();
    if let Some(asked) = options.bytes_per_item {
        let dimensions = embeddings.dimensions();
        options = budget::within(asked, dimensions, &options, &universe)?;
        if options.embedding.dimensions < dimensions {
            return Err(TrainError::TooFewBytesForKept { asked, dimensions });
        }
    }
    if options.bytes_per_item.is_none() {
        options.neighbors.per_item = options.neighbors.per_item.max(longest_row(old));
    }
    let mut protection = universe.protection;
    options.neighbors.min_visitors = options.neighbors.min_visitors.max(protection.min_visitors);
    // What is kept tells of people what the old model told.
    if let Some(of_old) = old.privacy().filter(|of_old| of_old.noise.is_none()) {
        protection.min_visitors = protection.min_visitors.min(of_old.min_visitors);
        protection.max_events_per_visitor =
            protection.max_events_per_visitor.max(of_old.max_events_per_visitor as usize);
    }
    let verdict = Verdict::of_universe(&universe);
    watch.begin("neighbors", 0);
    let rows = match verdict.level {
        Level::Full | Level::RowsOnly => kept.neighbors(&universe, &options),
        Level::ContentAndPopularity | Level::Curated => vec![Vec::new(); kept.rows.len()],
    };
    watch.begin("new items", 0);
    let mut metadata = Metadata {
        builder: shelf::builder(),
        n_sessions: shelf::about(universe.sessions.len()),
        n_events: shelf::about(universe.sessions.events.len()),
        created_at_ms: options.created_at_ms.or(newest_ms(&universe)).unwrap_or(0),
        seed: options.seed,
        ..old.metadata().clone()
    };
    // A ranker had the say. It is not kept, and the store's order counts again.
    if old.ranker().is_some() {
        metadata.blends.iter_mut().for_each(|blend| blend.strength = shelf::STRENGTH);
    }
    let placed = kept.placed(&universe);
    let columns = kept.columns(&universe);
    let bytes = shelf::put_together(&universe, &metadata, Some(&placed), &rows, &columns, &protection)?;
    watch.begin("contexts", 0);
    let mut context = priors::of_first_items(&universe)?;
    if let Some(worth) = &mut context {
        worth.session_weight = old.priors().map_or(0, |priors| priors.session_weight());
    }
    let bytes = with_context(bytes, context.as_ref(), &universe, &options)?;
    watch.begin("rows", 0);
    let bytes = kept.in_order(bytes, &universe, &options)?;
    Ok(Learned {
        bytes,
        level: None,
        verdict,
        epochs: 0,
        neighbors_weight: old.metadata().blends[0].neighbors,
        context,
        rounding: None,
        events_not_in_catalog: universe.events_not_in_catalog,
        protection,
    })
}

/// The old model, as the new one's items see it.
struct Kept<'a> {
    old: &'a Model,
    embeddings: Embeddings<'a>,
    /// Of every item its row in the old model.
    rows: Vec<Option<u32>>,
}

impl<'a> Kept<'a> {
    fn new(old: &'a Model, embeddings: Embeddings<'a>, universe: &Universe) -> Result<Kept<'a>, TrainError> {
        let rows: Vec<Option<u32>> = universe.sessions.item_ids.iter().map(|id| old.row(id)).collect();
        if rows.iter().all(Option::is_none) {
            return Err(TrainError::NothingInCommon { items: rows.len() });
        }
        Ok(Kept { old, embeddings, rows })
    }

    /// The row whose vector an item keeps. A zero vector is near nothing, and nothing to keep.
    fn standing(&self, item: usize) -> Option<u32> {
        self.rows[item].filter(|&row| self.embeddings.vector(row).iter().any(|&x| x != 0))
    }

    /// The old vectors and biases, with those of the new items among them.
    fn placed(&self, universe: &Universe) -> Encoded {
        let (dimensions, norm) = (self.embeddings.dimensions(), f32::from(self.embeddings.norm()));
        let n_items = self.rows.len();
        let mut embedding = Embedding {
            dimensions,
            vectors: vec![0.0; n_items * dimensions],
            biases: vec![0.0; n_items],
            shape: Shape::default(),
            transition: Vec::new(),
        };
        let rows = embedding.vectors.chunks_exact_mut(dimensions).zip(&mut embedding.biases);
        for (item, (vector, bias)) in rows.enumerate() {
            if let Some(row) = self.standing(item) {
                vector.iter_mut().zip(self.embeddings.vector(row)).for_each(|(x, &old)| *x = f32::from(old) / norm);
                *bias = f32::from(self.embeddings.bias(row)) / ONE_LOGIT;
            }
        }
        let is_new: Vec<bool> = (0..n_items).map(|item| self.standing(item).is_none()).collect();
        cold::place(&mut embedding, universe, &is_new);
        cold::set_apart(&mut embedding, universe);
        let mut encoded = Encoded {
            encoder: self.embeddings.encoder(),
            biases: embedding.biases.iter().map(|&bias| round_bias(bias)).collect(),
            vectors: Vec::with_capacity(embedding.vectors.len()),
        };
        let is_sensitive = |item: usize| universe.catalog.get(item).is_some_and(|item| item.sensitive);
        for (item, vector) in embedding.vectors.chunks_exact(dimensions).enumerate() {
            match self.standing(item) {
                Some(row) if !is_sensitive(item) => encoded.vectors.extend(self.embeddings.vector(row)),
                _ => encoded.vectors.extend(round(vector, norm)),
            }
        }
        encoded
    }

    /// Neighbor rows from the new log. What stands in a row already stays while nothing is clearly stronger, and keeps its level
    /// while that has not clearly changed: else every event more would change the row of every item near it.
    fn neighbors(&self, universe: &Universe, options: &Options) -> Vec<Vec<Entry>> {
        let NeighborOptions { per_item, .. } = options.neighbors;
        let more = NeighborOptions { per_item: 2 * per_item, ..options.neighbors };
        let mut rows = neighbors::solve(&universe.sessions, &more);
        let mut items = vec![None; self.old.n_items()];
        for (item, row) in (0..).zip(&self.rows) {
            if let Some(row) = row {
                items[*row as usize] = Some(item);
            }
        }
        // Levels compare where they stand for the same.
        let of_old = self.old.neighbors().filter(|of_old| of_old.weights() == neighbors::weights());
        for (row, old_row) in rows.iter_mut().zip(&self.rows) {
            let entries = of_old.iter().zip(*old_row).flat_map(|(of_old, row)| of_old.entries(row));
            let before: Vec<Entry> = entries.filter_map(|(row, level)| Some((items[row as usize]?, level))).collect();
            strongest(row, per_item, &before);
        }
        rows
    }

    /// The columns from the new log and catalog, levels as they were while they have not clearly changed.
    fn columns(&self, universe: &Universe) -> Vec<Column> {
        let mut columns = attributes::columns(universe);
        let before = self.old.attributes();
        for column in columns.iter_mut().filter(|column| [POPULARITY, TRENDING].contains(&column.name.as_str())) {
            let Some(before) = before.as_ref().and_then(|before| before.column(&column.name)) else { continue };
            for (level, row) in column.values.iter_mut().zip(&self.rows) {
                let old = row.map(|row| before.value(row));
                // 0 says that too few met it.
                if let Some(old) = old.filter(|&old| old > 0 && *level > 0 && old.abs_diff(*level) <= STEADY_LEVEL) {
                    *level = old;
                }
            }
        }
        columns
    }

    /// The file with its rows where the old model has them, so that what refers to them stays: new items come where one has
    /// gone, and behind. A large catalog gets an index, in which items stay in the list they were in.
    fn in_order(&self, bytes: Vec<u8>, universe: &Universe, options: &Options) -> Result<Vec<u8>, FormatError> {
        let mut items = vec![None; self.rows.len()];
        let mut others = Vec::new();
        for (item, row) in (0..).zip(&self.rows) {
            match row.and_then(|row| items.get_mut(row as usize)) {
                Some(place) => *place = Some(item),
                None => others.push(item),
            }
        }
        let mut others = others.into_iter();
        let order: Vec<u32> = items.into_iter().filter_map(|item| item.or_else(|| others.next())).collect();
        let model = Model::from_bytes(bytes)?;
        if order.len() >= index::MIN_ITEMS {
            let indexed = index::indexed_like(self.old, &model, order.clone(), &newest_rows(universe), options.seed)?;
            if has_room(&indexed, universe, options) {
                return Ok(indexed);
            }
        }
        rows::reordered(&model, &order)
    }
}

/// Most neighbors that an item has.
fn longest_row(model: &Model) -> usize {
    let Some(neighbors) = model.neighbors() else { return 0 };
    (0..model.n_items() as u32).map(|row| neighbors.row(row).count()).max().unwrap_or(0)
}

/// Leaves the strongest neighbors of a row, those that stood there before with an advantage.
fn strongest(row: &mut Vec<Entry>, per_item: usize, before: &[Entry]) {
    let level_before = |item: u32| before.iter().find(|entry| entry.0 == item).map(|entry| entry.1);
    let advantage = |item: u32| if level_before(item).is_some() { STEADY_NEIGHBOR } else { 0 };
    row.sort_by_key(|&(item, level)| Reverse(level.saturating_add(advantage(item))));
    row.truncate(per_item);
    row.sort_unstable();
    for (item, level) in row {
        if let Some(old) = level_before(*item).filter(|old| old.abs_diff(*level) <= STEADY_NEIGHBOR) {
            *level = old;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbors_change_when_they_have_changed() {
        let check = |now: &[Entry], before: &[Entry], expected: &[Entry]| {
            let mut row = now.to_vec();
            strongest(&mut row, 2, before);
            assert_eq!(row, expected, "{now:?} after {before:?}");
        };
        let before = [(2, 100), (5, 90)];
        check(&[(2, 90), (5, 100), (7, 95)], &[], &[(5, 100), (7, 95)]);
        check(&[(2, 101), (5, 89)], &before, &before);
        check(&[(2, 102), (5, 88)], &before, &[(2, 102), (5, 88)]);
        check(&[(2, 100), (5, 90), (7, 91)], &before, &before);
        check(&[(2, 100), (5, 90), (7, 92)], &before, &[(2, 100), (7, 92)]);
        check(&[(7, 10)], &before, &[(7, 10)]);
    }
}
