use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::answer::{Answer, ItemAnswer, ReasonAnswer};
use super::inspect::load;
use super::shopper::ShopperArguments;
use crate::rank::{OrderRequest, Tag, order};

/// Order what is no item for a session: categories, facets, banners, offers
///
///   reshelve order store.shelf --session tent-1 --tagged 'tents=category:Camp > Tents' --tagged 'sale=brand:acme;price_band:1'
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The model file
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    #[command(flatten)]
    shopper: ShopperArguments,
    /// A thing, in the store's own order, and what it is about: columns of the model and their values, behind semicolons;
    /// of a category all below it belongs to it
    #[arg(long, value_name = "ID=COLUMN:VALUE[;…]", value_parser = parse_tagged, required = true)]
    tagged: Vec<Tagged>,
}

/// A thing and its tags.
#[derive(Debug, Clone)]
struct Tagged {
    id: String,
    tags: Vec<(String, String)>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let model = load(&arguments.model)?;
    let shopper = &arguments.shopper;
    let session = shopper.session(&model)?;
    let things: Vec<u32> = arguments.tagged.iter().map(|thing| thing.tags.len() as u32).collect();
    let tags = arguments.tagged.iter().flat_map(|thing| &thing.tags);
    let tags: Vec<Tag> = tags.map(|(column, value)| Tag { column, value }).collect();
    let request = OrderRequest { things: &things, tags: &tags, now_ms: shopper.now_ms(&session), lens: shopper.lens() };
    let ordered = order(&model, &session, &request);
    let things = ordered.things.iter().map(|thing| ItemAnswer {
        item_id: arguments.tagged[thing.from].id.clone(),
        from: Some(thing.from),
        score: thing.parts.score(),
        parts: shopper.explain.then_some(thing.parts),
        reason: shopper.explain.then(|| ReasonAnswer::new(&model, thing.reason)),
        ..ItemAnswer::default()
    });
    Answer::new(ordered.outcome, things).show(shopper.json)
}

fn parse_tagged(text: &str) -> Result<Tagged> {
    let (id, tags) = text.split_once('=').context("write ID=COLUMN:VALUE, e.g. tents=category:Camp")?;
    let tag = |tag: &str| {
        let (column, value) = tag.split_once(':').with_context(|| format!("{tag:?} is no COLUMN:VALUE"))?;
        Ok((column.trim().to_owned(), value.trim().to_owned()))
    };
    Ok(Tagged { id: id.to_owned(), tags: tags.split(';').map(tag).collect::<Result<_>>()? })
}
