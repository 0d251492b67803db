//! What is known of a session before its first event, measured: the same model with and without the words.

use serde::Serialize;

use super::{Answers, Case, Cases, Figures, Interval, compare_ranks, newest, split};
use crate::model::Model;
use crate::train::Sessions;

/// Cases that contexts may help with.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextCases {
    /// First items of the newest sessions: nothing is known of their shoppers but the context.
    pub first_items: Cases,
    /// Their steps from item to item.
    pub steps: Cases,
}

/// Older sessions to learn from, and the newest as cases. Sessions overlap: what is older than the newest event to learn
/// from is no case.
pub fn split_for_context(log: &Sessions, share: f64) -> (Sessions, ContextCases) {
    let first_held_out = newest(log, share);
    let (older, steps) = split(log, first_held_out);
    let mut first_items = Cases::of_first_items(&log.part(first_held_out..log.len()));
    first_items.0.retain(|case| case.timestamp_ms >= older.newest_ms());
    (older, ContextCases { first_items, steps })
}

/// How a model does on the same cases with and without their contexts. Fractions from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WithContext {
    /// How many cases.
    pub cases: usize,
    /// Hit rate and mean reciprocal rank without.
    pub without: (f64, f64),
    /// The same with the contexts.
    pub with: (f64, f64),
    /// What the hit rate gains, and where that would lie if the log were recorded again.
    pub gain_hr: (f64, Interval),
    /// What the reciprocal rank gains.
    pub gain_mrr: (f64, Interval),
}

/// Asks a model twice. The seed is that of the intervals.
pub fn with_context(model: &Model, cases: &Cases, seed: u64) -> WithContext {
    let blind = Cases(cases.0.iter().map(|case| Case { context: None, ..case.clone() }).collect());
    let (with, without) = (Answers::of_model(model, cases), Answers::of_model(model, &blind));
    let [gain_hr, gain_mrr] = compare_ranks(cases, &with, &without, seed);
    let pair = |answers: &Answers| {
        let figures = Figures::of(answers);
        (figures.hr, figures.mrr)
    };
    WithContext { cases: cases.0.len(), without: pair(&without), with: pair(&with), gain_hr, gain_mrr }
}
