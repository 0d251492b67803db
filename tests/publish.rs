//! Models in parts: what is put together again, and what it says in between.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proptest::prelude::*;
use reshelve::model::Model;
use reshelve::publish::{Directory, Division, FIRST, Manifest, OTHER, Part, Release, divide};
use reshelve::rank::{Page, RerankRequest, Scratch, UNKNOWN_ROW, rerank};
use reshelve::session::{Event, EventKind, Session};

const NOW_MS: i64 = 1_780_000_000_000;
/// Models with everything that a file can hold.
const GOLDEN: [&str; 6] = ["small", "rows-only", "ranked", "ruled", "wide", "indexed"];

fn golden(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    std::fs::read(folder.join(name).with_extension("shelf")).unwrap()
}

/// A model's items, dealt out to parts by a list of numbers that is gone through again and again.
fn dealt(n_items: usize, deal: &[usize]) -> Vec<Vec<usize>> {
    let mut parts = BTreeMap::<usize, Vec<usize>>::new();
    for item in 0..n_items {
        parts.entry(deal[item % deal.len()]).or_default().push(item);
    }
    parts.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// All parts, in whatever order and steps they are joined, are the file that they come from.
    #[test]
    fn all_parts_are_the_whole(
        name in prop::sample::select(&GOLDEN[..]),
        deal in prop::collection::vec(0usize..5, 1..40),
        stepwise: bool,
    ) {
        let file = golden(name);
        let whole = Part::read(&file).unwrap();
        prop_assert_eq!(&whole.write().unwrap(), &file);
        let parts = whole.split(&dealt(whole.ids().len(), &deal));
        let written = parts.iter().map(|part| part.write().unwrap());
        let mut read: Vec<Part> = written.map(|file| Part::read(&file).unwrap()).collect();
        let joined = if stepwise {
            let rest = read.split_off(1);
            rest.into_iter().fold(read.remove(0), |joined, part| {
                let step = Part::join(vec![joined, part]).unwrap().write().unwrap();
                Part::read(&step).unwrap()
            })
        } else {
            read.reverse();
            Part::join(read).unwrap()
        };
        prop_assert_eq!(joined.write().unwrap(), file);
    }

    /// What some parts say of their items is what the whole says, in sessions with such items.
    #[test]
    fn scores_are_those_of_the_whole(
        name in prop::sample::select(&GOLDEN[..]),
        deal in prop::collection::vec(0usize..4, 1..40),
        events in prop::collection::vec((0usize..10_000, 0i64..3_000_000), 1..12),
    ) {
        let file = golden(name);
        let whole = Model::from_bytes(file.clone()).unwrap();
        let parts = Part::read(&file).unwrap();
        let lists = dealt(whole.n_items(), &deal);
        let mut parts = parts.split(&lists);
        let rest = parts.split_off(parts.len().min(2));
        let there = Part::join(parts).unwrap();
        prop_assert_eq!(rest.is_empty(), there.ids().len() == whole.n_items());
        let some = Model::from_bytes(there.write().unwrap()).unwrap();
        let ids = there.ids();
        let session_of = |model: &Model| {
            let mut session = Session::default();
            for &(item, age_ms) in &events {
                let item = ids[item % ids.len()].clone();
                let _ = session.record(model, Event::new(EventKind::View, item, NOW_MS - age_ms));
            }
            session
        };
        let scores = |model: &Model| {
            let rows: Vec<u32> = ids.iter().take(200).map(|id| model.row(id).unwrap_or(UNKNOWN_ROW)).collect();
            let page = Page { surface: "search", ..Page::at(NOW_MS) };
            let request = RerankRequest { page, rows: &rows, ..RerankRequest::default() };
            let mut scratch = Scratch::default();
            let ranking = rerank(model, &session_of(model), &request, true, &mut scratch).unwrap();
            ranking.placed.iter().map(|placed| (placed.from, placed.parts.score())).collect::<Vec<_>>()
        };
        prop_assert_eq!(scores(&some), scores(&whole));
    }
}

fn check_refused(parts: Vec<Part>, expected: &str) {
    let error = Part::join(parts).unwrap_err().to_string();
    assert!(error.contains(expected), "{error:?} should contain {expected:?}");
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let whole = Part::read(&golden("small")).unwrap();
    let other = Part::read(&golden("wide")).unwrap();
    let halves = |whole: &Part| whole.split(&dealt(whole.ids().len(), &[0, 1]));
    let (mine, theirs) = (halves(&whole), halves(&other));
    check_refused(vec![mine[1].clone()], "the first part is missing");
    check_refused(vec![mine[0].clone(), theirs[1].clone()], "of another model");
    check_refused(vec![mine[0].clone(), mine[0].clone()], "of another model");
    check_refused(vec![mine[0].clone(), mine[1].clone(), mine[1].clone()], "an item is in two parts");
    let missing = Model::from_bytes(mine[1].write().unwrap()).unwrap_err().to_string();
    assert!(missing.contains("no metadata section"), "{missing}");
}

#[test]
fn every_item_is_in_one_shard_and_found_there() {
    let file = golden("indexed");
    let whole = Part::read(&file).unwrap();
    let n_items = whole.ids().len();
    let division = Division { first: n_items / 10, most: n_items / 7 };
    let divided = divide(&whole, division);
    let mut places: Vec<usize> = divided.iter().flat_map(|(_, places)| places.clone()).collect();
    places.sort_unstable();
    assert_eq!(places, (0..n_items).collect::<Vec<_>>());
    assert_eq!((divided[0].0.as_str(), divided[0].1.len()), (FIRST, n_items / 10));
    assert!(divided.len() > 6 && divided[1..].iter().all(|(_, places)| places.len() <= division.most));

    let Release { manifest, files } = Release::new(&file, division, None, |_| None).unwrap();
    let files: BTreeMap<String, Vec<u8>> = files.into_iter().collect();
    let directory = Directory::read(&files[&manifest.directory.as_ref().unwrap().file]).unwrap();
    let parts: Vec<Part> = manifest.shards.iter().map(|shard| Part::read(&files[&shard.file.file]).unwrap()).collect();
    for (part, number) in parts.iter().zip(0..) {
        assert!(part.ids().iter().all(|id| directory.find(id).contains(&number)));
    }
    assert_eq!(Part::join(parts).unwrap().write().unwrap(), file);
    let shard = &files[&manifest.shards[0].file.file];
    let refused = Release::new(shard, division, None, |_| None).unwrap_err().to_string();
    assert_eq!(refused, "this is a shard; publish the model that it was made of");
    assert_eq!(manifest.model, Model::from_bytes(file).unwrap().id());
}

#[test]
fn a_small_model_is_one_shard() {
    let file = golden("small");
    let division = Division { first: 10_000, most: 10_000 };
    let Release { manifest, files } = Release::new(&file, division, None, |_| None).unwrap();
    assert_eq!((manifest.shards.len(), &manifest.directory), (1, &None));
    assert_eq!(files, [(manifest.shards[0].file.file.clone(), file)]);
    let read: Manifest = serde_json::from_str(&manifest.to_json()).unwrap();
    assert_eq!(read, manifest);
}

#[test]
fn what_has_not_changed_keeps_its_name_and_needs_no_delta() {
    let file = golden("wide");
    let division = Division { first: 50, most: 100 };
    let first = Release::new(&file, division, None, |_| None).unwrap();
    let kept: BTreeMap<String, Vec<u8>> = first.files.iter().cloned().collect();
    let again = Release::new(&file, division, Some(&first.manifest), |name| kept.get(name).cloned()).unwrap();
    assert_eq!(again, first);
    let names: BTreeSet<&str> = first.manifest.shards.iter().map(|shard| shard.name.as_str()).collect();
    assert!(names.contains(FIRST) && names.iter().all(|name| [FIRST, OTHER].contains(name) || !name.is_empty()));
}
