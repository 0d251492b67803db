use serde::Serialize;

use super::answers::Step;
use super::{Case, History};
use crate::session::DAY_MS;

/// What cases are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// How many items the shopper has looked at so far.
    SessionLength,
    /// How long before the newest training event the target was first met; where there are no dates, in which part of the
    /// training sessions.
    ItemAge,
    /// How popular the target is among all items.
    Popularity,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Dimension; 3] = [Dimension::SessionLength, Dimension::ItemAge, Dimension::Popularity];

    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::SessionLength => "session length",
            Dimension::ItemAge => "item age",
            Dimension::Popularity => "popularity of the target",
        }
    }

    /// The slices, in order.
    pub fn slices(self, history: &History) -> &'static [&'static str] {
        match self {
            Dimension::SessionLength => &["1", "2", "3-4", "5-9", "10 and more"],
            Dimension::ItemAge if history.is_empty() => &[],
            Dimension::ItemAge if history.newest_ms().is_some() => {
                &["up to 7 days", "8-30 days", "31-90 days", "over 90 days", UNMET]
            }
            Dimension::ItemAge => &["newest tenth", "newer half", "older half", UNMET],
            Dimension::Popularity => &["top 1 %", "next 9 %", "next 40 %", "lower half", UNMET],
        }
    }

    /// Which of the slices a case is in.
    pub fn slice_of(self, case: &Case, step: &Step, history: &History) -> usize {
        let slices = self.slices(history);
        let unmet = slices.len().saturating_sub(1);
        let place =
            |bounds: &[f64], value: f64| bounds.iter().position(|&bound| value <= bound).unwrap_or(bounds.len());
        // The length is the shopper's, with items that the model does not know.
        if self == Dimension::SessionLength {
            return place(&[1.0, 2.0, 4.0, 9.0], case.place as f64);
        }
        let is_met = |row: &u32| history.is_empty() || history.first_met(*row).is_some();
        let Some(target) = step.target().filter(is_met) else { return unmet };
        if self == Dimension::Popularity {
            return place(&[0.01, 0.1, 0.5], 1.0 - history.percentile(target));
        }
        let Some(first) = history.first_met(target) else { return unmet };
        match history.newest_ms() {
            Some(newest_ms) => place(&[7.0, 30.0, 90.0], (newest_ms - first.timestamp_ms) as f64 / DAY_MS as f64),
            None => place(&[0.1, 0.5], 1.0 - (first.session + 1) as f64 / history.len() as f64),
        }
    }
}

/// A target that no training session holds.
const UNMET: &str = "not in training";

#[cfg(test)]
mod tests {
    use super::*;

    /// Item 0 from the first of four sessions, 1 from the second, 2 from the last; 3 in none.
    #[test]
    fn slices_by_hand() {
        let history = History::of_rows(4, &[&[0, 0], &[1, 0], &[0, 1], &[2]]);
        let check = |dimension: Dimension, prefix_len: usize, target: Option<u32>, expected: &str| {
            let case = Case { place: prefix_len, ..Case::default() };
            let step = Step::of_rows(&[], target, &[]);
            let slice = dimension.slice_of(&case, &step, &history);
            assert_eq!(dimension.slices(&history)[slice], expected, "{dimension:?} {prefix_len} {target:?}");
        };
        for (len, expected) in [(1, "1"), (2, "2"), (4, "3-4"), (5, "5-9"), (10, "10 and more")] {
            check(Dimension::SessionLength, len, None, expected);
        }
        let ages = [
            (Some(0), "older half"),
            (Some(1), "newer half"),
            (Some(2), "newest tenth"),
            (Some(3), UNMET),
            (None, UNMET),
        ];
        for (target, expected) in ages {
            check(Dimension::ItemAge, 1, target, expected);
        }
        // Of four items by events 4, 2, 1, 0 the percentiles are 7/8, 5/8, 3/8, 1/8.
        let bands =
            [(Some(0), "next 40 %"), (Some(1), "next 40 %"), (Some(2), "lower half"), (Some(3), UNMET), (None, UNMET)];
        for (target, expected) in bands {
            check(Dimension::Popularity, 1, target, expected);
        }
    }
}
