use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::answer::{Answer, ItemAnswer, ReasonAnswer};
use super::inspect::load;
use super::replay::TraceArguments;
use super::rules::{OverlayArgument, RuleArguments, overlays, parse_overlay};
use super::shopper::ShopperArguments;
use super::variety::{VarietyArguments, parse_share};
use crate::format::features::Feature;
use crate::rank::{Page, RerankRequest, Scratch, Share, UNKNOWN_ROW, contributions, rerank};
use crate::replay::Trace;

/// Order a list of items for a session
///
///   reshelve rerank store.shelf --session tent-1 --candidates mug-3,tent-2,stove-2 --explain
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The model file
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    #[command(flatten)]
    shopper: ShopperArguments,
    /// The items in the store's own order, separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',', required_unless_present = "list")]
    candidates: Vec<String>,
    /// The same from a file, or - for standard input: one item a line, behind a tab the engine's own score if there is one
    #[arg(long, value_name = "FILE", conflicts_with = "candidates")]
    list: Option<PathBuf>,
    /// The items' prices in the same order, separated by commas; a learned ranker compares them
    #[arg(long, value_name = "PRICES", value_delimiter = ',')]
    prices: Vec<f64>,
    /// 0 keeps the store's order, 1 ignores it [default: the model's]
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    strength: Option<Share>,
    #[command(flatten)]
    variety: VarietyArguments,
    /// Leave so many of the first items where they are
    #[arg(long, value_name = "N")]
    keep_first: Option<usize>,
    /// Most places that an item may move
    #[arg(long, value_name = "N")]
    max_shift: Option<usize>,
    #[command(flatten)]
    ruled: RuleArguments,
    #[command(flatten)]
    traced: TraceArguments,
    /// Numbers that rules ask for, one for each item in the same order, - where one is not known, e.g. stock=3,0,-
    #[arg(long, value_name = "NAME=NUMBERS", value_parser = parse_overlay)]
    overlay: Vec<OverlayArgument>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let model = load(&arguments.model)?;
    let shopper = &arguments.shopper;
    let session = shopper.session(&model)?;
    let (candidates, base) = match &arguments.list {
        Some(path) => read_list(path)?,
        None => (arguments.candidates.clone(), None),
    };
    let rows: Vec<u32> = candidates.iter().map(|id| model.row(id).unwrap_or(UNKNOWN_ROW)).collect();
    let rules = arguments.ruled.rules(&model)?;
    let context = shopper.dated(arguments.ruled.context()?);
    let overlays = overlays(&arguments.overlay)?;
    let request = RerankRequest {
        page: Page {
            rules: rules.as_ref(),
            context: &context,
            overlays: &overlays,
            ..shopper.page(&session, &arguments.variety)
        },
        rows: &rows,
        base: base.as_deref(),
        prices: &arguments.prices,
        strength: arguments.strength,
        keep_first: arguments.keep_first,
        pinned: &[],
        max_shift: arguments.max_shift,
    };
    let mut scratch = Scratch::default();
    let ranking = rerank(&model, &session, &request, shopper.explain, &mut scratch)?;
    arguments.traced.write(|| Trace::of_ranking(&model, &session, &request, &candidates, &ranking))?;
    let by_feature =
        if shopper.explain { contributions(&model, &session, &request, &mut scratch)? } else { Vec::new() };
    let named = |from: usize| {
        let named = Feature::ALL.iter().map(|feature| feature.name()).zip(*by_feature.get(from)?);
        Some(named.filter(|&(_, contribution)| contribution != 0).collect())
    };
    let items = ranking.placed.iter().map(|placed| ItemAnswer {
        item_id: candidates[placed.from].clone(),
        from: Some(placed.from),
        basis: None,
        rule: placed.rule,
        barred: placed.barred,
        path: shopper.explain.then_some(placed.path),
        discovered: placed.discovered,
        score: placed.parts.score(),
        parts: shopper.explain.then_some(placed.parts),
        contributions: named(placed.from),
        reason: shopper.explain.then(|| ReasonAnswer::new(&model, placed.reason)),
    });
    Answer::new(ranking.outcome, items).show(shopper.json)
}

/// Ids, and the engine's scores if every line has one.
fn read_list(path: &PathBuf) -> Result<(Vec<String>, Option<Vec<f64>>)> {
    let name = path.display();
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("cannot open the list {name}"))?)
    };
    let (mut ids, mut scores) = (Vec::new(), Vec::new());
    for (line, number) in BufReader::new(input).lines().zip(1..) {
        let line = line.with_context(|| format!("cannot read the list {name}"))?;
        let (id, score) = line.split_once('\t').map_or((line.as_str(), None), |(id, score)| (id, Some(score)));
        if id.is_empty() {
            continue;
        }
        ids.push(id.to_owned());
        if let Some(score) = score {
            let score = score.trim().parse();
            scores
                .push(score.with_context(|| format!("{name}, line {number}: {line:?} has no number behind the tab"))?);
        }
    }
    if !scores.is_empty() && scores.len() != ids.len() {
        bail!(
            "{name} has {} scores for {} items; give one behind a tab on every line, or none",
            scores.len(),
            ids.len()
        );
    }
    Ok((ids, Some(scores).filter(|scores| !scores.is_empty())))
}
