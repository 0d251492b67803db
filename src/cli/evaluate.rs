use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use clap::{ArgGroup, Args};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::cold_items;
use super::input::{InputArguments, NoiseArguments, check_stdin, read_items, read_log};
use super::meter::Meter;
use super::{contexts, figures, impressions, output, privacy_cost, renewal};
use crate::eval::leak::{self, Leak, Overlap};
use crate::eval::{Cases, Evaluation, History, K, Parts, evaluate, measure_parts, newest, split, time};
use crate::model::Model;
use crate::train::input::{Config, Source};
use crate::train::{Catalog, Options, Privacy, Protection, Rounding, Sessions, learn};

/// Measure how well a model predicts what shoppers look at next
///
/// On cases of your own, on later sessions than those to learn from, on the newest sessions of a log, or a finished model
/// on a log that it has not seen. A model is written, read back and asked by the runtime that shoppers get, and stands
/// beside simple baselines. Cases that have been in training are refused. docs/EVALUATION.md has the protocol.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("asked").args(["cases", "events", "impressions"]).required(true)))]
pub(super) struct Arguments {
    /// Sessions to learn from
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "asked")]
    sessions: Vec<Source>,
    /// Cases to predict, one a line: items so far separated by spaces, a tab, the next item; plain or gzip
    #[arg(long, value_name = "FILE", requires = "sessions")]
    cases: Option<PathBuf>,
    /// An event log to predict: with --sessions or --model all of it, else its newest sessions from the older ones
    #[arg(long, value_name = "FILE", num_args = 1..)]
    events: Vec<Source>,
    /// A finished model to measure on --events, instead of learning one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sessions", "cases", "catalog", "holdout", "epsilon", "delta"])]
    model: Option<PathBuf>,
    /// With --model: predict the sessions that begin after this time (a date, RFC 3339, or a number where the log has no dates);
    /// the older ones are for the baselines
    #[arg(long, value_name = "TIME", requires = "model")]
    cutoff: Option<String>,
    /// A log with shown lists and their clicks: how well they are ordered, by a ranker learned from other visitors' lists
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["sessions", "cases", "events", "model"])]
    impressions: Vec<Source>,
    /// Parts of the visitors for --impressions: each is ordered by what was learned from the others
    #[arg(long, value_name = "N", default_value_t = 5, requires = "impressions")]
    folds: u64,
    /// The catalog
    #[arg(long, value_name = "FILE", num_args = 1..)]
    catalog: Vec<Source>,
    /// Share of the sessions, the newest, that are predicted
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, conflicts_with_all = ["cases", "sessions"])]
    holdout: f64,
    /// Keep this share of the items out of the learning, and predict the sessions that come to them
    #[arg(long, value_name = "SHARE", requires = "events", conflicts_with_all = ["sessions", "cases", "model"])]
    cold_items: Option<f64>,
    /// Predict the first items and the steps of the newest sessions with and without what is known of their contexts
    #[arg(long, requires = "events", conflicts_with_all = ["sessions", "cases", "model", "cold_items"])]
    context: bool,
    /// Learn the same with k = 1, 5, 20 and 50 visitors behind whatever is told, and with ε = 1, 4 and 8, and compare; each
    /// is learned for a few examples only, to compare
    #[arg(long, conflicts_with_all = ["model", "cold_items", "context", "impressions", "min_visitors"])]
    privacy_cost: bool,
    /// Renew a model of all but the last two days, with this share of the items being new, as `build --from` does, and compare
    /// with learning anew, on the last day
    #[arg(long, value_name = "SHARE", requires = "events", conflicts_with_all = ["sessions", "cases", "model", "cold_items", "context", "privacy_cost"])]
    renewal: Option<f64>,
    /// Fewest distinct visitors behind whatever is told, as [privacy] k, but 1 too: then nobody is protected in any way, as where
    /// others measure [default: as `build` does, 3 to 20 by the data's size; with --cases 1]
    #[arg(long, value_name = "N", conflicts_with = "model", value_parser = clap::value_parser!(u32).range(1..))]
    min_visitors: Option<u32>,
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    noise: NoiseArguments,
    /// Another seed makes another, about equally good model
    #[arg(long, value_name = "N", default_value_t = Options::default().seed)]
    seed: u64,
    /// Most bytes of the model file for an item
    #[arg(long, value_name = "N", conflicts_with_all = ["model", "impressions"])]
    bytes_per_item: Option<usize>,
    /// Show parts of the cases too: by session length, by age and by popularity of the item
    #[arg(long, conflicts_with = "json")]
    slices: bool,
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
pub(super) struct Report {
    pub(super) cases: usize,
    /// Those whose next item the model does not know: nothing finds it.
    pub(super) unknown_targets: usize,
    pub(super) k: usize,
    #[serde(flatten)]
    pub(super) evaluation: Evaluation,
    /// None where a finished model's sessions are not at hand: then times alone say that there is no leak.
    pub(super) leak: Option<Overlap>,
    pub(super) parts: Parts,
    /// How people were protected; null for a finished model.
    pub(super) privacy: Option<Protection>,
    /// Null for a finished model, and where no embedding was learned.
    pub(super) rounding: Option<Rounding>,
    pub(super) items: usize,
    pub(super) model_bytes: usize,
    pub(super) bytes_per_item: f64,
    /// Null for a finished model.
    pub(super) train_seconds: Option<f64>,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    /// Null where the system does not tell.
    pub(super) peak_rss_bytes: Option<u64>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { sessions, events, catalog, impressions, .. } = arguments;
    check_stdin([sessions, events, catalog, impressions].into_iter().flatten())?;
    let mut config = arguments.input.config()?;
    arguments.noise.apply(&mut config)?;
    if arguments.cases.is_some() {
        // Where cases are given, pages that were loaded again are still in them.
        config.cleaning.refresh_seconds = 0.0;
    }
    let mut privacy = config.privacy.settled();
    if privacy.noise.is_some() && arguments.min_visitors.is_some() {
        bail!("noise stands in the place of --min-visitors; leave that out, or ε (--epsilon, [privacy] epsilon)");
    }
    // Cases are measured as others measure them: on what is learned from everyone.
    let is_compared = arguments.cases.is_some() && privacy.noise.is_none() && !arguments.privacy_cost;
    privacy.min_visitors = arguments.min_visitors.or(privacy.min_visitors).or(is_compared.then_some(1));
    if privacy.min_visitors == Some(1) {
        privacy = Privacy::NONE;
    }
    let position_correction = config.impressions.position_correction;
    let bytes_per_item = arguments.bytes_per_item;
    let options = Options { seed: arguments.seed, bytes_per_item, position_correction, privacy, ..Options::default() };
    if !arguments.impressions.is_empty() {
        let catalog = read_items(&arguments.catalog, &config)?.map(|(catalog, _)| catalog);
        let (sources, folds) = (&arguments.impressions, arguments.folds);
        return impressions::run(sources, catalog.as_ref(), &config, folds, &options, arguments.json);
    }
    if let Some(share) = arguments.cold_items {
        let catalog = read_items(&arguments.catalog, &config)?.map(|(catalog, _)| catalog);
        let (sessions, _) = read_log(&arguments.events, &config)?;
        let shares = (share, arguments.holdout);
        return cold_items::run(&sessions, catalog.as_ref(), shares, &options, arguments.json);
    }
    if let Some(share) = arguments.renewal {
        let catalog = read_items(&arguments.catalog, &config)?.map(|(catalog, _)| catalog);
        let (sessions, _) = read_log(&arguments.events, &config)?;
        return renewal::run(&sessions, catalog.as_ref(), share, &options, arguments.json);
    }
    if arguments.context {
        let catalog = read_items(&arguments.catalog, &config)?.map(|(catalog, _)| catalog);
        let (sessions, _) = read_log(&arguments.events, &config)?;
        return contexts::run(&sessions, catalog.as_ref(), arguments.holdout, &options, arguments.json);
    }
    if arguments.privacy_cost {
        let Asked { sessions, cases, catalog, .. } = asked(arguments, &config)?;
        return privacy_cost::run(&sessions, catalog.as_ref(), &cases, &options, arguments.json);
    }
    let measured = match &arguments.model {
        Some(path) => finished(path, arguments, &config)?,
        None => learned(arguments, &config, &options)?,
    };
    let report = report(&measured, arguments.seed)?;
    if arguments.json { output::print_json(&report) } else { output::print(figures::table(&report, arguments.slices)) }
}

/// What is measured, on what.
struct Measured {
    model: Model,
    sessions: Sessions,
    cases: Cases,
    leak: Option<Overlap>,
    protection: Option<Protection>,
    rounding: Option<Rounding>,
    train_seconds: Option<f64>,
}

/// What is learned from, and what is to be predicted.
struct Asked {
    sessions: Sessions,
    catalog: Option<Catalog>,
    cases: Cases,
    leak: Overlap,
}

/// Sessions, and cases that are given, those of another log, or those of the newest sessions.
fn asked(arguments: &Arguments, config: &Config) -> Result<Asked> {
    let catalog = read_items(&arguments.catalog, config)?.map(|(catalog, _)| catalog);
    // Then no session is on both sides: what comes again are the shoppers' ways.
    let mut are_apart = arguments.sessions.is_empty();
    let (sessions, cases) = if arguments.sessions.is_empty() {
        let (log, _) = read_log(&arguments.events, config)?;
        hold_out(&log, arguments.holdout)?
    } else {
        let (sessions, _) = read_log(&arguments.sessions, config)?;
        let cases = match &arguments.cases {
            Some(path) => read_cases(path)?,
            None => Cases::of_sessions(&read_log(&arguments.events, config)?.0),
        };
        (sessions, cases)
    };
    if cases.0.is_empty() {
        bail!("there is nothing to predict: no session of --events has two items or more");
    }
    // Without dates the numbers of two files need not be of one clock.
    if let Some(newest_ms) = sessions.newest_ms().filter(|_| sessions.has_dates) {
        let remedy = "learn from the sessions before that of the cases, or give later ones to predict";
        leak::check_times(newest_ms, sessions.has_dates, &cases, remedy)?;
        are_apart |= cases.0.iter().all(|case| case.timestamp_ms.is_some());
    }
    let leak = match leak::check_sequences(&sessions, &cases) {
        Err(Leak::Sequences { found, sequences, expected, .. }) if are_apart => Overlap { sequences, found, expected },
        checked => checked?,
    };
    Ok(Asked { sessions, catalog, cases, leak })
}

/// Learns a model for cases.
fn learned(arguments: &Arguments, config: &Config, options: &Options) -> Result<Measured> {
    let Asked { sessions, catalog, cases, leak } = asked(arguments, config)?;
    let start = Instant::now();
    let learned = learn(&sessions, catalog.as_ref(), options, &Meter::new())?;
    let train_seconds = Some(start.elapsed().as_secs_f64());
    // Through a file and back: what is measured is what would be shipped.
    let file = tempfile::NamedTempFile::new().context("cannot make a temporary file for the model")?;
    output::write_whole(file.path(), &learned.bytes)?;
    let model = Model::from_bytes(std::fs::read(file.path()).context("cannot read the temporary model back")?)?;
    let protection = Some(learned.protection);
    Ok(Measured { model, sessions, cases, leak: Some(leak), protection, rounding: learned.rounding, train_seconds })
}

/// Takes a finished model, for the sessions of a log that begin after a time: the given one, or the model's own.
fn finished(path: &Path, arguments: &Arguments, config: &Config) -> Result<Measured> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    let model = Model::from_bytes(bytes).with_context(|| format!("cannot use {name}"))?;
    let (log, _) = read_log(&arguments.events, config)?;
    let created_ms = model.metadata().created_at_ms;
    let cutoff = arguments.cutoff.as_deref().map(|text| moment(text, log.has_dates)).transpose()?;
    let begins_after = |index: usize, cutoff_ms: i64| log.session(index)[0].timestamp_ms > cutoff_ms;
    let (older, newer): (Vec<usize>, Vec<usize>) = match cutoff {
        Some(cutoff_ms) => (0..log.len()).partition(|&index| !begins_after(index, cutoff_ms)),
        None => (Vec::new(), (0..log.len()).collect()),
    };
    let cases = Cases::of_sessions(&log.choose(&newer));
    if cases.0.is_empty() {
        let time = leak::time(cutoff.unwrap_or(created_ms), log.has_dates);
        bail!(
            "there is nothing to predict: no session that begins after {time} has two items or more; give a later log"
        );
    }
    let created = leak::time(created_ms, log.has_dates);
    let remedy = format!("give a log that begins later, or --cutoff {created} to predict the sessions after it alone");
    leak::check_times(created_ms.saturating_add(1), log.has_dates, &cases, &remedy)?;
    // What overlaps the cases in time is no past of theirs.
    let past: Vec<usize> = older
        .into_iter()
        .filter(|&index| cutoff >= log.session(index).last().map(|event| event.timestamp_ms))
        .collect();
    let sessions = log.choose(&past);
    Ok(Measured { model, sessions, cases, leak: None, protection: None, rounding: None, train_seconds: None })
}

/// A time, in UTC unless it says otherwise, midnight of a date; or the number of an ordinal log.
fn moment(text: &str, has_dates: bool) -> Result<i64> {
    let civil = || TimeZone::UTC.to_timestamp(text.parse().ok()?).ok();
    let date = || text.parse().ok().or_else(civil).map(Timestamp::as_millisecond);
    let time_ms = if has_dates { date() } else { text.parse().ok() };
    let kind =
        if has_dates { "a date, or a time such as 2026-01-31T12:00:00Z" } else { "a number, as the log has them" };
    time_ms.ok_or_else(|| anyhow!("--cutoff {text:?} is no time; write {kind}"))
}

fn report(measured: &Measured, seed: u64) -> Result<Report> {
    let Measured { model, sessions, cases, leak, protection, rounding, train_seconds } = measured;
    let evaluation = evaluate(model, &History::new(model, sessions), cases, seed);
    let timing = time(model, cases, TIMED);
    let model_bytes = model.byte_len();
    Ok(Report {
        cases: cases.0.len(),
        unknown_targets: cases.0.iter().filter(|case| model.row(case.target()).is_none()).count(),
        k: K,
        evaluation,
        leak: *leak,
        parts: measure_parts(model, cases)?,
        privacy: *protection,
        rounding: *rounding,
        items: model.n_items(),
        model_bytes,
        bytes_per_item: model_bytes as f64 / model.n_items().max(1) as f64,
        train_seconds: *train_seconds,
        p50_us: timing.p50_us,
        p99_us: timing.p99_us,
        peak_rss_bytes: peak_rss_bytes(),
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
fn hold_out(log: &Sessions, holdout: f64) -> Result<(Sessions, Cases)> {
    if !(holdout > 0.0 && holdout < 1.0) {
        bail!("--holdout is {holdout}; give a share between 0 and 1, such as 0.1");
    }
    let first_held_out = newest(log, holdout);
    let (older, cases) = split(log, first_held_out);
    if first_held_out == 0 || cases.0.is_empty() {
        bail!(
            "the log has {} sessions: too few to learn from the older and predict the newest with two items or more; \
             give more, another --holdout or, where visits are cut too short, a longer --gap-minutes",
            log.len()
        );
    }
    Ok((older, cases))
}

/// The most memory that this process has held, where the system tells (Linux).
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
