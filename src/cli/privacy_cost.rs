//! `reshelve evaluate --privacy-cost`: what protecting people costs in quality.

use anyhow::Result;
use serde::Serialize;

use super::meter::Meter;
use super::output;
use crate::eval::privacy_cost::{Cost, MAX_CASES, Setting, measure_cost};
use crate::eval::{Cases, Interval, K};
use crate::train::{Catalog, Options, Privacy, Sessions};

/// Everything measured.
#[derive(Debug, Serialize)]
struct Report {
    cases: usize,
    k: usize,
    sessions: usize,
    delta: f64,
    settings: Vec<Cost>,
}

/// Learns under each protection and predicts the same cases.
pub(super) fn run(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    cases: &Cases,
    options: &Options,
    json: bool,
) -> Result<()> {
    let settings = measure_cost(sessions, catalog, cases, options, &Meter::new())?;
    let delta = options.privacy.noise.map_or(Privacy::DELTA, |noise| noise.delta);
    let cases = cases.0.len().min(MAX_CASES);
    let report = Report { cases, k: K, sessions: sessions.len(), delta, settings };
    if json { output::print_json(&report) } else { output::print(table(&report)) }
}

/// A Markdown table.
fn table(report: &Report) -> String {
    let Report { cases, k, sessions, delta, settings } = report;
    let head = ["protection", "HR", "95 % of the difference", "MRR", "95 % of the difference", "items", "pairs"];
    let interval = |Interval(low, high): Interval| format!("{low:+.4} to {high:+.4}");
    let row = |cost: &Cost| {
        let setting = match cost.setting {
            Setting::MinVisitors(1) => "none: k = 1".to_owned(),
            Setting::MinVisitors(visitors) => format!("k = {visitors}"),
            Setting::BySize(visitors) => format!("k by size: {visitors}"),
            Setting::Epsilon(epsilon) => format!("ε = {epsilon}, δ = {delta}"),
        };
        [
            setting,
            format!("{:.4}", cost.hr),
            interval(cost.hr_difference),
            format!("{:.4}", cost.mrr),
            interval(cost.mrr_difference),
            cost.items.to_string(),
            cost.pairs.to_string(),
        ]
    };
    let rows: Vec<[String; 7]> = [head.map(str::to_owned)].into_iter().chain(settings.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let line = |row: &[String; 7]| {
        let cells = row.iter().enumerate().map(|(column, cell)| format!(" {cell:<width$} |", width = width(column)));
        format!("|{}", cells.collect::<String>())
    };
    let mut lines = vec![format!("{cases} cases, lists of {k}, learned from {sessions} sessions"), String::new()];
    lines.push(line(&rows[0]));
    lines.push(line(&std::array::from_fn(|column| "-".repeat(width(column)))));
    lines.extend(rows[1..].iter().map(line));
    lines.join("\n")
}
