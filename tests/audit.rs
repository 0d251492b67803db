//! What `reshelve audit` and `build` say of a store, word for word, and that a store with little gets a useful file.

mod common;

use std::fmt::Write;

use common::{answer, json};
use serde_json::Value;
use tempfile::TempDir;

/// A log of `n_sessions` sessions of three views, and a catalog of twelve lamps, mugs and bowls in the store's order.
fn store(n_sessions: usize) -> TempDir {
    let folder = TempDir::new().expect("there is room for a temporary folder");
    let mut events = "session_id,timestamp,item_id\n".to_owned();
    for session in 0..n_sessions {
        for step in 0..3 {
            let item = (session * 5 + step * 3) % 12;
            writeln!(events, "s{session},2026-01-{:02}T10:{step:02}:00Z,i{item:02}", session % 28 + 1).unwrap();
        }
    }
    let mut catalog = "item_id,title,category\n".to_owned();
    for item in (0..12).rev() {
        let kind = ["Lamp", "Mug", "Bowl"][item % 3];
        writeln!(catalog, "i{item:02},{kind} number {item},Home > {kind}s").unwrap();
    }
    std::fs::write(folder.path().join("events.csv"), events).expect("the folder can be written to");
    std::fs::write(folder.path().join("catalog.csv"), catalog).expect("the folder can be written to");
    folder
}

#[test]
fn audit_says_what_is_there_and_what_it_is_enough_for() {
    let folder = store(20);
    let expected = "\
events.csv: csv, 60 rows
60 rows read, 60 kept
20 sessions (0 of a single event), 12 items, 20 visitors
from 2026-01-01T10:00:00Z to 2026-01-20T10:02:00Z
The log's clock counts minutes: page refreshes were not looked for.
by kind: 60 view
items by events: 0 fewer than 2, 2 fewer than 5, 12 fewer than 10, 12 fewer than 50
0.0 % of the sessions have one event; 0.0 % of the events are about an item that the session has met before
0 sessions of bots left aside; the longest session left has 3 events, the busiest visitor 5.0 % of all, the most frequent item 10.0 %
catalog.csv: csv, 12 rows
12 rows read, 12 items, 0 rows about an item seen before
12 with a title, 12 with a category, 0 with a brand, 0 with a price, 0 with a description, 0 with other attributes
12 items of the catalog have events, 0 have none; 0 items of the log are not in the catalog, with 0 events
privacy: at least 3 visitors behind every item and pair; at most 500 events of a session, as no visitor has several
";
    let text = answer(folder.path(), "audit --events events.csv --catalog catalog.csv");
    let (found, verdict) = text.split_once("verdict: ").expect("there is a verdict");
    assert_eq!(found, expected);
    let built = answer(folder.path(), "build --events events.csv --catalog catalog.csv -o store.shelf");
    assert!(built.contains(verdict.trim_end()), "build says the same: {built}");
    let report = json(folder.path(), "audit --events events.csv --catalog catalog.csv --json");
    assert_eq!(report["verdict"]["evidence"]["steps"], 40);
    assert_eq!(report["coverage"]["items_with_events"], 12);
}

/// A size from which nothing may be told is a row without figures.
#[test]
fn sizes_are_measured_whatever_may_be_told_of_them() {
    let folder = TempDir::new().expect("there is room for a temporary folder");
    let mut events = "session_id,timestamp,item_id\n".to_owned();
    for session in 0..400 {
        for step in 0..2 {
            let item = (session * 13 + step * 7) % 155;
            writeln!(events, "s{session},{},i{item:03}", 1_767_225_600 + 3600 * session + 60 * step).unwrap();
        }
    }
    std::fs::write(folder.path().join("sparse.csv"), events).expect("the folder can be written to");
    let report = json(folder.path(), "audit --events sparse.csv --measure 20,360 --json");
    let sizes = report["sizes"].as_array().expect("there are sizes");
    assert_eq!((&sizes[0]["levels"], &sizes[0]["popularity"]), (&Value::Array(Vec::new()), &Value::Null));
    assert_eq!(sizes[1]["levels"].as_array().map(Vec::len), Some(3));
    assert!(sizes[1]["popularity"][0].as_f64() > Some(0.0), "{report}");
    let text = answer(folder.path(), "audit --events sparse.csv --measure 20");
    assert!(text.contains("      20        0 no item was met by visitors enough"), "{text}");
}

/// Every level says what it is and what would lift it, and the file is of use.
#[test]
fn build_follows_the_verdict() {
    let check = |n_sessions: usize, arguments: &str, sections: &[&str], said: &str| {
        let folder = store(n_sessions);
        let events = if n_sessions > 0 { "--events events.csv" } else { "" };
        let text = answer(folder.path(), &format!("build {events} {arguments} -o store.shelf"));
        assert!(text.contains(said), "{said:?} is said in {text}");
        let contents = json(folder.path(), "inspect store.shelf --json");
        let found = contents["sections"].as_array().expect("there are sections");
        let names: Vec<&str> = found.iter().filter_map(|section| section["name"].as_str()).collect();
        for optional in ["embeddings", "neighbors"] {
            assert_eq!(names.contains(&optional), sections.contains(&optional), "{said}: {names:?}");
        }
        let recommended = json(folder.path(), "recommend store.shelf --session i03 --limit 5 --json");
        assert_eq!(recommended["items"].as_array().map(Vec::len), Some(5));
        folder
    };
    let catalog = "--catalog catalog.csv";
    check(
        20,
        catalog,
        &["embeddings"],
        "content and popularity: too few steps from item to item to learn from. Items are like each other by what the \
         catalog says of them\n  from 60 events, 40 steps, 12 items\n  rows only needs 700 steps from one item to another \
         within sessions: 660 more",
    );
    check(400, "", &["embeddings", "neighbors"], "full model: enough to learn an embedding");
    check(400, catalog, &["embeddings", "neighbors"], "rows only: enough to say what goes with what");
    check(1500, catalog, &["embeddings", "neighbors"], "full model: enough to learn an embedding");
    let curated = check(
        12,
        "",
        &[],
        "curated: too little to learn from. Recommendations are the most popular items or the catalog's order, and lists \
         keep the store's order\n  from 36 events, 24 steps, 12 items\n  content and popularity needs 50 events: 14 more\n  \
         content and popularity needs a catalog with a title, a category, a brand or attributes for 50 % of the items; 0 % \
         have one\n  without one, the full model needs 100 steps from one item to another within sessions: 76 more",
    );
    let ranked = json(curated.path(), "rerank store.shelf --session i03 --candidates i05,i01,i11 --json");
    assert_eq!(ranked["outcome"], "unchanged");

    // Without a log, the catalog's own order: it was written backwards.
    let alone = check(0, catalog, &[], "from 0 events, 0 steps, 12 items");
    let found = json(alone.path(), "recommend store.shelf --limit 3 --json");
    let ids: Vec<&str> =
        found["items"].as_array().unwrap().iter().filter_map(|item| item["item_id"].as_str()).collect();
    assert_eq!(ids, ["i11", "i10", "i09"]);
}

/// A tenth of the sample store's items are kept out of the learning.
#[test]
fn cold_items_of_the_sample_store_are_found() {
    let folder = TempDir::new().expect("there is room for a temporary folder");
    answer(folder.path(), "sample --out store --shoppers 1000");
    let report = json(
        folder.path(),
        "evaluate --events store/events.csv --catalog store/catalog.jsonl --cold-items 0.1 --holdout 0.3 --json",
    );
    let hr = |name: &str| report[name]["hr"].as_f64().expect("a number");
    assert!(report["cases"].as_u64() >= Some(300), "{report}");
    assert!(hr("whole_catalog") >= 0.35, "{report}");
    assert!(hr("whole_catalog") >= 5.0 * hr("random"), "{report}");
    assert!(hr("new_items") >= hr("random_new_items") + 0.1, "{report}");
}
