//! `reshelve estimate` as its user meets it: hostile lines, packed files, answers for people and programs.

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

fn report() -> Value {
    json!({
        "v": 1, "mechanism": "one_bit_mean", "epsilon": 1,
        "design": {
            "experiment": "autumn", "holdout": 0.5, "placements": ["search"], "discovered": false,
            "caps": { "exposures": 8, "clicks": 4, "purchases": 1 },
        },
        "arm": "holdout", "cell": { "placement": "search", "discovered": false, "counted": "clicks" }, "bit": 0,
    })
}

/// The report with one field changed, by its JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut report = report();
    *report.pointer_mut(pointer).unwrap_or_else(|| panic!("a report has {pointer}")) = value;
    report
}

/// 40 reports of clicks: 20 of each arm, 5 ones in the holdout and 10 in the other.
fn some_reports() -> String {
    let reports = (0..40).map(|n| {
        let mut report = with("/arm", json!(if n % 2 == 0 { "holdout" } else { "personalized" }));
        report["bit"] = json!(u8::from(if n % 2 == 0 { n < 10 } else { n < 20 }));
        // What a store's server may add.
        report["received"] = json!("2026-01-01");
        report.to_string() + "\n"
    });
    reports.collect()
}

fn estimate(folder: &TempDir, arguments: &str) -> Output {
    common::reshelve(folder, &format!("estimate {arguments}"))
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("there is room for a temporary folder");
    for (name, bytes) in files {
        std::fs::write(Path::new(folder.path()).join(name), bytes).expect("the folder can be written to");
    }
    folder
}

fn answer(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("answers are UTF-8")
}

fn json(output: Output) -> Value {
    serde_json::from_str(&answer(output)).expect("the answer is one JSON value")
}

fn check_error(output: &Output, code: i32, expected: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for expected in expected {
        assert!(text.contains(expected), "{text:?} should contain {expected:?}");
    }
}

/// At ε = 1 and a cap of 4 a quarter of ones is a mean of 4 · (0.25 · (e + 1) − 1) / (e − 1) = −0.16395, and a half one of 2.
#[test]
fn figures_by_hand() {
    let folder = folder(&[("reports.jsonl", some_reports().as_bytes())]);
    let estimate = json(estimate(&folder, "reports.jsonl --json"));
    assert_eq!(estimate["visits"], 40);
    assert_eq!(estimate["shares"]["holdout"], 20);
    assert_eq!(estimate["epsilon"], 1.0);
    let figures = estimate["figures"].as_array().expect("there are figures");
    assert_eq!(figures.len(), 4);
    let clicks = &figures[1];
    assert_eq!((&clicks["counted"], &clicks["cap"]), (&json!("clicks"), &json!(4)));
    let near = |found: &Value, expected: f64| {
        let found = found.as_f64().expect("it is a number");
        assert!((found - expected).abs() < 1e-4, "{found} should be {expected}");
    };
    near(&clicks["holdout"]["mean"], -0.163_95);
    near(&clicks["personalized"]["mean"], 2.0);
    near(&clicks["difference"]["mean"], 2.163_95);
    // Wilson for 10 of 20 is 0.29930 to 0.70070, and a share moves the mean by 4 · (e + 1) / (e − 1) = 8.65581.
    near(&clicks["personalized"]["interval"][0], 2.0 - 0.200_70 * 8.655_81);
    near(&clicks["personalized"]["interval"][1], 2.0 + 0.200_70 * 8.655_81);
    assert_eq!(figures[3]["placement"], Value::Null);
    assert_eq!((&figures[3]["holdout"]["mean"], &figures[3]["difference"]), (&Value::Null, &Value::Null));
}

#[test]
fn packed_files_and_pipes_are_read_like_files() {
    let text = some_reports();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let marked = ["\u{feff}", &text.replace('\n', "\r\n\r\n")].concat();
    let files = [("a", text.as_bytes()), ("b", &gzip), ("c", &zstd), ("d", marked.as_bytes()), ("cut", &gzip[..60])];
    let folder = folder(&files);
    let expected = answer(estimate(&folder, "a --json"));
    for file in ["b", "c", "d"] {
        assert_eq!(answer(estimate(&folder, &format!("{file} --json"))), expected, "{file}");
    }
    assert_eq!(json(estimate(&folder, "a b c --json"))["visits"], 120);
    check_error(&estimate(&folder, "cut"), 1, &["cannot read cut", "cut off"]);

    let mut piped = Command::new(env!("CARGO_BIN_EXE_reshelve"))
        .args(["estimate", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command was built with this test");
    piped.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("the command reads");
    assert_eq!(answer(piped.wait_with_output().expect("the command ends")), expected);
}

#[test]
fn hostile_lines_are_refused_with_their_line() {
    let check = |line: &str, reason: &str, problem: &str| {
        let folder = folder(&[("r", [some_reports().as_str(), "\n", line, "\n", line].concat().as_bytes())]);
        let estimated = json(estimate(&folder, "r --json"));
        let refused = &estimated["refused"];
        assert_eq!(refused.as_array().map(Vec::len), Some(1), "{line}: {refused}");
        assert_eq!((&refused[0]["reason"], &refused[0]["lines"]), (&json!(reason), &json!(2)), "{line}: {refused}");
        assert_eq!((&refused[0]["file"], &refused[0]["line"]), (&json!("r"), &json!(42)), "{line}");
        let found = refused[0]["problem"].as_str().expect("it is words");
        assert!(found.contains(problem), "{found:?} should contain {problem:?}");
        assert_eq!(estimated["visits"], 40, "{line}");
        let text = answer(estimate(&folder, "r"));
        assert!(text.contains("refused: r, line 42, and 1 more"), "{text}");
    };
    check("no JSON", "no_report", "it is no report");
    check("{}", "no_report", "missing field");
    check("[1, 2]", "no_report", "it is no report");
    check(&"x".repeat(70_000), "too_long", "64 KiB");
    let refused = |pointer: &str, value: Value, reason: &str, problem: &str| {
        check(&with(pointer, value).to_string(), reason, problem);
    };
    refused("/v", json!(2), "version", "version 2");
    refused("/v", json!(-1), "no_report", "it is no report");
    refused("/mechanism", json!("none\u{1b}[2J"), "mechanism", "`none\u{fffd}[2J`");
    refused("/epsilon", json!(0), "out_of_range", "epsilon");
    refused("/epsilon", json!(1e9), "out_of_range", "epsilon");
    refused("/epsilon", json!("1"), "no_report", "it is no report");
    refused("/bit", json!(2), "out_of_range", "bit");
    refused("/bit", json!(0.5), "no_report", "it is no report");
    refused("/bit", json!(1e300), "no_report", "it is no report");
    refused("/arm", json!("both\u{1b}[2J"), "no_report", "both\u{fffd}[2J");
    refused("/cell/placement", json!("checkout"), "out_of_range", "cell");
    refused("/cell/placement", Value::Null, "out_of_range", "cell");
    refused("/cell/discovered", json!(true), "out_of_range", "cell");
    refused("/design/holdout", json!(1.5), "out_of_range", "holdout");
    refused("/design/caps/clicks", json!(0), "out_of_range", "caps");
    refused("/design/caps/clicks", json!(256), "no_report", "it is no report");
    refused("/design/experiment", json!("x".repeat(65)), "out_of_range", "experiment");
    refused("/design/placements", json!(["search", "search"]), "out_of_range", "twice");
    refused("/design/placements", json!(vec!["search"; 65]), "out_of_range", "64");
}

#[test]
fn other_designs_are_counted_apart() {
    let mut text = some_reports();
    for _ in 0..3 {
        text += &format!("{}\n", with("/epsilon", json!(8)));
    }
    text += &format!("{}\n", with("/design/experiment", json!("winter")));
    let folder = folder(&[("r", text.as_bytes())]);
    let estimated = json(estimate(&folder, "r --json"));
    assert_eq!((&estimated["visits"], &estimated["experiment"]), (&json!(40), &Value::Null));
    assert_eq!(estimated["design"]["experiment"], "autumn");
    let outsiders = &estimated["outsiders"];
    assert_eq!((&outsiders["reports"], &outsiders["schemes"]), (&json!(4), &json!(2)));
    assert_eq!((&outsiders["largest"]["epsilon"], &outsiders["largest_reports"]), (&json!(8.0), &json!(3)));
    let told = answer(estimate(&folder, "r"));
    assert!(told.contains("left out: 4 reports of 2 other designs, most of them (3) of"), "{told}");
    assert_eq!(json(estimate(&folder, "r --json --epsilon 8"))["visits"], 3);
    assert_eq!(json(estimate(&folder, "r --json --experiment winter"))["visits"], 1);
    check_error(&estimate(&folder, "r --experiment spring"), 1, &["none of the 44 reports", "--experiment"]);
}

/// One arm's reports do not arrive.
#[test]
fn shares_that_chance_does_not_give_are_told() {
    let text = some_reports() + &format!("{}\n", report()).repeat(100);
    let folder = folder(&[("r", text.as_bytes())]);
    assert_eq!(json(estimate(&folder, "r --json"))["shares"]["holds"], true, "by five devices each");
    assert_eq!(json(estimate(&folder, "r --reports-per-device 1 --json"))["shares"]["holds"], false);
    assert!(answer(estimate(&folder, "r --reports-per-device 1")).contains("DO NOT TRUST THESE FIGURES"));
    let sound = self::folder(&[("r", some_reports().as_bytes())]);
    assert!(!answer(estimate(&sound, "r")).contains("DO NOT TRUST"));
}

#[test]
fn what_cannot_be_used_ends_with_an_error() {
    let other = format!("{}\n", with("/v", json!(7)));
    let folder = folder(&[("empty", b""), ("blank", b"\n\n"), ("array", b"[{}]"), ("other", other.as_bytes())]);
    let expected = ["no line, or blank ones alone", "one JSON object a line"];
    check_error(&estimate(&folder, "empty"), 1, &expected);
    check_error(&estimate(&folder, "blank"), 1, &expected);
    check_error(&estimate(&folder, "array"), 1, &["JSON array"]);
    check_error(&estimate(&folder, "missing"), 1, &["cannot open missing"]);
    check_error(&estimate(&folder, "other"), 1, &["no line is a report", "other, line 1", "version 7"]);
    check_error(&estimate(&folder, ""), 2, &["REPORTS"]);
    check_error(&estimate(&folder, "other --confidence 95"), 2, &["between 0 and 1"]);
}
