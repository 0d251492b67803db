//! What models must reach on public data that is learned in a few minutes. The margins are far below what was measured
//! (docs/EVALUATION.md) and far above what a broken model would reach. `cargo xtask quality` holds the large sets to account.

mod common;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The answer of `reshelve evaluate --json`.
fn evaluate(arguments: &[&Path]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_reshelve"))
        .args(["evaluate", "--min-visitors", "1"])
        .args(arguments)
        .arg("--json")
        .output();
    let output = output.expect("the command was built with this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the answer is one JSON object")
}

fn number(report: &Value, path: &str) -> f64 {
    report.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path} is a number in {report}"))
}

/// Every figure of the model is at least so many times that of every baseline.
fn check_beats_baselines(report: &Value, margins: &[(&str, f64)]) {
    for baseline in ["random", "popularity", "session_popularity", "last_item"] {
        for (figure, margin) in margins {
            let (ours, theirs) =
                (number(report, &format!("/{figure}")), number(report, &format!("/baselines/{baseline}/{figure}")));
            assert!(ours >= theirs * margin, "{figure} is {ours}, that of {baseline} {theirs}");
        }
    }
}

#[test]
fn online_retail_beats_every_baseline() {
    let Some(data) = common::data() else { return };
    let lines = data.join("online-retail/lines.csv.gz");
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/online-retail.toml");
    let report = evaluate(&["--events".as_ref(), &lines, "--config".as_ref(), &config]);
    check_beats_baselines(&report, &[("hr", 1.02), ("mrr", 1.02), ("ndcg", 1.02)]);
}

/// A tenth of the items is kept out of the learning and must be found by what the catalog says of them.
#[test]
fn cold_items_are_found() {
    let Some(data) = common::data() else { return };
    let log = data.join("eshop-clothing-2008/clicks.csv.gz");
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/eshop-clothing-2008.toml");
    let report = evaluate(&[
        "--events".as_ref(),
        &log,
        "--catalog".as_ref(),
        &log,
        "--config".as_ref(),
        &config,
        "--cold-items".as_ref(),
        "0.1".as_ref(),
    ]);
    let hr = |name: &str| number(&report, &format!("/{name}/hr"));
    assert!(hr("whole_catalog") >= 0.40, "{report}");
    assert!(hr("whole_catalog") >= 4.0 * hr("random").max(hr("category_popularity")), "{report}");
    assert!(hr("new_items") > hr("random_new_items"), "{report}");
}
