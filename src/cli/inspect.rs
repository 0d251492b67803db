use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::{leaks, output};
use crate::format::container::{ENTRY_LEN, HEADER_LEN, SectionKind};
use crate::format::ids;
use crate::format::index::BEST;
use crate::format::priors::Priors;
use crate::format::privacy::Noise;
use crate::model::Model;

/// Show what a model file holds, byte by byte, and check all of it
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The model file
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Show what could be learned from it of the people behind it, and what not; see docs/PRIVACY.md
    #[arg(long)]
    leaks: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What a file holds.
#[derive(Debug, Serialize)]
struct Contents {
    id: String,
    format_version: String,
    builder: String,
    created_at: String,
    sessions: u64,
    events: u64,
    seed: u64,
    items: usize,
    dimensions: usize,
    surfaces: Vec<String>,
    bytes: usize,
    bytes_per_item: f64,
    sections: Vec<SectionContents>,
}

/// What a section holds.
#[derive(Debug, Serialize)]
struct SectionContents {
    name: String,
    offset: usize,
    bytes: usize,
    share: f64,
    holds: String,
}

/// Reads a model file.
pub(super) fn load(path: &PathBuf) -> Result<Model> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the model {name}"))?;
    Model::from_bytes(bytes).map_err(|error| anyhow::anyhow!("{name}: {error} [{}]", error.code()))
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let model = load(&arguments.model)?;
    model.ids().verify().with_context(|| arguments.model.display().to_string())?;
    if arguments.leaks {
        return leaks::run(&model, arguments.json);
    }
    let contents = contents(&model)?;
    if arguments.json { output::print_json(&contents) } else { output::print(table(&contents)) }
}

fn contents(model: &Model) -> Result<Contents> {
    let metadata = model.metadata();
    let bytes = model.byte_len();
    let frame = HEADER_LEN + model.sections().len() * ENTRY_LEN;
    let entry = |name: &str, offset, bytes_of: usize, holds| SectionContents {
        name: name.to_owned(),
        offset,
        bytes: bytes_of,
        share: bytes_of as f64 / bytes as f64,
        holds,
    };
    let mut sections = vec![entry("header and table", 0, frame, format!("{} sections", model.sections().len()))];
    let mut end = frame;
    let mut padding = 0;
    for section in model.sections() {
        padding += section.range.start - end;
        end = section.range.end;
        let name = section.kind.map_or_else(|kind| format!("kind {kind}"), |kind| kind.name().to_owned());
        sections.push(entry(&name, section.range.start, section.range.len(), holds(model, section.kind)));
    }
    sections.push(entry("padding", end, padding, "zeros between sections".to_owned()));
    let created_at = jiff::Timestamp::from_millisecond(metadata.created_at_ms);
    Ok(Contents {
        id: model.id(),
        format_version: model.format_version(),
        builder: metadata.builder.clone(),
        created_at: created_at.context("the time of the model is out of range")?.to_string(),
        sessions: metadata.n_sessions,
        events: metadata.n_events,
        seed: metadata.seed,
        items: model.n_items(),
        dimensions: model.embeddings().map_or(0, |embeddings| embeddings.dimensions()),
        surfaces: metadata.blends.iter().skip(1).map(|blend| blend.surface.clone()).collect(),
        bytes,
        bytes_per_item: bytes as f64 / model.n_items().max(1) as f64,
        sections,
    })
}

fn holds(model: &Model, kind: Result<SectionKind, u16>) -> String {
    match kind {
        Ok(SectionKind::Metadata) => {
            let blends = &model.metadata().blends;
            let neighbors = f64::from(blends[0].neighbors) / 1024.0;
            let has_both = model.embeddings().is_some() && model.neighbors().is_some();
            let mix =
                if has_both { format!("; neighbors weigh {neighbors:.3} of the embedding") } else { String::new() };
            format!("{} blends{mix}", blends.len())
        }
        Ok(SectionKind::Ids) => format!("{} ids and their hashes", model.n_items()),
        Ok(SectionKind::Embeddings) => model.embeddings().map_or_else(String::new, |embeddings| {
            let (dimensions, norm) = (embeddings.dimensions(), embeddings.norm());
            let temperature = f64::from(embeddings.temperature()) / 1024.0;
            let transition = match embeddings.encoder().transition.len() {
                0 => "",
                elements if elements > dimensions * dimensions => ", a transition that tells choices",
                _ => ", a transition",
            };
            format!("{dimensions} × int8 a row, norm {norm}, τ {temperature:.2}{transition}")
        }),
        Ok(SectionKind::Neighbors) => model.neighbors().map_or_else(String::new, |neighbors| {
            let entries: usize = (0..neighbors.len() as u32).map(|row| neighbors.row(row).count()).sum();
            let per_row = entries as f64 / neighbors.len().max(1) as f64;
            format!("{entries} neighbors, {per_row:.1} a row")
        }),
        Ok(SectionKind::Attributes) => model.attributes().map_or_else(String::new, |attributes| {
            let column = |(name, column): (&str, crate::format::attributes::Column)| match column.n_words() {
                0 => name.to_owned(),
                words => format!("{name} ({words} words)"),
            };
            attributes.iter().map(column).collect::<Vec<_>>().join(", ")
        }),
        Ok(SectionKind::Priors) => model.priors().map_or_else(String::new, |priors| {
            let weight = |weight: u16| f64::from(weight) / 1024.0;
            format!(
                "{} words of contexts ({}) × {} categories; weigh {:.2} of popularity alone, {:.2} beside a session",
                priors.n_contexts(),
                known_contexts(&priors),
                priors.n_categories(),
                weight(priors.popular_weight()),
                weight(priors.session_weight())
            )
        }),
        Ok(SectionKind::Ranker) => model.ranker().map_or_else(String::new, |ranker| {
            let nodes = (0..ranker.n_nodes()).map(|at| ranker.node(at)).filter(|node| node.skip > 0);
            let features: std::collections::BTreeSet<u8> = nodes.map(|node| node.feature).collect();
            format!("{} trees, {} nodes, {} features", ranker.n_trees(), ranker.n_nodes(), features.len())
        }),
        Ok(SectionKind::Rules) => model.rules().map_or_else(String::new, |rules| {
            let book = rules.book();
            format!("{} rules, {} tests, {} variables", book.n_rules(), book.n_tests(), book.n_variables())
        }),
        Ok(SectionKind::Privacy) => model.privacy().map_or_else(String::new, |privacy| match privacy.noise {
            Some(Noise { epsilon, delta }) => format!("differential privacy, ε = {epsilon}, δ = {delta}"),
            None => format!("at least {} visitors behind every item and pair", privacy.min_visitors),
        }),
        Ok(SectionKind::Index) => model.index().map_or_else(String::new, |index| {
            format!(
                "{} lists, the nearest {} looked through: {:.1}% of the best {BEST} found",
                index.n_lists(),
                index.probes(),
                f64::from(index.recall()) / 10.24
            )
        }),
        Ok(SectionKind::Part) => "what joins it with the other parts of a larger model".to_owned(),
        Err(_) => "not known to this release".to_owned(),
    }
}

/// How many words of each name, as far as names can be told from their hashes.
fn known_contexts(priors: &Priors) -> String {
    let names = ["season", "daypart", "weekend", "region", "device", "referrer", "landing"];
    let count = |name: &str| (0..priors.n_contexts()).filter(|&at| priors.context(at).0 == ids::hash(name)).count();
    let known = names.map(|name| (name, count(name))).into_iter().filter(|(_, count)| *count > 0);
    let mut known: Vec<(&str, usize)> = known.collect();
    let others = priors.n_contexts() - known.iter().map(|(_, count)| count).sum::<usize>();
    known.extend((others > 0).then_some(("others", others)));
    known.into_iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

fn table(contents: &Contents) -> String {
    let surfaces = if contents.surfaces.is_empty() { "none" } else { &contents.surfaces.join(", ") };
    let mut lines = vec![
        format!("model {}, format {}, by {}", contents.id, contents.format_version, contents.builder),
        format!("created {}, seed {}", contents.created_at, contents.seed),
        format!("learned from {} sessions, {} events", contents.sessions, contents.events),
        format!("{} items, {} dimensions, blends of their own for: {surfaces}", contents.items, contents.dimensions),
        String::new(),
        format!("{:<18} {:>10} {:>10} {:>7}  {}", "section", "offset", "bytes", "share", "holds"),
    ];
    for SectionContents { name, offset, bytes, share, holds } in &contents.sections {
        lines.push(format!("{name:<18} {offset:>10} {bytes:>10} {:>6.1}%  {holds}", share * 100.0));
    }
    lines.push(format!("{:<18} {:>10} {:>10}", "whole file", "", contents.bytes));
    lines.push(format!("{:.1} bytes an item; every checksum, length and reference is sound", contents.bytes_per_item));
    lines.join("\n")
}
