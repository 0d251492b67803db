use std::time::Instant;

use rayon::prelude::*;

use super::{Case, Cases, Figures, K, Tally};
use crate::model::Model;
use crate::rank::{RecommendRequest, Scratch, recommend};
use crate::session::{Event, EventKind, Session};

/// Time between the events of a case, which has none of its own.
const STEP_MS: i64 = 1000;
/// Cases that a thread works on at a time.
const PART: usize = 64;

/// How long single answers took, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// The median.
    pub p50_us: f64,
    /// The 99th percentile.
    pub p99_us: f64,
}

/// Figures and times of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// How good the lists were.
    pub figures: Figures,
    /// How long they took to make.
    pub timing: Timing,
}

/// Scores every case with the shipped runtime, on all cores: the whole catalog is ranked for each prefix.
///
/// Items of the prefix may be recommended again. A target that the model does not know is a miss. Where scores tie, the
/// target counts as the last of its equals.
pub fn measure(model: &Model, cases: &Cases) -> Figures {
    let parts: Vec<Tally> = cases
        .0
        .par_chunks(PART)
        .map(|part| {
            let mut scratch = Scratch::default();
            let mut tally = Tally::default();
            for case in part {
                score(model, case, &mut scratch, &mut tally);
            }
            tally
        })
        .collect();
    let mut all = Tally::default();
    parts.into_iter().for_each(|part| all.merge(part));
    all.figures(model.n_items())
}

/// As [`measure`], and the time that single answers take on one thread, over at most `timed` of the cases.
pub fn measure_timed(model: &Model, cases: &Cases, timed: usize) -> Measured {
    let figures = measure(model, cases);
    let mut scratch = Scratch::default();
    let mut times: Vec<f64> = cases
        .thinned(timed)
        .0
        .iter()
        .map(|case| {
            let start = Instant::now();
            score(model, case, &mut scratch, &mut Tally::default());
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().max(1) - 1)).copied();
    let timing = Timing { p50_us: at(0.5).unwrap_or(0.0), p99_us: at(0.99).unwrap_or(0.0) };
    Measured { figures, timing }
}

fn score(model: &Model, case: &Case, scratch: &mut Scratch, tally: &mut Tally) {
    let views = case.prefix.iter().zip(0..).map(|(id, n)| Event::new(EventKind::View, id.as_str(), n * STEP_MS));
    let session: Session = views.collect();
    let now_ms = case.prefix.len() as i64 * STEP_MS;
    // One more than is judged: equals of the target beyond the list must be seen to push it out.
    let request = RecommendRequest { limit: K + 1, now_ms, ..RecommendRequest::default() };
    let found = recommend(model, &session, &request, false, scratch).expect("K is a limit that may be asked for").items;
    let target = model.row(&case.target);
    let target = found.iter().find(|item| Some(item.row) == target);
    let rank = target.and_then(|target| found.iter().rposition(|item| item.parts.score() == target.parts.score()));
    tally.add(rank.map(|index| index + 1), found.iter().take(K).map(|item| item.row));
}
