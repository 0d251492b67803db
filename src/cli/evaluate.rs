use std::io::BufReader;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use flate2::read::MultiGzDecoder;
use serde::Serialize;

use super::input::{InputArguments, read_items, read_log};
use super::meter::Meter;
use super::{impressions, output};
use crate::eval::baselines::{Baselines, measure_baselines};
use crate::eval::{Cases, Figures, K, measure_timed};
use crate::model::Model;
use crate::train::input::Source;
use crate::train::{Catalog, Options, Sessions, learn};

/// Measure how well a model predicts what shoppers look at next
///
/// Either on cases of your own, or on the newest sessions of a log, having learned from the older ones. The model is
/// written, read back and asked by the runtime that shoppers get. docs/EVALUATION.md has the protocol.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Sessions to learn from
    #[arg(long, value_name = "FILE", requires = "cases", num_args = 1.., required_unless_present_any = ["events", "impressions"])]
    sessions: Vec<Source>,
    /// Cases to predict, one a line: items so far separated by spaces, a tab, the next item; plain or gzip
    #[arg(long, value_name = "FILE", requires = "sessions")]
    cases: Option<PathBuf>,
    /// An event log: the newest sessions are predicted from the older ones
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["sessions", "cases"])]
    events: Vec<Source>,
    /// A log with shown lists and their clicks: how well they are ordered, by a ranker learned from other visitors' lists
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["sessions", "cases", "events", "catalog"])]
    impressions: Vec<Source>,
    /// Parts of the visitors for --impressions: each is ordered by what was learned from the others
    #[arg(long, value_name = "N", default_value_t = 5, requires = "impressions")]
    folds: u64,
    /// The catalog
    #[arg(long, value_name = "FILE", num_args = 1..)]
    catalog: Vec<Source>,
    /// Share of the sessions, the newest, that are predicted
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, conflicts_with = "cases")]
    holdout: f64,
    #[command(flatten)]
    input: InputArguments,
    /// Another seed makes another, about equally good model
    #[arg(long, value_name = "N", default_value_t = Options::default().seed)]
    seed: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Cases whose answers are timed one by one.
const TIMED: usize = 2000;

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Everything measured. Fractions, not percentages.
#[derive(Debug, Serialize)]
struct Report {
    cases: usize,
    k: usize,
    #[serde(flatten)]
    figures: Figures,
    items: usize,
    model_bytes: usize,
    bytes_per_item: f64,
    train_seconds: f64,
    p50_us: f64,
    p99_us: f64,
    /// Null where the system does not tell.
    peak_rss_bytes: Option<u64>,
    baselines: Baselines,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let config = arguments.input.config()?;
    let position_correction = config.impressions.position_correction;
    let options = Options { seed: arguments.seed, position_correction, ..Options::default() };
    if !arguments.impressions.is_empty() {
        return impressions::run(&arguments.impressions, &config, arguments.folds, &options, arguments.json);
    }
    let catalog = read_items(&arguments.catalog, &config)?.map(|(catalog, _)| catalog);
    let (sessions, cases) = if let Some(path) = &arguments.cases {
        let (sessions, _) = read_log(&arguments.sessions, &config)?;
        (sessions, read_cases(path)?)
    } else {
        let (sessions, _) = read_log(&arguments.events, &config)?;
        split(&sessions, arguments.holdout)?
    };
    let report = evaluate(&sessions, catalog.as_ref(), &cases, &options)?;
    if arguments.json { output::print_json(&report) } else { output::print(table(&report)) }
}

fn evaluate(sessions: &Sessions, catalog: Option<&Catalog>, cases: &Cases, options: &Options) -> Result<Report> {
    let start = Instant::now();
    let meter = Meter::new();
    let learned = learn(sessions, catalog, options, &meter);
    meter.finish();
    let train_seconds = start.elapsed().as_secs_f64();
    // Through a file and back: what is measured is what would be shipped.
    let file = tempfile::NamedTempFile::new().context("cannot make a temporary file for the model")?;
    output::write_whole(file.path(), &learned?.bytes)?;
    let bytes = std::fs::read(file.path()).context("cannot read the temporary model back")?;
    let model_bytes = bytes.len();
    let model = Model::from_bytes(bytes)?;
    let measured = measure_timed(&model, cases, TIMED);
    Ok(Report {
        cases: cases.0.len(),
        k: K,
        figures: measured.figures,
        items: model.n_items(),
        model_bytes,
        bytes_per_item: model_bytes as f64 / model.n_items() as f64,
        train_seconds,
        p50_us: measured.timing.p50_us,
        p99_us: measured.timing.p99_us,
        peak_rss_bytes: peak_rss_bytes(),
        baselines: measure_baselines(sessions, cases, options.seed),
    })
}

fn read_cases(path: &PathBuf) -> Result<Cases> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the cases {name}"))?;
    let cases = if bytes.starts_with(&GZIP) {
        Cases::read(BufReader::new(MultiGzDecoder::new(bytes.as_slice())), &name)
    } else {
        Cases::read(bytes.as_slice(), &name)
    };
    Ok(cases?)
}

/// The older sessions to learn from, and the newest as cases.
fn split(sessions: &Sessions, holdout: f64) -> Result<(Sessions, Cases)> {
    if !(holdout > 0.0 && holdout < 1.0) {
        bail!("--holdout is {holdout}; give a share between 0 and 1, such as 0.1");
    }
    let first_held_out = sessions.len() - (sessions.len() as f64 * holdout).ceil() as usize;
    let cases = Cases::of_sessions(&sessions.part(first_held_out..sessions.len()));
    if first_held_out == 0 || cases.0.is_empty() {
        bail!(
            "the log has {} sessions: too few to learn from the older and predict the newest with two items or more; \
             give more, or another --holdout",
            sessions.len()
        );
    }
    // Items that only the held-out sessions have are unknown when the model is learned.
    Ok((sessions.part(0..first_held_out).without_unused_items(), cases))
}

/// The most memory that this process has held, where the system tells (Linux).
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn table(report: &Report) -> String {
    let mut lines = vec![
        format!("{} cases, {} items, lists of {}", report.cases, report.items, report.k),
        format!("{:<20} {:>8} {:>8} {:>8} {:>8}", "", "HR", "MRR", "NDCG", "coverage"),
    ];
    let mut row = |name: &str, figures: &Figures| {
        let Figures { hr, mrr, ndcg, coverage } = figures;
        lines.push(format!("{name:<20} {hr:>8.4} {mrr:>8.4} {ndcg:>8.4} {coverage:>8.4}"));
    };
    row("model", &report.figures);
    row("last item", &report.baselines.last_item);
    row("session popularity", &report.baselines.session_popularity);
    row("popularity", &report.baselines.popularity);
    row("random", &report.baselines.random);
    let size = output::bytes(report.model_bytes as u64);
    lines.push(format!("{size}, {:.1} bytes an item; learned in {:.1} s", report.bytes_per_item, report.train_seconds));
    lines.push(format!(
        "an answer takes {:.0} µs at the median, {:.0} µs at the 99th percentile",
        report.p50_us, report.p99_us
    ));
    lines.join("\n")
}
