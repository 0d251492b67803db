//! How forward items without events should be, found by treating some items with events as if they had none.

use rayon::prelude::*;
use twox_hash::XxHash64;

use super::{event_counts, settle_counted};
use crate::eval::{Cases, K, session_of};
use crate::model::Model;
use crate::rank::{Page, RecommendRequest, Scratch, recommend};
use crate::train::embedding::{Embedding, Rounded};
use crate::train::universe::Universe;

/// One item in so many is treated as if it had no events.
const COLD: u64 = 10;
/// Most cases that are looked at.
const MAX_CASES: usize = 1000;
/// Cases that a thread works on at a time.
const PART: usize = 64;
/// What items without events may get beside what their content says, in logits. Never less than nothing: what is not
/// shown is never learned of.
const PRIORS: std::ops::RangeInclusive<f32> = 0.0..=4.0;
/// How often the range of priors is halved.
const HALVINGS: usize = 7;

/// The prior with which the items that are treated as new stand in as many lists as when they are known: neither hidden for
/// having no neighbor rows and an uncertain place, nor pushed. What predicts best would be to hide them, since the log was
/// made without them; then they would never be met.
///
/// `model` makes a model with an embedding, whose vectors come rounded, in which the items that are marked have no neighbor
/// rows either. The cases are of sessions that were not learned from. 0 without a catalog.
pub(in crate::train) fn rehearse<E>(
    embedding: &Embedding,
    universe: &Universe,
    cases: &Cases,
    model: impl Fn(&Embedding, &Rounded, &[bool]) -> Result<Model, E>,
) -> Result<f32, E> {
    let mut counts = event_counts(universe);
    let ids = &universe.sessions.item_ids;
    let is_new: Vec<bool> = ids
        .iter()
        .zip(&counts)
        .map(|(id, &count)| count > 0 && XxHash64::oneshot(3, id.as_bytes()).is_multiple_of(COLD))
        .collect();
    if universe.catalog.is_empty() || !is_new.contains(&true) {
        return Ok(0.0);
    }
    let cases = cases.thinned(MAX_CASES);
    let mut known = embedding.clone();
    settle_counted(&mut known, universe, &counts, 0.0);
    let wanted = exposure(&model(&known, &Rounded::new(&known), &vec![false; ids.len()])?, &cases, &is_new);
    counts.iter_mut().zip(&is_new).filter(|(_, new)| **new).for_each(|(count, _)| *count = 0);
    let mut placed = embedding.clone();
    settle_counted(&mut placed, universe, &counts, 0.0);
    let rounded = Rounded::new(&placed);
    let (mut low, mut high) = PRIORS.into_inner();
    for _ in 0..HALVINGS {
        let prior = (low + high) / 2.0;
        let mut tried = placed.clone();
        tried.biases.iter_mut().zip(&is_new).filter(|(_, new)| **new).for_each(|(bias, _)| *bias += prior);
        if exposure(&model(&tried, &rounded, &is_new)?, &cases, &is_new) < wanted {
            low = prior;
        } else {
            high = prior;
        }
    }
    Ok((low + high) / 2.0)
}

/// How often the marked rows stand in the lists of all cases.
fn exposure(model: &Model, cases: &Cases, is_marked: &[bool]) -> usize {
    let parts = cases.0.par_chunks(PART).map(|part| {
        let mut scratch = Scratch::default();
        let shown = part.iter().map(|case| {
            let (session, now_ms) = session_of(case);
            let request = RecommendRequest { page: Page::at(now_ms), limit: K, ..RecommendRequest::default() };
            let found =
                recommend(model, &session, &request, false, &mut scratch).expect("K is a limit that may be asked");
            found.items.iter().filter(|item| is_marked[item.row as usize]).count()
        });
        shown.sum::<usize>()
    });
    parts.sum()
}
