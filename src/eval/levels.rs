//! What each [`Level`] is worth on how much of a log: where the thresholds of the verdict come from.

use serde::Serialize;

use super::baselines::Baseline;
use super::{Cases, Figures, History, Step, measure};
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
    /// HR and MRR of the items with the most events; none where there are no levels.
    pub popularity: Option<(f64, f64)>,
    /// HR and MRR of the items that most often came right after the last one; none where there are no levels.
    pub last_item: Option<(f64, f64)>,
    /// HR and MRR of every level; empty where no item was met by visitors enough, so that nothing of it may be told.
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
            let levels = Level::ALL.into_iter().filter(|level| {
                // Without a catalog there is no content, and the level would be the one below.
                *level != Level::ContentAndPopularity || catalog.is_some()
            });
            let levels = levels.map(|level| {
                let learned = learn(&part, catalog, &Options { level: Some(level), ..options.clone() }, watch)?;
                Ok((level, Model::from_bytes(learned.bytes)?))
            });
            let models = match levels.collect::<Result<Vec<(Level, Model)>, TrainError>>() {
                Err(TrainError::TooFewVisitors { .. }) => Vec::new(),
                models => models?,
            };
            // Baselines know items by rows. Which model's does not matter: all have the same items.
            let past = models.first().map(|(_, any)| (History::new(any, &part), Step::of_cases(&cases, any)));
            let baseline = |baseline: Baseline| {
                let (history, steps) = past.as_ref()?;
                let figures = Figures::of(&baseline.answer(history, steps, options.seed));
                Some((figures.hr, figures.mrr))
            };
            Ok(SizeFigures {
                sessions: size,
                verdict: Verdict::of(&part, catalog, &options.privacy),
                popularity: baseline(Baseline::Popularity),
                last_item: baseline(Baseline::LastItem),
                levels: models
                    .iter()
                    .map(|(level, model)| {
                        let figures = measure(model, &cases);
                        (*level, figures.hr, figures.mrr)
                    })
                    .collect(),
            })
        })
        .collect()
}
