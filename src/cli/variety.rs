use anyhow::{Context, Result};
use clap::Args;

use crate::rank::{MAX_DISCOVERY, Share};

/// How far a block may differ from the order of relevance.
#[derive(Debug, Args)]
pub(super) struct VarietyArguments {
    /// Variety against relevance, 0 to 1 [default: the placement's, or 0]
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub(super) diversity: Option<Share>,
    /// Share of the slots for something different, 0 to 0.3 [default: the placement's, or 0]
    #[arg(long, value_name = "SHARE", value_parser = parse_discovery)]
    pub(super) discovery: Option<Share>,
    /// How much more of both the shopper wants, 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = parse_share)]
    pub(super) broaden: Share,
    /// Decides what is discovered, together with the week
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u32,
}

/// A share from 0 to 1.
pub(super) fn parse_share(text: &str) -> Result<Share> {
    text.parse().ok().and_then(Share::new).context("give a number from 0 to 1")
}

fn parse_discovery(text: &str) -> Result<Share> {
    parse_share(text).ok().filter(|share| *share <= MAX_DISCOVERY).context("give a number from 0 to 0.3")
}
