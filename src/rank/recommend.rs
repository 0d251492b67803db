use alloc::vec::Vec;

use super::aversion::Aversion;
use super::basis::Sources;
use super::block::Block;
use super::discovery::{Horizon, slots};
use super::fatigue::Fatigue;
use super::rules::{ActiveRules, Circumstances};
use super::variety::Variety;
use super::{Basis, Outcome, Page, Parts, Reason, RequestError, Scratch, Share, Unchanged, placement};
use crate::format::rules::VariableKind;
use crate::lists::Gather;
use crate::model::Model;
use crate::session::{MAX_EVENTS, Profile, Session};

/// Most items that one answer may hold.
pub const MAX_LIMIT: usize = crate::format::rules::MAX_LIMIT as usize;

/// What to recommend.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecommendRequest<'a> {
    /// The page that they are for. Its overlays have a number for every row.
    pub page: Page<'a>,
    /// Most items to return, 1 to [`MAX_LIMIT`]; 0: as many as the placement says.
    pub limit: usize,
    /// Recommend as if these rows had just been viewed, the newest last, instead of from the session. Never returned.
    pub seeds: Option<&'a [u32]>,
    /// What they are found by. Default: what the placement draws from, or the session.
    pub basis: Option<Basis>,
    /// Rows never to return.
    pub exclude: &'a [u32],
    /// Drop items that score below this share of the best, where the best is above 0.
    pub threshold: Share,
}

/// Items found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendations {
    /// What became of the request.
    pub outcome: Outcome,
    /// The items, best first.
    pub items: Vec<Recommended>,
}

/// An item found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recommended {
    /// Its row.
    pub row: u32,
    /// What it was found by: what was asked for, or what filled up.
    pub basis: Basis,
    /// The parts of its score; `base` is 0.
    pub parts: Parts,
    /// What its similarity to better items took off its worth.
    pub penalty: i32,
    /// Number of the rule that gave it its slot.
    pub rule: Option<u16>,
    /// Why it stands there; computed on request only.
    pub reason: Reason,
}

/// Finds the best items of the whole catalog for a session, or for seeds. Equal scores: the lower row first.
///
/// Where a basis has less to say than is asked for, others fill up, popularity at the end: [`Recommended::basis`] says
/// which found an item. So the answer has `limit` items whenever the catalog, `exclude` and rules leave as many. A `threshold`
/// switches that off: then fewer, even no items are what was asked for.
/// O(items · dimensions), once more for every group that a cap fills and every reserved slot; `explain` adds O(limit ·
/// events · dimensions).
///
/// # Errors
///
/// [`RequestError::Limit`], [`RequestError::Row`], [`RequestError::Length`] of an overlay, [`RequestError::Rules`],
/// [`RequestError::Placement`].
pub fn recommend(
    model: &Model,
    session: &Session,
    request: &RecommendRequest,
    explain: bool,
    scratch: &mut Scratch,
) -> Result<Recommendations, RequestError> {
    let session = session.as_seen(request.page.lens);
    let mut request = *request;
    let placement::Source { chain, from_cart } = placement::settle_recommend(model, &mut request)?;
    let (limit, n_items) = (request.limit, model.n_items());
    if limit == 0 || limit > MAX_LIMIT {
        return Err(RequestError::Limit { limit });
    }
    let in_cart: Option<Vec<u32>> = from_cart.then(|| {
        let hashes = session.items(VariableKind::Cart, request.page.now_ms, 0);
        // The newest last.
        hashes.into_iter().rev().filter_map(|hash| model.ids().row(hash)).gather()
    });
    let in_cart = in_cart.filter(|rows| !rows.is_empty() && request.seeds.is_none());
    request.seeds = request.seeds.or(in_cart.as_deref());
    let seeds = request.seeds.unwrap_or_default();
    if let Some(&row) = seeds.iter().chain(request.exclude).find(|&&row| row as usize >= n_items) {
        return Err(RequestError::Row { row, n_items });
    }
    let page = &request.page;
    let now = Circumstances { page, seeds, n_values: n_items };
    let rules = ActiveRules::new(model, session, &now)?;
    let profile = match (&in_cart, request.seeds) {
        (Some(rows), _) => Profile::of_cart(model, rows),
        // As many as a session may hold: those before say nothing.
        (None, Some(seeds)) => Profile::of_rows(model, &seeds[seeds.len().saturating_sub(MAX_EVENTS)..]),
        (None, None) => Profile::of_session(model, session, page.now_ms),
    };
    let variety = Variety::new(page);
    let discovered: Vec<usize> = match chain.first() {
        Some(Basis::Discovery) => (0..limit).gather(),
        _ if request.threshold > Share::default() => Vec::new(),
        _ => slots(limit, variety.discovery).gather(),
    };
    let aversion = Aversion::new(model, session);
    let fatigue = &Fatigue::new(model, session);
    let sources = Sources { model, session: &session, request: &request, profile: &profile, fatigue, explain };
    let mut compose = |discovered: &[usize]| {
        let mut block = Block {
            model,
            request: &request,
            rules: rules.as_ref(),
            aversion: &aversion,
            fatigue,
            profile: &profile,
            excluded: seeds.iter().chain(request.exclude).chain(&aversion.refused).copied().gather(),
            held: Vec::new(),
            items: Vec::new(),
            bounds: None,
            floor: None,
            products: None,
        };
        if rules.as_ref().is_some_and(|rules| !rules.holding().is_empty()) {
            // By the score of the session, whatever the basis.
            let basis = if profile.touches().is_empty() { Basis::Popular } else { Basis::Session };
            sources.ask(basis, scratch, &mut |scores, reason| block.hold(basis, scores, reason));
        }
        if !discovered.is_empty() {
            sources.ask(Basis::Discovery, scratch, &mut |scores, _| {
                block.discover(discovered, scores, &Horizon::new(model, &profile, page.seed, page.now_ms));
            });
        }
        for &basis in chain.iter().filter(|&&basis| basis != Basis::Discovery) {
            sources.ask(basis, scratch, &mut |scores, reason| block.fill(basis, variety.diversity, scores, reason));
            if block.n_left() == 0 {
                break;
            }
        }
        block
    };
    let mut block = compose(&discovered);
    if block.is_in_the_way() {
        block = compose(&[]);
    }
    let items = block.finish();
    // What is not wanted, or was shown too often, is missing or further back: what is left is no longer what everyone gets.
    let is_personal = |item: &Recommended| !item.basis.is_common() || item.parts.answers > 0;
    let outcome = if !aversion.is_empty() || !fatigue.is_empty() || items.iter().any(is_personal) {
        Outcome::Personalized
    } else {
        Outcome::Popular(request.seeds.map_or(Unchanged::of(session), |_| Unchanged::UnknownItems))
    };
    Ok(Recommendations { outcome, items })
}
