use rand::SeedableRng;
use rand::rngs::SysRng;
use rand_chacha::ChaCha20Rng;

use super::Watch;
use super::dataset::{Catalog, Sessions};
use super::embedding::{Embedding, Rounded, Trainer};
use super::options::Options;
use super::priors::{ContextWorth, Tilts};
use super::privacy::{Privacy, Protection, draw_log, release};
use super::shelf::{self, Header};
use super::tune::{Rounding, Tuned, newest_cases, tune, tune_rows};
use super::universe::Universe;
use super::verdict::{Level, Verdict};
use super::{attributes, budget, cold, index, neighbors, priors, rows};
use crate::format::FormatError;
use crate::format::container::SectionKind;
use crate::format::embeddings::MAX_DIMENSIONS;
use crate::model::Model;

/// Weight of the neighbor rows where nothing was learned to mix them with, in 1/1024.
const ROWS_BESIDE_CONTENT: u16 = 1024;

/// A model, and what the learning of it found out.
#[derive(Debug, Clone)]
pub struct Learned {
    /// The bytes of the `.shelf` file.
    pub bytes: Vec<u8>,
    /// What the model is made of; none of a renewed one, which keeps what it was.
    pub level: Option<Level>,
    /// What the data are enough for.
    pub verdict: Verdict,
    /// Epochs that the embedding was learned for; 0 without one.
    pub epochs: u32,
    /// Weight of the neighbor rows, in 1/1024.
    pub neighbors_weight: u16,
    /// What is known of a session before its first event, and what that is worth; none where nothing is known, or it is
    /// the same everywhere.
    pub context: Option<ContextWorth>,
    /// What rounding the embedding to the numbers of the file costs; none without an embedding learned from the log.
    pub rounding: Option<Rounding>,
    /// Events left aside because the catalog has not their item.
    pub events_not_in_catalog: u64,
    /// What was done to protect the people behind the log.
    pub protection: Protection,
}

/// Why no model can be learned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// There is neither a catalog nor an event with an item.
    #[error("there is no item to learn about; give an event log with item ids, or a catalog")]
    NoItems,
    /// Nothing of the log may be told.
    #[error(
        "no item of the log was met by {min_visitors} visitors or more: nothing of it may be told. Give a longer log, or a \
         catalog; where one word such as 0 stands for all visitors who are not known, name it in [file] missing"
    )]
    TooFewVisitors {
        /// Fewest visitors that an item must have.
        min_visitors: u32,
    },
    /// No event is about an item of the catalog.
    #[error(
        "the catalog has none of the items of the log: there `{of_log}` is an id, here `{of_catalog}`. Are ids written in \
         another way, or in another column? Name it with --item-column NAME, or in the catalog with [catalog] item = \"NAME\""
    )]
    NothingInCatalog {
        /// An item of the log.
        of_log: String,
        /// An item of the catalog.
        of_catalog: String,
    },
    /// The ids of a log tell of single visitors, and no noise hides that.
    #[error(
        "with ε the items must come from a catalog: which ids a log holds is something that single visitors tell. Give \
         --catalog FILE"
    )]
    NoiseWithoutCatalog,
    /// There is no unforeseeable noise to be had.
    #[error("the system gives no random numbers, without which noise hides nothing: {0}")]
    NoRandomness(String),
    /// The file cannot be as small as asked for.
    #[error(
        "{asked} bytes an item are too few: ids and attributes alone take {fixed}; allow {fixed} or more, {enough} for neighbor \
         rows, or leave attributes out of the catalog"
    )]
    TooFewBytes {
        /// Bytes an item that were allowed.
        asked: usize,
        /// Bytes an item of what every model holds.
        fixed: usize,
        /// Bytes an item from which something learned has room.
        enough: usize,
    },
    /// What is kept has not the guarantee that noise gives.
    #[error(
        "ε and a model to build from do not go together: what is kept of it tells of people what the noise does not cover. \
         Build without --from, or without ε and with [privacy] k"
    )]
    NoiseOverKept,
    /// The model to build from has no embedding.
    #[error("the model to build from has no embedding, which is what would be kept; build without --from")]
    NothingToKeep,
    /// The model to build from is of other items.
    #[error(
        "the model to build from knows none of the {items} items: is it another store's, or have ids changed? Build without \
         --from"
    )]
    NothingInCommon {
        /// Items of the catalog, or of the log.
        items: usize,
    },
    /// The file cannot be as small as asked for with the vectors of the model to build from.
    #[error(
        "{asked} bytes an item leave no room for the {dimensions} dimensions of the model to build from; allow more, or build \
         without --from"
    )]
    TooFewBytesForKept {
        /// Bytes an item that were allowed.
        asked: usize,
        /// Dimensions of the model's vectors.
        dimensions: usize,
    },
    /// What was learned does not fit the format.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// Learns a model. The same input, options and processor give the same bytes, whatever the number of threads; with noise
/// no two builds are alike, or it would hide nothing.
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
    let universe = universe(sessions, catalog, options)?;
    let protection = universe.protection;
    let mut options = match options.bytes_per_item {
        Some(bytes_per_item) => budget::within(bytes_per_item, MAX_DIMENSIONS, options, &universe)?,
        None => options.clone(),
    };
    options.neighbors.min_visitors = options.neighbors.min_visitors.max(protection.min_visitors);
    let options = &options;
    let verdict = Verdict::of_universe(&universe);
    let level = options.level.unwrap_or(verdict.level);
    let level = if options.embedding.dimensions == 0 { level.min(Level::RowsOnly) } else { level };
    let mut tuned = Tuned { epochs: 0, neighbors: options.neighbors, neighbors_weight: 0, ..Tuned::default() };
    let embedding = match level {
        Level::Full => {
            tuned = tune(&universe, options, watch)?;
            embed(&universe, options, &tuned, watch)
        }
        Level::ContentAndPopularity | Level::RowsOnly => {
            tuned.neighbors_weight = ROWS_BESIDE_CONTENT;
            let projected = cold::project(&universe, options.embedding.dimensions, options.seed);
            if projected.is_none() && level == Level::RowsOnly {
                tuned = tune_rows(&universe, options, watch)?;
            }
            projected
        }
        Level::Curated => None,
    };
    let embedding = embedding.map(|mut embedding| {
        cold::set_apart(&mut embedding, &universe);
        embedding
    });
    let rows = match level {
        Level::Full | Level::RowsOnly => neighbors::solve(&universe.sessions, &tuned.neighbors),
        Level::ContentAndPopularity | Level::Curated => vec![Vec::new(); universe.sessions.item_ids.len()],
    };
    let Tuned { epochs, neighbors_weight, rounding, context_weight, .. } = tuned;
    let created_at_ms = options.created_at_ms.or(newest_ms(&universe)).unwrap_or(0);
    let keeps_order = level == Level::Curated;
    let header = Header { created_at_ms, seed: options.seed, keeps_order, ..tuned.header() };
    let rounded = embedding.as_ref().map(Rounded::new);
    let columns = attributes::columns(&universe);
    let encode = |embedding: Option<&Embedding>| {
        shelf::encode(&universe, &columns, embedding.zip(rounded.as_ref()), &rows, &header)
    };
    let embedding = match embedding {
        Some(learned) if level == Level::Full => {
            let cases = newest_cases(&universe.sessions);
            Some(cold::make_room(learned, &universe, &cases, |tried| Model::from_bytes(encode(Some(tried))?))?)
        }
        other => other,
    };
    let bytes = encode(embedding.as_ref())?;
    watch.begin("contexts", 0);
    let mut context = priors::of_first_items(&universe)?;
    if let Some(worth) = &mut context {
        worth.session_weight = context_weight;
    }
    let bytes = with_context(bytes, context.as_ref(), &universe, options)?;
    let bytes = in_rows(bytes, &universe, options, watch)?;
    Ok(Learned {
        bytes,
        level: Some(level),
        verdict,
        epochs,
        neighbors_weight,
        context,
        rounding,
        events_not_in_catalog: universe.events_not_in_catalog,
        protection,
    })
}

/// What may be learned from: of a log as it is, or of one drawn from noisy counts of it.
pub(super) fn universe(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    options: &Options,
) -> Result<Universe, TrainError> {
    if let Some(catalog) = catalog
        && let (Some(of_log), Some(of_catalog)) = (sessions.item_ids.first(), catalog.items.first())
        && sessions.item_ids.iter().all(|id| catalog.items.binary_search_by(|item| item.id.cmp(id)).is_err())
    {
        return Err(TrainError::NothingInCatalog { of_log: of_log.clone(), of_catalog: of_catalog.id.clone() });
    }
    let Some(noise) = options.privacy.noise else {
        let universe = Universe::new(sessions, catalog, &options.privacy);
        let Protection { min_visitors, items_of_too_few_visitors, .. } = universe.protection;
        return match universe.sessions.item_ids.is_empty() {
            false => Ok(universe),
            true if items_of_too_few_visitors > 0 => Err(TrainError::TooFewVisitors { min_visitors }),
            true => Err(TrainError::NoItems),
        };
    };
    if catalog.is_none() {
        return Err(TrainError::NoiseWithoutCatalog);
    }
    let mut universe = Universe::new(sessions, catalog, &Privacy { min_visitors: Some(1), ..options.privacy });
    let mut rng =
        ChaCha20Rng::try_from_rng(&mut SysRng).map_err(|error| TrainError::NoRandomness(error.to_string()))?;
    let released = release(&universe.sessions, noise, &mut rng);
    universe.sessions = draw_log(&released, std::mem::take(&mut universe.sessions.item_ids), options.seed);
    universe.protection.min_visitors = 0;
    (universe.protection.epsilon, universe.protection.delta) = (Some(noise.epsilon), Some(noise.delta));
    Ok(universe)
}

/// The time of the newest event; where times are dates, the end of its hour: the event itself is one visitor's.
pub(super) fn newest_ms(universe: &Universe) -> Option<i64> {
    const HOUR_MS: i64 = 3_600_000;
    let newest_ms = universe.sessions.newest_ms()?;
    Some(if universe.sessions.has_dates { (newest_ms.div_euclid(HOUR_MS) + 1) * HOUR_MS } else { newest_ms })
}

/// The file with what contexts say of categories, if that pays and there is room for it.
pub(super) fn with_context(
    bytes: Vec<u8>,
    worth: Option<&ContextWorth>,
    universe: &Universe,
    options: &Options,
) -> Result<Vec<u8>, FormatError> {
    let pays = |worth: &&ContextWorth| worth.popular_weight > 0 || worth.session_weight > 0;
    let Some(worth) = worth.filter(pays) else { return Ok(bytes) };
    let Some(tilts) = Tilts::learn(universe) else { return Ok(bytes) };
    let section = tilts.encode(worth.popular_weight, worth.session_weight)?;
    let longer = Model::from_bytes(bytes.clone())?.with_sections([(SectionKind::Priors, section)]);
    Ok(if has_room(&longer, universe, options) { longer } else { bytes })
}

/// The file with items that are near each other side by side, and with an index where the catalog is large; as it is if there is
/// no room for that.
fn in_rows(bytes: Vec<u8>, universe: &Universe, options: &Options, watch: &dyn Watch) -> Result<Vec<u8>, FormatError> {
    watch.begin("rows", 0);
    let ordered = if universe.sessions.item_ids.len() < index::MIN_ITEMS {
        rows::chained(&bytes)?
    } else {
        index::indexed(&bytes, &newest_rows(universe), options.seed)?
    };
    Ok(if has_room(&ordered, universe, options) { ordered } else { bytes })
}

/// The rows of the newest sessions, to try an index with.
pub(super) fn newest_rows(universe: &Universe) -> Vec<Vec<u32>> {
    let sessions = &universe.sessions;
    let newest = (sessions.len().saturating_sub(index::TRIALS)..sessions.len()).map(|at| sessions.session(at));
    newest.map(|events| events.iter().map(|event| event.item).collect()).collect()
}

/// Whether a file is as small as asked for.
pub(super) fn has_room(bytes: &[u8], universe: &Universe, options: &Options) -> bool {
    options.bytes_per_item.is_none_or(|most| bytes.len() <= most * universe.sessions.item_ids.len())
}

fn embed(universe: &Universe, options: &Options, tuned: &Tuned, watch: &dyn Watch) -> Option<Embedding> {
    let epochs = tuned.epochs;
    let mut trainer = Trainer::new(&universe.sessions, &options.embedding, tuned.around, options.seed)?;
    for epoch in 1..=epochs {
        watch.begin(&format!("learn: epoch {epoch} of {epochs}"), trainer.epoch_len() as u64);
        trainer.epoch(|done| watch.advance(done as u64));
    }
    let mut embedding = tuned.calibration.apply(trainer.embedding().clone());
    cold::settle(&mut embedding, universe, tuned.cold_prior);
    Some(embedding)
}
