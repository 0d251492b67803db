use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::answer::{Answer, ItemAnswer, ReasonAnswer};
use super::inspect::load;
use super::replay::TraceArguments;
use super::rules::{CatalogOverlayArgument, RuleArguments, overlays, parse_catalog_overlay};
use super::shopper::{ShopperArguments, rows};
use super::variety::VarietyArguments;
use crate::model::Rules;
use crate::rank::{Basis, Page, RecommendRequest, Scratch, Share, recommend};
use crate::replay::Trace;

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
    /// Most items to return, 1 to 1000 [default: the placement's, or 10]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Recommend as if these items had just been viewed, instead of from the session; separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    seeds: Vec<String>,
    /// What items are found by: session (all terms of the score), similar (embeddings), together (neighbor rows), popular,
    /// trending, recent (what the shopper has touched), again (what is due to be bought again), discovery (what is near, of
    /// categories that the shopper has not met)
    /// [default: what the placement draws from, or session]
    #[arg(long, value_name = "NAME", value_parser = parse_basis)]
    basis: Option<Basis>,
    /// Items never to return, separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    exclude: Vec<String>,
    #[command(flatten)]
    variety: VarietyArguments,
    #[command(flatten)]
    ruled: RuleArguments,
    #[command(flatten)]
    traced: TraceArguments,
    /// Numbers of items that rules ask for, e.g. stock=tent-1:3,mug-2:0; of items that are not named none is known
    #[arg(long, value_name = "NAME=ID:NUMBER,…", value_parser = parse_catalog_overlay)]
    overlay: Vec<CatalogOverlayArgument>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let model = load(&arguments.model)?;
    let shopper = &arguments.shopper;
    let session = shopper.session(&model)?;
    let seeds = rows(&model, &arguments.seeds, "--seeds")?;
    let exclude = rows(&model, &arguments.exclude, "--exclude")?;
    let rules = arguments.ruled.rules(&model)?;
    let context = shopper.dated(arguments.ruled.context()?);
    let by_row = arguments.overlay.iter().map(|overlay| overlay.by_row(&model)).collect::<Result<Vec<_>>>()?;
    let overlays = overlays(&by_row)?;
    let request = RecommendRequest {
        page: Page {
            rules: rules.as_ref(),
            context: &context,
            overlays: &overlays,
            ..shopper.page(&session, &arguments.variety)
        },
        limit: arguments.limit.or(limit_of(rules.as_ref().or(model.rules()), &shopper.placement)).unwrap_or(10),
        seeds: (!seeds.is_empty()).then_some(&seeds),
        basis: arguments.basis,
        exclude: &exclude,
        threshold: Share::default(),
    };
    let found = recommend(&model, &session, &request, shopper.explain, &mut Scratch::default())?;
    arguments.traced.write(|| Trace::of_recommendations(&model, &session, &request, &found))?;
    let items = found.items.iter().map(|item| ItemAnswer {
        item_id: model.ids().id(item.row),
        from: None,
        basis: Some(item.basis.name()),
        rule: item.rule,
        barred: false,
        path: None,
        discovered: item.basis == Basis::Discovery,
        contributions: None,
        score: item.parts.score(),
        parts: shopper.explain.then_some(item.parts),
        reason: shopper.explain.then(|| ReasonAnswer::new(&model, item.reason)),
    });
    Answer::new(found.outcome, items).show(shopper.json)
}

/// How many items a placement has, if it says so.
fn limit_of(rules: Option<&Rules>, placement: &str) -> Option<usize> {
    let limit = rules?.book().placement(placement)?.limit;
    (limit > 0).then_some(limit.into())
}

fn parse_basis(name: &str) -> Result<Basis, String> {
    let names = Basis::ALL.map(Basis::name).join(", ");
    Basis::from_name(name).ok_or_else(|| format!("use one of {names}"))
}
