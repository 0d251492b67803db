//! A log of visitors who stay in few of many kinds of items, and what tests ask of models of it.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reshelve::model::Model;
use reshelve::session::EventKind;
use reshelve::train::{Catalog, CatalogItem, Interaction, Options, Privacy, Sessions, Unwatched, learn};

pub(crate) const N_ITEMS: u32 = 120;
/// Items of a kind.
const KIND: u32 = 10;

pub(crate) fn id(item: u32) -> String {
    format!("item-{item:03}")
}

/// What one visitor after another did: six to ten items each, most of two kinds, some of any.
pub(crate) fn visitors(n: usize, seed: u64) -> Vec<Vec<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let visit = |_| {
        let kinds = [rng.random_range(0..N_ITEMS / KIND), rng.random_range(0..N_ITEMS / KIND)];
        let n_events = rng.random_range(6..=10);
        let event = |_| match rng.random_range(0..5) {
            0 => rng.random_range(0..N_ITEMS),
            place => kinds[place % 2] * KIND + rng.random_range(0..KIND),
        };
        (0..n_events).map(event).collect()
    };
    (0..n).map(visit).collect()
}

/// A session for each visitor, over the items of the store and some more.
pub(crate) fn log<'a>(visits: impl IntoIterator<Item = &'a Vec<u32>>, more: u32) -> Sessions {
    let mut sessions = Sessions { starts: vec![0], ..Sessions::default() };
    sessions.item_ids = (0..N_ITEMS + more).map(id).collect();
    for (visit, visitor) in visits.into_iter().zip(0..) {
        let view = |&item: &u32| Interaction { item, kind: EventKind::View, timestamp_ms: i64::from(visitor) };
        sessions.events.extend(visit.iter().map(view));
        sessions.starts.push(sessions.events.len());
        sessions.visitors.push(visitor);
    }
    sessions
}

/// The store's items, without a word about them.
pub(crate) fn catalog() -> Catalog {
    let items = (0..N_ITEMS).map(|item| CatalogItem { id: id(item), ..CatalogItem::default() });
    Catalog { items: items.collect(), ..Catalog::default() }
}

/// A small and quick model.
pub(crate) fn options(privacy: Privacy) -> Options {
    let mut options = Options { privacy, ..Options::default() };
    options.embedding.dimensions = 16;
    (options.embedding.max_epochs, options.embedding.max_examples) = (2, 20_000);
    options
}

pub(crate) fn model(sessions: &Sessions, catalog: Option<&Catalog>, options: &Options) -> Model {
    Model::from_bytes(learn(sessions, catalog, options, &Unwatched).unwrap().bytes).unwrap()
}
