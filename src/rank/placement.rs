//! What the store's placements say of a request that names one. What the request says itself goes first.

use alloc::vec::Vec;

use super::{Basis, RecommendRequest, RequestError, RerankRequest, Share};
use crate::format::rules::Placement;
use crate::lists::Gather;
use crate::model::{Model, Rules};

/// The placement of a name; none for the empty name.
fn find<'a>(model: &'a Model, rules: Option<&'a Rules>, name: &str) -> Result<Option<Placement<'a>>, RequestError> {
    if name.is_empty() {
        return Ok(None);
    }
    let rules = rules.or(model.rules()).filter(|_| cfg!(feature = "merchandising"));
    let placement = rules.and_then(|rules| rules.book().placement(name));
    placement.map(Some).ok_or(RequestError::Placement)
}

/// A request to order a list, with what its placement adds.
pub(super) fn of_rerank<'a>(model: &'a Model, request: &RerankRequest<'a>) -> Result<RerankRequest<'a>, RequestError> {
    let Some(placement) = find(model, request.rules, request.placement)? else { return Ok(*request) };
    Ok(RerankRequest {
        surface: if request.surface.is_empty() { placement.surface } else { request.surface },
        strength: request.strength.or(placement.strength.map(Share::from_parts)),
        diversity: request.diversity.or(placement.diversity.map(Share::from_parts)),
        discovery: request.discovery.or(Some(Share::from_parts(placement.discovery))),
        max_shift: request.max_shift.or(placement.max_shift.map(usize::from)),
        keep_first: request.keep_first.or(Some(placement.keep_first.into())),
        ..*request
    })
}

/// What a placement adds to a request to find items, beside the request.
pub(super) struct Found<'a> {
    pub(super) request: RecommendRequest<'a>,
    /// What items are found by, one basis after the other.
    pub(super) chain: Vec<Basis>,
    /// Whether it starts from the items in the cart.
    pub(super) from_cart: bool,
}

/// A request to find items, with what its placement adds.
pub(super) fn of_recommend<'a>(model: &'a Model, request: &RecommendRequest<'a>) -> Result<Found<'a>, RequestError> {
    let placement = find(model, request.rules, request.placement)?;
    let drawn = placement.map_or(&[][..], |placement| placement.draw);
    let drawn = drawn.iter().filter_map(|&number| Basis::ALL.get(usize::from(number).checked_sub(1)?).copied());
    let drawn: Vec<Basis> = drawn.gather();
    let mut chain: Vec<Basis> = match (request.basis, drawn.last()) {
        // The chain of the last basis, which begins with itself, goes on where the placement's own ends.
        (None, Some(last)) => drawn.iter().chain(&last.chain()[1..]).copied().gather(),
        (basis, _) => basis.unwrap_or_default().chain().to_vec(),
    };
    if request.threshold > Share::default() {
        chain.truncate(1);
    }
    let Some(placement) = placement else { return Ok(Found { request: *request, chain, from_cart: false }) };
    let request = RecommendRequest {
        surface: if request.surface.is_empty() { placement.surface } else { request.surface },
        limit: if request.limit == 0 { placement.limit.into() } else { request.limit },
        diversity: request.diversity.or(placement.diversity.map(Share::from_parts)),
        discovery: request.discovery.or(Some(Share::from_parts(placement.discovery))),
        ..*request
    };
    Ok(Found { chain, from_cart: placement.from_cart && request.seeds.is_none(), request })
}
