use std::num::NonZeroU32;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use super::output;
use crate::counters::{ArmFigure, Difference, Estimate, Figure, Refusal, Refused, Tally};
use crate::eval::Interval;
use crate::train::input::{Source, each_line};

/// Take the noise out of reports of `reshelve/counters`: counts per visit by arm and placement, with intervals
///
///   reshelve estimate reports.jsonl.gz
///
/// docs/COUNTERS.md says what the figures mean, and what they miss.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Reports, one JSON object a line, plain, gzip or zstd: one or several files, or - for standard input
    #[arg(value_name = "REPORTS", required = true)]
    reports: Vec<Source>,
    /// The experiment to estimate [default: the one that most reports are of]
    #[arg(long, value_name = "NAME")]
    experiment: Option<String>,
    /// The ε of the reports to estimate [default: the one that most reports have]
    #[arg(long, value_name = "E")]
    epsilon: Option<f64>,
    /// How many of all intervals shall hold the true figure, between 0 and 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = share)]
    confidence: f64,
    /// Most reports that one device may have sent: arms are drawn by device, so the shares of the arms are checked as those
    /// of so many times fewer draws. 8 is what the default budget allows for 30 days
    #[arg(long, value_name = "N", default_value = "8")]
    reports_per_device: NonZeroU32,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What was read, and what it says.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    estimate: Estimate,
    refused: Vec<Refused>,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "give a number between 0 and 1, such as 0.95".to_owned())?;
    if share > 0.0 && share < 1.0 { Ok(share) } else { Err("give a number between 0 and 1, such as 0.95".to_owned()) }
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let mut tally = Tally::default();
    for source in &arguments.reports {
        let file = source.name();
        each_line(source, |line, text| match text {
            Some(text) => tally.read(&file, line, text),
            None => tally.refuse(&file, line, &Refusal::TooLong),
        })?;
    }
    let refused = tally.refused();
    let (experiment, epsilon) = (arguments.experiment.as_deref(), arguments.epsilon);
    let Arguments { confidence, reports_per_device, .. } = *arguments;
    let Some(estimate) = Estimate::of(&tally, experiment, epsilon, confidence, reports_per_device) else {
        let why = refused.iter().map(account).collect::<Vec<_>>().join("\n");
        match tally.reports() {
            0 if why.is_empty() => bail!(
                "there is no report in what was given: no line, or blank ones alone. Give what devices have sent, one JSON object a line"
            ),
            0 => bail!("no line is a report that can be read:\n{why}"),
            reports => bail!(
                "none of the {reports} reports is of the experiment and the ε asked for; leave out --experiment and \
                 --epsilon to see what most of them are of"
            ),
        }
    };
    let answer = Answer { estimate, refused };
    if arguments.json { output::print_json(&answer) } else { output::print(table(&answer)) }
}

/// The answer for people.
fn table(Answer { estimate, refused }: &Answer) -> String {
    let Estimate { scheme, confidence, visits, shares, figures, outsiders } = estimate;
    let mut lines = vec![
        format!(
            "experiment {:?}: {visits} visits, a report each with ε {}; {} % intervals",
            scheme.design.experiment,
            scheme.epsilon,
            100.0 * confidence
        ),
        format!(
            "{} visits saw the store's own order, {} the shopper's; drawn were {} % for the first",
            shares.holdout,
            shares.personalized,
            100.0 * scheme.design.holdout
        ),
    ];
    if !shares.holds {
        lines.push(format!(
            "DO NOT TRUST THESE FIGURES: chance takes the shares so far from what was drawn with p = {:.1e}. The reports of \
             one arm get lost more often, or somebody forges some; docs/COUNTERS.md says where to look",
            shares.p
        ));
    }
    lines.push(String::new());
    lines.push(format!("{:<26}{:>32}{:>32}{:>34}", "per visit", "store's own order", "personalized", "difference"));
    let mut block = String::new();
    for figure in figures {
        let named = block_of(figure);
        if named != block {
            lines.push(named.clone());
            block = named;
        }
        lines.push(format!(
            "  {:<24}{:>32}{:>32}{:>34}",
            format!("{}, at most {}", figure.cell.counted.name(), figure.cap),
            mean(&figure.holdout),
            mean(&figure.personalized),
            difference(figure.difference)
        ));
    }
    if let Some(outsiders) = outsiders {
        lines.push(String::new());
        lines.push(format!(
            "left out: {} reports of {} other designs, most of them ({}) of experiment {:?} with ε {}; --experiment and \
             --epsilon choose another",
            outsiders.reports,
            outsiders.schemes,
            outsiders.largest_reports,
            outsiders.largest.design.experiment,
            outsiders.largest.epsilon
        ));
    }
    lines.extend(refused.iter().map(account));
    lines.join("\n")
}

fn block_of(Figure { cell, .. }: &Figure) -> String {
    match (&cell.placement, cell.discovered) {
        (None, _) => "the visit as a whole".to_owned(),
        (Some(placement), false) => placement.escape_debug().to_string(),
        (Some(placement), true) => format!("{}, slots for something different", placement.escape_debug()),
    }
}

fn mean(figure: &ArmFigure) -> String {
    let parts = figure.mean.zip(figure.interval);
    parts.map_or("no report".to_owned(), |(mean, Interval(low, high))| format!("{mean:.4} ({low:.4} to {high:.4})"))
}

fn difference(difference: Option<Difference>) -> String {
    difference.map_or("not known".to_owned(), |Difference { mean, interval: Interval(low, high) }| {
        format!("{mean:+.4} ({low:+.4} to {high:+.4})")
    })
}

fn account(Refused { lines, file, line, problem, .. }: &Refused) -> String {
    let others = if *lines == 1 { String::new() } else { format!(", and {} more for such a reason", lines - 1) };
    format!("refused: {file}, line {line}{others}: {problem}")
}
