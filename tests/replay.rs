//! Traces and changes of rules, as the command shows them.

mod common;

use common::{answer, reshelve, write};
use serde_json::{Value, json};
use tempfile::TempDir;

const ITEMS: [&str; 8] = ["tent", "tarp", "stove", "mug", "lamp", "rope", "bag", "mat"];

/// A folder with a model, its log, and two files of rules.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("there is room for a temporary folder");
    let mut log = String::from("session_id,timestamp,item_id\n");
    for session in 0..400 {
        for step in 0..3 {
            let item = ITEMS[(session + step * (1 + session % 3)) % ITEMS.len()];
            log += &format!("s{session},{},{item}\n", 1_767_400_000 + 3600 * session + 60 * step);
        }
    }
    write(&folder, "events.csv", &log);
    answer(&folder, "build --events events.csv -o store.shelf");
    let pin = |item: &str| format!("[[pin]]\nname = \"campaign\"\nitem = \"{item}\"\nrank = 1\n");
    write(&folder, "old.toml", &pin("rope"));
    let filter = "[[filter]]\nname = \"no mugs\"\ndrop = \"item == 'mug'\"\n";
    write(&folder, "new.toml", &[filter, &pin("mat")].concat());
    folder
}

fn read(folder: &TempDir, name: &str) -> Value {
    let text = std::fs::read_to_string(folder.path().join(name)).expect("the file was written");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Replays and expects a failure with this account.
fn check_differs(folder: &TempDir, arguments: &str, expected: &[&str]) {
    let output = reshelve(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    for expected in expected {
        assert!(text.contains(expected), "{arguments}: {text:?} should contain {expected:?}");
    }
}

const RERANK: &str = "rerank store.shelf --session tent,add_to_cart:stove,mug --without 2 --surface search \
    --candidates mat,nothing,tarp,mug,stove,rope --strength 0.7 --diversity 0.3 --overlay stock=1,2,-,4,5,6";

#[test]
fn a_trace_gives_the_same_answer() {
    let folder = folder();
    answer(&folder, &format!("{RERANK} --trace one.json"));
    answer(
        &folder,
        "recommend store.shelf --session tent,stove --exclude mug --limit 4 --overlay stock=rope:0 --trace two.json",
    );
    let same = answer(&folder, "replay store.shelf --trace one.json two.json");
    assert_eq!(same.trim(), "2 of 2 traces give the same answer");
    let trace = read(&folder, "one.json");
    assert_eq!(trace["request"]["without"], json!([2]));
    assert_eq!(trace["request"]["overlays"]["stock"], json!([1, 2, null, 4, 5, 6]));
    assert_eq!(read(&folder, "two.json")["request"]["overlays"]["stock"], json!({"rope": 0}));
    assert_eq!(trace["state"]["events"][1], json!({"type": "add_to_cart", "itemId": "stove", "timestamp": 120_000}));
    assert_eq!(trace["rules"], Value::Null);

    let order = trace["order"].as_array().unwrap();
    let (first, second) = (order[0].clone(), order[1].clone());
    let mut other = trace.clone();
    other["order"][0] = second;
    other["order"][1] = first;
    write(&folder, "other.json", &other.to_string());
    check_differs(
        &folder,
        "replay store.shelf --trace one.json other.json",
        &["other.json, trace 1: rank 1 was", "1 of 2"],
    );
    let mut other = trace.clone();
    let score = other["scores"][2].as_i64().unwrap();
    other["scores"][2] = json!(score + 1);
    write(&folder, "other.json", &[trace.to_string(), other.to_string()].join("\n"));
    let expected = ["trace 2: rank 3 was".to_owned(), format!("score {score}")];
    check_differs(&folder, "replay store.shelf --trace other.json", &expected.each_ref().map(String::as_str));
    answer(&folder, "build --events events.csv -o other.shelf --seed 9");
    check_differs(
        &folder,
        "replay other.shelf --trace one.json",
        &["it was answered by model", trace["model"].as_str().unwrap()],
    );
    write(&folder, "broken.json", "{\"v\": 1,\n \"modle\": 3}");
    check_differs(&folder, "replay store.shelf --trace broken.json", &["broken.json", "modle", "line 2"]);
    let mut other = trace.clone();
    other["scores"].as_array_mut().unwrap().push(json!(0));
    write(&folder, "other.json", &other.to_string());
    let n = order.len();
    let expected = format!("{} `scores` for an `order` of {n}", n + 1);
    check_differs(&folder, "replay store.shelf --trace other.json", &["other.json, trace 1", &expected]);
    write(&folder, "none.json", "\n");
    check_differs(&folder, "replay store.shelf --trace none.json", &["there is no trace"]);
    let mut other = trace.clone();
    other["v"] = json!(2);
    write(&folder, "other.json", &other.to_string());
    check_differs(&folder, "replay store.shelf --trace other.json", &["version 2"]);
}

#[test]
fn a_trace_names_its_rules() {
    let folder = folder();
    answer(&folder, &format!("{RERANK} --rules old.toml --trace one.json"));
    answer(&folder, "rules compile old.toml -o old.rules");
    let trace = read(&folder, "one.json");
    assert_eq!(trace["order"][0], 5, "the rope is pinned");
    let id = trace["rules"].as_str().expect("the rules have an id");
    assert_eq!(id.len(), 16);
    check_differs(&folder, "replay store.shelf --trace one.json", &["by rules", id, "none were given"]);
    check_differs(&folder, "replay store.shelf --trace one.json --rules new.toml", &["by rules", id, "--rules"]);
    answer(&folder, "replay store.shelf --trace one.json --rules new.toml old.rules");
    answer(&folder, "replay store.shelf --trace one.json --rules old.toml");
}

#[test]
fn the_schema_has_every_field_of_a_trace() {
    let folder = folder();
    answer(&folder, &format!("{RERANK} --gift --rules old.toml --context land=si --trace one.json"));
    let schema: Value = serde_json::from_str(&answer(&folder, "replay --schema")).unwrap();
    let trace = read(&folder, "one.json");
    for name in trace.as_object().unwrap().keys() {
        assert!(schema["properties"].get(name).is_some(), "{name}");
    }
    for (shape, object) in [
        ("Request", &trace["request"]),
        ("RerankRecord", &trace["request"]["rerank"]),
        ("StateEvent", &trace["state"]["events"][0]),
    ] {
        for name in object.as_object().unwrap().keys() {
            assert!(schema["$defs"][shape]["properties"].get(name).is_some(), "{shape} {name}");
        }
    }
}

#[test]
fn a_change_of_rules_is_counted_by_hand() {
    let folder = folder();
    for (name, candidates) in [("one", "tent,mug,rope,mat"), ("two", "tent,tarp,bag")] {
        answer(&folder, &format!("rerank store.shelf --surface search --candidates {candidates} --trace {name}.json"));
    }
    let diff =
        answer(&folder, "rules diff old.toml new.toml --model store.shelf --traces one.json two.json --first 2 --json");
    let diff: Value = serde_json::from_str(&diff).unwrap();
    // The first list was rope, tent, mug, mat and becomes mat, tent, rope, and the mug barred; the second has none of them.
    let block = json!({
        "block": "search", "lists": 2, "changed": 1, "mean_move": 5.0 / 6.0, "largest_move": 3, "barred": 1, "unbarred": 0,
        "entered": 1, "left": 1
    });
    assert_eq!(diff["blocks"], json!([block]));
    let rule = |name: &str, old: usize, new: usize| json!({"rule": name, "old": old, "new": new});
    assert_eq!(diff["rules"], json!([rule("filter \"no mugs\"", 0, 1), rule("pin \"campaign\"", 1, 1)]));
    let same = answer(&folder, "rules diff old.toml old.toml --model store.shelf --traces one.json two.json --json");
    let same: Value = serde_json::from_str(&same).unwrap();
    assert_eq!((&same["blocks"][0]["changed"], &same["blocks"][0]["mean_move"]), (&json!(0), &json!(0.0)));
}

#[test]
fn a_log_shows_a_change_of_rules_too() {
    let folder = folder();
    let diff = answer(
        &folder,
        "rules diff old.toml new.toml --model store.shelf --sessions events.csv --most 50 --surfaces home,cart --first 4 --json",
    );
    let diff: Value = serde_json::from_str(&diff).unwrap();
    for (at, name) in ["cart", "home"].iter().enumerate() {
        let block = &diff["blocks"][at];
        assert_eq!((&block["block"], &block["lists"], &block["changed"]), (&json!(name), &json!(50), &json!(50)));
        assert_eq!(block["entered"], block["left"], "every list stays full");
    }
    let table = answer(&folder, "rules diff old.toml new.toml --model store.shelf --sessions events.csv --most 5");
    assert!(table.contains("campaign") && table.contains("home"), "{table}");
}

#[test]
fn a_log_shows_a_change_of_a_placement() {
    let folder = folder();
    let placement = |limit: u16| format!("[[placement]]\nname = \"top\"\nsurface = \"home\"\nlimit = {limit}\n");
    write(&folder, "long.toml", &placement(4));
    write(&folder, "short.toml", &placement(3));
    let diff = answer(
        &folder,
        "rules diff long.toml short.toml --model store.shelf --sessions events.csv --most 50 --first 4 --json",
    );
    let diff: Value = serde_json::from_str(&diff).unwrap();
    assert_eq!(diff["blocks"].as_array().map(Vec::len), Some(1), "a placement is one block: {diff}");
    let block = &diff["blocks"][0];
    assert_eq!((&block["block"], &block["lists"], &block["left"]), (&json!("top"), &json!(50), &json!(50)));
}
