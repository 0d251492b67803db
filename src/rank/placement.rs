//! What the store's placements say of a request that names one. What the request says itself goes first.

use alloc::vec::Vec;

use super::{Basis, RecommendRequest, RequestError, RerankRequest, Share};
use crate::lists::Gather;
use crate::model::Model;

/// Adds to a request to order a list what its placement says.
pub(super) fn settle_rerank<'a>(model: &'a Model, request: &mut RerankRequest<'a>) -> Result<(), RequestError> {
    if let Some(placement) = request.page.placement(model)? {
        request.page.settle(&placement);
        request.strength = request.strength.or(placement.strength.map(Share::from_parts));
        request.max_shift = request.max_shift.or(placement.max_shift.map(usize::from));
        request.keep_first = request.keep_first.or(Some(placement.keep_first.into()));
    }
    Ok(())
}

/// What a placement says of how items are found, beside the request.
pub(super) struct Source {
    /// What items are found by, one basis after the other.
    pub(super) chain: Vec<Basis>,
    /// Whether it starts from the items in the cart.
    pub(super) from_cart: bool,
}

/// Adds to a request to find items what its placement says.
pub(super) fn settle_recommend<'a>(
    model: &'a Model,
    request: &mut RecommendRequest<'a>,
) -> Result<Source, RequestError> {
    let placement = request.page.placement(model)?;
    let drawn = placement.map_or(&[][..], |placement| placement.draw);
    let drawn: Vec<Basis> = drawn.iter().filter_map(|&number| Basis::from_number(number)).gather();
    let mut chain: Vec<Basis> = match (request.basis, drawn.last()) {
        // The chain of the last basis, which begins with itself, goes on where the placement's own ends.
        (None, Some(last)) => drawn.iter().chain(&last.chain()[1..]).copied().gather(),
        (basis, _) => basis.unwrap_or_default().chain().to_vec(),
    };
    if request.threshold > Share::default() {
        chain.truncate(1);
    }
    let Some(placement) = placement else { return Ok(Source { chain, from_cart: false }) };
    request.page.settle(&placement);
    if request.limit == 0 {
        request.limit = placement.limit.into();
    }
    Ok(Source { chain, from_cart: placement.from_cart && request.seeds.is_none() })
}
