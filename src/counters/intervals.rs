use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};

use crate::eval::Interval;

/// Between minus this and this lies the share `confidence` of a standard normal: 1.96 for 0.95.
pub fn two_sided_quantile(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + confidence / 2.0)
}

/// How likely the ones of so many throws are so few, or so many, on either side: twice the smaller tail of the binomial
/// distribution. Between two whole numbers of ones it is the likelier that counts.
pub(super) fn two_sided_p(ones: f64, of: u64, share: f64) -> f64 {
    let binomial = Binomial::new(share, of).expect("a share is a probability");
    let at_most = binomial.cdf(ones.ceil() as u64);
    let at_least = 1.0 - (ones.floor() as u64).checked_sub(1).map_or(0.0, |fewer| binomial.cdf(fewer));
    (2.0 * at_most.min(at_least)).min(1.0)
}

/// The score interval for a probability behind `ones` of `of` throws, at least one: E. B. Wilson, "Probable Inference,
/// the Law of Succession, and Statistical Inference" (JASA 22, 1927).
pub fn wilson_interval(ones: u64, of: u64, z: f64) -> Interval {
    let (n, share) = (of as f64, ones as f64 / of as f64);
    let center = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Interval(center - half, center + half)
}

/// The interval for the difference of two independent figures, from their own intervals: R. G. Newcombe, "Interval
/// Estimation for the Difference Between Independent Proportions" (Statistics in Medicine 17, 1998), method 10, which is
/// the square-and-add rule and so holds for any linear scale of the proportions.
pub fn difference_interval(figure: (f64, Interval), other: (f64, Interval)) -> Interval {
    let ((figure, Interval(low, high)), (other, Interval(other_low, other_high))) = (figure, other);
    let difference = figure - other;
    Interval(
        difference - (figure - low).hypot(other_high - other),
        difference + (high - figure).hypot(other - other_low),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(Interval(low, high): Interval, expected: (f64, f64)) {
        assert!((low - expected.0).abs() < 5e-5 && (high - expected.1).abs() < 5e-5, "{low} to {high}: {expected:?}");
    }

    /// Examples of Newcombe's two papers of 1998, on one proportion and on the difference of two.
    #[test]
    fn published_examples() {
        let z = two_sided_quantile(0.95);
        assert!((z - 1.959_964).abs() < 1e-6);
        check(wilson_interval(81, 263, z), (0.2553, 0.3662));
        check(wilson_interval(0, 20, z), (0.0, 0.1611));
        let share = |ones: u64, of: u64| (ones as f64 / of as f64, wilson_interval(ones, of, z));
        check(difference_interval(share(56, 70), share(48, 80)), (0.0524, 0.3339));
        check(difference_interval(share(9, 10), share(3, 10)), (0.1705, 0.8090));
    }

    /// Tails added up term by term.
    #[test]
    fn tails_by_hand() {
        for (ones, of, share, p) in [
            (130.0, 1000, 0.1, 2.6828e-3),
            (140.0, 1000, 0.1, 7.2652e-5),
            (60.0, 1000, 0.1, 8.7576e-6),
            (5.0, 100, 0.01, 6.8646e-3),
        ] {
            assert!((two_sided_p(ones, of, share) / p - 1.0).abs() < 1e-4, "{ones} of {of}");
        }
        assert_eq!(two_sided_p(129.5, 1000, 0.1), two_sided_p(129.0, 1000, 0.1));
        assert_eq!(
            (two_sided_p(100.0, 1000, 0.1), two_sided_p(0.0, 9, 0.0), two_sided_p(9.0, 9, 1.0)),
            (1.0, 1.0, 1.0)
        );
        assert_eq!((two_sided_p(1.0, 9, 0.0), two_sided_p(8.0, 9, 1.0)), (0.0, 0.0));
    }
}
