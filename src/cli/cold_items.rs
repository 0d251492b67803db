//! `reshelve evaluate --cold-items`: how items fare that no event has been about.

use anyhow::{Result, bail};
use serde::Serialize;

use super::meter::Meter;
use super::output;
use crate::eval::K;
use crate::eval::cold::{ColdFigures, ColdScore, hold_out, measure_cold};
use crate::model::Model;
use crate::train::{Catalog, Options, Sessions, learn};

/// Everything measured.
#[derive(Debug, Serialize)]
struct Report {
    cases: usize,
    cold_items: usize,
    items: usize,
    k: usize,
    seed: u64,
    /// That of the whole catalog, where others look for it.
    hr: f64,
    #[serde(flatten)]
    figures: ColdFigures,
}

/// Learns without a share of the items, and predicts the steps of the newest sessions to them.
pub(super) fn run(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    (share, newest): (f64, f64),
    options: &Options,
    json: bool,
) -> Result<()> {
    let Some(catalog) = catalog else {
        bail!("--cold-items asks how items are placed by what the catalog says of them; give it with --catalog FILE");
    };
    for (flag, value) in [("--cold-items", share), ("--holdout", newest)] {
        if !(value > 0.0 && value < 1.0) {
            bail!("{flag} is {value}; give a share between 0 and 1, such as 0.1");
        }
    }
    let split = hold_out(sessions, catalog, share, newest, options.seed);
    if split.cases.0.is_empty() || split.sessions.is_empty() {
        bail!(
            "no session of the newest {newest} comes to one of the {} items kept out; give more sessions, or another \
             --cold-items or --seed",
            split.item_ids.len()
        );
    }
    let learned = learn(&split.sessions, Some(catalog), options, &Meter::new())?;
    let model = Model::from_bytes(learned.bytes)?;
    let figures = measure_cold(&model, &split, catalog, options.seed);
    let report = Report {
        cases: split.cases.0.len(),
        cold_items: split.item_ids.len(),
        items: model.n_items(),
        k: K,
        seed: options.seed,
        hr: figures.whole_catalog.hr,
        figures,
    };
    if json { output::print_json(&report) } else { output::print(table(&report)) }
}

fn table(report: &Report) -> String {
    let Report { cases, cold_items, items, k, figures, .. } = report;
    let mut lines = vec![
        format!("{cases} steps to {cold_items} of {items} items, which were kept out of the learning; lists of {k}"),
        format!("{:<28} {:>8} {:>8}", "", "HR", "MRR"),
    ];
    let mut row = |name: &str, score: &ColdScore| {
        lines.push(format!("{name:<28} {:>8.4} {:>8.4}", score.hr, score.mrr));
    };
    row("model", &figures.whole_catalog);
    row("category popularity", &figures.category_popularity);
    row("random", &figures.random);
    row("model, new items only", &figures.new_items);
    row("random, new items only", &figures.random_new_items);
    lines.join("\n")
}
