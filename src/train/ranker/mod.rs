//! Learns the ranker from shown lists and their clicks.
//!
//! The features of a list are what the runtime computes with a model that has not learned from the list's visitor:
//! `lists` asks two models, each learned from the other half of the visitors. What the catalog says of items they know as
//! the finished model does: a brand tells of no visitor. The `booster` learns trees from them, and `attach` puts these into
//! the model that was learned from all.

mod attach;
pub mod booster;
pub(crate) mod lists;
mod position;

use booster::{BoosterOptions, Lists, boost};
pub use position::{click_weight, position_exponent};

use super::{Catalog, ClickedList, Impressions, Level, Options, Privacy, TrainError, Watch, learn, part_of};
use crate::format::FormatError;
use crate::format::ranker::Node;
use crate::model::Model;

/// Parts that the visitors are cut into, so that no list is asked for of a model that knows its visitor.
const PARTS: u64 = 2;
/// Seed of that cut, another than that of folds.
const PARTS_SEED: u64 = 0x5e1f;

/// Learns a ranker from the lists of some visitors and puts it into a model. The catalog is that of the model, if it has
/// one: else the trees learn nothing of brands, categories and price bands.
///
/// # Errors
///
/// [`TrainError`].
pub fn add_ranker(
    model: &[u8],
    impressions: &Impressions,
    catalog: Option<&Catalog>,
    is_meant: impl Fn(u64) -> bool,
    options: &Options,
    booster: &BoosterOptions,
    watch: &dyn Watch,
) -> Result<Vec<u8>, TrainError> {
    let mut lists = training_lists(impressions, catalog, &is_meant, options, watch)?;
    let exponent = position_exponent(impressions, &is_meant);
    lists.weigh(|slot| click_weight(slot, exponent * options.position_correction));
    watch.begin("learn: ranker", booster.trees as u64);
    let trees = boost(&lists, booster, |done| watch.advance(done as u64));
    Ok(attach(model, impressions, &is_meant, &trees)?)
}

/// Puts click rates and trees into a model.
///
/// # Errors
///
/// [`FormatError`].
pub fn attach(
    model: &[u8],
    impressions: &Impressions,
    is_meant: &impl Fn(u64) -> bool,
    trees: &[Vec<Node>],
) -> Result<Vec<u8>, FormatError> {
    let model = attach::with_click_rates(model, impressions, is_meant)?;
    attach::with_ranker(&model, trees)
}

/// The lists of some visitors, each with the features that a model of the other visitors gives it.
pub fn training_lists(
    impressions: &Impressions,
    catalog: Option<&Catalog>,
    is_meant: &impl Fn(u64) -> bool,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Lists, TrainError> {
    let mut lists = Lists::default();
    for part in 0..PARTS {
        let is_other = |visitor| is_meant(visitor) && part_of(visitor, PARTS, PARTS_SEED) != part;
        let learned = learn_base(impressions, catalog, &is_other, options, watch)?;
        let model = attach::with_click_rates(&learned, impressions, &is_other)?;
        let model = Model::from_bytes(model)?;
        let is_own = |list: &ClickedList| {
            is_meant(list.session.visitor) && part_of(list.session.visitor, PARTS, PARTS_SEED) == part
        };
        let clicked: Vec<ClickedList> = impressions.clicked_lists().filter(is_own).collect();
        lists::append(&mut lists, &model, impressions, &clicked);
    }
    Ok(lists)
}

/// Fewest events an item from which an embedding says more than it costs to learn.
const EVENTS_AN_ITEM: usize = 10;

/// Learns what a ranker stands on from the sessions of some visitors and the catalog: without an embedding of the log's
/// where the log is sparse.
///
/// # Errors
///
/// [`TrainError`].
pub fn learn_base(
    impressions: &Impressions,
    catalog: Option<&Catalog>,
    is_meant: &impl Fn(u64) -> bool,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Vec<u8>, TrainError> {
    let n_events: usize = impressions.sessions.iter().map(|session| session.events.len()).sum();
    let is_sparse = n_events < EVENTS_AN_ITEM * impressions.item_ids.len();
    // What is learned here says what the trees are learned from; it is not shipped.
    let privacy = Privacy::NONE;
    let options = Options { level: options.level.or(is_sparse.then_some(Level::RowsOnly)), privacy, ..options.clone() };
    Ok(learn(&impressions.sessions_of(is_meant), catalog, &options, watch)?.bytes)
}
