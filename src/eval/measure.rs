use std::time::Instant;

use super::answers::answer;
use super::{Answers, Cases, Figures};
use crate::model::Model;
use crate::rank::Scratch;

/// How long single answers took, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// The median.
    pub p50_us: f64,
    /// The 99th percentile.
    pub p99_us: f64,
}

/// The figures that learning is steered by: every case is answered by the shipped runtime, as [`Answers::of_model`] does.
pub fn measure(model: &Model, cases: &Cases) -> Figures {
    Figures::of(&Answers::of_model(model, cases))
}

/// The time that single answers take on one thread, over at most `timed` of the cases. Zero where there are none.
pub fn time(model: &Model, cases: &Cases, timed: usize) -> Timing {
    let mut scratch = Scratch::default();
    let mut times: Vec<f64> = cases
        .thinned(timed)
        .0
        .iter()
        .map(|case| {
            let start = Instant::now();
            answer(model, case, &mut scratch);
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    Timing { p50_us: at(0.5), p99_us: at(0.99) }
}
