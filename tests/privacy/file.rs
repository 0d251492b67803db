//! What is never in a file: raw margins, raw counts, ids of visitors and sessions; and what few visitors are behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use reshelve::model::Model;
use reshelve::train::{Privacy, Unwatched, learn};

use super::store::{N_ITEMS, id, log, model, options, visitors};

/// Runs the command in a folder and gives what it prints.
pub(crate) fn reshelve(folder: &Path, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_reshelve")).current_dir(folder).args(words).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn raw_numbers_and_names_of_people_are_not_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let visits = visitors(400, 3);
    let mut events = "visitor_id,session_id,timestamp,item_id,query\n".to_owned();
    for (visit, visitor) in visits.iter().zip(0..) {
        for (step, item) in (0..).zip(visit) {
            let time = 1_760_000_000 + 4_000 * i64::from(visitor) + 37 * step;
            writeln!(events, "person-{visitor:04}-x,visit-{visitor:04}-y,{time},{},", id(*item)).unwrap();
        }
    }
    let margin = |item: u32| 7.251 + 0.31 * f64::from(item);
    let mut catalog = "item_id,title,category,price,margin\n".to_owned();
    for item in 0..N_ITEMS {
        let kind = item / 10;
        writeln!(catalog, "{},thing {kind},kind {kind},{},{}", id(item), 100 + item, margin(item)).unwrap();
    }
    std::fs::write(folder.path().join("events.csv"), &events).unwrap();
    std::fs::write(folder.path().join("catalog.csv"), catalog).unwrap();
    reshelve(folder.path(), &["build", "--events", "events.csv", "--catalog", "catalog.csv", "-o", "store.shelf"]);
    let bytes = std::fs::read(folder.path().join("store.shelf")).unwrap();

    for text in ["person-", "visit-", "0000-x", "0000-y", "1760000"] {
        assert!(!holds(&bytes, text.as_bytes()), "{text:?} is in the file");
    }
    for item in 0..N_ITEMS {
        let margin = margin(item);
        assert!(!holds(&bytes, margin.to_string().as_bytes()), "the margin {margin} is in the file");
        assert!(!holds(&bytes, &margin.to_le_bytes()), "the margin {margin} is in the file as a number");
        assert!(!holds(&bytes, &(margin as f32).to_le_bytes()), "the margin {margin} is in the file as a number");
    }
    // Totals are of two digits, and the newest event's time is that of its hour.
    let model = Model::from_bytes(bytes).unwrap();
    let (n_sessions, n_events) = (model.metadata().n_sessions, model.metadata().n_events);
    let n_raw: usize = visits.iter().map(Vec::len).sum();
    assert!(n_raw > 1000 && !n_raw.is_multiple_of(100), "{n_raw} would be no raw count");
    assert_eq!((n_sessions, n_events % 100), (400, 0));
    assert!(n_events.abs_diff(n_raw as u64) <= 50);
    assert_eq!(model.metadata().created_at_ms % 3_600_000, 0);
    for count in [n_raw as u64, 401, 399] {
        assert!(![n_sessions, n_events].contains(&count));
    }
    // Popularity is relative: no level is an item's count.
    let mut counts = BTreeMap::new();
    visits.iter().flatten().for_each(|item| *counts.entry(*item).or_insert(0) += 1);
    let popularity = model.popularity().unwrap();
    let equal =
        counts.iter().filter(|(item, count)| popularity.value(model.row(&id(**item)).unwrap()) == **count).count();
    assert!(equal * 10 < counts.len(), "{equal} levels are counts");

    let told = reshelve(folder.path(), &["inspect", "--leaks", "store.shelf"]);
    for expected in ["or more are behind every item that events tell of", "What it does not hold:", "Nothing was found"]
    {
        assert!(told.contains(expected), "{told}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&reshelve(folder.path(), &["inspect", "--leaks", "--json", "store.shelf"])).unwrap();
    assert_eq!(json["min_visitors"], model.privacy().unwrap().min_visitors);
    assert_eq!(json["problems"], serde_json::json!([]));
    assert_eq!(json["rarest_pairs"].as_array().map(Vec::len), Some(10));
}

#[test]
fn enough_visitors_are_behind_every_item_and_pair() {
    let visits = visitors(1000, 4);
    let min_visitors = 6;
    let privacy = Privacy { min_visitors: Some(min_visitors), ..Privacy::default() };
    let model = model(&log(&visits, 0), None, &options(privacy));
    let mut of_item: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
    let mut of_pair: BTreeMap<(u32, u32), BTreeSet<usize>> = BTreeMap::new();
    for (visitor, visit) in visits.iter().enumerate() {
        for (place, &item) in visit.iter().enumerate() {
            of_item.entry(item).or_default().insert(visitor);
            for &before in &visit[..place] {
                of_pair.entry((before, item)).or_default().insert(visitor);
            }
        }
    }
    let numbers: Vec<u32> = (0..model.n_items() as u32)
        .map(|row| model.ids().id(row).strip_prefix("item-").unwrap().parse().unwrap())
        .collect();
    for item in 0..N_ITEMS {
        let n_visitors = of_item.get(&item).map_or(0, BTreeSet::len) as u32;
        assert_eq!(numbers.contains(&item), n_visitors >= min_visitors, "{item}: {n_visitors}");
    }
    let rows = model.neighbors().unwrap();
    let mut n_pairs = 0;
    for (row, &item) in (0..).zip(&numbers) {
        for (other, _) in rows.row(row) {
            n_pairs += 1;
            let n_visitors = of_pair[&(item, numbers[other as usize])].len() as u32;
            assert!(n_visitors >= min_visitors, "{item} → {}: {n_visitors}", numbers[other as usize]);
        }
    }
    assert!(n_pairs > 5, "{n_pairs} pairs say nothing");
    assert_eq!(model.privacy().unwrap().min_visitors, min_visitors);
}

/// What one visitor alone met, and so long ago that their newer events are enough, is as little in the file as what is rare.
#[test]
fn items_of_which_nothing_is_left_are_not_in_the_file() {
    let mut visits = visitors(300, 6);
    let of_one = N_ITEMS..N_ITEMS + 30;
    visits.push(of_one.clone().chain((0..520).map(|step| step % 10)).collect());
    let learned = learn(&log(&visits, 30), None, &options(Privacy::default()), &Unwatched).unwrap();
    assert_eq!((learned.protection.events_beyond_bound, learned.protection.items_of_too_few_visitors), (50, 0));
    let model = Model::from_bytes(learned.bytes).unwrap();
    assert_eq!(model.n_items(), N_ITEMS as usize);
    for item in of_one {
        assert_eq!(model.row(&id(item)), None, "{item} was met by one visitor");
    }
}

#[test]
fn one_visitor_counts_for_so_many_events() {
    let mut visits = visitors(300, 6);
    visits.push([7, 8].repeat(500));
    let privacy = Privacy { max_events_per_visitor: 100, ..Privacy::default() };
    let learned = learn(&log(&visits, 0), None, &options(privacy), &Unwatched).unwrap();
    assert_eq!(learned.protection.events_beyond_bound, 900);
    let popularity = |learned: &[u8]| {
        let model = Model::from_bytes(learned.to_vec()).unwrap();
        let level = |item: u32| model.popularity().unwrap().value(model.row(&id(item)).unwrap());
        [7, 9].map(level)
    };
    let [bought_up, usual] = popularity(&learned.bytes);
    let unbounded =
        learn(&log(&visits, 0), None, &options(Privacy { max_events_per_visitor: 1000, ..privacy }), &Unwatched);
    let [loud, drowned] = popularity(&unbounded.unwrap().bytes);
    assert!(
        f64::from(usual) / f64::from(bought_up) > 1.3 * f64::from(drowned) / f64::from(loud),
        "{usual} of {bought_up}"
    );
}
