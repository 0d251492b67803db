use std::collections::BTreeSet;

use serde::Serialize;

use super::K;

/// What a model is judged by. Fractions from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// Hit rate: the share of cases whose target is among the first [`K`].
    pub hr: f64,
    /// Mean reciprocal rank: the mean of 1/rank, 0 beyond [`K`].
    pub mrr: f64,
    /// Normalized discounted cumulative gain: the mean of 1/log2(rank + 1), 0 beyond [`K`]; one target makes the ideal 1.
    pub ndcg: f64,
    /// The share of the catalog that stands in at least one list.
    pub coverage: f64,
}

/// Adds up cases. Ranks count from 1.
#[derive(Debug, Default)]
pub struct Tally {
    cases: usize,
    hits: usize,
    reciprocal: f64,
    gain: f64,
    shown: BTreeSet<u32>,
}

impl Tally {
    /// Adds a case: the rank of its target, if it was listed at all, and the rows that were listed.
    pub fn add(&mut self, rank: Option<usize>, shown: impl IntoIterator<Item = u32>) {
        self.cases += 1;
        if let Some(rank) = rank.filter(|&rank| rank <= K) {
            self.hits += 1;
            self.reciprocal += 1.0 / rank as f64;
            self.gain += 1.0 / ((rank + 1) as f64).log2();
        }
        self.shown.extend(shown);
    }

    /// Adds what another tally has seen.
    pub fn merge(&mut self, other: Tally) {
        self.cases += other.cases;
        self.hits += other.hits;
        self.reciprocal += other.reciprocal;
        self.gain += other.gain;
        self.shown.extend(other.shown);
    }

    /// The figures over all cases, for a catalog of `n_items`. All 0 where there is nothing.
    pub fn figures(&self, n_items: usize) -> Figures {
        let share = |sum: f64, of: usize| if of == 0 { 0.0 } else { sum / of as f64 };
        Figures {
            hr: share(self.hits as f64, self.cases),
            mrr: share(self.reciprocal, self.cases),
            ndcg: share(self.gain, self.cases),
            coverage: share(self.shown.len() as f64, n_items),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: hits at ranks 1 and 3, one target at 21, one never listed.
    #[test]
    fn figures_of_four_cases() {
        let mut tally = Tally::default();
        tally.add(Some(1), [0, 1]);
        tally.add(Some(3), [1, 2]);
        let mut other = Tally::default();
        other.add(Some(21), [2]);
        other.add(None, []);
        tally.merge(other);
        let figures = tally.figures(6);
        assert_eq!(figures, Figures { hr: 0.5, mrr: (1.0 + 1.0 / 3.0) / 4.0, ndcg: (1.0 + 0.5) / 4.0, coverage: 0.5 });
    }

    #[test]
    fn nothing_is_zero() {
        assert_eq!(Tally::default().figures(0), Figures { hr: 0.0, mrr: 0.0, ndcg: 0.0, coverage: 0.0 });
    }
}
