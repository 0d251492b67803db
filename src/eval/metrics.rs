//! What a ranker is judged by: from lists to what each case adds to each figure.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::answers::Step;
use super::{Answers, History};

/// What a ranker is judged by. `docs/EVALUATION.md` has the definitions with their sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Hit rate: the share of cases whose target is among the first [`K`](super::K).
    HitRate,
    /// The mean of 1/rank, 0 beyond [`K`](super::K).
    ReciprocalRank,
    /// Normalized discounted cumulative gain: the mean of 1/log2(rank + 1), 0 beyond [`K`](super::K); one target makes the ideal 1.
    Gain,
    /// The share of the session's different remaining items that are among the first [`K`](super::K).
    Recall,
    /// How popular the listed items are among all items: 0.5 is no bias.
    PopularityPercentile,
    /// Events of the listed items in training.
    AveragePopularity,
    /// The mean of 1 - cosine over all pairs of listed items, by the model's embeddings: 0 alike, 1 unrelated.
    Diversity,
    /// The self-information of the listed items, in bits.
    Novelty,
    /// The share of the catalog that stands in at least one list. No mean over cases.
    Coverage,
}

impl Metric {
    /// Every metric; [`Metric::Coverage`], which is no mean over cases, last.
    pub const ALL: [Metric; 9] = [
        Metric::HitRate,
        Metric::ReciprocalRank,
        Metric::Gain,
        Metric::Recall,
        Metric::PopularityPercentile,
        Metric::AveragePopularity,
        Metric::Diversity,
        Metric::Novelty,
        Metric::Coverage,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Metric::HitRate => "hr",
            Metric::ReciprocalRank => "mrr",
            Metric::Gain => "ndcg",
            Metric::Recall => "recall",
            Metric::PopularityPercentile => "popularity_percentile",
            Metric::AveragePopularity => "average_popularity",
            Metric::Diversity => "diversity",
            Metric::Novelty => "novelty",
            Metric::Coverage => "coverage",
        }
    }
}

/// How many metrics are means over cases.
pub const N_MEANS: usize = Metric::ALL.len() - 1;

/// What one case adds to each mean, in the order of [`Metric::ALL`]. Not a number where it cannot be told.
pub type Scores = [f64; N_MEANS];

/// Something for every metric, in the order of [`Metric::ALL`]. A map by their names in JSON; what is not a number is null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByMetric<T>(pub [T; Metric::ALL.len()]);

impl<T> ByMetric<T> {
    /// What is there for one metric.
    pub fn get(&self, metric: Metric) -> &T {
        &self.0[metric as usize]
    }
}

impl<T: Serialize> Serialize for ByMetric<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (metric, value) in Metric::ALL.iter().zip(&self.0) {
            map.serialize_entry(metric.name(), value)?;
        }
        map.end()
    }
}

/// Those metrics that need nothing but the answers: cheap enough to be asked for often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// [`Metric::HitRate`].
    pub hr: f64,
    /// [`Metric::ReciprocalRank`].
    pub mrr: f64,
    /// [`Metric::Gain`].
    pub ndcg: f64,
}

impl Figures {
    /// The means over all cases. All 0 where there is none.
    pub fn of(answers: &Answers) -> Figures {
        Figures::of_ranks((0..answers.len()).map(|case| answers.rank(case)))
    }

    /// The same from each case's rank, which is from 1 to [`K`](super::K) or none.
    pub fn of_ranks(ranks: impl ExactSizeIterator<Item = Option<u32>>) -> Figures {
        let n_cases = ranks.len().max(1) as f64;
        let mut sums = [0.0; 3];
        for rank in ranks {
            sums.iter_mut().zip(rank_scores(rank)).for_each(|(sum, score)| *sum += score);
        }
        let [hr, mrr, ndcg] = sums.map(|sum| sum / n_cases);
        Figures { hr, mrr, ndcg }
    }
}

/// Hit, reciprocal rank and gain of one target.
pub(super) fn rank_scores(rank: Option<u32>) -> [f64; 3] {
    rank.map_or([0.0; 3], |rank| [1.0, 1.0 / f64::from(rank), 1.0 / f64::from(rank + 1).log2()])
}

/// What every case adds to every mean. `units` are the model's vectors, for diversity.
pub fn scores(answers: &Answers, steps: &[Step], history: &History, units: &UnitVectors) -> Vec<Scores> {
    let score = |(case, step): (usize, &Step)| {
        let list = answers.list(case);
        let mean = |of: &dyn Fn(u32) -> f64| list.iter().map(|&row| of(row)).sum::<f64>() / list.len() as f64;
        let [hit, reciprocal, gain] = rank_scores(answers.rank(case));
        // The target by its rank, which counts ties against it; the others by standing in the list.
        let others = list.iter().filter(|&&row| Some(row) != step.target() && step.is_to_come(row));
        [
            hit,
            reciprocal,
            gain,
            (hit + others.count() as f64) / step.n_remaining() as f64,
            mean(&|row| history.percentile(row)),
            mean(&|row| history.n_events_of(row)),
            units.diversity(list),
            mean(&|row| history.self_information(row)),
        ]
    };
    steps.iter().enumerate().map(score).collect()
}

/// [`Metric::Coverage`] of the lists of some cases.
pub fn coverage(answers: &Answers, cases: impl IntoIterator<Item = usize>, n_items: usize) -> f64 {
    let mut listed = vec![false; n_items];
    for &row in cases.into_iter().flat_map(|case| answers.list(case)) {
        listed[row as usize] = true;
    }
    listed.iter().filter(|&&is_listed| is_listed).count() as f64 / n_items.max(1) as f64
}

/// The model's embeddings as vectors of length 1, or of length 0 where a vector says nothing.
#[derive(Debug, Clone, Default)]
pub struct UnitVectors {
    dimensions: usize,
    vectors: Vec<f32>,
}

impl UnitVectors {
    /// Scales the vectors of a model's rows; nothing in a model without embeddings.
    pub fn of(model: &crate::model::Model) -> UnitVectors {
        let Some(embeddings) = model.embeddings() else { return UnitVectors::default() };
        let rows =
            (0..model.n_items() as u32).map(|row| embeddings.vector(row).iter().map(|&x| f32::from(x)).collect());
        UnitVectors::from_rows(rows)
    }

    fn from_rows(rows: impl Iterator<Item = Vec<f32>>) -> UnitVectors {
        let mut units = UnitVectors::default();
        for vector in rows {
            let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            units.dimensions = vector.len();
            units.vectors.extend(vector.iter().map(|x| if norm > 0.0 { x / norm } else { 0.0 }));
        }
        units
    }

    /// The mean of 1 - cosine over the pairs of a list; not a number where there is no pair or no vector.
    fn diversity(&self, list: &[u32]) -> f64 {
        if self.vectors.is_empty() || list.len() < 2 {
            return f64::NAN;
        }
        // The cosines of all pairs add up to half of what the square of the sum has over the sum of the squares.
        let mut sum = vec![0.0f64; self.dimensions];
        let mut squares = 0.0;
        for &row in list {
            let start = row as usize * self.dimensions;
            for (sum, &x) in sum.iter_mut().zip(&self.vectors[start..start + self.dimensions]) {
                *sum += f64::from(x);
                squares += f64::from(x) * f64::from(x);
            }
        }
        let square: f64 = sum.iter().map(|x| x * x).sum();
        1.0 - (square - squares) / (list.len() * (list.len() - 1)) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: hits at ranks 1 and 3, one target unlisted, one unknown.
    #[test]
    fn figures_of_four_cases() {
        let answers: Answers = vec![(1, vec![0, 1]), (3, vec![1, 2, 3]), (0, vec![2]), (0, vec![])].into();
        let figures = Figures::of(&answers);
        assert_eq!(figures, Figures { hr: 0.5, mrr: (1.0 + 1.0 / 3.0) / 4.0, ndcg: (1.0 + 0.5) / 4.0 });
        assert_eq!(coverage(&answers, 0..4, 8), 0.5, "rows 0 to 3 of 8");
        assert_eq!(coverage(&answers, [0], 8), 0.25);
    }

    #[test]
    fn nothing_is_zero() {
        assert_eq!(Figures::of(&Answers::default()), Figures { hr: 0.0, mrr: 0.0, ndcg: 0.0 });
        assert_eq!(coverage(&Answers::default(), [], 0), 0.0);
    }

    /// Four sessions over four items: 0 in all of them and twice in one, 1 in two, 2 in one, 3 in none.
    #[test]
    fn every_mean_of_one_case_by_hand() {
        let history = History::of_rows(4, &[&[0, 0, 1], &[0, 1], &[0, 2], &[0]]);
        let units =
            UnitVectors::from_rows([vec![1.0, 0.0], vec![0.0, 5.0], vec![3.0, 4.0], vec![0.0, 0.0]].into_iter());
        let step = Step::of_rows(&[0], Some(1), &[Some(2), None]);
        let check = |rank: u32, list: &[u32], expected: Scores| {
            let answers: Answers = vec![(rank, list.to_vec())].into();
            let scores = scores(&answers, std::slice::from_ref(&step), &history, &units)[0];
            for ((score, expected), metric) in scores.iter().zip(expected).zip(Metric::ALL) {
                let same = (score - expected).abs() < 1e-6 || (score.is_nan() && expected.is_nan());
                assert!(same, "{} of {list:?} is {score} instead of {expected}", metric.name());
            }
        };
        // Second of three; two of the three remaining, one of which the model does not know. Percentiles of 0, 1, 2 by
        // their events 5, 2, 1, 0: 7/8, 5/8, 3/8. Cosines: 0, 0.6, 0.8. In 4, 2, 1 of 4 sessions: 0, 1, 2 bits.
        let gain = 1.0 / 3.0f64.log2();
        check(2, &[0, 1, 2], [1.0, 0.5, gain, 2.0 / 3.0, 0.625, 8.0 / 3.0, 1.0 - 1.4 / 3.0, 1.0]);
        // An item that was never met counts as met once: 2 bits.
        check(0, &[3], [0.0, 0.0, 0.0, 0.0, 0.125, 0.0, f64::NAN, 2.0]);
    }
}
