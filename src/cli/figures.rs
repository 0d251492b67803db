use super::evaluate::Report;
use super::output;
use crate::eval::{Interval, Judged, Metric};

/// What a row of the table shows.
const COLUMNS: [(&str, Metric); 4] =
    [("HR", Metric::HitRate), ("MRR", Metric::ReciprocalRank), ("NDCG", Metric::Gain), ("recall", Metric::Recall)];
/// What lists are like beyond hitting.
const BEYOND: [(&str, Metric, usize); 5] = [
    ("coverage", Metric::Coverage, 4),
    ("popularity percentile", Metric::PopularityPercentile, 4),
    ("average popularity", Metric::AveragePopularity, 1),
    ("diversity", Metric::Diversity, 4),
    ("novelty, bits", Metric::Novelty, 2),
];

/// A report for people.
pub(super) fn table(report: &Report, with_slices: bool) -> String {
    let evaluation = &report.evaluation;
    let mut lines = vec![
        format!(
            "{} cases of {} visitors or sessions, {} items, lists of {}; 95 % intervals beneath",
            report.cases, evaluation.visitors, report.items, report.k
        ),
        format!("of {} cases the next item is none that the model knows", report.unknown_targets),
        format!("{:<24}{}", "", COLUMNS.map(|(name, _)| format!("{name:>16}")).concat()),
    ];
    let mut row = |name: &str, judged: &Judged| {
        let figures = COLUMNS.map(|(_, metric)| format!("{:>16.4}", judged.figures.get(metric)));
        lines.push(format!("{name:<24}{}", figures.concat()));
        let intervals = COLUMNS.map(|(_, metric)| format!("{:>16}", interval(judged.intervals.get(metric), 4)));
        lines.push(format!("{:<24}{}", "", intervals.concat()));
    };
    row("model", &evaluation.model);
    for (name, judged) in evaluation.baselines.iter().rev() {
        row(&name.replace('_', " "), judged);
    }

    let best = evaluation.best_baseline;
    let judged = evaluation.baselines.iter().find(|(name, _)| *name == best);
    let compared = evaluation.differences.iter().find(|(name, _)| *name == best);
    let ((_, judged), (_, compared)) = judged.zip(compared).expect("the best baseline is one of them");
    let best = best.replace('_', " ");
    let differences = [Metric::HitRate, Metric::ReciprocalRank].map(|metric| {
        let name = metric.name().to_uppercase();
        format!("{name} {:+.4}{}", compared.differences.get(metric), between(compared.intervals.get(metric)))
    });
    lines.push(format!("over {best}, the best of them: {}", differences.join(", ")));
    for (name, compared) in evaluation.differences.iter().rev() {
        for (label, metric) in COLUMNS {
            let interval = compared.intervals.get(metric);
            if interval.1 < 0.0 {
                let (name, difference) = (name.replace('_', " "), compared.differences.get(metric));
                lines.push(format!("behind {name} in {label}: {difference:+.4}{}", between(interval)));
            }
        }
    }
    lines.push(String::new());
    lines.push(format!("{:<24}{:>12} {:>17} {:>20}", "", "model", "", best));
    for (name, metric, decimals) in BEYOND {
        let figure = |judged: &Judged| number(*judged.figures.get(metric), decimals);
        let between = interval(evaluation.model.intervals.get(metric), decimals);
        lines.push(format!("{name:<24}{:>12} {between:>17} {:>20}", figure(&evaluation.model), figure(judged)));
    }

    lines.push(String::new());
    lines.push(format!("{:<24}{:>12} {:>17}", "on a sample", "HR", "MRR"));
    let parts = &report.parts;
    for (name, worth) in [
        ("all parts", parts.all),
        ("without embedding", parts.without_embedding),
        ("without neighbors", parts.without_neighbors),
        ("without history", parts.without_history),
        ("without priors", parts.without_priors),
    ] {
        lines.push(format!("{name:<24}{:>12.4} {:>17.4}", worth.hr, worth.mrr));
    }

    if with_slices {
        lines.push(String::new());
        let names = ["HR", "MRR"].map(|name| format!("{name:>8} {:>16}", ""));
        lines.push(format!("{:<24}{:>8}{}   {best}: HR, MRR", "", "cases", names.concat()));
        for slices in evaluation.slices.chunk_by(|a, b| a.by == b.by) {
            lines.push(slices[0].by.name().to_owned());
            for slice in slices {
                let metrics = [Metric::HitRate, Metric::ReciprocalRank];
                let ours = metrics.map(|metric| {
                    let between = interval(slice.model.intervals.get(metric), 4);
                    format!("{:>8.4} {between:>16}", slice.model.figures.get(metric))
                });
                let theirs = metrics.map(|metric| format!("{:>8.4}", slice.best_baseline.figures.get(metric)));
                lines.push(format!("  {:<22}{:>8}{}   {}", slice.slice, slice.cases, ours.concat(), theirs.concat()));
            }
        }
    }

    lines.push(String::new());
    lines.push(match report.leak {
        Some(leak) => format!(
            "no leak: {} of {} sequences stand in training, {:.1} would by chance",
            leak.found, leak.sequences, leak.expected
        ),
        None => "no leak: every case is later than the model's newest event".to_owned(),
    });
    let size = output::bytes(report.model_bytes as u64);
    let learned = report.train_seconds.map_or(String::new(), |seconds| format!("; learned in {seconds:.1} s"));
    lines.push(format!("{size}, {:.1} bytes an item{learned}", report.bytes_per_item));
    lines.push(format!(
        "an answer takes {:.0} µs at the median, {:.0} µs at the 99th percentile",
        report.p50_us, report.p99_us
    ));
    lines.join("\n")
}

/// The interval of a difference; nothing where there is none.
fn between(Interval(low, high): &Interval) -> String {
    if low.is_nan() { String::new() } else { format!(" ({low:+.4} to {high:+.4})") }
}

fn interval(Interval(low, high): &Interval, decimals: usize) -> String {
    if low.is_nan() { String::new() } else { format!("{low:.decimals$}-{high:.decimals$}") }
}

fn number(value: f64, decimals: usize) -> String {
    if value.is_nan() { "not known".to_owned() } else { format!("{value:.decimals$}") }
}
