use statrs::distribution::{ContinuousCDF, Normal};

use crate::eval::Interval;

/// Between minus this and this lies the share `confidence` of a standard normal: 1.96 for 0.95.
pub fn two_sided_quantile(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + confidence / 2.0)
}

/// How likely a standard normal is at least so far from 0.
pub(super) fn two_sided_p(z: f64) -> f64 {
    2.0 * Normal::standard().cdf(-z.abs())
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

    #[test]
    fn a_normal_far_from_0() {
        assert!((two_sided_p(1.959_964) - 0.05).abs() < 1e-6 && two_sided_p(0.0) == 1.0 && two_sided_p(-9.0) < 1e-15);
    }
}
