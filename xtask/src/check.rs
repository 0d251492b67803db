//! Formatting, lints and types: each a command that passes or fails as a whole.

use crate::process;
use crate::toolchain::WASM_TARGET;
use crate::workspace;
use std::process::Command;

/// A name, and the command behind it.
pub(crate) type Check = (&'static str, Command);

/// What needs Rust alone.
pub(crate) fn rust() -> Vec<Check> {
    let clippy = |arguments: &[&str]| {
        let mut cargo = process::cargo();
        cargo.args(["clippy", "--quiet", "--release"]).args(arguments).args(["--", "--deny", "warnings"]);
        cargo
    };
    let runtime = ["--package", "reshelve", "--lib", "--no-default-features"];
    let mut format = process::cargo();
    format.args(["fmt", "--all", "--check"]);
    let mut doc = process::cargo();
    doc.args(["doc", "--quiet", "--release", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings");
    vec![
        ("cargo fmt", format),
        ("clippy", clippy(&["--workspace", "--all-targets"])),
        ("clippy, the runtime alone", clippy(&[&runtime[..], &["--features", "full"]].concat())),
        (
            "clippy, the runtime for wasm",
            clippy(&[&runtime[..], &["--features", "full", "--target", WASM_TARGET]].concat()),
        ),
        ("clippy, what orders lists", clippy(&[&runtime[..], &["--target", WASM_TARGET]].concat())),
        (
            "clippy, the rules for wasm",
            clippy(&[&runtime[..], &["--features", "rules", "--target", WASM_TARGET]].concat()),
        ),
        (
            "clippy, joining parts for wasm",
            clippy(&[&runtime[..], &["--features", "publish", "--target", WASM_TARGET]].concat()),
        ),
        ("cargo doc", doc),
    ]
}

/// What needs the npm packages too.
pub(crate) fn javascript() -> Vec<Check> {
    let node = |script: &str, arguments: &[&str]| {
        let mut node = process::command("node");
        node.arg(workspace::path(script)).args(arguments);
        node
    };
    vec![
        ("prettier", node("node_modules/prettier/bin/prettier.cjs", &["--check", "--log-level=warn", "."])),
        ("tsc", node("node_modules/typescript/bin/tsc", &["--project", "tsconfig.json"])),
    ]
}
