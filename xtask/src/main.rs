//! Builds, packs, tests, measures and shows Reshelve: `cargo xtask package | demo | test | check | quality | bench`.
//!
//! Every command starts from a fresh clone with Rust and Node on the machine, fetches what it lacks through the
//! ordinary package managers, and does nothing twice that is up to date.

mod bench;
mod browsers;
mod check;
mod demo;
mod fuzz;
mod meter;
mod npm;
mod package;
mod panics;
mod process;
mod quality;
mod suite;
mod tally;
mod test;
mod toolchain;
mod wasm;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, packs, tests and shows Reshelve.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the npm package: target/package/reshelve and its tarball
    Package,
    /// Build the package, make a fictional store, train its model, and serve the store on 127.0.0.1
    Demo(demo::Arguments),
    /// Run every test there is: natively, in wasm, in browsers and in edge runtimes
    Test(test::Arguments),
    /// Check formatting, lints and types
    Check,
    /// Measure how good models are on public data, and hold that against what is asked
    Quality(quality::Arguments),
    /// Measure speed, memory and size beside what a user would pick instead, and hold that against what is asked
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Package => package::build().and_then(|package| package.print_sizes()),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Test(arguments) => return test::run(&arguments),
        Command::Quality(arguments) => quality::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Check => return test::run(&test::Arguments::only_check()),
    };
    if let Err(error) = outcome {
        println!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
