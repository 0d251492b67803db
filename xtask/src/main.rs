//! Builds, packs, tests and shows Reshelve: `cargo xtask package | demo | test | check`.
//!
//! Every command starts from a fresh clone with Rust and Node on the machine, fetches what it lacks through the
//! ordinary package managers, and does nothing twice that is up to date.

mod npm;
mod package;
mod process;
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
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Package => package::build().and_then(|package| package.print_sizes()),
    };
    if let Err(error) = outcome {
        println!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
