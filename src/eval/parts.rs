//! What each part of the score is worth: the same model, asked without it.

use serde::Serialize;

use super::{Cases, Figures, measure};
use crate::format::FormatError;
use crate::format::container::SectionKind;
use crate::format::metadata::{Blend, ONE};
use crate::model::Model;

/// Most cases that are asked.
const MAX_CASES: usize = 4000;

/// The model's figures on a sample of the cases, with all parts of the score and without each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parts {
    /// With all of them.
    pub all: Worth,
    /// Without the session vector's nearness.
    pub without_embedding: Worth,
    /// Without the neighbor rows.
    pub without_neighbors: Worth,
    /// Without the bonus of items that stand in the session, and what their nearness weighs besides.
    pub without_history: Worth,
    /// Without biases and popularity: what is likely whatever the session.
    pub without_priors: Worth,
}

/// How high the next items stood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Worth {
    /// Hit rate.
    pub hr: f64,
    /// Mean reciprocal rank.
    pub mrr: f64,
}

/// Measures the model as often as it has parts.
///
/// # Errors
///
/// [`FormatError`] if a model without one part would not be sound, which is not known to happen.
pub fn measure_parts(model: &Model, cases: &Cases) -> Result<Parts, FormatError> {
    let cases = cases.thinned(MAX_CASES);
    let without = |change: fn(&mut Blend)| Ok(worth(measure(&changed(model, change)?, &cases)));
    Ok(Parts {
        all: worth(measure(model, &cases)),
        without_embedding: without(|blend| blend.embedding = 0)?,
        without_neighbors: without(|blend| blend.neighbors = 0)?,
        without_history: without(|blend| {
            blend.embedding_of_known = ONE as u16;
            blend.history_by_place.clear();
            blend.history_by_times.clear();
            blend.history_of_last.clear();
            blend.history_by_kind = Default::default();
        })?,
        without_priors: without(|blend| (blend.bias, blend.popularity) = (0, 0))?,
    })
}

/// The model with another default blend.
fn changed(model: &Model, change: fn(&mut Blend)) -> Result<Model, FormatError> {
    let mut metadata = model.metadata().clone();
    change(&mut metadata.blends[0]);
    Model::from_bytes(model.with_sections([(SectionKind::Metadata, metadata.write()?)]))
}

fn worth(Figures { hr, mrr, .. }: Figures) -> Worth {
    Worth { hr, mrr }
}
