//! `cargo xtask bench`: Reshelve beside what a user would pick instead, in one run on one machine, as ratios. What is
//! measured, and what is asked, lies in `benches/peers`; this gets everything ready for it.

use crate::workspace::{Fingerprint, Stamp};
use crate::{npm, package, process, workspace};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Sizes of the catalogs
    #[arg(long, value_delimiter = ',', value_name = "N", default_values_t = [10_000, 100_000, 1_000_000])]
    items: Vec<u32>,
    /// Beside Reshelve, plain JavaScript and the floors: these peers alone, by the names of `benches/peers/contenders`
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
    /// Turns that every contender has
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Write the tables to a file too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Gets everything ready, measures, prints the tables, and fails where a budget is exceeded.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    package::build()?;
    let folder = workspace::path("target/bench");
    fs::create_dir_all(&folder)?;
    install_peers()?;
    assemble_floor(&folder.join("floor.wasm"))?;
    process::run(process::cargo().args(["build", "--quiet", "--release", "--example", "world"]))?;
    for &items in &arguments.items {
        make_world(items, &folder)?;
    }
    let settings = json!({
        "items": arguments.items,
        "only": arguments.only,
        "rounds": arguments.rounds,
        "out": arguments.out.as_deref().map(std::path::absolute).transpose()?,
        "worlds": folder,
    });
    let status = npm::node("benches/peers/run.mjs").arg(settings.to_string()).status().context("cannot start node")?;
    ensure!(status.success(), "a budget is exceeded, or a measurement has failed");
    Ok(())
}

/// Installs what `benches/peers/package-lock.json` names, if it changed since the last time. No package's scripts are run.
fn install_peers() -> Result<()> {
    let folder = workspace::path("benches/peers");
    let stamp = Stamp::new("peers", Fingerprint::default().path(&folder.join("package-lock.json"))?);
    if stamp.is_fresh(&folder.join("node_modules")) {
        return Ok(());
    }
    println!("installing what Reshelve is measured against (npm install --no-save in benches/peers)");
    let arguments = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
    process::run(npm::npm().args(arguments).current_dir(&folder))?;
    stamp.write()
}

/// Assembles `floor.wat`; its one small function goes where it is called.
fn assemble_floor(wasm: &Path) -> Result<()> {
    let source = workspace::path("benches/peers/floor.wat");
    let stamp = Stamp::new("floor", Fingerprint::default().path(&source)?);
    if stamp.is_fresh(wasm) {
        return Ok(());
    }
    process::run(
        npm::node("node_modules/binaryen/bin/wasm-opt")
            .args(["--enable-simd", "-O4", "--always-inline-max-function-size=1000"])
            .arg(&source)
            .arg("-o")
            .arg(wasm),
    )?;
    stamp.write()
}

/// Writes a catalog, anew where what writes it has changed.
fn make_world(items: u32, folder: &Path) -> Result<()> {
    let world = workspace::path("target/release/examples").join(format!("world{}", std::env::consts::EXE_SUFFIX));
    let target = folder.join(items.to_string());
    let stamp = Stamp::new(&format!("world-{items}"), Fingerprint::default().path(&world)?);
    if stamp.is_fresh(&target.join("store.shelf")) {
        return Ok(());
    }
    println!("making a catalog of {items} items");
    process::run(process::command(&world).arg(items.to_string()).arg(&target))?;
    stamp.write()
}
