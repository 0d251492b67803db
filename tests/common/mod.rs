//! What several test files share.
#![allow(dead_code, reason = "every test file uses another part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A file of the public data sets, if it is there; else a printed line. `RESHELVE_DATA` names another folder.
pub(crate) fn data_file(name: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("RESHELVE_DATA").map_or_else(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}; RESHELVE_DATA names another folder", path.display());
    None
}

/// What the command does in a folder.
pub(crate) fn reshelve(folder: impl AsRef<Path>, arguments: &str) -> Output {
    let command =
        Command::new(env!("CARGO_BIN_EXE_reshelve")).current_dir(folder).args(arguments.split_whitespace()).output();
    command.expect("the command was built with this test")
}

/// What the command prints where it succeeds.
pub(crate) fn answer(folder: impl AsRef<Path>, arguments: &str) -> String {
    let output = reshelve(folder, arguments);
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("answers are UTF-8")
}

/// What the command prints as JSON. Of an answer every field is documented.
pub(crate) fn json(folder: impl AsRef<Path>, arguments: &str) -> Value {
    let value = serde_json::from_str(&answer(folder, arguments)).expect("the answer is one JSON value");
    if arguments.ends_with("--json") {
        check_documented(&value, arguments);
    }
    value
}

/// Where the fields of answers are documented.
const DOCUMENTED: &str = concat!(
    include_str!("../../docs/COMMAND.md"),
    include_str!("../../docs/EVALUATION.md"),
    include_str!("../../docs/PUBLISHING.md")
);

fn check_documented(value: &Value, arguments: &str) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| check_documented(value, arguments)),
        Value::Object(fields) => {
            for (field, value) in fields {
                assert!(DOCUMENTED.contains(&format!("`{field}`")), "{arguments}: `{field}` is documented nowhere");
                // What is in there goes by the names of features.
                if field != "contributions" {
                    check_documented(value, arguments);
                }
            }
        }
        _ => {}
    }
}

pub(crate) fn write(folder: impl AsRef<Path>, name: &str, text: &str) {
    std::fs::write(folder.as_ref().join(name), text).expect("the folder can be written to");
}
