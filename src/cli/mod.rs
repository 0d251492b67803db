//! The `reshelve` command: one file a subcommand, and what they share.
//!
//! Answers go to standard output, everything else to standard error. Exit codes: 0, 1 for a failure, 2 for wrong usage.

mod answer;
mod audit;
mod build;
mod cold_items;
mod contexts;
mod estimate;
mod evaluate;
mod figures;
mod impressions;
mod input;
mod inspect;
mod leaks;
mod meter;
mod order;
mod output;
mod privacy_cost;
mod publish;
mod recommend;
mod renewal;
mod replay;
mod rerank;
mod rules;
mod rules_diff;
mod sample;
mod shopper;
mod variety;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Learns, measures, shows and runs Reshelve models.
///
/// A model is one static file that reorders a store's search results and recommendation blocks on the shopper's own
/// device. Start with a fictional store:
///
///   reshelve sample --out store
///   reshelve build --events store/events.csv --catalog store/catalog.jsonl -o store.shelf
///   reshelve inspect store.shelf
#[derive(Debug, Parser)]
#[command(name = "reshelve", version, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Sample(sample::Arguments),
    Audit(audit::Arguments),
    Build(build::Arguments),
    Estimate(estimate::Arguments),
    Evaluate(evaluate::Arguments),
    Inspect(inspect::Arguments),
    Order(order::Arguments),
    Publish(publish::Arguments),
    Recommend(recommend::Arguments),
    Replay(replay::Arguments),
    Rerank(rerank::Arguments),
    Rules(rules::Arguments),
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Estimate(arguments) => estimate::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Order(arguments) => order::run(&arguments),
        Command::Publish(arguments) => publish::run(&arguments),
        Command::Recommend(arguments) => recommend::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Rerank(arguments) => rerank::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}
