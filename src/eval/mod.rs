//! Measures a model: cases in, figures out, by the protocol of `docs/EVALUATION.md`.

pub mod baselines;
mod cases;
pub mod impressions;
mod measure;
mod metrics;

pub use cases::{Case, CaseError, Cases};
pub use measure::{Measured, Timing, measure, measure_timed};
pub use metrics::{Figures, Tally};

/// Length of the lists that are judged.
pub const K: usize = 20;
