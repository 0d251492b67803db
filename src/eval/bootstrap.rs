use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

/// How often is drawn for means.
const RESAMPLES: u64 = 1000;
/// How often is drawn for a statistic that must see every case again.
const COSTLY_RESAMPLES: u64 = 200;
/// The ends of the interval, as shares of the resamples: 95 % lie between.
const ENDS: [f64; 2] = [0.025, 0.975];

/// A confidence interval, of 95 % unless it says otherwise: `[low, high]` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval(pub f64, pub f64);

impl Interval {
    /// Between which values the middle 95 % lie, with linear interpolation between neighbors. Not a number where one of
    /// the values is not.
    pub fn of(mut values: Vec<f64>) -> Interval {
        if values.is_empty() || values.iter().any(|value| value.is_nan()) {
            return Interval(f64::NAN, f64::NAN);
        }
        values.sort_unstable_by(f64::total_cmp);
        let [low, high] = ENDS.map(|share| {
            let place = share * (values.len() - 1) as f64;
            let (below, above) = (values[place as usize], values[place.ceil() as usize]);
            below + (above - below) * place.fract()
        });
        Interval(low, high)
    }

    /// The same around another value: for what a resample misses by more than chance.
    pub fn moved(self, by: f64) -> Interval {
        Interval(self.0 + by, self.1 + by)
    }

    /// The same for a share.
    pub fn of_share(self) -> Interval {
        Interval(self.0.clamp(0.0, 1.0), self.1.clamp(0.0, 1.0))
    }
}

/// Draws cases again and again, as if the log had been recorded again: whole visitors, with all their cases, as many as
/// there are, with replacement (the cluster bootstrap; Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
/// sections 8.3 and 13.3). The same seed draws the same.
#[derive(Debug)]
pub struct Bootstrap {
    /// The cases of each visitor.
    visitors: Vec<Vec<usize>>,
    seed: u64,
}

impl Bootstrap {
    /// Over some cases, given each case's index and visitor.
    pub fn new(cases: impl IntoIterator<Item = (usize, u32)>, seed: u64) -> Bootstrap {
        let mut visitors: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (case, visitor) in cases {
            visitors.entry(visitor).or_default().push(case);
        }
        Bootstrap { visitors: visitors.into_values().collect(), seed }
    }

    /// How many visitors are drawn from.
    pub fn n_visitors(&self) -> usize {
        self.visitors.len()
    }

    /// The cases, each once, visitor by visitor.
    pub fn cases(&self) -> impl Iterator<Item = usize> + '_ {
        self.visitors.iter().flatten().copied()
    }

    /// The means of several columns of values in every resample: `value(case)` has a row of them for a case. All columns
    /// see the same draws, so that their differences are paired.
    pub fn means<const N: usize>(&self, value: impl Fn(usize) -> [f64; N]) -> Vec<[f64; N]> {
        // A visitor's cases are drawn together, so their sums are all that is needed.
        let sums: Vec<([f64; N], f64)> = self
            .visitors
            .iter()
            .map(|cases| {
                let mut sum = [0.0; N];
                for &case in cases {
                    sum.iter_mut().zip(value(case)).for_each(|(sum, value)| *sum += value);
                }
                (sum, cases.len() as f64)
            })
            .collect();
        self.resamples(RESAMPLES, |drawn| {
            let (mut total, mut n_cases) = ([0.0; N], 0.0);
            for visitor in drawn {
                let (sum, n) = &sums[visitor];
                total.iter_mut().zip(sum).for_each(|(total, sum)| *total += sum);
                n_cases += n;
            }
            total.map(|total| total / n_cases)
        })
    }

    /// Any statistic of the drawn cases, in every resample.
    pub fn statistic(&self, statistic: impl Fn(&mut dyn Iterator<Item = usize>) -> f64 + Sync) -> Vec<f64> {
        self.resamples(COSTLY_RESAMPLES, |drawn| {
            statistic(&mut drawn.flat_map(|visitor| self.visitors[visitor].iter().copied()))
        })
    }

    /// None of a single visitor: nothing tells how others differ from them.
    fn resamples<T: Send>(&self, count: u64, of: impl Fn(&mut dyn Iterator<Item = usize>) -> T + Sync) -> Vec<T> {
        let n_visitors = self.visitors.len();
        let count = if n_visitors > 1 { count } else { 0 };
        let draw = |resample| {
            let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
            rng.set_stream(resample);
            of(&mut (0..n_visitors).map(|_| rng.random_range(0..n_visitors)))
        };
        (0..count).into_par_iter().map(draw).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_by_hand() {
        // 0, 1, … 40: the ends lie 2.5 % of 40 from both.
        assert_eq!(Interval::of((0..=40).rev().map(f64::from).collect()), Interval(1.0, 39.0));
        // Between 0 and 1: 0.025 and 0.975.
        assert_eq!(Interval::of(vec![1.0, 0.0]), Interval(0.025, 0.975));
        assert_eq!(Interval::of(vec![1.0]).moved(2.0), Interval(3.0, 3.0));
        assert_eq!(Interval::of(vec![0.5]).moved(0.6).of_share(), Interval(1.0, 1.0));
        assert!(Interval::of(vec![1.0, f64::NAN]).0.is_nan() && Interval::of(vec![]).1.is_nan());
    }

    /// A fair coin thrown 400 times by 400 visitors: the mean's standard error is 0.5 / 20 = 0.025.
    #[test]
    fn the_interval_of_a_mean_is_two_standard_errors() {
        let value = |case: usize| [(case % 2) as f64, 1.0 - (case % 2) as f64];
        let means = Bootstrap::new((0..400).map(|case| (case, case as u32)), 1).means(value);
        let Interval(low, high) = Interval::of(means.iter().map(|mean| mean[0]).collect());
        assert!((low - 0.451).abs() < 0.006 && (high - 0.549).abs() < 0.006, "{low} {high}");
        assert!(means.iter().all(|mean| (mean[0] + mean[1] - 1.0).abs() < 1e-9), "columns see the same draws");
        // The same throws by 4 visitors say much less.
        let value = |case: usize| [(case / 100 % 2) as f64];
        let few = Bootstrap::new((0..400).map(|case| (case, case as u32 / 100)), 1);
        assert_eq!(Interval::of(few.means(value).iter().map(|mean| mean[0]).collect()), Interval(0.0, 1.0));
        assert_eq!(few.n_visitors(), 4);
    }

    #[test]
    fn the_seed_decides() {
        let draws = |seed| Bootstrap::new((0..50).map(|case| (case, case as u32)), seed).means(|case| [case as f64]);
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
    }

    #[test]
    fn a_statistic_sees_what_is_drawn() {
        let counts = Bootstrap::new([(3, 0), (4, 0), (5, 1), (6, 1)], 1).statistic(|cases| cases.count() as f64);
        assert_eq!(Interval::of(counts), Interval(4.0, 4.0));
        let one = Bootstrap::new([(3, 0), (4, 0)], 1);
        assert!(one.statistic(|cases| cases.count() as f64).is_empty() && one.means(|case| [case as f64]).is_empty());
    }
}
