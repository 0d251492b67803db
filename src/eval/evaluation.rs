use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::answers::Step;
use super::baselines::Baseline;
use super::metrics::{ByMetric, N_MEANS, Scores, UnitVectors, coverage, scores};
use super::{Answers, Bootstrap, Case, Cases, Dimension, History, Interval, Metric};
use crate::model::Model;

/// How good a model is on cases, beside every baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// The model.
    #[serde(flatten)]
    pub model: Judged,
    /// How many visitors, or sessions where visitors are not known, the cases are of: those are resampled.
    pub visitors: usize,
    /// The baselines, the least able first.
    #[serde(serialize_with = "as_map")]
    pub baselines: Vec<(&'static str, Judged)>,
    /// Name of the baseline with the largest sum of hit rate and reciprocal rank.
    pub best_baseline: &'static str,
    /// What the model has over each baseline, on the same draws.
    #[serde(serialize_with = "as_map")]
    pub differences: Vec<(&'static str, Compared)>,
    /// The same for parts of the cases.
    pub slices: Vec<Slice>,
}

/// Figures of one ranker with their 95 % intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Judged {
    /// The figures.
    #[serde(flatten)]
    pub figures: ByMetric<f64>,
    /// Where the figures would lie if the log were recorded again.
    pub intervals: ByMetric<Interval>,
}

/// How much more one ranker has than another. Of [`Metric::Coverage`] nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Compared {
    /// The differences of the figures.
    #[serde(flatten)]
    pub differences: ByMetric<f64>,
    /// Their 95 % intervals: what holds 0 may be chance.
    pub intervals: ByMetric<Interval>,
}

/// Some of the cases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Slice {
    /// What they are told apart by.
    pub by: Dimension,
    /// Which of them these are.
    pub slice: &'static str,
    /// How many.
    pub cases: usize,
    /// The model.
    #[serde(flatten)]
    pub model: Judged,
    /// The best baseline.
    pub best_baseline: Judged,
}

/// Lets a model and every baseline answer all cases. Baselines learn from the history; without one, those that need it
/// are left out. The same seed gives the same answer.
pub fn evaluate(model: &Model, history: &History, cases: &Cases, seed: u64) -> Evaluation {
    let steps = Step::of_cases(cases, model);
    let units = UnitVectors::of(model);
    let visitor = |case: usize| (case, cases.0[case].visitor);
    let bootstrap = Bootstrap::new((0..cases.0.len()).map(visitor), seed);
    let score = |answers: &Answers| scores(answers, &steps, history, &units);

    let answers = Answers::of_model(model, cases);
    let ours = score(&answers);
    let judged = judge(&bootstrap, &answers, &ours, history.n_items());
    let (mut baselines, mut differences) = (Vec::new(), Vec::new());
    let mut best: Option<(f64, &str, Vec<Scores>, Answers)> = None;
    for baseline in Baseline::ALL {
        if history.is_empty() && matches!(baseline, Baseline::LastItem | Baseline::Vsknn) {
            continue;
        }
        let answers = baseline.answer(history, &steps, seed);
        let theirs = score(&answers);
        let judged = judge(&bootstrap, &answers, &theirs, history.n_items());
        baselines.push((baseline.name(), judged));
        differences.push((baseline.name(), compare(&bootstrap, &ours, &theirs)));
        let worth = judged.figures.get(Metric::HitRate) + judged.figures.get(Metric::ReciprocalRank);
        if best.as_ref().is_none_or(|(best, ..)| worth > *best) {
            best = Some((worth, baseline.name(), theirs, answers));
        }
    }
    let (_, best_baseline, theirs, their_answers) = best.expect("there are baselines that need no history");

    let mut slices = Vec::new();
    for by in Dimension::ALL {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        if !by.slices(history).is_empty() {
            for (index, (case, step)) in cases.0.iter().zip(&steps).enumerate() {
                members.entry(by.slice_of(case, step, history)).or_default().push(index);
            }
        }
        slices.extend(members.into_iter().map(|(slice, members)| {
            let bootstrap = Bootstrap::new(members.iter().map(|&case| visitor(case)), seed);
            Slice {
                by,
                slice: by.slices(history)[slice],
                cases: members.len(),
                model: judge(&bootstrap, &answers, &ours, history.n_items()),
                best_baseline: judge(&bootstrap, &their_answers, &theirs, history.n_items()),
            }
        }));
    }
    Evaluation { model: judged, visitors: bootstrap.n_visitors(), baselines, best_baseline, differences, slices }
}

/// The figures of a ranker on the cases of a bootstrap.
fn judge(bootstrap: &Bootstrap, answers: &Answers, scores: &[Scores], n_items: usize) -> Judged {
    let means = mean(bootstrap, |case| scores[case]);
    let resampled = bootstrap.means(|case| scores[case]);
    let covered = coverage(answers, bootstrap.cases(), n_items);
    let resampled_coverage = bootstrap.statistic(|cases| coverage(answers, cases, n_items));
    // A resample holds fewer different visitors, and covers less for that alone: only its spread says something.
    let center = resampled_coverage.iter().sum::<f64>() / resampled_coverage.len() as f64;
    let spread = Interval::of(resampled_coverage).moved(covered - center).of_share();
    Judged {
        figures: by_metric(|index| means[index], covered),
        intervals: by_metric(|index| Interval::of(column(&resampled, index)), spread),
    }
}

fn compare(bootstrap: &Bootstrap, ours: &[Scores], theirs: &[Scores]) -> Compared {
    let difference =
        |case: usize| std::array::from_fn::<f64, N_MEANS, _>(|index| ours[case][index] - theirs[case][index]);
    let means = mean(bootstrap, difference);
    let resampled = bootstrap.means(difference);
    let unknown = Interval(f64::NAN, f64::NAN);
    Compared {
        differences: by_metric(|index| means[index], f64::NAN),
        intervals: by_metric(|index| Interval::of(column(&resampled, index)), unknown),
    }
}

fn mean(bootstrap: &Bootstrap, of: impl Fn(usize) -> Scores) -> Scores {
    let mut sums = [0.0; N_MEANS];
    let mut n_cases = 0.0;
    for case in bootstrap.cases() {
        sums.iter_mut().zip(of(case)).for_each(|(sum, score)| *sum += score);
        n_cases += 1.0;
    }
    sums.map(|sum| sum / n_cases)
}

fn column<const N: usize>(rows: &[[f64; N]], index: usize) -> Vec<f64> {
    rows.iter().map(|row| row[index]).collect()
}

/// Puts means and coverage together in the order of [`Metric::ALL`].
fn by_metric<T: Copy>(mean: impl Fn(usize) -> T, coverage: T) -> ByMetric<T> {
    ByMetric(std::array::from_fn(|index| if index < N_MEANS { mean(index) } else { coverage }))
}

/// What two models' answers to the same cases differ by in hit rate and reciprocal rank, with the intervals.
pub fn compare_ranks(cases: &Cases, ours: &Answers, theirs: &Answers, seed: u64) -> [(f64, Interval); 2] {
    let bootstrap = Bootstrap::new(cases.0.iter().map(|case: &Case| case.visitor).enumerate(), seed);
    let difference = |case: usize| {
        let of = |answers: &Answers| super::metrics::rank_scores(answers.rank(case));
        let (ours, theirs) = (of(ours), of(theirs));
        [ours[0] - theirs[0], ours[1] - theirs[1]]
    };
    let resampled = bootstrap.means(difference);
    std::array::from_fn(|index| {
        let mean = bootstrap.cases().map(|case| difference(case)[index]).sum::<f64>() / cases.0.len() as f64;
        (mean, Interval::of(column(&resampled, index)))
    })
}

fn as_map<T: Serialize, S: Serializer>(pairs: &[(&'static str, T)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
