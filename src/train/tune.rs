//! Finds on the newest sessions, by learning from the older ones, how long to learn and how to mix.

use super::embedding::{Embedding, Trainer};
use super::options::Options;
use super::shelf::{self, Header};
use super::universe::Universe;
use super::{Watch, cold, cooccurrence};
use crate::eval::{Cases, Figures, measure};
use crate::format::FormatError;
use crate::format::neighbors::Entry;
use crate::model::Model;

/// Share of the sessions that are held out, the newest ones: one in so many.
const HELD_OUT: usize = 20;
/// Most cases that are scored at a time.
const MAX_CASES: usize = 4000;
/// Most epochs that are tried.
const MAX_EPOCHS: u32 = 8;
/// Weights of the neighbor rows that are tried, in 1/1024.
const NEIGHBOR_WEIGHTS: [u16; 8] = [0, 256, 512, 1024, 2048, 4096, 8192, 16384];

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tuned {
    /// Epochs after which the held-out sessions are predicted best.
    pub(super) epochs: u32,
    /// Weight of the neighbor rows with which they are, in 1/1024.
    pub(super) neighbors_weight: u16,
    /// What items without events get beside what their content says, in logits.
    pub(super) cold_prior: f32,
}

impl Default for Tuned {
    /// What is taken where there is too little to hold out.
    fn default() -> Tuned {
        Tuned { epochs: 3, neighbors_weight: 256, cold_prior: 0.0 }
    }
}

/// Learns from all but the newest sessions, measures on those after every epoch with the runtime as it is shipped, and
/// stops when it gets worse. The rows' weight is then chosen at the best epoch.
pub(super) fn tune(universe: &Universe, options: &Options, watch: &dyn Watch) -> Result<Tuned, FormatError> {
    let sessions = &universe.sessions;
    let n_held_out = sessions.len() / HELD_OUT;
    let n_learned = sessions.len() - n_held_out;
    let cases = Cases::of_sessions(&sessions.part(n_learned..sessions.len())).thinned(MAX_CASES);
    let older = Universe { sessions: sessions.part(0..n_learned), ..universe.clone() };
    let trainer = Trainer::new(&older.sessions, &options.embedding, options.seed);
    let (Some(mut trainer), false) = (trainer, cases.0.is_empty()) else { return Ok(Tuned::default()) };

    let rows = cooccurrence::count(&older.sessions, &options.neighbors);
    let model = |embedding: &Embedding, rows: &[Vec<Entry>], neighbors_weight| {
        let header = Header { created_at_ms: 0, seed: options.seed, neighbors_weight, keeps_order: false };
        Model::from_bytes(shelf::encode(&older, Some(embedding), rows, &header)?)
    };
    let score = |embedding: &Embedding, neighbors_weight| -> Result<f64, FormatError> {
        let mut embedding = embedding.clone();
        cold::hide(&mut embedding, &older);
        Ok(worth(measure(&model(&embedding, &rows, neighbors_weight)?, &cases)))
    };
    let mut best = (f64::NEG_INFINITY, 0, trainer.embedding().clone());
    for epoch in 1..=MAX_EPOCHS {
        watch.begin(&format!("tune: epoch {epoch}"), trainer.epoch_len() as u64);
        trainer.epoch(|done| watch.advance(done as u64));
        let worth = score(trainer.embedding(), 0)?;
        if worth <= best.0 {
            break;
        }
        best = (worth, epoch, trainer.embedding().clone());
    }
    let (_, epochs, embedding) = best;
    watch.begin("tune: mix", NEIGHBOR_WEIGHTS.len() as u64);
    let mut mixed = (f64::NEG_INFINITY, 0);
    for (done, weight) in (1..).zip(NEIGHBOR_WEIGHTS) {
        let worth = score(&embedding, weight)?;
        if worth > mixed.0 {
            mixed = (worth, weight);
        }
        watch.advance(done);
    }
    let neighbors_weight = mixed.1;
    let cold_prior = cold::rehearse(&embedding, &older, &cases, |embedding, is_new| {
        model(embedding, &without(&rows, is_new), neighbors_weight)
    })?;
    Ok(Tuned { epochs, neighbors_weight, cold_prior })
}

/// The rows as if some items had none and stood in none.
fn without(rows: &[Vec<Entry>], is_left_out: &[bool]) -> Vec<Vec<Entry>> {
    let kept = |entry: &&Entry| !is_left_out[entry.0 as usize];
    let row = |(row, left_out): (&Vec<Entry>, &bool)| {
        if *left_out { Vec::new() } else { row.iter().filter(kept).copied().collect() }
    };
    rows.iter().zip(is_left_out).map(row).collect()
}

/// What is maximized: being in the list, and being near its top.
fn worth(figures: Figures) -> f64 {
    figures.hr + figures.mrr
}
