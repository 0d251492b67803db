//! How forward items without events should be, found by treating some items with events as if they had none.

use std::ops::RangeInclusive;

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
/// What items without events may get beside what their content says, in logits. Never less than nothing, since what is not
/// shown is never learned of.
const PRIORS: RangeInclusive<f32> = 0.0..=4.0;
/// How far back items are moved that would crowd the others out, in logits: behind any nearness.
const LEAST_PRIOR: f32 = -32.0;
/// How often a range of priors is halved.
const HALVINGS: usize = 9;
/// Largest share of the places of all lists that items without events get, however many there are: one in so many.
const CROWDED: usize = 5;

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
    let none = vec![false; ids.len()];
    let mut known = embedding.clone();
    settle_counted(&mut known, universe, &counts, 0.0);
    let wanted = exposure(&model(&known, &Rounded::new(&known), &none)?, &cases, &is_new);
    counts.iter_mut().zip(&is_new).filter(|(_, new)| **new).for_each(|(count, _)| *count = 0);
    let mut placed = embedding.clone();
    settle_counted(&mut placed, universe, &counts, 0.0);
    let rounded = Rounded::new(&placed);
    highest(PRIORS, |prior| {
        let tried = model(&raised(&placed, &is_new, prior), &rounded, &is_new)?;
        Ok(exposure(&tried, &cases, &is_new) < wanted)
    })
}

/// The embedding with the items without events as far back as it takes for the others to keep their places: where most items
/// have none they would take most places from those that shoppers are known to want. All together they get a fifth at most.
///
/// `model` makes the model of an embedding that differs in its biases.
pub(in crate::train) fn make_room<E>(
    embedding: Embedding,
    universe: &Universe,
    cases: &Cases,
    model: impl Fn(&Embedding) -> Result<Model, E>,
) -> Result<Embedding, E> {
    let cases = cases.thinned(MAX_CASES);
    let is_sensitive = |row: usize| universe.catalog.get(row).is_some_and(|item| item.sensitive);
    // What is sensitive is set apart, and stands where it stands.
    let is_cold: Vec<bool> =
        event_counts(universe).iter().enumerate().map(|(row, &count)| count == 0 && !is_sensitive(row)).collect();
    let fits = |prior| {
        let places = exposure(&model(&raised(&embedding, &is_cold, prior))?, &cases, &is_cold);
        Ok(places * CROWDED <= cases.0.len() * K)
    };
    if !is_cold.contains(&true) || fits(0.0)? {
        return Ok(embedding);
    }
    Ok(raised(&embedding, &is_cold, highest(LEAST_PRIOR..=0.0, fits)?))
}

/// The highest prior that fits, if lower ones fit too.
fn highest<E>(priors: RangeInclusive<f32>, fits: impl Fn(f32) -> Result<bool, E>) -> Result<f32, E> {
    let (mut low, mut high) = priors.into_inner();
    for _ in 0..HALVINGS {
        let prior = (low + high) / 2.0;
        if fits(prior)? { low = prior } else { high = prior }
    }
    Ok(low)
}

/// The embedding with the marked rows further forward.
fn raised(embedding: &Embedding, is_marked: &[bool], prior: f32) -> Embedding {
    let mut raised = embedding.clone();
    raised.biases.iter_mut().zip(is_marked).filter(|(_, marked)| **marked).for_each(|(bias, _)| *bias += prior);
    raised
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

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::session::EventKind;
    use crate::train::{Catalog, CatalogItem, Interaction, Options, Privacy, Sessions, Unwatched, learn};

    /// Of ten kinds with 30 items each shoppers have met six each, and look at items of one kind. One of the others is sensitive.
    #[test]
    fn items_without_events_do_not_crowd_out_the_others() {
        let item = |id: usize| CatalogItem {
            id: format!("{id:03}"),
            title: Some(format!("kind{}", id % 10)),
            sensitive: id == 299,
            ..CatalogItem::default()
        };
        let catalog = Catalog { items: (0..300).map(item).collect(), ..Catalog::default() };
        let mut log = Sessions { starts: vec![0], ..Sessions::default() };
        log.item_ids = catalog.items[..60].iter().map(|item| item.id.clone()).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for visitor in 0..1500 {
            let kind = rng.random_range(0..10);
            for _ in 0..rng.random_range(2..7) {
                let item = 10 * rng.random_range(0..6) + kind;
                log.events.push(Interaction { item, kind: EventKind::View, timestamp_ms: 0 });
            }
            log.starts.push(log.events.len());
            log.visitors.push(visitor);
        }
        let options = Options { privacy: Privacy::NONE, ..Options::default() };
        let model = Model::from_bytes(learn(&log, Some(&catalog), &options, &Unwatched).unwrap().bytes).unwrap();
        let is_cold: Vec<bool> = (0..300).map(|row| ("060".."299").contains(&model.ids().id(row).as_str())).collect();
        let cases = Cases::of_sessions(&log).thinned(MAX_CASES);
        let share = exposure(&model, &cases, &is_cold) as f64 / (cases.0.len() * K) as f64;
        assert!((0.05..0.25).contains(&share), "{share} of the places");
        // It stood in the middle, and has not moved back with the others.
        let bias = |row: u32| model.embeddings().unwrap().bias(row);
        let sensitive = bias(model.row("299").unwrap());
        assert!((0..300).filter(|&row| is_cold[row as usize]).all(|row| bias(row) < sensitive));
    }
}
