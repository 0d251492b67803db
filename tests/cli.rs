//! The command as its user meets it: answers, errors, exit codes, files.

mod common;

use common::{answer, json, reshelve, write};
use serde_json::Value;
use tempfile::TempDir;

const EVENTS: &str = "session_id,timestamp,item_id\n\
    a,2026-01-01T10:00:00Z,tent\na,2026-01-01T10:01:00Z,stove\na,2026-01-01T10:02:00Z,mug\n\
    b,2026-01-02T10:00:00Z,tent\nb,2026-01-02T10:01:00Z,stove\n\
    d,2026-01-02T11:00:00Z,tent\nd,2026-01-02T11:01:00Z,mug\n\
    c,2026-01-03T10:00:00Z,mug\nc,2026-01-03T10:01:00Z,stove\n";

/// A folder with a small log in it.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("there is room for a temporary folder");
    write(&folder, "events.csv", EVENTS);
    folder
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
fn what_cannot_be_built_from_is_said() {
    let folder = built();
    write(&folder, "no.shelf", "nothing");
    let check = |arguments: &str, code: i32, expected: &[&str]| {
        check_error(&folder, &format!("build --events events.csv -o new.shelf {arguments}"), code, expected);
    };
    check("--from missing.shelf", 1, &["cannot read the model to build from", "missing.shelf"]);
    check("--from no.shelf", 1, &["cannot build from no.shelf", "not a .shelf file"]);
    check("--from store.shelf", 1, &["has no embedding", "build without --from"]);
    check("--from store.shelf --gate", 2, &["--gate"]);
    write(&folder, "catalog.csv", "item_id\nx-1\n");
    check("--catalog catalog.csv", 1, &["the catalog has none of the items of the log", "here `x-1`", "--item-column"]);
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
fn nothing_that_was_read_is_written_over() {
    let folder = built();
    let before = std::fs::read(folder.path().join("events.csv")).expect("the log is there");
    check_error(&folder, "build --events events.csv -o events.csv", 1, &["events.csv is there, and not of the kind"]);
    write(&folder, "rules.toml", RULES);
    check_error(&folder, "rules compile rules.toml -o rules.toml", 1, &["rules.toml is there"]);
    let trace = "rerank store.shelf --candidates tent --trace events.csv";
    check_error(&folder, trace, 1, &["remove it, or name another file"]);
    check_error(&folder, "build --events events.csv -o -", 1, &["name a file"]);
    assert_eq!(std::fs::read(folder.path().join("events.csv")).expect("the log is there"), before);
    // A model takes the place of a model.
    answer(&folder, "build --events events.csv -o store.shelf");
}

#[test]
fn inspect_accounts_for_every_byte() {
    let folder = built();
    let contents = json(&folder, "inspect store.shelf --json");
    let sections = contents["sections"].as_array().expect("there are sections");
    let bytes: u64 = sections.iter().map(|section| section["bytes"].as_u64().expect("a number of bytes")).sum();
    assert_eq!(Some(bytes), contents["bytes"].as_u64());
    assert_eq!(contents["items"], 3);
    assert_eq!(contents["created_at"], "2026-01-03T11:00:00Z");
}

#[test]
fn inspect_names_the_transition_of_an_embedding() {
    let of = |model: &str| answer(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), &format!("inspect {model}"));
    let says =
        |model: &str, end: &str| of(model).lines().any(|line| line.starts_with("embeddings") && line.ends_with(end));
    assert!(says("small.shelf", ", a transition"));
    assert!(says("wide.shelf", ", a transition that tells choices"));
    let rows_only = of("rows-only.shelf");
    assert!(!rows_only.contains("transition") && !rows_only.contains("neighbors weigh"), "{rows_only}");
}

/// A folder with a model from a log that is enough for neighbor rows: most go from the tent to the stove.
fn built_from_enough() -> TempDir {
    let folder = folder();
    let mut log = String::from("session_id,timestamp,item_id\n");
    for session in 0..800 {
        let items: &[&str] = match session % 8 {
            0..3 => &["tent", "stove", "mug"],
            3..6 => &["tent", "stove"],
            _ => &["mug", "stove"],
        };
        for (step, item) in items.iter().enumerate() {
            log += &format!("s{session},{},{item}\n", 1_767_400_000 + 3600 * session + 60 * step);
        }
    }
    write(&folder, "enough.csv", &log);
    answer(&folder, "build --events enough.csv -o store.shelf");
    folder
}

#[test]
fn rerank_and_recommend_answer() {
    let folder = built_from_enough();
    let ranked = json(
        &folder,
        "rerank store.shelf --session tent,tent,tent,tent --candidates nothing,mug,stove --strength 1 --explain --json",
    );
    assert_eq!(ranked["outcome"], "personalized");
    let ids: Vec<&str> =
        ranked["items"].as_array().unwrap().iter().map(|item| item["item_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["nothing", "stove", "mug"], "the unknown item keeps its place");
    let first = &ranked["items"][1];
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
    write(&folder, "brands.csv", "id,brand\ntent,acme\nstove,acme\nmug,birch\nlamp,birch\n");
    let with_catalog = json(&folder, "evaluate --impressions shown.csv --catalog brands.csv --folds 2 --json");
    assert_eq!(with_catalog["lists"], report["lists"]);

    let summary = json(&folder, "build --events shown.csv --impressions shown.csv -o ranked.shelf --json");
    assert_eq!(summary["impressions"]["clicked_lists"], 200);
    let contents = answer(&folder, "inspect ranked.shelf");
    assert!(contents.contains("300 trees"), "{contents}");
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
    check_error(&folder, "evaluate --impressions shown.csv --folds 201", 1, &["--folds", "200 visitors"]);
    check_error(&folder, "evaluate --impressions events.csv", 1, &["events.csv", "[impressions]"]);
}

/// Where all visitors fall into one half, the model of the other half knows nothing.
#[test]
fn few_shown_lists_are_learned_from() {
    let folder = folder();
    let log = |n_sessions: usize| -> String {
        let row = |n: usize| format!("s{n},{},click,stove,tent|stove|mug\n", 1_767_400_000 + n);
        "session_id,timestamp,event,item_id,shown\n".to_owned() + &(0..n_sessions).map(row).collect::<String>()
    };
    write(&folder, "one.csv", &log(1));
    let summary = json(&folder, "build --events events.csv --impressions one.csv -o ranked.shelf --json");
    assert_eq!(summary["impressions"]["clicked_lists"], 1);
    write(&folder, "three.csv", &log(3));
    assert_eq!(json(&folder, "evaluate --impressions three.csv --folds 3 --json")["lists"], 3);
    let row = |n: usize| {
        let time = 1_767_400_000 + n;
        let item = r#""event":"click","item_id":"stove","shown":["tent","stove","mug"],"prices":[3,1,2]"#;
        format!("{{\"session_id\":\"s{n}\",\"timestamp\":{time},{item}}}\n")
    };
    write(&folder, "arrays.jsonl", &(0..3).map(row).collect::<String>());
    let report = json(&folder, "evaluate --impressions arrays.jsonl --folds 3 --json");
    assert_eq!((report["lists"].as_u64(), report["shown"]["mrr"].as_f64()), (Some(3), Some(0.5)));
}

#[test]
fn a_state_and_a_token_are_sessions_too() {
    let folder = built();
    write(&folder, "state.json", r#"{"v": 1, "events": [{"type": "view", "itemId": "tent", "timestamp": 1000}]}"#);
    let by_list = json(&folder, "rerank store.shelf --session tent --candidates mug,stove --json");
    assert_eq!(json(&folder, "rerank store.shelf --state state.json --candidates mug,stove --json"), by_list);
    check_error(&folder, "rerank store.shelf --token ??? --candidates mug", 1, &["--token ???", "damaged"]);
    let wishes = "rerank store.shelf --session not_interested:tent --candidates tent,mug,stove --strength 0.5 --json";
    let ranked = json(&folder, wishes);
    assert_eq!((&ranked["outcome"], &ranked["items"][2]["item_id"]), (&"personalized".into(), &"tent".into()));
    let twice = r#"{"type": "view", "itemId": "tent", "timestamp": 1000}, {"type": "view", "itemId": "tent", "timestamp": 1001}"#;
    write(&folder, "twice.json", &format!(r#"{{"v": 1, "events": [{twice}]}}"#));
    assert_eq!(json(&folder, "rerank store.shelf --state twice.json --candidates mug,stove --json"), by_list);
}

#[test]
fn evaluate_splits_by_time() {
    let folder = folder();
    let report = json(&folder, "evaluate --events events.csv --holdout 0.2 --min-visitors 1 --json");
    assert_eq!((report["cases"].as_u64(), report["k"].as_u64()), (Some(1), Some(20)));
    assert_eq!(report["hr"], 1.0, "three items fit any list of twenty");
    assert_eq!(report["intervals"]["hr"], serde_json::json!([null, null]), "of one visitor there is none");
}

/// Sessions of four items in a row, one a day, from the first of 2026.
fn shop(folder: &TempDir, name: &str, n_sessions: usize) {
    let mut text = "session_id,timestamp,item_id\n".to_owned();
    for session in 0..n_sessions {
        for step in 0..4 {
            let (month, day) = (session / 28 + 1, session % 28 + 1);
            let item = (session * 7) % 60 + step;
            text += &format!("s{session},2026-{month:02}-{day:02}T10:0{step}:00Z,i{item}\n");
        }
    }
    write(folder, name, &text);
}

#[test]
fn figures_come_with_intervals_slices_and_baselines() {
    let folder = folder();
    shop(&folder, "shop.csv", 60);
    let report = json(&folder, "evaluate --events shop.csv --min-visitors 1 --json");
    assert_eq!((report["cases"].as_u64(), report["visitors"].as_u64()), (Some(18), Some(6)));
    let number =
        |path: &str| report.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path}: {report}"));
    for metric in ["hr", "mrr", "ndcg", "recall", "coverage", "popularity_percentile", "average_popularity", "novelty"]
    {
        let (low, high) = (number(&format!("/intervals/{metric}/0")), number(&format!("/intervals/{metric}/1")));
        assert!(low <= high && low - 1e-9 <= number(&format!("/{metric}")), "{metric}: {report}");
        for baseline in ["random", "popularity", "session_popularity", "last_item", "vsknn"] {
            assert!(number(&format!("/baselines/{baseline}/{metric}")) >= 0.0);
        }
    }
    let best = report["best_baseline"].as_str().expect("one is best");
    let difference = number(&format!("/differences/{best}/hr"));
    assert!((difference - (number("/hr") - number(&format!("/baselines/{best}/hr")))).abs() < 1e-9);
    let slices = report["slices"].as_array().expect("there are slices");
    for by in ["session_length", "item_age", "popularity"] {
        let cases = slices.iter().filter(|slice| slice["by"] == by).map(|slice| slice["cases"].as_u64().unwrap());
        assert_eq!(cases.sum::<u64>(), 18, "the slices by {by} hold all cases");
    }
    let table = answer(&folder, "evaluate --events shop.csv");
    assert!(table.lines().count() <= 40, "{table}");
    assert!(!table.contains("session length"), "{table}");
    assert!(answer(&folder, "evaluate --events shop.csv --slices").contains("session length"));
}

/// From the newest tenth of what is learned from on everyone goes the same new way, as after a change of the range.
#[test]
fn the_halves_of_one_log_do_not_leak() {
    let folder = folder();
    let session = |session: usize| {
        let item = |step: usize| if session < 81 { (session * 37 + step * 11) % 997 } else { 2000 + step };
        (0..4).map(|step| format!("s{session},{},i{}\n", session * 4 + step, item(step))).collect::<String>()
    };
    write(
        &folder,
        "log.csv",
        &("session_id,timestamp,item_id\n".to_owned() + &(0..100).map(session).collect::<String>()),
    );
    let report = json(&folder, "evaluate --events log.csv --min-visitors 1 --json");
    assert_eq!((report["leak"]["sequences"].as_u64(), report["leak"]["found"].as_u64()), (Some(10), Some(10)));
}

#[test]
fn cases_that_leak_are_refused() {
    let folder = folder();
    shop(&folder, "shop.csv", 60);
    let ordinals = |from: usize| {
        let sessions = (from..from + 50).map(|session| {
            let row =
                |step: usize| format!("s{session},{},i{}\n", session * 4 + step, (session * 37 + step * 11) % 997);
            (0..4).map(row).collect::<String>()
        });
        "session_id,timestamp,item_id\n".to_owned() + &sessions.collect::<String>()
    };
    write(&folder, "older.csv", &ordinals(0));
    write(&folder, "newer.csv", &ordinals(50));
    let steps = |session: usize| {
        let item = |step: usize| format!("i{}", (session * 37 + step * 11) % 997);
        format!("{} {} {}\t{}\n", item(0), item(1), item(2), item(3))
    };
    write(&folder, "leaking.tsv", &(0..20).map(steps).collect::<String>());
    let expected = ["the cases leak", "20 of 20 sequences", "i0, i11, i22, i33", "take the sessions of the cases out"];
    check_error(&folder, "evaluate --sessions older.csv --cases leaking.tsv", 1, &expected);
    check_error(&folder, "evaluate --sessions older.csv --events older.csv", 1, &["50 of 50 sequences"]);
    let report = json(&folder, "evaluate --sessions older.csv --events newer.csv --min-visitors 1 --json");
    assert_eq!((report["leak"]["sequences"].as_u64(), report["leak"]["found"].as_u64()), (Some(50), Some(0)));
    let item = |session: usize, step: usize| (session * 37 + step * 11) % 997;
    let is_old = |wanted: usize| (0..50).any(|session| (0..4).any(|step| item(session, step) == wanted));
    let targets = (50..100).flat_map(|session| (1..4).map(move |step| item(session, step)));
    assert_eq!(report["unknown_targets"], targets.filter(|&target| !is_old(target)).count());
    // With dates the clock alone decides.
    check_error(
        &folder,
        "evaluate --sessions shop.csv --events shop.csv",
        1,
        &["until 2026-03-04T10:03:00Z", "are older"],
    );
}

/// A refresh that the cases hold is an event to learn from.
#[test]
fn sessions_are_as_they_are_where_cases_are() {
    let folder = folder();
    let session = |n: usize| {
        let row = |step: usize| format!("s{n},{},i{}\n", 1_767_400_000 + 600 * n + step, (n + step / 2) % 3);
        (0..4).map(row).collect::<String>()
    };
    let log = "session_id,timestamp,item_id\n".to_owned() + &(0..100).map(session).collect::<String>();
    write(&folder, "twice.csv", &log);
    write(&folder, "cases.tsv", "i0 i0\ti1\n");
    let report = json(&folder, "evaluate --sessions twice.csv --cases cases.tsv --json");
    // All three items are listed.
    assert_eq!(report["average_popularity"], 400.0 / 3.0);
    let summary = json(&folder, "build --events twice.csv -o store.shelf --json");
    assert_eq!(summary["events"]["rows_kept"], 200, "to a builder they are nothing");
}

#[test]
fn a_finished_model_is_measured_on_what_it_has_not_seen() {
    let folder = folder();
    shop(&folder, "older.csv", 50);
    shop(&folder, "whole.csv", 60);
    answer(&folder, "build --events older.csv -o older.shelf");
    let leak = ["the cases leak", "--cutoff 2026-02-22T11:00:00Z"];
    check_error(&folder, "evaluate --model older.shelf --events whole.csv", 1, &leak);
    check_error(&folder, "evaluate --model older.shelf --events whole.csv --cutoff 2026-02-01", 1, &leak);
    check_error(
        &folder,
        "evaluate --model older.shelf --events whole.csv --cutoff soon",
        1,
        &["--cutoff", "soon", "2026-01-31T"],
    );
    let late = "evaluate --model older.shelf --events whole.csv --cutoff 2027-01-01T00:00";
    check_error(&folder, late, 1, &["nothing to predict", "2027"]);
    let report = json(&folder, "evaluate --model older.shelf --events whole.csv --cutoff 2026-02-22T11:00:00Z --json");
    assert_eq!((report["cases"].as_u64(), report["train_seconds"].as_f64()), (Some(30), None));
    assert!(report["baselines"]["vsknn"]["hr"].as_f64() > Some(0.0), "the older sessions are for the baselines");
    check_error(&folder, "evaluate --model older.shelf --sessions older.csv --events whole.csv", 2, &["--sessions"]);
    check_error(&folder, "evaluate --cutoff 3 --events whole.csv", 2, &["--model"]);
}

/// Since it was learned, shoppers go from item to item in another way.
#[test]
fn what_a_model_is_behind_is_said() {
    let folder = folder();
    shop(&folder, "older.csv", 50);
    answer(&folder, "build --events older.csv -o older.shelf");
    let mut text = "session_id,timestamp,item_id\n".to_owned();
    for session in 0..280 {
        let mut item = session % 60;
        for step in 0..3 {
            let (month, day) = (session / 28 + 1, session % 28 + 1);
            text += &format!("s{session},2027-{month:02}-{day:02}T10:0{step}:00Z,i{item}\n");
            item = (item * 7 + 3) % 60;
        }
    }
    write(&folder, "newer.csv", &text);
    let table = answer(&folder, "evaluate --model older.shelf --events newer.csv --cutoff 2027-09-01");
    let behind = table.lines().find(|line| line.starts_with("behind last item in HR: -"));
    assert!(behind.is_some(), "{table}");
    assert!(!table.contains("behind random"), "{table}");
}

#[test]
fn the_gate_keeps_a_worse_model_out() {
    let folder = folder();
    shop(&folder, "older.csv", 50);
    shop(&folder, "whole.csv", 60);
    let gate = |model: &str, against: &str| format!("build --events {model} -o store.shelf --gate{against} --json");
    let first = json(&folder, &gate("whole.csv", ""));
    let rivals = |summary: &Value| -> Vec<String> {
        summary["gate"]
            .as_array()
            .unwrap()
            .iter()
            .map(|verdict| verdict["rival"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(rivals(&first), ["popularity"]);
    let before = std::fs::read(folder.path().join("store.shelf")).unwrap();
    let same = json(&folder, &gate("whole.csv", ""));
    assert_eq!(rivals(&same), ["popularity", "previous"]);
    assert_eq!(same["gate"][1]["both_have_learned"], true);
    assert_eq!(same["gate"][1]["hr"]["interval"], serde_json::json!([0.0, 0.0]), "the same model twice");
    check_error(
        &folder,
        &gate("older.csv", ""),
        1,
        &["the gate is closed", "2026-03-04T11:00:00Z", "Is the log complete?"],
    );
    check_error(&folder, &gate("whole.csv", "=events.csv"), 1, &["events.csv", "cannot compare"]);
    assert_eq!(std::fs::read(folder.path().join("store.shelf")).unwrap(), before, "the old model is left");
}

#[test]
fn the_gate_needs_evidence() {
    let folder = folder();
    write(&folder, "catalog.csv", "item_id\ntent\n");
    check_error(&folder, "build --catalog catalog.csv --gate -o new.shelf", 1, &["cannot be passed", "0 sessions"]);
    // Of the sessions that the first model knows the newest have one event each.
    let log = |n_with_steps: usize, n_sessions: usize| {
        let session = |session: usize| {
            let row = |step: usize| {
                let time = 1_767_400_000 + 3600 * session + 60 * step;
                let item = if step > 0 || session.is_multiple_of(2) { 0 } else { session % 20 };
                format!("s{session},{time},i{item}\n")
            };
            let n_steps = if session < n_with_steps || session >= 900 { 3 } else { 1 };
            (0..n_steps).map(row).collect::<String>()
        };
        "session_id,timestamp,item_id\n".to_owned() + &(0..n_sessions).map(session).collect::<String>()
    };
    let gated = |n_with_steps: usize| {
        write(&folder, "older.csv", &log(n_with_steps, 900));
        write(&folder, "later.csv", &log(n_with_steps, 930));
        answer(&folder, "build --events older.csv -o store.shelf");
        let output = reshelve(&folder, "build --events later.csv -o store.shelf --gate --json");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}");
        let summary: Value = serde_json::from_slice(&output.stdout).expect("the answer is one JSON value");
        (summary["gate"].clone(), text)
    };
    let (verdicts, _) = gated(600);
    assert_eq!((&verdicts[1]["rival"], &verdicts[1]["cases"]), (&"previous".into(), &120.into()));
    let (verdicts, said) = gated(0);
    assert_eq!(verdicts.as_array().map(Vec::len), Some(1), "{verdicts}");
    assert!(said.contains("the model that this one replaces was not compared"), "{said}");
}

/// A log whose older part went wrong makes a model that the previous one, of the right log, beats on what came since.
#[test]
fn the_gate_compares_on_sessions_that_neither_model_has_learned_from() {
    let folder = folder();
    let log = |sessions: std::ops::Range<usize>, item: fn(usize, usize) -> usize| {
        let row = |session: usize, step: usize| {
            let (month, day, hour) = (session / 672 + 1, session / 24 % 28 + 1, session % 24);
            format!("s{session},2026-{month:02}-{day:02}T{hour:02}:0{step}:00Z,i{}\n", item(session, step))
        };
        sessions.flat_map(|session| (0..4).map(move |step| row(session, step))).collect::<String>()
    };
    let in_a_row = |session: usize, step: usize| (session * 7) % 60 + step;
    let mixed_up = |session: usize, step: usize| match session % 4 {
        0 => (session * 7) % 60 + step,
        _ => (session * 7919 + step * 104_729) * 31 % 63,
    };
    let head = "session_id,timestamp,item_id\n".to_owned();
    write(&folder, "right.csv", &(head.clone() + &log(0..620, in_a_row)));
    write(&folder, "wrong.csv", &(head.clone() + &log(0..620, mixed_up) + &log(620..700, in_a_row)));
    write(&folder, "later.csv", &(head + &log(0..700, in_a_row)));
    answer(&folder, "build --events right.csv -o store.shelf");
    let before = std::fs::read(folder.path().join("store.shelf")).unwrap();
    let expected = ["the gate is closed", "worse than the model it would replace", "that neither has learned from"];
    check_error(&folder, "build --events wrong.csv -o store.shelf --gate", 1, &expected);
    check_error(&folder, "build --events wrong.csv -o new.shelf --gate=store.shelf", 1, &expected);
    assert_eq!(std::fs::read(folder.path().join("store.shelf")).unwrap(), before, "the old model is left");
    assert!(!folder.path().join("new.shelf").exists());
    let summary = json(&folder, "build --events later.csv -o store.shelf --gate --json");
    assert_eq!(summary["gate"][1]["both_have_learned"], false);
    assert_ne!(std::fs::read(folder.path().join("store.shelf")).unwrap(), before);
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
    check_error(&folder, "build --events events.csv -o .", 1, &[". is a folder; name a file in it"]);
    check_error(&folder, "build --events events.csv -o new/", 1, &["new/ is a folder; name a file in it"]);
    check_error(&folder, "audit --events - --catalog -", 1, &["standard input can be read once"]);
    check_error(&folder, "evaluate --events - --catalog -", 1, &["standard input can be read once"]);
    check_error(&folder, "build --events events.csv", 2, &["--output"]);
    check_error(&folder, "evaluate --sessions events.csv --cases cases.tsv", 1, &["cases.tsv, line 1", "tab"]);
    check_error(&folder, "evaluate --events events.csv --holdout 2", 1, &["--holdout"]);
    check_error(&folder, "evaluate --events events.csv --min-visitors 0", 2, &["--min-visitors"]);
    let noise = "evaluate --events events.csv --catalog events.csv --epsilon 1";
    check_error(&folder, &format!("{noise} --min-visitors 1"), 1, &["noise stands in the place of --min-visitors"]);
    for of in ["--sessions events.csv", "--model store.shelf"] {
        check_error(&folder, &format!("evaluate --events events.csv --cold-items 0.1 {of}"), 2, &["--cold-items"]);
    }
    for command in ["evaluate --events events.csv", "build --events events.csv -o x.shelf"] {
        check_error(&folder, &format!("{command} --delta 0.1"), 1, &["privacy.delta = 0.1", "--epsilon"]);
    }
    check_error(&folder, "inspect not.shelf", 1, &["not.shelf", "not a .shelf file", "ERR_MODEL_FORMAT"]);
    check_error(&folder, "recommend store.shelf --seeds yurt", 1, &["--seeds", "yurt"]);
    check_error(&folder, "recommend store.shelf --limit 0", 1, &["1 to 1000"]);
    check_error(&folder, "rerank store.shelf --list list.tsv", 1, &["list.tsv, line 2"]);
    check_error(&folder, "rerank store.shelf --candidates mug --strength 7", 2, &["0 to 1"]);
    check_error(&folder, "recommend store.shelf --discovery 0.31", 2, &["0 to 0.3"]);
    check_error(&folder, "recommend store.shelf --now 1 --utc-offset 99", 2, &["-14 to 14"]);
    check_error(&folder, "recommend store.shelf --session mug --without 1", 1, &["--without names event 1", "of 1 "]);
    check_error(&folder, "publish nowhere.shelf -o new", 1, &["nowhere.shelf"]);
    assert!(!folder.path().join("new").exists());
    write(&folder, "manifest.json", r#"{"version": 2, "model": "", "items": 0, "shards": []}"#);
    check_error(&folder, "publish store.shelf -o .", 1, &["version 2", "another folder"]);
    check_error(&folder, "frobnicate", 2, &["frobnicate"]);
    assert!(!folder.path().join("x.shelf").exists(), "nothing is half-written");
}

/// What can be known at once is found before the learning, which would fail here. A cause is named once.
#[test]
fn what_is_missing_is_found_before_the_learning() {
    let folder = folder();
    write(&folder, "few.csv", "session_id,timestamp,item_id\na,1,tent\n");
    check_error(&folder, "build --events few.csv -o x.shelf", 1, &["no item of the log was met by 3 visitors"]);
    let audit = answer(&folder, "audit --events few.csv");
    assert!(audit.contains("verdict: no model can be built: no item of the log was met by 3 visitors"), "{audit}");
    for missing in ["--impressions nope.csv -o x.shelf", "--rules nope.toml -o x.shelf", "-o nope/x.shelf"] {
        let output = reshelve(&folder, &format!("build --events few.csv {missing}"));
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("nope"), "{text}");
        assert_eq!(text.matches("No such file").count(), 1, "{text}");
    }
}

#[test]
fn protection_is_compared_with_none_whatever_noise_is_asked_for() {
    let folder = folder();
    shop(&folder, "shop.csv", 60);
    let items: String = (0..63).map(|item| format!("i{item}\n")).collect();
    write(&folder, "items.csv", &format!("item_id\n{items}"));
    let command = "evaluate --events shop.csv --catalog items.csv --privacy-cost --json";
    let (plain, noisy) = (json(&folder, command), json(&folder, &format!("{command} --epsilon 1 --delta 0.001")));
    for row in 0..5 {
        let [plain, noisy] = [&plain, &noisy].map(|report| &report["settings"][row]);
        for figure in ["setting", "hr", "mrr", "items", "pairs"] {
            assert_eq!(plain[figure], noisy[figure], "{plain} {noisy}");
        }
    }
    assert_eq!(plain["settings"][3]["setting"], serde_json::json!({"min_visitors": 50}));
    assert_eq!(plain["settings"][3]["items"], 0, "nobody met anything with 50 others");
    // Without a catalog there is no model then, and the others are compared all the same.
    let bare = json(&folder, "evaluate --events shop.csv --privacy-cost --json");
    assert_eq!([0, 3].map(|row| bare["settings"][row]["items"].as_u64()), [Some(63), Some(0)], "{bare}");
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
    assert!(folder.path().join("store.shelf").exists());
}

const RULES: &str = "overlays = ['stock']\n\
    [[filter]]\nname = 'sold out'\ndrop = 'stock == 0'\n\
    [[pin]]\nname = 'the mug'\nitem = 'mug'\nrank = 1\n";

#[test]
fn rules_hold_from_a_file_and_from_the_model() {
    let folder = built();
    write(&folder, "rules.toml", RULES);
    let order = |arguments: &str| {
        let answer = json(&folder, &format!("rerank --candidates tent,stove,mug --json {arguments}"));
        let items = answer["items"].as_array().expect("there are items").clone();
        items.iter().map(|item| item["item_id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order("store.shelf"), "tent stove mug");
    assert_eq!(order("store.shelf --rules rules.toml"), "mug tent stove");
    assert_eq!(order("store.shelf --rules rules.toml --overlay stock=0,-,3"), "mug stove tent");
    answer(&folder, "rules compile rules.toml -o store.rules");
    assert_eq!(order("store.shelf --rules store.rules --overlay stock=1,0,0"), "tent stove mug");
    answer(&folder, "build --events events.csv --rules rules.toml -o ruled.shelf");
    assert_eq!(order("ruled.shelf"), "mug tent stove");
    let contents = json(&folder, "inspect ruled.shelf --json");
    let sections = contents["sections"].as_array().expect("there are sections");
    assert!(sections.iter().any(|section| section["holds"] == "2 rules, 1 tests, 1 variables"), "{sections:?}");
    let found = json(&folder, "recommend ruled.shelf --limit 2 --json");
    assert_eq!((&found["items"][0]["item_id"], &found["items"][0]["rule"]), (&"mug".into(), &1.into()));
    let found = json(&folder, "recommend ruled.shelf --overlay stock=mug:0,stove:1 --json");
    let items = found["items"].as_array().expect("there are items");
    assert!(items.iter().all(|item| item["item_id"] != "mug") && items.len() == 2, "the mug is sold out: {items:?}");
    write(&folder, "block.toml", "[[placement]]\nname = 'block'\n");
    let found = json(&folder, "recommend store.shelf --rules block.toml --placement block --json");
    assert_eq!(found["items"].as_array().map(Vec::len), Some(3), "a placement without a limit has room for ten");
    let check = |words: &str, code: i32, expected: &str| {
        check_error(&folder, &format!("rerank store.shelf --candidates tent {words}"), code, &[expected]);
    };
    check("--overlay stock=1 --overlay stock=2", 1, "--overlay gives stock twice");
    check("--context device=mobile --context device=desktop", 1, "--context gives device twice");
    check("--context segment=new", 2, "what rules call segment");
    check("--context mobile", 2, "device=mobile");
    check_error(
        &folder,
        "rerank store.shelf --candidates tent --rules rules.toml --overlay stock=1,2",
        1,
        &["overlay has 2"],
    );
    check_error(&folder, "rerank store.shelf --candidates tent --overlay stock=x", 2, &["\"x\" is no whole number"]);
    let check = |overlay: &str, code: i32, expected: &str| {
        check_error(&folder, &format!("recommend store.shelf --overlay {overlay}"), code, &[expected]);
    };
    check("stock=mug:1 --overlay stock=tent:2", 1, "--overlay gives stock twice");
    check("stock=kettle:1", 1, "--overlay names \"kettle\"");
    check("stock=mug", 2, "e.g. stock=tent-1:3,mug-2:0");
    check("stock=mug:few", 2, "\"few\" is no whole number");
    check_error(&folder, "rerank store.shelf --candidates tent --rules store.shelf", 1, &["no rules section"]);
}

#[test]
fn rules_are_checked() {
    let folder = built();
    write(&folder, "rules.toml", RULES);
    assert_eq!(json(&folder, "rules check rules.toml --json")["findings"].as_array().map(Vec::len), Some(0));
    write(&folder, "few.toml", "[[filter]]\nname = 'a'\ndrop = 'item == \"mug\"'\n");
    let few = json(&folder, "rules check few.toml --model store.shelf --enough 3 --json");
    assert_eq!(few["findings"][0]["severity"], "warning");
    write(&folder, "wrong.toml", "[[filter]]\nname = 'a'\nkeep = 'color == \"red\"'\n");
    check_error(
        &folder,
        "rules check wrong.toml --model store.shelf",
        1,
        &["wrong.toml: 2 of the rules' findings are errors"],
    );
    write(&folder, "broken.toml", "[[filter]]\nname = 'a'\nkeep = 'color = 3'\n");
    check_error(&folder, "rules check broken.toml", 1, &["broken.toml", "filter \"a\"", "column 7", "write =="]);
    check_error(&folder, "build --events events.csv --rules broken.toml -o x.shelf", 1, &["column 7"]);
    assert!(!folder.path().join("x.shelf").exists());
    assert_eq!(json(&folder, "rules schema")["title"], "RuleFile");
}

#[test]
fn things_with_tags_are_ordered_by_the_session() {
    let folder = built_from_enough();
    let levels = json(&folder, "order store.shelf --tagged all=popularity:255 --tagged none=popularity:1 --json");
    assert_eq!(levels["outcome"], "unchanged");
    assert_eq!(levels["items"][0]["item_id"], "all");
    check_error(&folder, "order store.shelf --tagged tents", 2, &["ID=COLUMN:VALUE"]);
    check_error(&folder, "order store.shelf --tagged tents=camp", 2, &["COLUMN:VALUE", "camp"]);
}
