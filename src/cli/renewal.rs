//! `reshelve evaluate --renewal`: a model that is renewed beside one that is learned anew.

use anyhow::{Result, bail};

use super::meter::Meter;
use super::output;
use crate::eval::K;
use crate::eval::renewal::{Made, Renewal, measure_renewal};
use crate::train::{Catalog, Options, Sessions};

/// Learns from all but the last two days, adds a day and a share of the items, and predicts the last day.
pub(super) fn run(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    share: f64,
    options: &Options,
    json: bool,
) -> Result<()> {
    let Some(catalog) = catalog else {
        bail!("--renewal adds items to a catalog; give it with --catalog FILE");
    };
    if !(share > 0.0 && share < 1.0) {
        bail!("--renewal is {share}; give the share of the items that are new, such as 0.01");
    }
    let Some(renewal) = measure_renewal(sessions, catalog, share, options, &Meter::new())? else {
        bail!("--renewal predicts the last day of a log that has dates and goes back more than two days");
    };
    if json { output::print_json(&renewal) } else { output::print(table(&renewal)) }
}

fn table(renewal: &Renewal) -> String {
    let Renewal { cases, items, new_items, old, learned, renewed, repriced } = renewal;
    let mut lines = vec![
        format!(
            "{cases} steps of the last day, {items} items, {new_items} of them new on the day before; lists of {K}"
        ),
        format!("{:<16} {:>8} {:>10} {:>10} {:>8} {:>8}", "", "seconds", "bytes", "delta", "HR", "MRR"),
    ];
    let mut row = |name: &str, made: &Made| {
        let Made { seconds, bytes, delta, hr, mrr, .. } = made;
        lines.push(format!("{name:<16} {seconds:>8.1} {bytes:>10} {delta:>10} {hr:>8.4} {mrr:>8.4}"));
    };
    row("old model", old);
    row("learned anew", learned);
    row("renewed", renewed);
    row("prices alone", repriced);
    lines.push(format!(
        "\n{:<16} {:>10} {:>12} {:>12} {:>12}",
        "delta of", "bytes", "learned anew", "renewed", "prices alone"
    ));
    for section in &renewed.sections {
        let delta = |made: &Made| made.sections.iter().find(|of| of.name == section.name).map_or(0, |of| of.delta);
        let [learned, repriced] = [learned, repriced].map(delta);
        lines.push(format!(
            "{:<16} {:>10} {learned:>12} {:>12} {repriced:>12}",
            section.name, section.bytes, section.delta
        ));
    }
    lines.join("\n")
}
