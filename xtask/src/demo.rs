//! The demo store: a fictional store's log, its model, and the pages that use it, built and served.

use crate::workspace::{self, Fingerprint, Stamp};
use crate::{npm, package, process};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo xtask demo` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Build everything, and stop before serving
    #[arg(long)]
    no_serve: bool,
    /// Port to serve on, on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8420)]
    port: u16,
}

/// The store as built.
pub(crate) struct Demo {
    /// The `reshelve` command.
    pub(crate) command: PathBuf,
    /// What the pages load: `store.shelf`, `store.rules`, and files of the sample.
    pub(crate) store: PathBuf,
    /// The pages, ready to be served.
    pub(crate) site: PathBuf,
}

/// Builds the store as far as it is out of date, and serves it until Ctrl-C.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let package = package::build()?;
    let demo = build(&package, build_command()?)?;
    if arguments.no_serve {
        println!("built {}", demo.site.display());
        return Ok(());
    }
    let mut server = npm::node("tests/harness/server.mjs");
    serve(server.arg(&demo.site).arg(arguments.port.to_string()))
}

/// Becomes the server, so that whoever ends this process ends that one.
#[cfg(unix)]
fn serve(server: &mut Command) -> Result<()> {
    Err(std::os::unix::process::CommandExt::exec(server)).context("cannot start node")
}

#[cfg(not(unix))]
fn serve(server: &mut Command) -> Result<()> {
    anyhow::ensure!(server.status().context("cannot start node")?.success(), "the server has failed");
    Ok(())
}

/// Builds the `reshelve` command and returns where it lies.
pub(crate) fn build_command() -> Result<PathBuf> {
    process::run(process::cargo().args(["build", "--quiet", "--release", "--bin", "reshelve"]))?;
    Ok(workspace::path("target/release").join(format!("reshelve{}", std::env::consts::EXE_SUFFIX)))
}

/// Builds sample, model and pages, each only if what it is made from changed.
pub(crate) fn build(package: &package::Package, command: PathBuf) -> Result<Demo> {
    let demo = Demo { command, store: workspace::path("target/demo/store"), site: workspace::path("target/demo/site") };
    let sample = workspace::path("target/demo/sample");
    let inputs = Fingerprint::default().path(&demo.command)?.path(&workspace::path("xtask/src/demo.rs"))?;
    let stamp = Stamp::new("demo-store", inputs);
    if !stamp.is_fresh(&demo.store.join("store.shelf")) {
        println!("making the sample store and training its model");
        renew(&sample)?;
        renew(&demo.store)?;
        process::run(process::command(&demo.command).arg("sample").arg("--out").arg(&sample))?;
        process::run(
            process::command(&demo.command)
                .arg("build")
                .arg("--events")
                .arg(sample.join("events.csv"))
                .arg("--catalog")
                .arg(sample.join("catalog.jsonl"))
                .arg("-o")
                .arg(demo.store.join("store.shelf")),
        )?;
        let catalog = fs::read_to_string(sample.join("catalog.jsonl"))?;
        fs::write(demo.store.join("catalog.jsonl"), without_margins(&catalog)?)?;
        workspace::copy(&sample.join("shoppers.json"), &demo.store.join("shoppers.json"))?;
        stamp.write()?;
    }

    let source = workspace::path("www/rules.toml");
    let (model, rules) = (demo.store.join("store.shelf"), demo.store.join("store.rules"));
    let stamp = Stamp::new("demo-rules", Fingerprint::default().path(&demo.command)?.path(&source)?.path(&model)?);
    if !stamp.is_fresh(&rules) {
        let reshelve = || process::command(&demo.command);
        process::run(reshelve().args(["rules", "check"]).arg(&source).arg("--model").arg(&model))?;
        process::run(reshelve().args(["rules", "compile"]).arg(&source).arg("-o").arg(&rules))?;
        stamp.write()?;
    }

    let inputs = Fingerprint::default()
        .path(&demo.store)?
        .path(&package.tarball)?
        .path(&workspace::path("www"))?
        .path(&workspace::path("package-lock.json"))?;
    let stamp = Stamp::new("demo-site", inputs);
    if !stamp.is_fresh(&demo.site.join("index.html")) {
        println!("building the demo store's pages");
        process::run(
            npm::node("node_modules/vite/bin/vite.js")
                .args(["build", "www", "--emptyOutDir", "--outDir"])
                .arg(&demo.site)
                .env("RESHELVE_STORE", &demo.store),
        )?;
        stamp.write()?;
    }
    Ok(demo)
}

/// The catalog as the pages load it: what the store earns is told to the builder alone.
fn without_margins(catalog: &str) -> Result<String> {
    let mut public = String::with_capacity(catalog.len());
    for line in catalog.lines() {
        let mut item: BTreeMap<String, serde_json::Value> = serde_json::from_str(line)?;
        item.remove("margin");
        public += &serde_json::to_string(&item)?;
        public.push('\n');
    }
    Ok(public)
}

/// Makes a folder empty.
fn renew(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_all_but_the_margins() {
        let catalog = "{\"item_id\":\"a\",\"margin\":0.37,\"price\":440.0}\n{\"item_id\":\"b\"}\n";
        let public = without_margins(catalog).unwrap();
        assert_eq!(public, "{\"item_id\":\"a\",\"price\":440.0}\n{\"item_id\":\"b\"}\n");
    }
}
