use super::rules::{ContextWord, Overlay};
use super::{RequestError, Share};
use crate::format::rules::Placement;
use crate::model::{Model, Rules};
use crate::session::Lens;

/// The page that asks: what every request says, whatever it is for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page<'a> {
    /// The kind of page, which chooses the blend. Default: the placement's.
    pub surface: &'a str,
    /// Name of the store's placement, which says what the request does not. Empty: none.
    pub placement: &'a str,
    /// Weight of variety against relevance among the first items: 24 of a list, 96 of those found. Default 0.
    pub diversity: Option<Share>,
    /// Share of the slots that is for something different, at most 0.3. Of a list, of its first 24 slots, or of half of it
    /// if that is less. Default 0.
    pub discovery: Option<Share>,
    /// How much more variety and discovery the shopper wants: 1 for as much as there can be.
    pub broaden: Share,
    /// Decides what is discovered, together with the week.
    pub seed: u32,
    /// The time, in milliseconds since the Unix epoch: events age.
    pub now_ms: i64,
    /// Which of the session's events count.
    pub lens: Lens<'a>,
    /// The rules that hold. Default: the model's.
    pub rules: Option<&'a Rules>,
    /// What rules may know of the request, beside its surface.
    pub context: &'a [ContextWord<'a>],
    /// What rules may know of the items, beside the model's columns.
    pub overlays: &'a [Overlay<'a>],
}

impl<'a> Page<'a> {
    /// A page that says no more than the time.
    pub fn at(now_ms: i64) -> Page<'a> {
        Page { now_ms, ..Page::default() }
    }

    /// Its placement; none for the empty name.
    pub(super) fn placement(&self, model: &'a Model) -> Result<Option<Placement<'a>>, RequestError> {
        if self.placement.is_empty() {
            return Ok(None);
        }
        let rules = self.rules.or(model.rules()).filter(|_| cfg!(feature = "merchandising"));
        let placement = rules.and_then(|rules| rules.book().placement(self.placement));
        placement.map(Some).ok_or(RequestError::Placement)
    }

    /// Adds what its placement says. What it says itself goes first.
    pub(super) fn settle(&mut self, placement: &Placement<'a>) {
        if self.surface.is_empty() {
            self.surface = placement.surface;
        }
        self.diversity = self.diversity.or(placement.diversity.map(Share::from_parts));
        self.discovery = self.discovery.or(Some(Share::from_parts(placement.discovery)));
    }
}
