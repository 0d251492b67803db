//! The index of large catalogs: what it changes, and what not.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reshelve::format::container::{self, SectionKind};
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata};
use reshelve::format::{attributes, embeddings, ids, neighbors};
use reshelve::model::Model;
use reshelve::rank::{Page, RecommendRequest, Recommended, Scratch, recommend};
use reshelve::session::{Event, EventKind, Session};
use reshelve::train::index::{indexed, indexed_like};

const N_ITEMS: usize = 6000;
const N_KINDS: usize = 60;
const DIMENSIONS: usize = 32;
const NOW: i64 = 1_780_000_000_000;

fn encoder() -> embeddings::Encoder {
    embeddings::Encoder {
        dimensions: DIMENSIONS,
        norm: 210,
        temperature: 11_000,
        by_place: vec![1024, 700, 500],
        ..embeddings::Encoder::default()
    }
}

/// Items of 60 kinds, those of a kind near each other, some more popular than others.
fn model(rng: &mut ChaCha8Rng) -> Vec<u8> {
    let metadata = Metadata {
        created_at_ms: NOW,
        decay: Decay { by_kind: [1024; 10], by_age: vec![AgeWeight { max_age_minutes: 60, weight: 1024 }] },
        blends: vec![Blend {
            embedding: 1024,
            embedding_of_known: 1024,
            neighbors: 300,
            neighbors_by_place: vec![1024, 500],
            bias: 1024,
            history_by_place: vec![-500],
            base_range: 8192,
            strength: 512,
            ..Blend::default()
        }],
        ..Metadata::default()
    };
    let centers: Vec<[i32; DIMENSIONS]> =
        (0..N_KINDS).map(|_| std::array::from_fn(|_| rng.random_range(-60..60))).collect();
    let kind = |item: usize| item * 7919 % N_KINDS;
    let vectors = (0..N_ITEMS).flat_map(|item| centers[kind(item)]).collect::<Vec<i32>>();
    let encoded = embeddings::Encoded {
        encoder: encoder(),
        biases: (0..N_ITEMS).map(|_| rng.random_range(-400..400)).collect(),
        vectors: vectors.into_iter().map(|x| (x + rng.random_range(-25..25)).clamp(-127, 127) as i8).collect(),
    };
    let entry = |rng: &mut ChaCha8Rng, row: u32| (rng.random_range(0..N_ITEMS as u32 - 1), row as u8);
    let rows: Vec<Vec<neighbors::Entry>> = (0..N_ITEMS as u32)
        .map(|row| {
            (0..2)
                .map(|_| entry(rng, row))
                .filter(|entry| entry.0 != row)
                .collect::<std::collections::BTreeMap<_, _>>()
                .into_iter()
                .collect()
        })
        .collect();
    let column = attributes::Encoded {
        name: attributes::CATEGORY.to_owned(),
        values: (0..N_ITEMS).map(|item| kind(item) as u32 + 1).collect(),
        dictionary: (0..N_KINDS).map(|kind| format!("kind {kind:02}")).collect(),
    };
    let item_ids: Vec<String> = (0..N_ITEMS).map(item_id).collect();
    container::write(&[
        (SectionKind::Metadata, metadata.write().unwrap()),
        (SectionKind::Ids, ids::write(&item_ids).unwrap()),
        (SectionKind::Embeddings, embeddings::write(&encoded).unwrap()),
        (SectionKind::Neighbors, neighbors::write(&std::array::from_fn(|level| 4 * level as u16), &rows).unwrap()),
        (SectionKind::Attributes, attributes::write(N_ITEMS, &[column]).unwrap()),
    ])
}

fn item_id(item: usize) -> String {
    format!("item {item:04}")
}

/// Rows of sessions that mostly stay with a kind.
fn sessions(rng: &mut ChaCha8Rng, n: usize) -> Vec<Vec<u32>> {
    let session = |_| {
        let first = rng.random_range(0..N_ITEMS);
        (0..4)
            .map(|_| ((first + N_KINDS * rng.random_range(0..90) + rng.random_range(0..5) / 4) % N_ITEMS) as u32)
            .collect()
    };
    (0..n).map(session).collect()
}

/// What a shopper who has viewed these items is recommended, but for some rows.
fn found(model: &Model, items: &[u32], limit: usize, exclude: &[u32]) -> Vec<Recommended> {
    let views =
        items.iter().zip(0..).map(|(&item, at)| Event::new(EventKind::View, item_id(item as usize), NOW + at * 60_000));
    let session: Session = views.collect();
    let page = Page { surface: "home", ..Page::at(NOW + 300_000) };
    let request = RecommendRequest { page, limit, exclude, ..RecommendRequest::default() };
    recommend(model, &session, &request, false, &mut Scratch::default()).unwrap().items
}

#[test]
fn an_index_that_is_kept_is_the_same() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let bytes = model(&mut rng);
    let trials = sessions(&mut rng, 400);
    let old = Model::from_bytes(indexed(&bytes, &trials, 1).unwrap()).unwrap();
    let bare = Model::from_bytes(bytes).unwrap();
    let order: Vec<u32> = (0..N_ITEMS as u32).map(|row| bare.row(&old.ids().id(row)).unwrap()).collect();
    assert!(indexed_like(&old, &bare, order.clone(), &trials, 2).unwrap() == old.to_bytes());
    // An item whose vector is another's now goes to that one's list, and leaves the others where they were.
    let (moved, to) = (order[0], order[N_ITEMS - 1]);
    let mut encoded = embeddings::Encoded { encoder: encoder(), ..embeddings::Encoded::default() };
    for row in 0..N_ITEMS as u32 {
        let of = bare.embeddings().unwrap();
        encoded.vectors.extend(of.vector(if row == moved { to } else { row }));
        encoded.biases.push(of.bias(row));
    }
    let changed = bare.with_sections([(SectionKind::Embeddings, embeddings::write(&encoded).unwrap())]);
    let changed = Model::from_bytes(changed).unwrap();
    let new = Model::from_bytes(indexed_like(&old, &changed, order, &trials, 2).unwrap()).unwrap();
    let ids = |model: &Model| (0..N_ITEMS as u32).map(|row| model.ids().id(row)).collect::<Vec<_>>();
    let (mut expected, mut found) = (ids(&old), ids(&new));
    let id = expected.remove(0);
    let at = found.iter().position(|other| *other == id).unwrap();
    assert_ne!(at, 0);
    found.remove(at);
    assert!(expected == found);
}

#[test]
fn an_index_finds_almost_all_and_moves_rows_alone() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let bytes = model(&mut rng);
    let trials = sessions(&mut rng, 400);
    let file = indexed(&bytes, &trials, 1).unwrap();
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert!(single.install(|| indexed(&bytes, &trials, 1).unwrap()) == file, "the number of threads changes nothing");
    let (bare, model) = (Model::from_bytes(bytes).unwrap(), Model::from_bytes(file).unwrap());
    model.ids().verify().unwrap();
    assert_eq!(bare.metadata(), model.metadata());

    let [all, moved] = [&bare, &model].map(|model| {
        let (embeddings, neighbors) = (model.embeddings().unwrap(), model.neighbors().unwrap());
        let category = model.attributes().unwrap().column(attributes::CATEGORY).unwrap();
        let of = |row: u32| {
            let mut near: Vec<(String, u16)> =
                neighbors.row(row).map(|(neighbor, weight)| (model.ids().id(neighbor), weight)).collect();
            near.sort();
            (model.ids().id(row), embeddings.vector(row).to_vec(), embeddings.bias(row), category.word(row), near)
        };
        (0..N_ITEMS as u32).map(of).collect::<BTreeSet<_>>()
    });
    assert!(all == moved, "every item has what it had");

    let index = model.index().unwrap();
    assert!(index.probes() < index.n_lists() / 2, "{} of {} lists", index.probes(), index.n_lists());
    let (mut hits, mut n) = (0, 0);
    for items in sessions(&mut rng, 200) {
        let [exact, indexed] = [&bare, &model].map(|model| {
            found(model, &items, 20, &[]).iter().map(|item| model.ids().id(item.row)).collect::<BTreeSet<_>>()
        });
        hits += exact.intersection(&indexed).count();
        n += exact.len();
        assert_eq!(exact.len(), indexed.len());
    }
    let (recall, stated) = (hits as f64 / n as f64, f64::from(index.recall()) / 1024.0);
    assert!(stated >= 0.98, "{stated} is stated");
    // What sessions have touched is found anyway, and counts here.
    assert!(recall >= stated - 0.01, "{recall} is found, {stated} stated");
}

#[test]
fn what_lists_do_not_fill_is_looked_for_everywhere() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let bytes = model(&mut rng);
    let file = indexed(&bytes, &sessions(&mut rng, 100), 1).unwrap();
    let (bare, model) = (Model::from_bytes(bytes).unwrap(), Model::from_bytes(file).unwrap());
    for items in sessions(&mut rng, 20) {
        let [exact, indexed] = [&bare, &model]
            .map(|model| found(model, &items, 1000, &[]).iter().map(|item| item.parts.score()).collect::<Vec<_>>());
        let worse = exact.iter().zip(&indexed).filter(|(exact, indexed)| exact != indexed).count();
        assert_eq!((indexed.len(), worse), (1000, 0));
    }
}

#[test]
fn what_is_excluded_leaves_what_stands_behind_it() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let bytes = model(&mut rng);
    let model = Model::from_bytes(indexed(&bytes, &sessions(&mut rng, 100), 1).unwrap()).unwrap();
    let (mut kept, mut n) = (0, 0);
    for items in sessions(&mut rng, 20) {
        let all = found(&model, &items, 500, &[]);
        let (first, behind) = all.split_at(480);
        let exclude: Vec<u32> = first.iter().map(|item| item.row).collect();
        let rest = found(&model, &items, 20, &exclude);
        kept += behind.iter().filter(|item| rest.iter().any(|other| other.row == item.row)).count();
        n += behind.len();
    }
    assert!(kept as f64 >= 0.98 * n as f64, "{kept} of {n}");
}
