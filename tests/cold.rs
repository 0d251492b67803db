//! What content gives items that nobody has looked at yet, on public data that is learned in a minute. The margin is far below
//! what was measured (docs/EVALUATION.md) and far above what a broken model would reach. `cargo xtask quality` holds the
//! large sets to account.

mod common;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A tenth of the items is kept out of the learning and must be found by what the catalog says of them.
#[test]
fn cold_items_are_found() {
    let Some(log) = common::data_file("eshop-clothing-2008/clicks.csv.gz") else { return };
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/eshop-clothing-2008.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_reshelve"));
    command.args(["evaluate", "--json", "--min-visitors", "1", "--cold-items", "0.1"]);
    command.arg("--events").arg(&log).arg("--catalog").arg(&log).arg("--config").arg(&config);
    let output = command.output().expect("the command was built with this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("the answer is one JSON object");
    let hr = |name: &str| {
        let hr = report.pointer(&format!("/{name}/hr")).and_then(Value::as_f64);
        hr.unwrap_or_else(|| panic!("there is no figure of {name} in {report}"))
    };
    assert!(hr("whole_catalog") >= 0.40, "{report}");
    assert!(hr("whole_catalog") >= 4.0 * hr("random").max(hr("category_popularity")), "{report}");
    assert!(hr("new_items") > hr("random_new_items"), "{report}");
}
