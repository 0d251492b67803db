//! `cargo xtask bench`: Reshelve beside what a user would pick instead, in one run on one machine, as ratios. What is
//! measured, and what is asked, lies in `benches/peers`; this gets everything ready for it.

use crate::browsers::ENGINES;
use crate::workspace::{Fingerprint, Stamp};
use crate::{demo, npm, package, process, workspace};
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Measure these parts alone, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "PART")]
    parts: Vec<Part>,
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

/// What can be left out of a run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Everyone in Node: time, memory, recall
    Node,
    /// Everyone in Chromium, and some with a throttled processor
    Chromium,
    /// The edge worker on workerd
    Edge,
    /// What comes over the wire: code, and models that are learned for it, which takes minutes
    Sizes,
    /// What learning costs, from 1 to 10 million events: a quarter of an hour
    Build,
}

/// Items of the catalog behind the edge worker, as `benches/peers/edge.mjs` has them.
const EDGE_ITEMS: u32 = 20_000;

/// Items and shoppers of the sample stores whose models are compressed.
const STORES: [(u32, u32); 2] = [(5000, 7000), (20_000, 27_000)];

/// Gets everything ready, measures, prints the tables, and fails where a budget is exceeded.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let is_asked = |part: Part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    let package = package::build()?;
    let folder = workspace::path("target/bench");
    fs::create_dir_all(&folder)?;
    install_peers()?;
    assemble_floor(&folder.join("floor.wasm"))?;
    let mut worlds = Vec::new();
    if is_asked(Part::Node) || is_asked(Part::Chromium) {
        worlds.extend(&arguments.items);
    }
    if is_asked(Part::Edge) {
        worlds.push(EDGE_ITEMS);
    }
    for items in worlds {
        make_world(items)?;
    }
    let mut models = Map::new();
    if is_asked(Part::Sizes) {
        for (items, shoppers) in STORES {
            models.insert(items.to_string(), json!(learn_store(items, shoppers, &folder)?));
        }
    }
    let chromium = is_asked(Part::Chromium).then(|| chromium().obtain()).and_then(|obtained| {
        obtained.inspect_err(|error| println!("skipped: Chromium, which cannot be found or installed: {error:#}")).ok()
    });
    let parts = Part::value_variants().iter().filter(|&&part| is_asked(part)).filter_map(Part::to_possible_value);
    let command = is_asked(Part::Build).then(demo::build_command).transpose()?;
    let settings = json!({
        "parts": parts.map(|part| part.get_name().to_owned()).collect::<Vec<_>>(),
        "items": arguments.items,
        "only": arguments.only,
        "rounds": arguments.rounds,
        "out": arguments.out.as_deref().map(std::path::absolute).transpose()?,
        "worlds": folder,
        "package": package.folder,
        "models": Value::Object(models),
        "command": command,
        "chromium": chromium,
    });
    let status = npm::node("benches/peers/run.mjs").arg(settings.to_string()).status().context("cannot start node")?;
    ensure!(status.success(), "a budget is exceeded, or a measurement has failed");
    Ok(())
}

fn chromium() -> &'static crate::browsers::Engine {
    ENGINES.iter().find(|engine| engine.name == "chromium").expect("Chromium is among the engines")
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
    let inputs = Fingerprint::default().path(&source)?.path(&workspace::path("xtask/src/bench.rs"))?;
    let stamp = Stamp::new("floor", inputs);
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

/// Writes a catalog, anew where what writes it has changed, and returns its folder.
pub(crate) fn make_world(items: u32) -> Result<PathBuf> {
    process::run(process::cargo().args(["build", "--quiet", "--release", "--example", "world"]))?;
    let world = workspace::path("target/release/examples").join(format!("world{}", std::env::consts::EXE_SUFFIX));
    let target = workspace::path("target/bench").join(items.to_string());
    let stamp = Stamp::new(&format!("world-{items}"), Fingerprint::default().path(&world)?);
    if !stamp.is_fresh(&target.join("store.shelf")) {
        println!("making a catalog of {items} items");
        process::run(process::command(&world).arg(items.to_string()).arg(&target))?;
        stamp.write()?;
    }
    Ok(target)
}

/// Makes a sample store and learns its model, with the summary as JSON beside it, anew where the learning or the format has
/// changed.
fn learn_store(items: u32, shoppers: u32, folder: &Path) -> Result<PathBuf> {
    let store = folder.join(format!("store-{items}"));
    let model = store.join("store.shelf");
    let mut inputs = Fingerprint::default().bytes(&shoppers.to_le_bytes());
    for source in ["src/sample", "src/train", "src/format"] {
        inputs = inputs.path(&workspace::path(source))?;
    }
    let stamp = Stamp::new(&format!("bench-store-{items}"), inputs);
    if stamp.is_fresh(&model) {
        return Ok(model);
    }
    println!("making a sample store of {items} items and learning its model");
    let command = demo::build_command()?;
    let sizes = ["--items".to_owned(), items.to_string(), "--shoppers".to_owned(), shoppers.to_string()];
    process::run(process::command(&command).arg("sample").args(sizes).arg("--out").arg(&store))?;
    let [events, catalog] = ["events.csv", "catalog.jsonl"].map(|file| store.join(file));
    let summary = process::run(
        process::command(&command)
            .args(["build", "--json"])
            .arg("--events")
            .arg(events)
            .arg("--catalog")
            .arg(catalog)
            .arg("-o")
            .arg(&model),
    )?;
    fs::write(model.with_extension("json"), summary)?;
    stamp.write()?;
    Ok(model)
}
