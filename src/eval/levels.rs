//! What each [`Level`] is worth on how much of a log: where the thresholds of the verdict come from.

use serde::Serialize;

use super::baselines::measure_baselines;
use super::{Cases, measure};
use crate::model::Model;
use crate::train::{Catalog, Level, Options, Sessions, TrainError, Verdict, Watch, learn};

/// Share of the sessions that are predicted, the newest: one in so many.
const HELD_OUT: usize = 10;
/// Most steps of them that are predicted.
const MAX_CASES: usize = 4000;

/// What was reached from so many sessions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SizeFigures {
    /// Sessions learned from: those right before the ones that are predicted.
    pub sessions: usize,
    /// What would be built from them.
    pub verdict: Verdict,
    /// HR and MRR of the items with the most events.
    pub popularity: (f64, f64),
    /// HR and MRR of the items that most often came right after the last one.
    pub last_item: (f64, f64),
    /// HR and MRR of every level.
    pub levels: Vec<(Level, f64, f64)>,
}

/// Builds every level from growing parts of a log and measures each on its newest tenth.
///
/// # Errors
///
/// [`TrainError`].
pub fn measure_levels(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    sizes: &[usize],
    options: &Options,
    watch: &dyn Watch,
) -> Result<Vec<SizeFigures>, TrainError> {
    let first_held_out = sessions.len() - sessions.len() / HELD_OUT;
    let cases = Cases::of_sessions(&sessions.part(first_held_out..sessions.len())).thinned(MAX_CASES);
    let sizes = sizes.iter().copied().filter(|&size| size > 0 && size <= first_held_out);
    sizes
        .map(|size| {
            let part = sessions.part(first_held_out - size..first_held_out).without_unused_items();
            let baselines = measure_baselines(&part, &cases, options.seed);
            let levels = Level::ALL.into_iter().filter(|level| {
                // Without a catalog there is no content, and the level would be the one below.
                *level != Level::ContentAndPopularity || catalog.is_some()
            });
            let levels = levels.map(|level| {
                let learned = learn(&part, catalog, &Options { level: Some(level), ..options.clone() }, watch)?;
                let figures = measure(&Model::from_bytes(learned.bytes)?, &cases);
                Ok((level, figures.hr, figures.mrr))
            });
            Ok(SizeFigures {
                sessions: size,
                verdict: Verdict::of(&part, catalog),
                popularity: (baselines.popularity.hr, baselines.popularity.mrr),
                last_item: (baselines.last_item.hr, baselines.last_item.mrr),
                levels: levels.collect::<Result<_, TrainError>>()?,
            })
        })
        .collect()
}
