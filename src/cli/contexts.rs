//! `reshelve evaluate --context`: what is known of a session before its first event, and what that is worth.

use anyhow::{Result, bail};
use serde::Serialize;

use super::meter::Meter;
use super::output;
use crate::eval::K;
use crate::eval::context::{WithContext, split_for_context, with_context};
use crate::model::Model;
use crate::train::{Catalog, Options, Sessions, learn};

/// Everything measured.
#[derive(Debug, Serialize)]
struct Report {
    k: usize,
    seed: u64,
    /// Words of contexts in the model; 0: what was learned of them did not pay on the builder's own newest sessions.
    contexts: usize,
    popular_weight: u16,
    session_weight: u16,
    first_items: WithContext,
    steps: WithContext,
}

/// Learns from the older sessions, and predicts the newest with and without their contexts.
pub(super) fn run(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    holdout: f64,
    options: &Options,
    json: bool,
) -> Result<()> {
    if !(holdout > 0.0 && holdout < 1.0) {
        bail!("--holdout is {holdout}; give a share between 0 and 1, such as 0.1");
    }
    let (older, cases) = split_for_context(sessions, holdout);
    if older.is_empty() || cases.first_items.0.is_empty() || cases.steps.0.is_empty() {
        bail!("the log has {} sessions: too few to learn from the older and predict the newest", sessions.len());
    }
    let learned = learn(&older, catalog, options, &Meter::new())?;
    let model = Model::from_bytes(learned.bytes)?;
    let priors = model.priors();
    let report = Report {
        k: K,
        seed: options.seed,
        contexts: priors.map_or(0, |priors| priors.n_contexts()),
        popular_weight: priors.map_or(0, |priors| priors.popular_weight()),
        session_weight: priors.map_or(0, |priors| priors.session_weight()),
        first_items: with_context(&model, &cases.first_items, options.seed),
        steps: with_context(&model, &cases.steps, options.seed),
    };
    if json { output::print_json(&report) } else { output::print(table(&report)) }
}

fn table(report: &Report) -> String {
    let Report { k, contexts, popular_weight, session_weight, first_items, steps, .. } = report;
    let [popular, session] = [*popular_weight, *session_weight].map(|weight| f64::from(weight) / 1024.0);
    let mut lines = vec![
        format!(
            "{contexts} words of contexts, weight {popular:.2} where popularity is all, {session:.2} beside a session"
        ),
        format!(
            "{:<16} {:>8} {:>17} {:>17}  gain of HR@{k} and MRR@{k}",
            "", "cases", "without: HR MRR", "with: HR MRR"
        ),
    ];
    for (name, found) in [("first items", first_items), ("steps", steps)] {
        let pair = |(hr, mrr): (f64, f64)| format!("{hr:.4} {mrr:.4}");
        let gain = |(gain, interval): (f64, crate::eval::Interval)| {
            format!("{gain:+.4} ({:+.4} to {:+.4})", interval.0, interval.1)
        };
        lines.push(format!(
            "{name:<16} {:>8} {:>17} {:>17}  {}, {}",
            found.cases,
            pair(found.without),
            pair(found.with),
            gain(found.gain_hr),
            gain(found.gain_mrr)
        ));
    }
    lines.join("\n")
}
