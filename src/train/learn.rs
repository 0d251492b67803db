use super::Watch;
use super::dataset::{Catalog, Sessions};
use super::embedding::{Embedding, Trainer};
use super::options::Options;
use super::shelf::{self, Header};
use super::tune::{Tuned, tune};
use super::universe::Universe;
use super::{cold, cooccurrence};
use crate::format::FormatError;

/// A model, and what the learning of it found out.
#[derive(Debug, Clone)]
pub struct Learned {
    /// The bytes of the `.shelf` file.
    pub bytes: Vec<u8>,
    /// Epochs that the embedding was learned for.
    pub epochs: u32,
    /// Weight of the neighbor rows, in 1/1024.
    pub neighbors_weight: u16,
    /// Events left aside because the catalog has not their item.
    pub events_not_in_catalog: u64,
}

/// Why no model can be learned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// There is neither a catalog nor an event with an item.
    #[error("there is no item to learn about; give an event log with item ids, or a catalog")]
    NoItems,
    /// What was learned does not fit the format.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// Learns a model. The same input, options and processor give the same bytes, whatever the number of threads.
///
/// # Errors
///
/// [`TrainError`].
pub fn learn(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Learned, TrainError> {
    let universe = Universe::new(sessions, catalog);
    if universe.sessions.item_ids.is_empty() {
        return Err(TrainError::NoItems);
    }
    let Tuned { epochs, neighbors_weight } =
        if options.rows_only { Tuned::default() } else { tune(&universe, options, watch)? };
    let embedding = if options.rows_only { None } else { embed(&universe, options, epochs, watch) };
    let rows = cooccurrence::count(&universe.sessions, &options.neighbors);
    let newest = universe.sessions.events.iter().map(|event| event.timestamp_ms).max();
    let created_at_ms = options.created_at_ms.or(newest).unwrap_or(0);
    let header = Header { created_at_ms, seed: options.seed, neighbors_weight };
    let bytes = shelf::encode(&universe, embedding.as_ref(), &rows, &header)?;
    Ok(Learned { bytes, epochs, neighbors_weight, events_not_in_catalog: universe.events_not_in_catalog })
}

fn embed(universe: &Universe, options: &Options, epochs: u32, watch: &dyn Watch) -> Option<Embedding> {
    let mut trainer = Trainer::new(&universe.sessions, &options.embedding, options.seed)?;
    for epoch in 1..=epochs {
        watch.begin(&format!("learn: epoch {epoch} of {epochs}"), trainer.epoch_len() as u64);
        trainer.epoch(|done| watch.advance(done as u64));
    }
    let mut embedding = trainer.embedding().clone();
    cold::settle(&mut embedding, universe);
    Some(embedding)
}
