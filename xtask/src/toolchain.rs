//! The Rust toolchain's parts that a build for the web needs.

use crate::process;
use anyhow::{Context, Result};
use std::path::Path;

/// The target of the npm package.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Adds the wasm target where it is missing, and the sources of the core library, which is built with the package.
pub(crate) fn ensure_wasm_target() -> Result<()> {
    let sysroot = process::run(process::command("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib");
    let parts = [("target", WASM_TARGET, WASM_TARGET), ("component", "rust-src", "src/rust/library/core")];
    for (kind, name, folder) in parts {
        if !library.join(folder).is_dir() {
            println!("adding the Rust {kind} {name}");
            process::run(process::command("rustup").args([kind, "add", name]))
                .with_context(|| format!("cannot add {name}; install Rust with rustup, or the {kind} by hand"))?;
        }
    }
    Ok(())
}
