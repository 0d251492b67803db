use rand::Rng;
use rand_distr::Distribution;
use rand_distr::weighted::WeightedAliasIndex;

use super::Sessions;

/// Items are drawn with their count to this power: between even chances (0) and their own (1).
const POWER: f32 = 0.75;
/// Marks an item that is no column.
const NO_COLUMN: u32 = u32::MAX;

/// The items that a batch is told not to choose: drawn anew for every batch, or all of a small catalog.
#[derive(Debug)]
pub(super) struct Negatives {
    /// The items, each once, ascending.
    pub(super) items: Vec<u32>,
    /// What to add to the logit of each, so that the sampled softmax estimates the whole one.
    pub(super) corrections: Vec<f32>,
    /// Where each item of the catalog stands in `items`, or [`NO_COLUMN`].
    columns: Vec<u32>,
    /// None where `items` are all there are.
    sampler: Option<Sampler>,
}

#[derive(Debug)]
struct Sampler {
    index: WeightedAliasIndex<f32>,
    log_chance: Vec<f32>,
    draws: usize,
}

impl Negatives {
    pub(super) fn new(sessions: &Sessions, draws: usize) -> Negatives {
        let n_items = sessions.item_ids.len();
        if n_items <= draws {
            let items: Vec<u32> = (0..n_items as u32).collect();
            return Negatives { corrections: vec![0.0; n_items], columns: items.clone(), items, sampler: None };
        }
        let mut weights = vec![1.0f32; n_items];
        for event in &sessions.events {
            weights[event.item as usize] += 1.0;
        }
        for weight in &mut weights {
            *weight = weight.powf(POWER);
        }
        let total: f32 = weights.iter().sum();
        let log_chance = weights.iter().map(|weight| (weight / total).ln()).collect();
        let index = WeightedAliasIndex::new(weights).expect("weights are positive and finite, and there is one");
        let sampler = Some(Sampler { index, log_chance, draws });
        Negatives { items: Vec::new(), corrections: Vec::new(), columns: vec![NO_COLUMN; n_items], sampler }
    }

    /// Where an item stands in `items`, if it does.
    pub(super) fn column(&self, item: u32) -> Option<usize> {
        let column = self.columns[item as usize];
        (column != NO_COLUMN).then_some(column as usize)
    }

    /// Draws the negatives of the next batch. An item drawn m times stands once, with weight m.
    pub(super) fn draw(&mut self, rng: &mut impl Rng) {
        let Some(sampler) = &self.sampler else { return };
        for &item in &self.items {
            self.columns[item as usize] = NO_COLUMN;
        }
        let mut drawn: Vec<u32> = (0..sampler.draws).map(|_| sampler.index.sample(rng) as u32).collect();
        drawn.sort_unstable();
        self.items.clear();
        self.corrections.clear();
        for same in drawn.chunk_by(|a, b| a == b) {
            let times = same.len() as f32 / sampler.draws as f32;
            self.columns[same[0] as usize] = self.items.len() as u32;
            self.items.push(same[0]);
            self.corrections.push(times.ln() - sampler.log_chance[same[0] as usize]);
        }
    }
}
