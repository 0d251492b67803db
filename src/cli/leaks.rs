//! `reshelve inspect --leaks`: what could be learned of people from a model file, and what not.

use anyhow::Result;
use serde::Serialize;

use super::output;
use crate::format::attributes::{AGE_DAYS, REPURCHASE_DAYS, TRENDING};
use crate::format::attributes::{CLICK_RATE, Column, FLAG_SENSITIVE, FLAGS, MARGIN_BAND, POPULARITY};
use crate::model::Model;

/// How many of the rarest items and pairs are shown.
const SHOWN: usize = 10;
/// Fewest items that a margin band may have: `docs/INPUT.md`.
const MIN_ITEMS_OF_BAND: usize = 20;

/// What a file tells of people.
#[derive(Debug, Serialize)]
struct Leaks {
    protection: String,
    /// Null where the file does not say.
    min_visitors: Option<u32>,
    max_events_per_visitor: Option<u32>,
    epsilon: Option<f64>,
    delta: Option<f64>,
    items: usize,
    /// Items that events are told of.
    items_with_events: usize,
    sensitive_items: usize,
    pairs: usize,
    /// The least popular items that events are told of.
    rarest_items: Vec<RareItem>,
    /// The pairs of neighbor rows whose items are the least popular.
    rarest_pairs: Vec<RarePair>,
    holds: Vec<Told>,
    holds_not: Vec<&'static str>,
    /// What should not be; empty in a sound file.
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RareItem {
    item: String,
    popularity_level: u32,
}

#[derive(Debug, Serialize)]
struct RarePair {
    item: String,
    neighbor: String,
    popularity_levels: [u32; 2],
    /// In 1/1024 of a logit.
    weight: u32,
}

/// A part of the file, and what it tells.
#[derive(Debug, Serialize)]
struct Told {
    part: &'static str,
    tells: String,
}

/// Looks through a model, prints what it tells, and fails nothing: judging is the reader's.
pub(super) fn run(model: &Model, json: bool) -> Result<()> {
    let leaks = leaks(model);
    if json { output::print_json(&leaks) } else { output::print(table(&leaks)) }
}

fn leaks(model: &Model) -> Leaks {
    let attributes = model.attributes();
    let column = |name: &str| attributes.as_ref().and_then(|attributes| attributes.column(name));
    let rows = || 0..model.n_items() as u32;
    let id = |row: u32| model.ids().id(row);
    let value = |column: Option<Column<'_>>, row: u32| column.map_or(0, |column| column.value(row));
    let told_of = |name: &str| rows().filter(|&row| value(column(name), row) > 0).count();
    let is_sensitive = |row: u32| value(column(FLAGS), row) & FLAG_SENSITIVE != 0;
    let level = |row: u32| value(column(POPULARITY), row);
    // Without events popularity is the catalog's order.
    let has_events = model.metadata().n_events > 0;

    let mut by_level: Vec<(u32, u32)> = rows().map(|row| (level(row), row)).filter(|(level, _)| *level > 0).collect();
    by_level.sort_unstable();
    let items_with_events = if has_events { by_level.len() } else { 0 };
    let mut pairs: Vec<(u32, u32, u32, u32)> = Vec::new();
    if let Some(neighbors) = model.neighbors() {
        for row in rows() {
            pairs.extend(
                neighbors.row(row).map(|(other, weight)| (level(row).min(level(other)), row, other, u32::from(weight))),
            );
        }
    }
    pairs.sort_unstable();
    let privacy = model.privacy();
    let noise = privacy.and_then(|privacy| privacy.noise);
    Leaks {
        protection: protection(model),
        min_visitors: privacy.map(|privacy| privacy.min_visitors),
        max_events_per_visitor: privacy.map(|privacy| privacy.max_events_per_visitor),
        epsilon: noise.map(|noise| noise.epsilon),
        delta: noise.map(|noise| noise.delta),
        items: model.n_items(),
        items_with_events,
        sensitive_items: rows().filter(|&row| is_sensitive(row)).count(),
        pairs: pairs.len(),
        rarest_items: by_level
            .iter()
            .take(if has_events { SHOWN } else { 0 })
            .map(|&(popularity_level, row)| RareItem { item: id(row), popularity_level })
            .collect(),
        rarest_pairs: pairs
            .iter()
            .take(SHOWN)
            .map(|&(_, row, other, weight)| RarePair {
                item: id(row),
                neighbor: id(other),
                popularity_levels: [level(row), level(other)],
                weight,
            })
            .collect(),
        holds: holds(model, told_of),
        holds_not: vec![
            "ids of visitors or sessions, and anything that is kept by visitor",
            "single events, their order or their times",
            "words that were searched for",
            "counts of events, visitors or sessions, but for two totals of two digits",
            "margins and prices: bands of them alone",
        ],
        problems: problems(model, is_sensitive, &pairs, column),
    }
}

fn protection(model: &Model) -> String {
    let Some(privacy) = model.privacy() else {
        return "the file does not say how people were protected: an earlier builder made it, or another program"
            .to_owned();
    };
    let whom = if privacy.knows_visitors { "visitor" } else { "session" };
    let events = format!("at most {} events of each {whom} were learned from", privacy.max_events_per_visitor);
    match privacy.noise {
        Some(noise) => format!(
            "differential privacy for all events of a {whom}: ε = {}, δ = {}; {events}",
            noise.epsilon, noise.delta
        ),
        None => format!(
            "{} different {whom}s or more are behind every item that events tell of, and every pair of neighbor rows; {events}",
            privacy.min_visitors
        ),
    }
}

/// What each part tells of people.
fn holds(model: &Model, told_of: impl Fn(&str) -> usize) -> Vec<Told> {
    let metadata = model.metadata();
    let is_noisy = model.privacy().is_some_and(|privacy| privacy.noise.is_some());
    let (newest, placed, paired) = match is_noisy {
        true => (
            "in the log that was drawn with noise, and when the model was built",
            "They come from the log that was drawn with noise alone",
            "that the log drawn with noise went between",
        ),
        false => (
            "in all, and when the newest was, to the hour",
            "Each item has enough visitors; two items may be drawn together by fewer",
            "that enough visitors went between",
        ),
    };
    let mut holds = vec![Told {
        part: "metadata",
        tells: format!("about {} sessions and {} events {newest}", metadata.n_sessions, metadata.n_events),
    }];
    let mut tell = |part: &'static str, tells: String| holds.push(Told { part, tells });
    if let Some(embeddings) = model.embeddings() {
        let dimensions = embeddings.dimensions();
        tell(
            "embeddings",
            format!(
                "{dimensions} numbers an item, learned from what came after what: items that many or few went between are near \
                 each other. {placed}"
            ),
        );
    }
    if model.neighbors().is_some() {
        tell("neighbors", format!("pairs of items {paired}, and how strongly they hang together"));
    }
    for (name, tells) in [
        (POPULARITY, "how often it is met compared with the most frequent item, as a logarithm"),
        (TRENDING, "the same of the last weeks"),
        (AGE_DAYS, "how many days ago enough visitors had met it"),
        (REPURCHASE_DAYS, "days after which it is usually bought again, over enough buyers"),
        (CLICK_RATE, "how often it is clicked where it is shown, over enough visitors"),
    ] {
        let items = told_of(name);
        if items > 0 {
            tell("attributes", format!("{name} of {items} items: {tells}"));
        }
    }
    if let Some(priors) = model.priors() {
        let words = priors.n_contexts();
        tell("priors", format!("what {words} words of contexts say of categories, each number of 20 visitors or more"));
    }
    if model.index().is_some() {
        tell(
            "index",
            "which items the embeddings have near each other; of the newest sessions together, how many of its lists are \
             looked through, and what share of their best items that finds"
                .to_owned(),
        );
    }
    if let Some(ranker) = model.ranker() {
        let trees = ranker.n_trees();
        tell(
            "ranker",
            format!("{trees} trees over features, learned from shown lists; their numbers are of no single item"),
        );
    }
    holds
}

/// What a sound file has not.
fn problems<'a>(
    model: &Model,
    is_sensitive: impl Fn(u32) -> bool,
    pairs: &[(u32, u32, u32, u32)],
    column: impl Fn(&str) -> Option<Column<'a>>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let in_rows = pairs.iter().filter(|&&(_, row, other, _)| is_sensitive(row) || is_sensitive(other)).count();
    if in_rows > 0 {
        problems.push(format!("{in_rows} pairs of neighbor rows have a sensitive item"));
    }
    if let Some(embeddings) = model.embeddings() {
        let is_placed = |row: u32| embeddings.vector(row).iter().any(|&x| x != 0);
        let placed = (0..model.n_items() as u32).filter(|&row| is_sensitive(row) && is_placed(row)).count();
        if placed > 0 {
            problems.push(format!("{placed} sensitive items have a place in the embedding"));
        }
    }
    for name in [TRENDING, AGE_DAYS, REPURCHASE_DAYS, CLICK_RATE] {
        let Some(column) = column(name) else { continue };
        let told = (0..model.n_items() as u32).filter(|&row| is_sensitive(row) && column.value(row) > 0).count();
        if told > 0 {
            problems.push(format!("{told} sensitive items have a value of {name}"));
        }
    }
    if let Some(bands) = column(MARGIN_BAND) {
        let mut sizes = [0; 256];
        (0..model.n_items() as u32).for_each(|row| sizes[bands.value(row).min(255) as usize] += 1);
        let small = sizes[1..].iter().filter(|&&size| size > 0 && size < MIN_ITEMS_OF_BAND).count();
        if small > 0 {
            problems.push(format!("{small} bands of margins have fewer than {MIN_ITEMS_OF_BAND} items"));
        }
    }
    if model.privacy().is_some_and(|privacy| privacy.noise.is_none() && privacy.min_visitors < 3) {
        problems.push("single visitors may be behind what is told: no file to be published".to_owned());
    }
    problems
}

fn table(leaks: &Leaks) -> String {
    let mut lines = vec![
        leaks.protection.clone(),
        format!(
            "{} items, of {} of which events tell; {} pairs; {} sensitive items, of which nothing is told",
            leaks.items, leaks.items_with_events, leaks.pairs, leaks.sensitive_items
        ),
        String::new(),
        "What could be learned from it:".to_owned(),
    ];
    lines.extend(leaks.holds.iter().map(|Told { part, tells }| format!("  {part:<12} {tells}")));
    lines.extend([String::new(), "What it does not hold:".to_owned()]);
    lines.extend(leaks.holds_not.iter().map(|what| format!("  {what}")));
    if !leaks.rarest_items.is_empty() {
        lines.extend([String::new(), "The rarest items that events tell of (popularity level):".to_owned()]);
        lines.extend(leaks.rarest_items.iter().map(|rare| format!("  {:>3}  {}", rare.popularity_level, rare.item)));
    }
    if !leaks.rarest_pairs.is_empty() {
        lines.extend([String::new(), "The rarest pairs (popularity levels, logits):".to_owned()]);
        lines.extend(leaks.rarest_pairs.iter().map(|rare| {
            let [left, right] = rare.popularity_levels;
            let logits = f64::from(rare.weight) / 1024.0;
            format!("  {left:>3} {right:>3} {logits:>6.2}  {} → {}", rare.item, rare.neighbor)
        }));
    }
    lines.push(String::new());
    match leaks.problems.as_slice() {
        [] => lines.push("Nothing was found that should not be there.".to_owned()),
        problems => lines.extend(problems.iter().map(|problem| format!("PROBLEM: {problem}"))),
    }
    lines.join("\n")
}
