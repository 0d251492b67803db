use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::input::{InputArguments, read_log};
use super::inspect::load;
use super::output;
use super::replay::read_traces;
use super::rules::load_named_rules;
use crate::model::Rules;
use crate::replay::{Differences, RecommendRecord, Recorded, Request, of_sessions};
use crate::train::input::Source;

/// What is compared, and on what.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The rules as they were: TOML, JSON, or what `reshelve rules compile` wrote
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The rules as they are to be
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The model that they are for
    #[arg(long, value_name = "MODEL")]
    model: PathBuf,
    /// Requests as they were recorded: docs/REPLAY.md has their shape
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "sessions")]
    traces: Vec<PathBuf>,
    /// An event log in place of traces: what the next page would be after each of its sessions, in every placement of the
    /// rules, or else on every surface
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "traces")]
    sessions: Vec<Source>,
    /// Sessions to take from the log, evenly spread
    #[arg(long, value_name = "N", default_value_t = 1000)]
    most: usize,
    /// Surfaces to try where the rules have no placements, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "home")]
    surfaces: Vec<String>,
    /// How many items are the first ones of a list, and how many a page without a placement asks for
    #[arg(long, value_name = "N", default_value_t = 12)]
    first: usize,
    #[command(flatten)]
    input: InputArguments,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let model = load(&arguments.model)?;
    let (old, old_names) = load_named_rules(&model, &arguments.old)?;
    let (new, new_names) = load_named_rules(&model, &arguments.new)?;
    let sides = [(Some(&old), old_names.as_slice()), (Some(&new), new_names.as_slice())];
    let differences = if arguments.sessions.is_empty() {
        let mut recorded: Vec<Recorded> = Vec::new();
        for path in &arguments.traces {
            recorded.extend(read_traces(path)?.iter().map(|trace| Recorded::of_trace(&model, trace)));
        }
        Differences::of(&model, sides, recorded.into_iter(), arguments.first)
    } else {
        let (sessions, _) = read_log(&arguments.sessions, &arguments.input.config()?)?;
        let blocks = blocks(&[&old, &new], arguments);
        Differences::of(&model, sides, of_sessions(&sessions, arguments.most, &blocks), arguments.first)
    };
    let differences =
        differences.map_err(|(number, error)| anyhow::Error::new(error).context(format!("request {}", number + 1)))?;
    if arguments.json { output::print_json(&differences) } else { output::print(table(&differences)) }
}

/// What a next page asks for: every placement, or every surface.
fn blocks(rules: &[&Rules], arguments: &Arguments) -> Vec<Request> {
    let placements = rules.iter().flat_map(|rules| {
        let book = rules.book();
        (0..book.n_placements()).map(move |at| book.placement_at(at))
    });
    let mut by_name: BTreeMap<&str, Vec<(&str, u16)>> = BTreeMap::new();
    for placement in placements {
        by_name.entry(placement.name).or_default().push((placement.surface, placement.limit));
    }
    let request = |placement: &str, surface: &str, limit: usize| Request {
        surface: surface.to_owned(),
        placement: placement.to_owned(),
        recommend: Some(RecommendRecord { limit, ..RecommendRecord::default() }),
        ..Request::default()
    };
    if by_name.is_empty() {
        return arguments.surfaces.iter().map(|surface| request("", surface, arguments.first)).collect();
    }
    let of_placement = |(name, said): (&str, Vec<(&str, u16)>)| {
        // A request goes before its placement: where the two differ, each is to say it itself.
        let (surface, _) = said[0];
        let surface = if said.iter().all(|&(other, _)| other == surface) { surface } else { "" };
        let limit = if said.iter().all(|&(_, limit)| limit > 0) { 0 } else { arguments.first };
        request(name, surface, limit)
    };
    by_name.into_iter().map(of_placement).collect()
}

fn table(differences: &Differences) -> String {
    let k = differences.first;
    let mut lines = vec![format!(
        "{:<24} {:>7} {:>8} {:>10} {:>8} {:>7} {:>9} {:>12} {:>10}",
        "block",
        "lists",
        "changed",
        "mean move",
        "largest",
        "barred",
        "unbarred",
        format!("into first {k}"),
        "out of it"
    )];
    for block in &differences.blocks {
        lines.push(format!(
            "{:<24} {:>7} {:>8} {:>10.2} {:>8} {:>7} {:>9} {:>12} {:>10}",
            block.block,
            block.lists,
            block.changed,
            block.mean_move,
            block.largest_move,
            block.barred,
            block.unbarred,
            block.entered,
            block.left
        ));
    }
    if !differences.rules.is_empty() {
        lines.push(String::new());
        lines.push(format!("{:<40} {:>10} {:>10}", "slots in which a rule had a say", "before", "after"));
        let row = |rule: &crate::replay::RuleDifference| format!("{:<40} {:>10} {:>10}", rule.rule, rule.old, rule.new);
        lines.extend(differences.rules.iter().map(row));
    }
    lines.join("\n")
}
