//! How much normal noise (ε, δ) takes: the analytic Gaussian mechanism of Balle and Wang (ICML 2018, theorem 8), which is
//! exact.

use statrs::function::erf::{erfc, erfc_inv};

use super::Noise;

/// Halvings of the interval that the scale lies in.
const HALVINGS: usize = 200;

/// The δ that goes with an ε, where normal noise of standard deviation `scale` is added to something that one visitor
/// changes by a vector of length 1 at most: Φ(1/2σ − εσ) − e^ε Φ(−1/2σ − εσ).
pub fn delta_of(epsilon: f64, scale: f64) -> f64 {
    let (half, shift) = (0.5 / scale, epsilon * scale);
    below(half - shift) - epsilon.exp() * below(-half - shift)
}

/// The smallest standard deviation of the noise that gives (ε, δ), up to rounding, and never a smaller one.
pub fn noise_scale(noise: Noise) -> f64 {
    let suffices = |scale: f64| delta_of(noise.epsilon, scale) <= noise.delta;
    let (mut low, mut high) = (0.0, 1.0);
    while !suffices(high) {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if suffices(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Φ: the chance of a standard normal number to be below.
pub(super) fn below(x: f64) -> f64 {
    0.5 * erfc(-x / std::f64::consts::SQRT_2)
}

/// The standard normal number that a larger one has this chance of, more than 0.
pub(super) fn exceeded_with(chance: f64) -> f64 {
    std::f64::consts::SQRT_2 * erfc_inv(2.0 * chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_that_of_the_closed_form() {
        // ε = 0 leaves Φ(1/2σ) − Φ(−1/2σ) = δ, so that σ = 1 / 2Φ⁻¹((1 + δ)/2).
        for delta in [0.1, 1e-3, 1e-6] {
            let noise = Noise { epsilon: 0.0, delta };
            let expected = 0.5 / exceeded_with(0.5 - delta / 2.0);
            assert!(
                (noise_scale(noise) / expected - 1.0).abs() < 1e-6,
                "{delta}: {}, not {expected}",
                noise_scale(noise)
            );
        }
        for (epsilon, delta) in [(0.1, 1e-5), (1.0, 1e-6), (4.0, 1e-6), (8.0, 1e-9), (40.0, 1e-6)] {
            let scale = noise_scale(Noise { epsilon, delta });
            assert!(
                delta_of(epsilon, scale) <= delta && delta_of(epsilon, scale * 0.999) > delta,
                "{epsilon}, {delta}"
            );
            // The textbook's bound (Dwork and Roth 2014, theorem A.1), which holds up to 1, takes more.
            assert!(epsilon > 1.0 || scale < (2.0 * (1.25 / delta).ln()).sqrt() / epsilon);
        }
    }

    /// δ by definition: what the chances under one distribution exceed e^ε times those under the other, added up.
    #[test]
    fn delta_is_what_its_definition_adds_up_to() {
        for (epsilon, scale) in [(0.5f64, 1.0f64), (1.0, 2.0), (4.0, 0.4)] {
            let step = 1e-4;
            let density = |x: f64, mean: f64| {
                (-0.5 * ((x - mean) / scale).powi(2)).exp() / scale / (2.0 * std::f64::consts::PI).sqrt()
            };
            let excess = (-300_000..300_000).map(|n| f64::from(n) * step);
            let excess: f64 = excess.map(|x| (density(x, 1.0) - epsilon.exp() * density(x, 0.0)).max(0.0) * step).sum();
            assert!((delta_of(epsilon, scale) / excess - 1.0).abs() < 1e-3, "{epsilon} {scale}: {excess}");
        }
    }

    #[test]
    fn tails_are_inverted() {
        for chance in [0.4, 1e-3, 1e-12] {
            assert!((below(-exceeded_with(chance)) / chance - 1.0).abs() < 1e-6, "{chance}");
        }
    }
}
