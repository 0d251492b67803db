use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use super::input::{InputArguments, NoiseArguments, check_stdin, read_items, read_lists, read_log};
use super::meter::Meter;
use super::output;
use super::rules::compiled;
use crate::eval::gate::{self, Rival};
use crate::format::container::{MAGIC, SectionKind};
use crate::model::Model;
use crate::train::input::{CatalogReport, ImpressionReport, IntakeReport, Source};
use crate::train::ranker::add_ranker;
use crate::train::ranker::booster::BoosterOptions;
use crate::train::{ContextWorth, Level, Options, Protection, Rounding, Sessions, Verdict, learn, renew};

/// Learn a model from an event log, and a catalog if there is one
///
/// Reads CSV, TSV, JSON Lines and Parquet, plain, gzip or zstd. Without a catalog the model knows the items of the log;
/// with one, exactly those of the catalog. Where there is too little to learn from, `reshelve audit` says what would help,
/// and the model does with what there is: without a log, with the catalog alone. The same input gives the same file.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The event log: one or several files, or - for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "catalog", num_args = 1..)]
    events: Vec<Source>,
    /// The catalog: one or several files
    #[arg(long, value_name = "FILE", num_args = 1..)]
    catalog: Vec<Source>,
    /// A log with shown lists and their clicks, from which a ranker is learned; see [impressions] in docs/INPUT.md
    #[arg(long, value_name = "FILE", num_args = 1..)]
    impressions: Vec<Source>,
    /// A store's rules, TOML or JSON, to put into the model; see docs/RULES.md
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    noise: NoiseArguments,
    /// The model file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// A model to build from: items keep the vectors that they have in it, and new ones are placed among them. Learns nothing
    /// anew, and changes little of the file; see docs/INPUT.md
    #[arg(long, value_name = "FILE", conflicts_with = "gate")]
    from: Option<PathBuf>,
    /// Another seed makes another, about equally good model
    #[arg(long, value_name = "N", default_value_t = Options::default().seed)]
    seed: u64,
    /// Most bytes of the file for an item: shapes the embedding and the neighbor rows. What --rules and --impressions put into
    /// the file comes on top: at most 64 KiB each, and a byte an item. Default: 64 dimensions and at most 10 neighbors
    #[arg(long, value_name = "N")]
    bytes_per_item: Option<usize>,
    /// The time that the model states, instead of the end of its newest event's hour
    #[arg(long, value_name = "RFC 3339", env = "RESHELVE_CREATED_AT")]
    created_at: Option<jiff::Timestamp>,
    /// Write nothing and fail if the new model is worse, on the newest sessions, than popularity or than the model that
    /// it would replace: the file at --output if there is one, or the file given. Learns twice
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    gate: Option<Option<PathBuf>>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// What a build did.
#[derive(Debug, Serialize)]
struct Summary {
    /// Null without a log.
    events: Option<IntakeReport>,
    catalog: Option<CatalogReport>,
    impressions: Option<ImpressionReport>,
    events_not_in_catalog: u64,
    /// What was done to protect the people behind the log.
    privacy: Protection,
    verdict: Verdict,
    /// What the model is made of: what the data are enough for, or less where its size was bounded.
    level: Option<Level>,
    model_id: String,
    items: usize,
    model_bytes: usize,
    epochs: u32,
    /// Null without an embedding learned from the log.
    rounding: Option<Rounding>,
    /// Null where nothing is known of contexts.
    context: Option<ContextWorth>,
    /// How it compares with what it must not be worse than; empty without a gate.
    gate: Vec<gate::Verdict>,
    seconds: f64,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let start = Instant::now();
    check_stdin(arguments.events.iter().chain(&arguments.catalog).chain(&arguments.impressions))?;
    let mut config = arguments.input.config()?;
    arguments.noise.apply(&mut config)?;
    let privacy = config.privacy.settled();
    if privacy.noise.is_some() && (arguments.gate.is_some() || !arguments.impressions.is_empty()) {
        bail!(
            "--gate and --impressions read the log itself, which ε does not cover; build without them, or without ε and with \
             [privacy] k"
        );
    }
    if !config.privacy.sensitive.is_empty() && arguments.catalog.is_empty() {
        bail!(
            "[privacy] sensitive names categories, and only a catalog says which items are in them; give it with --catalog FILE"
        );
    }
    let (sessions, events) = match arguments.events.as_slice() {
        [] => (Sessions::default(), None),
        files => read_log(files, &config).map(|(sessions, report)| (sessions, Some(report)))?,
    };
    let (catalog, catalog_report) = read_items(&arguments.catalog, &config)?.unzip();
    // Under noise the newest event's time is nobody's business either.
    let created_at = arguments.created_at.or(privacy.noise.map(|_| jiff::Timestamp::now()));
    let options = Options {
        seed: arguments.seed,
        bytes_per_item: arguments.bytes_per_item,
        created_at_ms: created_at.map(|time| time.as_millisecond()),
        privacy,
        position_correction: config.impressions.position_correction,
        ..Options::default()
    };
    // Before the learning, which takes long: the lists and the rules must be some, the model to compare with one, and the
    // place of the output one to write to.
    let impressions = read_lists(&arguments.impressions, &config)?;
    let rules = arguments.rules.as_deref().map(compiled).transpose()?;
    let previous = previous(arguments)?;
    let from = arguments.from.as_deref().map(kept).transpose()?;
    output::check_place(&arguments.output, &MAGIC)?;
    let mut learned = match &from {
        Some(from) => renew(from, &sessions, catalog.as_ref(), &options, &Meter::new())?,
        None => learn(&sessions, catalog.as_ref(), &options, &Meter::new())?,
    };
    let impressions = match impressions {
        None => None,
        Some((impressions, report)) => {
            let impressions = impressions.without_sensitive_items(catalog.as_ref());
            let booster = BoosterOptions { seed: options.seed, ..BoosterOptions::default() };
            let (catalog, meter) = (catalog.as_ref(), Meter::new());
            learned.bytes = add_ranker(&learned.bytes, &impressions, catalog, |_| true, &options, &booster, &meter)?;
            Some(report)
        }
    };
    let mut model = Model::from_bytes(learned.bytes)?;
    let gate = if arguments.gate.is_some() {
        let (catalog, previous) = (catalog.as_ref(), previous.as_ref());
        let verdicts = gate::check(&sessions, catalog, &options, &model, previous, &Meter::new())?;
        if previous.is_some() && verdicts.iter().all(|verdict| verdict.rival != Rival::Previous) {
            output::tell(
                "note: no session that both models have learned from has two events or more: the model that this one \
                 replaces was not compared",
            );
        }
        verdicts
    } else {
        Vec::new()
    };
    // Behind the gate: what was learned is compared, not what rules make of it.
    if let Some(rules) = rules {
        model = Model::from_bytes(model.with_sections([(SectionKind::Rules, rules.section)]))?;
    }
    output::write_whole(&arguments.output, &model.to_bytes())?;
    let summary = Summary {
        events,
        catalog: catalog_report,
        impressions,
        events_not_in_catalog: learned.events_not_in_catalog,
        privacy: learned.protection,
        verdict: learned.verdict,
        level: learned.level,
        model_id: model.id(),
        items: model.n_items(),
        model_bytes: model.byte_len(),
        epochs: learned.epochs,
        rounding: learned.rounding,
        context: learned.context,
        gate,
        seconds: start.elapsed().as_secs_f64(),
    };
    if arguments.json { output::print_json(&summary) } else { output::print(&summary) }
}

/// The model that the gate compares with, if there is one.
fn previous(arguments: &Arguments) -> Result<Option<Model>> {
    let path: &Path = match &arguments.gate {
        None => return Ok(None),
        Some(Some(given)) => given,
        Some(None) if arguments.output.exists() => &arguments.output,
        Some(None) => return Ok(None),
    };
    let bytes =
        std::fs::read(path).with_context(|| format!("cannot read the model to compare with, {}", path.display()))?;
    let unusable = || {
        format!("cannot compare with {}; give another model with --gate=FILE, or build without --gate", path.display())
    };
    Model::from_bytes(bytes).map(Some).with_context(unusable)
}

/// The model to build from.
fn kept(path: &Path) -> Result<Model> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the model to build from, {name}"))?;
    Model::from_bytes(bytes)
        .with_context(|| format!("cannot build from {name}; give another model, or build without --from"))
}

/// What contexts are worth, for people.
struct Contexts<'a>(&'a ContextWorth);

impl fmt::Display for Contexts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ContextWorth { contexts, categories, popular_weight, session_weight, first_items, .. } = *self.0;
        let weight = |weight: u16| match weight {
            0 => "left out".to_owned(),
            weight => format!("weigh {:.2}", f64::from(weight) / 1024.0),
        };
        let ((hr, mrr), (tilted_hr, tilted_mrr)) = (self.0.popularity, self.0.tilted);
        write!(
            f,
            "contexts: {contexts} words × {categories} categories; of {first_items} first items popularity finds HR {hr:.4} \
             MRR {mrr:.4}, with contexts {tilted_hr:.4} {tilted_mrr:.4}: {}; beside a session: {}",
            weight(popular_weight),
            weight(session_weight)
        )
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(events) = &self.events {
            writeln!(f, "{}", events.to_string().trim_end())?;
        }
        if let Some(catalog) = &self.catalog {
            writeln!(f, "{}", catalog.to_string().trim_end())?;
            writeln!(f, "{} events left aside: their item is not in the catalog", self.events_not_in_catalog)?;
        }
        if let Some(impressions) = &self.impressions {
            writeln!(f, "ranker: {impressions}")?;
        }
        for verdict in &self.gate {
            writeln!(f, "gate: the new model is {verdict}")?;
        }
        writeln!(f, "{}", self.privacy)?;
        writeln!(f, "{}", self.verdict)?;
        if let Some(worth) = &self.context {
            writeln!(f, "{}", Contexts(worth))?;
        }
        if let Some(rounding) = &self.rounding {
            writeln!(f, "{rounding}")?;
        }
        if let Some(level) = self.level.filter(|&level| level < self.verdict.level) {
            writeln!(f, "built less, {}: --bytes-per-item leaves no room for an embedding", level.name())?;
        }
        let size = output::bytes(self.model_bytes as u64);
        let per_item = self.model_bytes as f64 / self.items.max(1) as f64;
        write!(
            f,
            "model {}: {} items, {size} ({per_item:.1} bytes an item), {:.1} s",
            self.model_id, self.items, self.seconds
        )
    }
}
