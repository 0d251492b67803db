use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::inspect::load;
use super::output;
use super::shopper::{ShopperArguments, rows};
use crate::model::Model;
use crate::rank::{Basis, Outcome, Parts, Reason, RecommendRequest, Scratch, Share, recommend};

/// Find the items of the catalog that suit a session best
///
///   reshelve recommend store.shelf --session tent-1,add_to_cart:stove-2 --limit 5 --explain
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The model file
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    #[command(flatten)]
    shopper: ShopperArguments,
    /// Most items to return, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Recommend as if these items had just been viewed, instead of from the session; separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    seeds: Vec<String>,
    /// Which terms count: session (all), similar (embeddings), together (neighbor rows)
    #[arg(long, value_name = "NAME", default_value = "session", value_parser = parse_basis)]
    basis: Basis,
    /// Items never to return, separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Variety against relevance, 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = parse_share)]
    diversity: Share,
}

#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    outcome: OutcomeAnswer,
    items: Vec<ItemAnswer>,
}

/// What became of a request, in two words.
#[derive(Debug, Serialize)]
pub(super) struct OutcomeAnswer {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// An item in its place.
#[derive(Debug, Serialize)]
pub(super) struct ItemAnswer {
    pub(super) item_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<usize>,
    pub(super) score: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parts: Option<Parts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<ReasonAnswer>,
}

/// Why an item stands where it stands.
#[derive(Debug, Serialize)]
pub(super) struct ReasonAnswer {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'static str>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let model = load(&arguments.model)?;
    let shopper = &arguments.shopper;
    let session = shopper.session()?;
    let seeds = rows(&model, &arguments.seeds, "--seeds")?;
    let exclude = rows(&model, &arguments.exclude, "--exclude")?;
    let request = RecommendRequest {
        surface: &shopper.surface,
        limit: arguments.limit,
        seeds: (!seeds.is_empty()).then_some(&seeds),
        basis: arguments.basis,
        exclude: &exclude,
        threshold: Share::default(),
        diversity: arguments.diversity,
        now_ms: shopper.now_ms(&session),
    };
    let found = recommend(&model, &session, &request, shopper.explain, &mut Scratch::default())?;
    let items = found.items.iter().map(|item| ItemAnswer {
        item_id: model.ids().id(item.row),
        from: None,
        score: item.parts.score(),
        parts: shopper.explain.then_some(item.parts),
        reason: shopper.explain.then(|| ReasonAnswer::new(&model, item.reason)),
    });
    let answer = Answer { outcome: OutcomeAnswer::new(found.outcome), items: items.collect() };
    if shopper.json { output::print_json(&answer) } else { print_items(&answer.outcome, &answer.items) }
}

/// Writes items for people, one a line.
pub(super) fn print_items(outcome: &OutcomeAnswer, items: &[ItemAnswer]) -> Result<()> {
    output::tell(match outcome.reason {
        Some(reason) => format!("{} ({reason})", outcome.outcome),
        None => outcome.outcome.to_owned(),
    });
    for (item, rank) in items.iter().zip(1..) {
        let from = item.from.map_or_else(String::new, |from| format!(" (was {})", from + 1));
        let parts = item.parts.map_or_else(String::new, |parts| {
            let Parts { base, embedding, neighbors, history, popularity } = parts;
            format!("  = base {base} + embedding {embedding} + neighbors {neighbors} + history {history} + popularity {popularity}")
        });
        let reason = item.reason.as_ref().map_or_else(String::new, |reason| format!("  {reason}"));
        output::print(format!("{rank:>3}  {}{from}  {}{parts}{reason}", item.item_id, item.score))?;
    }
    Ok(())
}

impl OutcomeAnswer {
    pub(super) fn new(outcome: Outcome) -> OutcomeAnswer {
        OutcomeAnswer { outcome: outcome.name(), reason: outcome.unchanged().map(|reason| reason.name()) }
    }
}

impl ReasonAnswer {
    pub(super) fn new(model: &Model, reason: Reason) -> ReasonAnswer {
        ReasonAnswer {
            code: reason.code.name(),
            item_id: reason.event.map(|(row, _)| model.ids().id(row)),
            event_type: reason.event.map(|(_, kind)| kind.name()),
        }
    }
}

impl std::fmt::Display for ReasonAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.item_id, self.event_type) {
            (Some(item_id), Some(event_type)) => write!(f, "{} ({event_type} of {item_id})", self.code),
            _ => write!(f, "{}", self.code),
        }
    }
}

fn parse_basis(name: &str) -> Result<Basis, String> {
    Basis::from_name(name).ok_or_else(|| "use session, similar or together".to_owned())
}

/// A share from 0 to 1.
pub(super) fn parse_share(text: &str) -> Result<Share> {
    text.parse().ok().and_then(Share::new).context("give a number from 0 to 1")
}
