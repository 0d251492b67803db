//! What protecting people costs in quality: the same log, learned from under each protection, and the same cases.

use std::time::Instant;

use serde::Serialize;

use super::{Answers, Cases, Figures, Interval, compare_ranks};
use crate::model::Model;
use crate::train::embedding::EmbeddingOptions;
use crate::train::privacy::Noise;
use crate::train::{Catalog, CatalogItem, Options, Privacy, Sessions, TrainError, Watch, learn};

/// Visitors that are asked for behind whatever is told. The first protects nobody, and is what the others are held against.
const MIN_VISITORS: [u32; 4] = [1, 5, 20, 50];
/// ε that are tried.
const EPSILONS: [f64; 3] = [1.0, 4.0, 8.0];
/// What every model is learned with: enough to compare, a twentieth of what a build takes.
const SHORT: Short = Short { max_epochs: 2, max_examples: 250_000, negatives: 1024, dimensions: 32 };
/// Most cases that are asked.
pub const MAX_CASES: usize = 10_000;

struct Short {
    max_epochs: u32,
    max_examples: usize,
    negatives: usize,
    dimensions: usize,
}

/// A protection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// So many distinct visitors behind whatever is told.
    MinVisitors(u32),
    /// As many as the data's size asks for, which is what a build does.
    BySize(u32),
    /// Differential privacy.
    Epsilon(f64),
}

/// What is left under a protection; nothing where it leaves no item to tell of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// The protection.
    pub setting: Setting,
    /// Hit rate.
    pub hr: f64,
    /// Mean reciprocal rank.
    pub mrr: f64,
    /// 95 % intervals of what both have less or more than without protection.
    pub hr_difference: Interval,
    /// As `hr_difference`.
    pub mrr_difference: Interval,
    /// Items that events are known of.
    pub items: usize,
    /// Pairs in the neighbor rows.
    pub pairs: usize,
    /// How long the learning took.
    pub train_seconds: f64,
}

/// What every protection leaves, on at most 10,000 of the cases, of models that are learned for a short time. Where there
/// is no catalog, the ids of the log stand for one under ε.
///
/// # Errors
///
/// [`TrainError`].
pub fn measure_cost(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    cases: &Cases,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Vec<Cost>, TrainError> {
    let ids = sessions.item_ids.iter().map(|id| CatalogItem { id: id.clone(), ..CatalogItem::default() });
    let bare = Catalog { items: ids.collect(), ..Catalog::default() };
    let with = |privacy: Privacy| {
        let mut options = Options { privacy, ..options.clone() };
        let Short { max_epochs, max_examples, negatives, dimensions } = SHORT;
        options.embedding = EmbeddingOptions { max_epochs, max_examples, negatives, dimensions, ..options.embedding };
        options
    };
    let mut settings: Vec<(Setting, Options)> = MIN_VISITORS
        .into_iter()
        .map(|k| (Setting::MinVisitors(k), with(Privacy { min_visitors: Some(k), noise: None, ..options.privacy })))
        .collect();
    settings.push((Setting::BySize(0), with(Privacy { min_visitors: None, noise: None, ..options.privacy })));
    settings.extend(EPSILONS.into_iter().map(|epsilon| {
        let delta = options.privacy.noise.map_or(Privacy::DELTA, |noise| noise.delta);
        (Setting::Epsilon(epsilon), with(Privacy { noise: Some(Noise { epsilon, delta }), ..options.privacy }))
    }));
    let cases = &cases.thinned(MAX_CASES);
    let mut unprotected: Option<Answers> = None;
    let mut costs = Vec::new();
    for (setting, options) in settings {
        let start = Instant::now();
        let catalog = if options.privacy.noise.is_some() { Some(catalog.unwrap_or(&bare)) } else { catalog };
        let (model, min_visitors) = match learn(sessions, catalog, &options, watch) {
            // No item was met by visitors enough, and there is no catalog: no model, and no answer.
            Err(TrainError::TooFewVisitors { min_visitors }) => (None, min_visitors),
            learned => learned.and_then(|it| Ok((Some(Model::from_bytes(it.bytes)?), it.protection.min_visitors)))?,
        };
        let train_seconds = start.elapsed().as_secs_f64();
        let setting = match setting {
            Setting::BySize(_) => Setting::BySize(min_visitors),
            setting => setting,
        };
        let answers = match &model {
            Some(model) => Answers::of_model(model, cases),
            None => vec![(0, Vec::new()); cases.0.len()].into(),
        };
        let figures = Figures::of(&answers);
        let [(_, hr_difference), (_, mrr_difference)] =
            compare_ranks(cases, &answers, unprotected.as_ref().unwrap_or(&answers), options.seed);
        costs.push(Cost {
            setting,
            hr: figures.hr,
            mrr: figures.mrr,
            hr_difference,
            mrr_difference,
            items: model.as_ref().map_or(0, n_items_with_events),
            pairs: model.as_ref().map_or(0, n_pairs),
            train_seconds,
        });
        unprotected.get_or_insert(answers);
    }
    Ok(costs)
}

fn n_items_with_events(model: &Model) -> usize {
    // Without events popularity is the catalog's order.
    let levels = model.popularity().filter(|_| model.metadata().n_events > 0);
    levels.map_or(0, |levels| (0..model.n_items() as u32).filter(|&row| levels.value(row) > 0).count())
}

fn n_pairs(model: &Model) -> usize {
    model.neighbors().map_or(0, |rows| (0..rows.len() as u32).map(|row| rows.row(row).count()).sum())
}
