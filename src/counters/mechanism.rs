/// Probabilities are whole numbers of parts of this many, as `pkg-template/lib/randomize.js` has them.
const WHOLE: u64 = 1 << 32;

/// The one-bit mechanism for a bounded count: Ding, Kulkarni and Yekhanin, "Collecting Telemetry Data Privately"
/// (NeurIPS 2017, section 3.1). The bit of a count is 1 with the probability
///
/// 1 / (e^ε + 1) + count / cap · (e^ε − 1) / (e^ε + 1)
///
/// which for one count is never more than e^ε times what it is for another, and neither is the probability of 0: the bit
/// is ε-locally differentially private. As it rises in equal steps, the share of ones says what the mean count is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneBit {
    /// Parts of [`WHOLE`] for a count of 0.
    low: u64,
    /// Parts more for each count.
    step: u64,
}

impl OneBit {
    /// In the whole numbers that devices draw by: see `threshold` in `pkg-template/lib/randomize.js`. `cap` is 1 to 255,
    /// `epsilon` 0.01 to 16. O(cap).
    pub fn new(cap: u8, epsilon: f64) -> OneBit {
        let cap = u64::from(cap);
        let mut low = (WHOLE as f64 / (epsilon.exp() + 1.0)).ceil() as u64 + 1;
        while !(WHOLE - 2 * low).is_multiple_of(cap) {
            low += 1;
        }
        OneBit { low, step: (WHOLE - 2 * low) / cap }
    }

    /// How likely a count gives 1.
    pub fn probability(self, count: u8) -> f64 {
        (self.low + u64::from(count) * self.step) as f64 / WHOLE as f64
    }

    /// The mean count behind a share of ones. Linear, so that it is unbiased: a share that chance has put below what 0
    /// gives has a mean below 0, and is left there.
    pub fn mean(self, share: f64) -> f64 {
        (share * WHOLE as f64 - self.low as f64) / self.step as f64
    }

    /// How far the mean moves when the share does, counts for each whole: what noise costs.
    pub fn slope(self) -> f64 {
        WHOLE as f64 / self.step as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPSILONS: [f64; 8] = [0.01, 0.1, 0.5, 1.0, 1.098_612_288_668_109_8, 2.0, 8.0, 16.0];
    const CAPS: [u8; 8] = [1, 2, 3, 4, 7, 8, 100, 255];

    /// Every output under every two counts, in the exact numbers that are drawn by.
    #[test]
    fn no_bit_is_more_than_e_to_the_epsilon_times_as_likely_for_another_count() {
        for (epsilon, cap) in EPSILONS.into_iter().flat_map(|epsilon| CAPS.map(|cap| (epsilon, cap))) {
            let OneBit { low, step } = OneBit::new(cap, epsilon);
            let ones: Vec<u64> = (0..=u64::from(cap)).map(|count| low + count * step).collect();
            let mut greatest: f64 = 0.0;
            for (&one, &other) in ones.iter().flat_map(|one| ones.iter().map(move |other| (one, other))) {
                greatest = greatest.max((one as f64 / other as f64).ln());
                greatest = greatest.max(((WHOLE - one) as f64 / (WHOLE - other) as f64).ln());
            }
            assert!(greatest <= epsilon, "ε {epsilon}, cap {cap}: the loss is {greatest}");
            // And nothing is given away: what is missing comes from rounding `low` up, by at most half the cap and two.
            let rounding = 4.0 * f64::from(cap) / low as f64;
            assert!(greatest > epsilon - rounding, "ε {epsilon}, cap {cap}: the loss is only {greatest}");
        }
    }

    #[test]
    fn the_mean_of_the_probability_is_the_count() {
        for (epsilon, cap) in EPSILONS.into_iter().flat_map(|epsilon| CAPS.map(|cap| (epsilon, cap))) {
            let mechanism = OneBit::new(cap, epsilon);
            for count in 0..=cap {
                let mean = mechanism.mean(mechanism.probability(count));
                assert!((mean - f64::from(count)).abs() < 1e-9, "ε {epsilon}, cap {cap}: {mean} for {count}");
            }
        }
    }

    /// e^ln 3 = 3: 1 says 1 with 3/4, 0 with 1/4, and a mean moves by 2 where the share moves by 1.
    #[test]
    fn randomized_response_by_hand() {
        let mechanism = OneBit::new(1, 3f64.ln());
        assert!((mechanism.probability(0) - 0.25).abs() < 1e-9 && (mechanism.probability(1) - 0.75).abs() < 1e-9);
        assert!((mechanism.mean(0.5) - 0.5).abs() < 1e-9 && (mechanism.slope() - 2.0).abs() < 1e-8);
        assert!((OneBit::new(4, 3f64.ln()).mean(0.75) - 4.0).abs() < 1e-8);
    }
}
