//! A short run of every fuzz target, with the stable compiler: the flags are those of `cargo fuzz`, without the
//! sanitizers, which need a nightly.

use crate::process;
use crate::tally::Tally;
use crate::workspace;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Inputs tried a target. A count and not a time, so that every run is the same run.
const RUNS: u32 = 100_000;

/// The seed of the mutations.
const SEED: u32 = 1;

/// What tells the compiler to count the edges that an input takes, for libFuzzer.
const FLAGS: [&str; 7] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// The names of the targets: the files of `fuzz/fuzz_targets`.
pub(crate) fn targets() -> Result<Vec<String>> {
    let folder = workspace::path("fuzz/fuzz_targets");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let files = workspace::files(&folder)?;
    Ok(files.iter().filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect())
}

/// Builds every target, and returns the folder of the executables.
pub(crate) fn build() -> Result<PathBuf> {
    let version = process::run(process::command("rustc").arg("--version").arg("--verbose"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    process::run(
        process::cargo()
            // The target is named so that the flags reach neither build scripts nor macros.
            .args(["build", "--quiet", "--release", "--locked", "--bins", "--target", host])
            .args(["--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target/fuzz"])
            .env("RUSTFLAGS", FLAGS.join(" ")),
    )?;
    Ok(workspace::path("target/fuzz").join(host).join("release"))
}

/// Runs one target from the golden files, the seeds in `fuzz/seeds/TARGET`, and nothing learned before.
pub(crate) fn run(executables: &std::path::Path, target: &str) -> Result<(Tally, String)> {
    let findings = workspace::path("target/fuzz/findings").join(target);
    let corpus = findings.join("corpus");
    if findings.exists() {
        fs::remove_dir_all(&findings)?;
    }
    fs::create_dir_all(&corpus)?;
    let mut command = process::command(executables.join(target));
    command
        .arg(format!("-runs={RUNS}"))
        .arg(format!("-seed={SEED}"))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .args(["-max_len=65536", "-rss_limit_mb=1024", "-print_final_stats=1"])
        .arg(&corpus);
    for seeds in [workspace::path("tests/golden"), workspace::path("fuzz/seeds").join(target)] {
        if seeds.is_dir() {
            command.arg(seeds);
        }
    }
    let finished = process::capture(&mut command, Duration::from_secs(10 * 60))?;
    Ok((Tally::of(finished.success), finished.output))
}
