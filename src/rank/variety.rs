use super::discovery::MAX_DISCOVERY;
use super::{Page, Share};

/// As far as a shopper's wish for variety takes diversity.
const MAX_DIVERSITY: Share = Share(512);

/// How much a block differs from the order of relevance.
pub(super) struct Variety {
    /// Weight of variety against relevance.
    pub(super) diversity: Share,
    /// Share of slots for something different.
    pub(super) discovery: Share,
}

impl Variety {
    /// What is asked for, and on from there what the shopper wants: `broaden` 1 takes both as far as they go.
    pub(super) fn new(page: &Page) -> Variety {
        let towards = |share: Option<Share>, most: Share| {
            let share = share.unwrap_or_default();
            Share(share.0 + page.broaden.of(i32::from(most.0.saturating_sub(share.0))) as u16)
        };
        Variety {
            diversity: towards(page.diversity, MAX_DIVERSITY),
            discovery: towards(page.discovery, MAX_DISCOVERY).min(MAX_DISCOVERY),
        }
    }
}
