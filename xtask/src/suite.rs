//! The JavaScript suites: every `tests/SUITE/**/*.test.mjs` is a `node:test` file, and is found by its name alone.

use crate::process;
use crate::tally::Tally;
use crate::workspace;
use anyhow::Result;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The longest that one run may take.
const LIMIT: Duration = Duration::from_secs(40 * 60);

/// The longest that one test file may take under Node, in milliseconds: it is stopped with its browser before [`LIMIT`].
const FILE_LIMIT_MS: u32 = 15 * 60 * 1000;

/// What runs the files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    Node,
    Deno,
    Bun,
}

/// What the tests learn about what was built: environment variables, listed in `CONTRIBUTING.md`.
pub(crate) type Environment = BTreeMap<&'static str, OsString>;

/// One suite in one runtime.
pub(crate) struct Suite<'a> {
    /// The folder below `tests`.
    pub(crate) folder: &'a str,
    pub(crate) runtime: Runtime,
    pub(crate) environment: Environment,
    /// Run only the files whose path holds this text.
    pub(crate) filter: &'a str,
}

impl Suite<'_> {
    /// The files of the suite, sorted.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let folder = workspace::path("tests").join(self.folder);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut files = workspace::files(&folder)?;
        files.retain(|file| {
            let relative = file.strip_prefix(workspace::root()).unwrap_or(file).to_string_lossy().replace('\\', "/");
            relative.ends_with(".test.mjs") && relative.contains(self.filter)
        });
        Ok(files)
    }

    /// Runs the suite, and counts. The output is the runner's own.
    pub(crate) fn run(&self) -> Result<(Tally, String)> {
        let files = self.files()?;
        let report = workspace::path("target/reports").join(format!("{}.xml", std::process::id()));
        fs::create_dir_all(report.parent().expect("a report lies in a folder"))?;
        let mut command = match self.runtime {
            Runtime::Node => {
                let mut node = process::command("node");
                node.args(["--test", "--test-concurrency=1"]).arg(format!("--test-timeout={FILE_LIMIT_MS}"));
                node.args(["--test-reporter=spec", "--test-reporter-destination=stdout"]);
                node.arg("--test-reporter=junit").arg(format!("--test-reporter-destination={}", report.display()));
                node
            }
            Runtime::Deno => {
                let mut deno = tool("deno");
                deno.args(["test", "--allow-all", "--no-check", "--no-lock", "--node-modules-dir=manual"]);
                deno.arg(format!("--junit-path={}", report.display())).env("NO_COLOR", "1");
                deno
            }
            Runtime::Bun => {
                let mut bun = tool("bun");
                bun.args(["test", "--isolate", "--reporter=junit"])
                    .arg(format!("--reporter-outfile={}", report.display()));
                bun.arg(format!("--timeout={FILE_LIMIT_MS}"));
                bun
            }
        };
        let finished = process::capture(command.args(&files).envs(&self.environment), LIMIT)?;
        let mut tally = fs::read_to_string(&report).map(|text| Tally::of_junit(&text)).unwrap_or_default();
        let _ = fs::remove_file(&report);
        // A runner may fail without a failed test, or find none where there should be some.
        if tally.failed == 0 && (!finished.success || tally.passed + tally.skipped == 0) {
            tally.failed = 1;
        }
        Ok((tally, finished.output))
    }
}

impl Runtime {
    /// Why the runtime cannot be used on this machine, if it cannot.
    pub(crate) fn missing(self) -> Option<String> {
        match self {
            Runtime::Node => None,
            Runtime::Deno => missing_tool("deno"),
            Runtime::Bun => missing_tool("bun"),
        }
    }
}

/// Why an npm package that carries a binary cannot be used on this machine, if it cannot.
pub(crate) fn missing_tool(name: &str) -> Option<String> {
    match process::run(tool(name).arg("--version")) {
        Ok(_) => None,
        Err(_) => Some(format!("the npm package {name} has no binary for this machine")),
    }
}

fn tool(name: &str) -> Command {
    process::command(workspace::path("node_modules/.bin").join(if cfg!(windows) {
        format!("{name}.cmd")
    } else {
        name.to_owned()
    }))
}
