//! A log drawn from noisy counts. It reads nothing else, so that it has their guarantee, and so has all that is learned
//! from it.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::Distribution;
use rand_distr::weighted::WeightedIndex;

use super::Release;
use super::release::RETURNS;
use crate::session::EventKind;
use crate::train::{Interaction, Sessions};

/// Draws sessions, about as many as there are visitors: each begins with an item as likely as it is often met, and walks
/// along the pairs, or comes back, until it is as long as sessions are or leads nowhere. It has neither dates nor
/// contexts, every event is a view, and every session has a visitor of its own.
pub fn draw_log(release: &Release, item_ids: Vec<String>, seed: u64) -> Sessions {
    let mut log = Sessions { item_ids, starts: vec![0], ..Sessions::default() };
    let (Some(first), Some(length)) = (weighted(&release.items), weighted(&release.lengths)) else { return log };
    let returns = weighted(&release.returns);
    let mut neighbors: Vec<(Vec<u32>, Vec<f64>)> = vec![Default::default(); log.item_ids.len()];
    for &((low, high), weight) in &release.pairs {
        for (item, other) in [(low, high), (high, low)] {
            neighbors[item as usize].0.push(other);
            neighbors[item as usize].1.push(weight);
        }
    }
    let next: Vec<Option<WeightedIndex<f64>>> = neighbors.iter().map(|(_, weights)| weighted(weights)).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n_sessions = release.lengths.iter().sum::<f64>().round() as u32;
    for session in 0..n_sessions {
        let start = log.events.len();
        let end = start + 1 + length.sample(&mut rng);
        let mut item = first.sample(&mut rng) as u32;
        loop {
            log.events.push(Interaction { item, kind: EventKind::View, timestamp_ms: 0 });
            if log.events.len() == end {
                break;
            }
            let place = returns.as_ref().map_or(RETURNS, |returns| returns.sample(&mut rng));
            item = if place < log.events.len() - start && place < RETURNS {
                log.events[log.events.len() - 1 - place].item
            } else if let Some(next) = &next[item as usize] {
                neighbors[item as usize].0[next.sample(&mut rng)]
            } else {
                break;
            };
        }
        log.starts.push(log.events.len());
        log.visitors.push(session);
    }
    log
}

/// Draws indexes by weight; none where all are 0.
fn weighted(weights: &[f64]) -> Option<WeightedIndex<f64>> {
    WeightedIndex::new(weights).ok()
}
