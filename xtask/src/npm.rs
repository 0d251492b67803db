//! The JavaScript tools: one npm project at the repository's root, with exact versions.

use crate::process;
use crate::workspace::{self, Fingerprint, Stamp};
use anyhow::{Context, Result, bail};
use std::process::Command;

const LEAST_NODE: u32 = 20;

/// Installs what `package-lock.json` names, if it changed since the last time.
///
/// Not by `npm ci`: that one refuses a lock file without the binaries of every other platform, and not every registry
/// mirror carries those. `npm install --no-save` installs the same versions and leaves the lock file alone.
pub(crate) fn ensure_packages() -> Result<()> {
    let node = process::run(process::command("node").arg("--version"))
        .with_context(|| format!("Node {LEAST_NODE} or newer must be on the path; see https://nodejs.org"))?;
    let major = node.trim().trim_start_matches('v').split('.').next().and_then(|digits| digits.parse::<u32>().ok());
    if major.is_none_or(|major| major < LEAST_NODE) {
        bail!("Node {} is too old: install {LEAST_NODE} or newer", node.trim());
    }
    let inputs = Fingerprint::default().path(&workspace::path("package-lock.json"))?;
    let stamp = Stamp::new("npm", inputs);
    if stamp.is_fresh(&workspace::path("node_modules")) {
        return Ok(());
    }
    println!("installing the pinned npm packages (npm install --no-save)");
    process::run(npm().args(["install", "--no-save", "--no-audit", "--no-fund"]))?;
    stamp.write()
}

/// npm, working in the repository's root.
pub(crate) fn npm() -> Command {
    process::command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Node with a script: a path below the repository's root.
pub(crate) fn node(script: &str) -> Command {
    let mut node = process::command("node");
    node.arg(workspace::path(script));
    node
}
