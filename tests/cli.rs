//! The command as its user meets it: answers, errors, exit codes, files.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const EVENTS: &str = "session_id,timestamp,item_id\n\
    a,2026-01-01T10:00:00Z,tent\na,2026-01-01T10:01:00Z,stove\na,2026-01-01T10:02:00Z,mug\n\
    b,2026-01-02T10:00:00Z,tent\nb,2026-01-02T10:01:00Z,stove\n\
    c,2026-01-03T10:00:00Z,mug\nc,2026-01-03T10:01:00Z,stove\n";

/// A folder with a small log in it.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("there is room for a temporary folder");
    write(&folder, "events.csv", EVENTS);
    folder
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("the folder can be written to");
}

fn reshelve(folder: &TempDir, arguments: &str) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_reshelve"))
        .current_dir(folder.path())
        .args(arguments.split_whitespace())
        .output();
    command.expect("the command was built with this test")
}

fn answer(folder: &TempDir, arguments: &str) -> String {
    let output = reshelve(folder, arguments);
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("answers are UTF-8")
}

fn json(folder: &TempDir, arguments: &str) -> Value {
    serde_json::from_str(&answer(folder, arguments)).expect("the answer is one JSON value")
}

fn built() -> TempDir {
    let folder = folder();
    answer(&folder, "build --events events.csv -o store.shelf");
    folder
}

fn check_error(folder: &TempDir, arguments: &str, code: i32, expected: &[&str]) {
    let output = reshelve(folder, arguments);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments}: {text}");
    for expected in expected {
        assert!(text.contains(expected), "{arguments}: {text:?} should contain {expected:?}");
    }
}

#[test]
fn the_same_input_builds_the_same_bytes() {
    let folder = built();
    answer(&folder, "build --events events.csv -o again.shelf");
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("the model was written");
    assert_eq!(read("store.shelf"), read("again.shelf"));
    answer(&folder, "build --events events.csv -o other.shelf --seed 2");
    assert_ne!(read("store.shelf"), read("other.shelf"));
}

#[test]
fn inspect_accounts_for_every_byte() {
    let folder = built();
    let contents = json(&folder, "inspect store.shelf --json");
    let sections = contents["sections"].as_array().expect("there are sections");
    let bytes: u64 = sections.iter().map(|section| section["bytes"].as_u64().expect("a number of bytes")).sum();
    assert_eq!(Some(bytes), contents["bytes"].as_u64());
    assert_eq!(contents["items"], 3);
    assert_eq!(contents["created_at"], "2026-01-03T10:01:00Z");
}

#[test]
fn rerank_and_recommend_answer() {
    let folder = built();
    let ranked = json(
        &folder,
        "rerank store.shelf --session tent,tent --candidates mug,nothing,stove --strength 1 --explain --json",
    );
    assert_eq!(ranked["outcome"], "personalized");
    let ids: Vec<&str> =
        ranked["items"].as_array().unwrap().iter().map(|item| item["item_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["stove", "nothing", "mug"], "the unknown item keeps its place");
    let first = &ranked["items"][0];
    let parts = first["parts"].as_object().expect("parts were asked for");
    assert_eq!(parts.values().map(|part| part.as_i64().unwrap()).sum::<i64>(), first["score"].as_i64().unwrap());
    let found = json(&folder, "recommend store.shelf --seeds tent --basis together --limit 2 --json");
    assert_eq!(found["items"][0]["item_id"], "stove");
    let popular = json(&folder, "recommend store.shelf --limit 1 --json");
    assert_eq!(
        (popular["outcome"].as_str(), popular["items"][0]["item_id"].as_str()),
        (Some("popular"), Some("stove"))
    );
}

#[test]
fn shown_lists_make_a_ranker_that_is_evaluated_and_explained() {
    let folder = folder();
    let mut log = String::from("session_id,timestamp,event,item_id,shown,prices\n");
    for number in 0..200 {
        let items = ["tent", "stove", "mug", "lamp"];
        let prices: Vec<usize> = (0..4).map(|slot| 10 + (slot + number) % 4).collect();
        // The second cheapest is what everyone wants.
        let clicked = items[(0..4).find(|&slot| prices[slot] == 11).unwrap()];
        let time = 1_767_400_000 + number;
        let prices: Vec<String> = prices.iter().map(usize::to_string).collect();
        log += &format!("s{number},{time},click,{clicked},{},{}\n", items.join("|"), prices.join("|"));
    }
    write(&folder, "shown.csv", &log);
    let report = json(&folder, "evaluate --impressions shown.csv --folds 2 --json");
    assert_eq!((report["lists"].as_u64(), report["folds"].as_u64()), (Some(200), Some(2)));
    assert!(report["mrr"].as_f64() > Some(0.99), "{report}");
    assert!(report["shown"]["mrr"].as_f64() < Some(0.6), "{report}");

    let summary = json(&folder, "build --events shown.csv --impressions shown.csv -o ranked.shelf --json");
    assert_eq!(summary["impressions"]["clicked_lists"], 200);
    let contents = answer(&folder, "inspect ranked.shelf");
    assert!(contents.contains("150 trees"), "{contents}");
    let list = "rerank ranked.shelf --candidates tent,stove,mug,lamp --prices 12,13,11,10 --explain --json";
    let ranked = json(&folder, list);
    assert_eq!(ranked["outcome"], "popular", "there is no session");
    for item in ranked["items"].as_array().unwrap() {
        let contributions = item["contributions"].as_object().unwrap().values();
        assert_eq!(contributions.map(|value| value.as_i64().unwrap()).sum::<i64>(), item["score"].as_i64().unwrap());
    }
    assert_eq!(ranked["items"][0]["item_id"], "mug");
    check_error(&folder, "rerank ranked.shelf --candidates tent,mug --prices 1", 1, &["prices has 1 entries"]);
    check_error(&folder, "evaluate --impressions shown.csv --folds 1", 1, &["--folds"]);
    check_error(&folder, "evaluate --impressions events.csv", 1, &["events.csv", "[impressions]"]);
}

#[test]
fn a_state_and_a_token_are_sessions_too() {
    let folder = built();
    write(&folder, "state.json", r#"{"v": 1, "events": [{"type": "view", "itemId": "tent", "timestamp": 1000}]}"#);
    let by_list = json(&folder, "rerank store.shelf --session tent --candidates mug,stove --json");
    assert_eq!(json(&folder, "rerank store.shelf --state state.json --candidates mug,stove --json"), by_list);
    check_error(&folder, "rerank store.shelf --token ??? --candidates mug", 1, &["--token ???", "damaged"]);
}

#[test]
fn evaluate_splits_by_time() {
    let folder = folder();
    let report = json(&folder, "evaluate --events events.csv --holdout 0.3 --json");
    assert_eq!((report["cases"].as_u64(), report["k"].as_u64()), (Some(1), Some(20)));
    assert_eq!(report["hr"], 1.0, "three items fit any list of twenty");
}

#[test]
fn errors_say_what_and_where_and_how_to_mend_it() {
    let folder = built();
    write(&folder, "bad.csv", "when,what\n1,2\n");
    write(&folder, "cases.tsv", "tent stove\n");
    write(&folder, "not.shelf", "<!doctype html>");
    write(&folder, "list.tsv", "mug\t1\ntent\tmany\n");
    check_error(&folder, "build --events bad.csv -o x.shelf", 1, &["bad.csv", "when, what", "--time-column"]);
    check_error(&folder, "build --events nowhere.csv -o x.shelf", 1, &["nowhere.csv"]);
    check_error(&folder, "build --events events.csv -o nowhere/x.shelf", 1, &["nowhere"]);
    check_error(&folder, "build --events events.csv", 2, &["--output"]);
    check_error(&folder, "evaluate --sessions events.csv --cases cases.tsv", 1, &["cases.tsv, line 1", "tab"]);
    check_error(&folder, "evaluate --events events.csv --holdout 2", 1, &["--holdout"]);
    check_error(&folder, "inspect not.shelf", 1, &["not.shelf", "not a .shelf file", "ERR_MODEL_FORMAT"]);
    check_error(&folder, "recommend store.shelf --seeds yurt", 1, &["--seeds", "yurt"]);
    check_error(&folder, "recommend store.shelf --limit 0", 1, &["1 to 1000"]);
    check_error(&folder, "rerank store.shelf --list list.tsv", 1, &["list.tsv, line 2"]);
    check_error(&folder, "rerank store.shelf --candidates mug --strength 7", 2, &["0 to 1"]);
    check_error(&folder, "frobnicate", 2, &["frobnicate"]);
    assert!(!folder.path().join("x.shelf").exists(), "nothing is half-written");
}

#[test]
fn a_failed_build_leaves_the_old_model() {
    let folder = built();
    let before = std::fs::read(folder.path().join("store.shelf")).unwrap();
    write(&folder, "bad.csv", "session_id,timestamp,item_id\n");
    check_error(&folder, "build --events bad.csv -o store.shelf", 1, &["bad.csv"]);
    assert_eq!(std::fs::read(folder.path().join("store.shelf")).unwrap(), before);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_sample_store_is_built_and_asked() {
    let folder = folder();
    answer(&folder, "sample --out store --items 200 --shoppers 100");
    let summary = json(&folder, "build --events store/events.csv --catalog store/catalog.jsonl -o store.shelf --json");
    assert_eq!(summary["items"], 200);
    assert!(Path::new(&folder.path().join("store.shelf")).exists());
}
