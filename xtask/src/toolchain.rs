//! The Rust toolchain's parts that a build for the web needs.

use crate::process;
use anyhow::{Context, Result};
use std::path::Path;

/// The target of the npm package.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Adds the wasm target where it is missing.
pub(crate) fn ensure_wasm_target() -> Result<()> {
    let sysroot = process::run(process::command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    println!("adding the Rust target {WASM_TARGET}");
    process::run(process::command("rustup").args(["target", "add", WASM_TARGET]))
        .with_context(|| format!("cannot add {WASM_TARGET}; install Rust with rustup, or the target by hand"))?;
    Ok(())
}
