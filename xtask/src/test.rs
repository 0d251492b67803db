//! `cargo xtask test`: every test there is, in two lanes that share the machine's cores.
//!
//! One lane compiles and runs what is native; the other fetches tools, builds the package and the demo store, and runs
//! what is JavaScript. A part that fails shows its output; what is missing on this machine is skipped with its reason,
//! and is a failure where `CI=true`.

use crate::browsers::ENGINES;
use crate::check::{self, Check};
use crate::suite::{self, Environment, Runtime, Suite};
use crate::tally::Tally;
use crate::{bench, demo, fuzz, npm, package, process, quality, toolchain, workspace};
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only Rust tests whose name, and JavaScript tests whose file, holds this text
    #[arg(default_value = "")]
    filter: String,
    /// Run only these groups, separated by commas
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Group>,
}

/// A group of tests.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// Formatting, lints, types
    Check,
    /// Rust tests
    Native,
    /// The fast part of cargo xtask quality
    Quality,
    /// A short run of every fuzz target
    Fuzz,
    /// tests/js in Node, with and without simd128
    Wasm,
    /// tests/js in Deno and Bun
    Js,
    /// tests/browser in Chromium, Firefox and WebKit
    Browser,
    /// tests/edge in workerd and edge-runtime
    Edge,
    /// tests/packaging: the tarball as users install it
    Packaging,
}

impl Arguments {
    /// The checks alone.
    pub(crate) fn only_check() -> Self {
        Self { filter: String::new(), only: vec![Group::Check] }
    }

    fn wants(&self, group: Group) -> bool {
        self.only.is_empty() || self.only.contains(&group)
    }
}

/// Runs what was asked for, and closes with what was skipped and what failed, and one line `N passed, N failed, N skipped`.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let started = Instant::now();
    let session = Session {
        arguments,
        is_ci: env::var("CI").is_ok_and(|value| value == "true" || value == "1"),
        total: Mutex::default(),
    };
    // Ahead of both lanes, which would get in each other's way.
    session.prepare("Rust's wasm target", toolchain::ensure_wasm_target);
    let (built, command) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| session.native_lane(built));
        scope.spawn(|| session.javascript_lane(command));
    });
    let total = session.total.into_inner().expect("no holder of the lock panics");
    for reason in &total.reasons {
        println!("skipped: {reason}");
    }
    for failure in &total.failures {
        println!("failed: {failure}");
    }
    println!("{:.0} s", started.elapsed().as_secs_f64());
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One run of the tests.
struct Session<'a> {
    arguments: &'a Arguments,
    is_ci: bool,
    total: Mutex<Tally>,
}

impl Session<'_> {
    /// `built` tells the other lane of the `reshelve` command: it is built first and here, because cargo lets one build
    /// at a time into the target folder, and the other lane would wait for all of them.
    fn native_lane(&self, built: Sender<PathBuf>) {
        if self.wants_package()
            && let Some(command) = self.prepare("the reshelve command", demo::build_command)
        {
            // Nobody listens if the other lane has failed, and need not.
            let _ = built.send(command);
        }
        drop(built);
        if self.arguments.wants(Group::Native) {
            self.part("cargo test", || {
                let mut cargo = process::cargo();
                cargo.args(["test", "--release", "--workspace", "--no-fail-fast"]);
                cargo.args(["--", "--show-output", &self.arguments.filter]);
                let finished = process::capture(&mut cargo, Duration::from_secs(40 * 60))?;
                let mut tally = Tally::of_cargo(&finished.output);
                if !finished.success && tally.failed == 0 {
                    tally.failed = 1;
                }
                Ok((tally, finished.output))
            });
        }
        if self.arguments.wants(Group::Quality)
            && let Some(command) = self.prepare("the reshelve command", demo::build_command)
        {
            self.part("cargo xtask quality --fast", || quality::test(&command));
        }
        if self.arguments.wants(Group::Check) {
            self.checks(check::rust());
        }
        if self.arguments.wants(Group::Fuzz) {
            self.fuzz();
        }
    }

    /// Whether any group is asked for that runs the package.
    fn wants_package(&self) -> bool {
        use Group::{Browser, Edge, Js, Packaging, Wasm};
        [Wasm, Js, Browser, Edge, Packaging].into_iter().any(|group| self.arguments.wants(group))
    }

    fn javascript_lane(&self, command: Receiver<PathBuf>) {
        use Group::{Browser, Check, Edge, Js, Packaging, Wasm};
        if !self.wants_package() && !self.arguments.wants(Check) {
            return;
        }
        if self.prepare("npm packages", npm::ensure_packages).is_none() {
            return;
        }
        if self.arguments.wants(Check) {
            self.checks(check::javascript());
        }
        if !self.wants_package() {
            return;
        }
        let Some(package) = self.prepare("the npm package", package::build) else { return };
        let mut environment = Environment::from([
            ("RESHELVE_PACKAGE", package.folder.clone().into()),
            ("RESHELVE_TARBALL", package.tarball.clone().into()),
            ("RESHELVE_WASM", package.folder.join("wasm/reshelve.wasm").into()),
            ("RESHELVE_GOLDEN", workspace::path("tests/golden").into()),
            ("RESHELVE_SCREENSHOTS", workspace::path("target/screenshots").into()),
        ]);
        let demo = || demo::build(&package, command.recv().context("the reshelve command could not be built")?);
        if let Some(demo) = self.prepare("the demo store", demo) {
            environment.insert("RESHELVE_BIN", demo.command.into());
            environment.insert("RESHELVE_STORE", demo.store.into());
            environment.insert("RESHELVE_SITE", demo.site.into());
        }

        if self.arguments.wants(Wasm) {
            self.suite("js", Runtime::Node, "Node", &environment);
            let mut scalar = environment.clone();
            scalar.insert("RESHELVE_WASM", package.scalar_wasm.clone().into());
            self.suite("js", Runtime::Node, "Node without simd128", &scalar);
        }
        if self.arguments.wants(Js) {
            self.suite("js", Runtime::Deno, "Deno", &environment);
            self.suite("js", Runtime::Bun, "Bun", &environment);
        }
        if self.arguments.wants(Browser) {
            self.browsers(&environment);
        }
        if self.arguments.wants(Edge) {
            match suite::missing_tool("workerd") {
                Some(reason) => self.missing("tests/edge", &reason),
                None => self.suite("edge", Runtime::Node, "workerd and edge-runtime", &environment),
            }
        }
        if self.arguments.wants(Packaging) {
            let counted = || Ok((package.counted_wasm()?, bench::make_world(10_000)?));
            if let Some((wasm, world)) = self.prepare("WebAssembly that counts its instructions", counted) {
                environment.insert("RESHELVE_COUNTED_WASM", wasm.into());
                environment.insert("RESHELVE_WORLD", world.into());
            }
            self.suite("packaging", Runtime::Node, "Node", &environment);
        }
    }

    fn checks(&self, checks: Vec<Check>) {
        for (name, mut command) in checks {
            self.part(name, || {
                let finished = process::capture(&mut command, Duration::from_secs(20 * 60))?;
                Ok((Tally::of(finished.success), finished.output))
            });
        }
    }

    fn fuzz(&self) {
        let targets = match fuzz::targets() {
            Ok(targets) => targets,
            Err(error) => return self.part("fuzz targets", || Err(error)),
        };
        if targets.is_empty() {
            return;
        }
        if process::run(process::command("c++").arg("--version")).is_err() {
            return self.missing("fuzz targets", "libFuzzer needs a C++ compiler, c++");
        }
        let Some(executables) = self.prepare("the fuzz targets", fuzz::build) else { return };
        for target in targets {
            self.part(&format!("fuzz {target}"), || fuzz::run(&executables, &target));
        }
    }

    fn browsers(&self, environment: &Environment) {
        for engine in ENGINES {
            let name = format!("tests/browser in {}", engine.name);
            match engine.obtain() {
                Err(error) => self.missing(&name, &format!("{error:#}")),
                Ok(executable) => {
                    let mut environment = environment.clone();
                    environment.insert("RESHELVE_ENGINE", engine.name.into());
                    environment.insert(engine.variable, executable.into());
                    self.suite("browser", Runtime::Node, engine.name, &environment);
                }
            }
        }
    }

    fn suite(&self, folder: &str, runtime: Runtime, name: &str, environment: &Environment) {
        let suite = Suite { folder, runtime, environment: environment.clone(), filter: &self.arguments.filter };
        let name = format!("tests/{folder} in {name}");
        match suite.files() {
            Ok(files) if files.is_empty() => {}
            _ => match runtime.missing() {
                Some(reason) => self.missing(&name, &reason),
                None => self.part(&name, || suite.run()),
            },
        }
    }

    /// Does a piece of work that others build on. A failure counts as one failed test, and is shown.
    fn prepare<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let mut product = None;
        self.part(name, || {
            product = Some(work().with_context(|| format!("{name} cannot be made"))?);
            Ok(Default::default())
        });
        product
    }

    /// A runtime that this machine lacks: a failure where CI promises that there is one.
    fn missing(&self, name: &str, reason: &str) {
        let tally = if self.is_ci { Tally::of(false) } else { Tally::skip(format!("{name}: {reason}")) };
        self.part(name, || Ok((tally, reason.to_owned())));
    }

    /// Runs one part, and prints one line about it, and its output if it failed.
    fn part(&self, name: &str, work: impl FnOnce() -> Result<(Tally, String)>) {
        let started = Instant::now();
        let (mut tally, output) = work().unwrap_or_else(|error| (Tally::of(false), format!("error: {error:#}")));
        let mut total = self.total.lock().expect("no holder of the lock panics");
        if tally.failed > 0 {
            println!("{}\n", output.trim_end());
            if tally.failures.is_empty() {
                // The end says what went wrong with the part as a whole.
                tally.failures.push(output.trim_end().lines().next_back().unwrap_or_default().to_owned());
            }
            tally.failures.iter_mut().for_each(|failure| failure.insert_str(0, &format!("{name}: ")));
        }
        let verdict = match (tally.passed, tally.failed, tally.skipped) {
            (_, 1.., _) => "FAILED",
            (0, 0, 1..) => "skip",
            _ => "ok",
        };
        let counts = [(tally.passed, "passed"), (tally.failed, "failed"), (tally.skipped, "skipped")];
        let counts: Vec<_> = counts.iter().filter(|count| count.0 > 0).map(|(n, what)| format!("{n} {what}")).collect();
        println!("{verdict:6} {name:42} {:7.1} s   {}", started.elapsed().as_secs_f64(), counts.join(", "));
        total.add(tally);
    }
}
