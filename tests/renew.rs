//! A renewed model keeps what it can, and is a short delta from the one before.
#![cfg(feature = "train")]

use std::sync::OnceLock;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reshelve::format::attributes::PRICE_BAND;
use reshelve::format::privacy::Noise;
use reshelve::format::ranker::Node;
use reshelve::model::Model;
use reshelve::publish::delta;
use reshelve::session::{DAY_MS, EventKind};
use reshelve::train::ranker::attach;
use reshelve::train::{
    Catalog, CatalogItem, Impressions, Interaction, Level, Options, Privacy, Sessions, TrainError, Unwatched, learn,
    renew,
};

const N_ITEMS: usize = 600;
const KINDS: [&str; 6] = ["tent", "stove", "lamp", "boots", "mug", "map"];
const DAYS: i64 = 30;

fn id(item: usize) -> String {
    format!("item-{item:04}")
}

/// Items are of one kind after the other.
fn catalog(items: impl IntoIterator<Item = usize>) -> Catalog {
    let item = |item: usize| CatalogItem {
        id: id(item),
        title: Some(KINDS[item % KINDS.len()].to_owned()),
        category: vec![KINDS[item % KINDS.len()].to_owned()],
        price: Some((item * 7919 % 1000) as f64),
        ..CatalogItem::default()
    };
    Catalog { items: items.into_iter().map(item).collect(), ..Catalog::default() }
}

/// Shoppers stay with a kind, and prefer its first items; those from `newest` on have no event.
fn log(days: i64, newest: usize) -> Sessions {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut log = Sessions { starts: vec![0], has_dates: true, ..Sessions::default() };
    log.item_ids = (0..N_ITEMS).map(id).collect();
    for session in 0..150 * days {
        let kind = rng.random_range(0..KINDS.len());
        for step in 0..6 {
            let place = rng.random_range(0..N_ITEMS / KINDS.len()).min(rng.random_range(0..N_ITEMS / KINDS.len()));
            let item = kind + KINDS.len() * place;
            if item < newest {
                let timestamp_ms = session * DAY_MS / 150 + step * 1000;
                log.events.push(Interaction { item: item as u32, kind: EventKind::View, timestamp_ms });
            }
        }
        if log.events.len() > *log.starts.last().unwrap() {
            log.starts.push(log.events.len());
            log.visitors.push(session as u32 / 3);
        }
    }
    log
}

fn options() -> Options {
    let mut options = Options { level: Some(Level::Full), ..Options::default() };
    (options.embedding.max_epochs, options.embedding.max_examples) = (1, 20_000);
    options
}

/// A model of all but the last twelve items.
fn old() -> &'static Model {
    static OLD: OnceLock<Model> = OnceLock::new();
    OLD.get_or_init(|| {
        let (log, catalog) = (log(DAYS, N_ITEMS - 12), catalog(0..N_ITEMS - 12));
        Model::from_bytes(learn(&log, Some(&catalog), &options(), &Unwatched).unwrap().bytes).unwrap()
    })
}

fn renewed(log: &Sessions, catalog: &Catalog) -> Model {
    Model::from_bytes(renew(old(), log, Some(catalog), &options(), &Unwatched).unwrap().bytes).unwrap()
}

fn vector(model: &Model, item: usize) -> Vec<i8> {
    model.embeddings().unwrap().vector(model.row(&id(item)).unwrap()).to_vec()
}

fn delta_len(old: &Model, new: &Model) -> usize {
    let delta = delta::make(&old.to_bytes(), &new.to_bytes());
    assert!(delta::apply(&old.to_bytes(), &delta, new.byte_len()).unwrap() == new.to_bytes());
    delta.len()
}

#[test]
fn items_keep_vectors_and_rows() {
    // The first three have gone, and twelve have come.
    let new = renewed(&log(DAYS + 1, N_ITEMS), &catalog(3..N_ITEMS));
    let [before, after] = [old(), &new].map(|model| model.embeddings().unwrap());
    assert_eq!(before.encoder(), after.encoder());
    assert_eq!(old().metadata().blends, new.metadata().blends);
    assert!(new.metadata().created_at_ms > old().metadata().created_at_ms);
    assert_eq!(new.n_items(), N_ITEMS - 3);
    for item in 3..N_ITEMS - 12 {
        let row = old().row(&id(item)).unwrap();
        assert_eq!(new.row(&id(item)), Some(row));
        assert_eq!((before.vector(row), before.bias(row)), (after.vector(row), after.bias(row)));
    }
    assert_eq!(new.row(&id(0)), None);
    assert!(new.row(&id(N_ITEMS - 12)).unwrap() < 3, "a new item comes where one has gone");
}

/// A ranker has the say, and is not kept: the store's order counts again.
#[test]
fn without_its_ranker_a_model_goes_by_the_stores_order_again() {
    let leaf = Node { feature: 0, skip: 0, threshold: 0, value: 0 };
    let ranked = attach(&old().to_bytes(), &Impressions::default(), &|_| true, &[vec![leaf]]).unwrap();
    let ranked = Model::from_bytes(ranked).unwrap();
    let strengths = |model: &Model| model.metadata().blends.iter().map(|blend| blend.strength).collect::<Vec<_>>();
    assert_eq!(strengths(&ranked), [1024, 1024]);
    let new = renew(&ranked, &log(DAYS, N_ITEMS), Some(&catalog(0..N_ITEMS)), &options(), &Unwatched).unwrap();
    let new = Model::from_bytes(new.bytes).unwrap();
    assert!(new.ranker().is_none());
    assert_eq!(strengths(&new), strengths(old()));
}

#[test]
fn the_same_input_renews_to_the_same_bytes() {
    let (log, catalog) = (log(DAYS + 1, N_ITEMS), catalog(0..N_ITEMS));
    assert!(renewed(&log, &catalog).to_bytes() == renewed(&log, &catalog).to_bytes());
}

#[test]
fn new_items_stand_where_their_content_says() {
    let new = renewed(&log(DAYS + 1, N_ITEMS - 12), &catalog(0..N_ITEMS));
    for item in N_ITEMS - 12..N_ITEMS {
        let of_item = vector(&new, item);
        let dot = |other: &usize| {
            vector(&new, *other).iter().zip(&of_item).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum::<i32>()
        };
        let nearest = (0..N_ITEMS - 12).max_by_key(dot).unwrap();
        assert_eq!(nearest % KINDS.len(), item % KINDS.len(), "{item} is near {nearest}");
    }
}

#[test]
fn a_day_is_a_short_delta() {
    let new = renewed(&log(DAYS + 1, N_ITEMS), &catalog(0..N_ITEMS));
    let len = delta_len(old(), &new);
    assert!(len < new.byte_len() / 4, "{len} of {}", new.byte_len());

    let mut dearer = catalog(0..N_ITEMS);
    dearer.items[17].price = Some(5000.0);
    let catalog = catalog(0..N_ITEMS);
    let log = log(DAYS + 1, N_ITEMS);
    let again = |before: &Model, catalog: &Catalog| {
        Model::from_bytes(renew(before, &log, Some(catalog), &options(), &Unwatched).unwrap().bytes).unwrap()
    };
    assert!(again(&new, &catalog).to_bytes() == new.to_bytes(), "nothing has changed");
    let priced = again(&new, &dearer);
    let band =
        |model: &Model| model.attributes().unwrap().column(PRICE_BAND).unwrap().value(model.row(&id(17)).unwrap());
    assert_ne!(band(&priced), band(&new));
    let len = delta_len(&new, &priced);
    assert!(len < 1000, "{len} bytes for a price");
}

#[test]
fn what_has_become_sensitive_stands_nowhere() {
    let mut catalog = catalog(0..N_ITEMS);
    catalog.items[20].sensitive = true;
    let new = renewed(&log(DAYS, N_ITEMS), &catalog);
    assert!(vector(old(), 20).iter().any(|&x| x != 0));
    assert!(vector(&new, 20).iter().all(|&x| x == 0));
}

#[test]
fn what_is_stated_of_privacy_holds_for_what_is_kept() {
    let privacy = Privacy { min_visitors: Some(50), max_events_per_visitor: 100, ..Privacy::default() };
    let options = Options { privacy, ..options() };
    let learned = renew(old(), &log(DAYS, N_ITEMS), Some(&catalog(0..N_ITEMS)), &options, &Unwatched).unwrap();
    let model = Model::from_bytes(learned.bytes).unwrap();
    let [stated, before] = [&model, old()].map(|model| *model.privacy().unwrap());
    assert!(before.min_visitors < 50);
    assert_eq!(stated, before);
}

#[test]
fn what_cannot_be_renewed_is_refused() {
    let (log, catalog) = (log(DAYS, N_ITEMS), catalog(0..N_ITEMS));
    let check = |old: &Model, catalog: &Catalog, options: &Options, expected: &str| {
        let error: TrainError = renew(old, &log, Some(catalog), options, &Unwatched).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(expected), "{error:?} should contain {expected:?}");
    };
    let noise = Some(Noise { epsilon: 4.0, delta: 1e-6 });
    let with_noise = Options { privacy: Privacy { noise, ..Privacy::default() }, ..options() };
    check(old(), &catalog, &with_noise, "ε and a model to build from do not go together");
    let curated = Options { level: Some(Level::Curated), ..options() };
    let bare = Model::from_bytes(learn(&log, Some(&catalog), &curated, &Unwatched).unwrap().bytes).unwrap();
    check(&bare, &catalog, &options(), "has no embedding");
    let mut others = catalog.clone();
    others.items.iter_mut().for_each(|item| item.id.insert(0, 'x'));
    check(old(), &others, &options(), "the catalog has none of the items of the log");
    let mut others_log = log.clone();
    others_log.item_ids.iter_mut().for_each(|id| id.insert(0, 'x'));
    let error = renew(old(), &others_log, Some(&others), &options(), &Unwatched).unwrap_err();
    assert!(error.to_string().contains("knows none of the 600 items"), "{error}");
    let small = Options { bytes_per_item: Some(60), ..options() };
    check(old(), &catalog, &small, "leave no room for the 64 dimensions");
}
