//! Says how sure the learned logits may be, on sessions that were not learned from.
//!
//! An embedding fits the steps it was learned from far better than new ones, so its logits are too sure of themselves and the
//! bonus of an item that the shopper has already seen, learned beside them, comes out too small. Both are few numbers:
//! they are fitted again on held-out cases, by the likelihood of the item that came next, as Platt (1999) and Guo et al. (ICML
//! 2017) calibrate classifiers.

use rayon::prelude::*;

use super::adam::{Adam, Moments};
use super::{Embedding, History, NO_HISTORY, Shape, Stand, add_scaled};
use crate::kernels::{floats, gemm};

/// Items of the catalog that compete, the likeliest and those that are as likely. A case whose right item is none of them says
/// nothing of how to order them, and is left out: all that stands before it is nearer, so that nearness would seem to speak
/// against it.
const RIVALS: usize = 300;
/// Steps of the fit, and the size of the first; it shrinks evenly to nothing.
const STEPS: usize = 100;
const FIRST_STEP: f32 = 0.05;
/// What the square of every correction of a bonus costs: what is rare stays as learned.
const RIDGE: f32 = 1e-3;
/// Cases that a thread works on at a time, and most logits of theirs that it holds.
const PART: usize = 64;
const MAX_LOGITS: usize = 1 << 22;
const LEN: usize = 3 + NO_HISTORY.len();

/// Items of a session so far, newest first, at most [`PLACES`](super::PLACES), and the one that came next.
#[derive(Debug, Clone)]
pub struct Held {
    /// The items before.
    pub newest_first: Vec<u32>,
    /// Whether the newest was [chosen](crate::session::EventKind::is_choice).
    pub is_after_choice: bool,
    /// The next item.
    pub target: u32,
}

/// Corrections of a learned embedding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// What τ is multiplied by.
    pub temperature: f32,
    /// What biases are multiplied by.
    pub bias: f32,
    /// What τ is multiplied by for an item that stands in the session, besides.
    pub known: f32,
    /// What is added to the logit of an item that stands in the session.
    pub history: History,
}

impl Default for Calibration {
    /// Everything stays as it was learned.
    fn default() -> Calibration {
        Calibration { temperature: 1.0, bias: 1.0, known: 1.0, history: NO_HISTORY }
    }
}

/// A held-out case, reduced to the items that have a chance: the runners.
struct Race {
    /// The runner that is the right item.
    target: usize,
    /// τ · cosine of each.
    nearness: Vec<f32>,
    biases: Vec<f32>,
    /// Runners that stand in the session, and how.
    known: Vec<(usize, Stand)>,
}

impl Calibration {
    /// Fits the corrections. O(cases · items · dimensions).
    pub fn fit(embedding: &Embedding, cases: &[Held]) -> Calibration {
        Calibration::default().descend(0, embedding, cases)
    }

    /// Fits what items of the session get once more, beside the temperature and the biases as they are.
    pub fn refit_known(self, embedding: &Embedding, cases: &[Held]) -> Calibration {
        self.descend(2, embedding, cases)
    }

    /// From here to a better fit; the first `n_kept` numbers stay, of which the temperature and the bias are the first two.
    fn descend(self, n_kept: usize, embedding: &Embedding, cases: &[Held]) -> Calibration {
        let part = (MAX_LOGITS / embedding.biases.len()).clamp(1, PART);
        let races: Vec<Race> = cases.par_chunks(part).flat_map_iter(|cases| Race::of(embedding, cases)).collect();
        let mut adam = Adam::default();
        let mut moments = Moments::new(LEN);
        let mut numbers = self.to_array();
        for step in 0..STEPS {
            let parts: Vec<[f32; LEN]> = races
                .par_chunks(PART)
                .map(|races| {
                    let calibration = Calibration::from_array(&numbers);
                    let mut sum = [0.0; LEN];
                    races.iter().for_each(|race| race.add_gradient(&calibration, &embedding.shape, &mut sum));
                    sum
                })
                .collect();
            let mut gradient = [0.0; LEN];
            parts.iter().for_each(|part| add_scaled(&mut gradient, 1.0 / races.len().max(1) as f32, part));
            add_scaled(&mut gradient[3..], RIDGE, &numbers[3..]);
            gradient[..n_kept].fill(0.0);
            adam.learning_rate = FIRST_STEP * (1.0 - step as f32 / STEPS as f32);
            adam.advance();
            adam.update(&mut numbers, &gradient, &mut moments);
            // What was learned may be worth nothing, but its opposite is not worth more.
            numbers[..3].iter_mut().for_each(|factor| *factor = factor.max(0.0));
        }
        Calibration::from_array(&numbers)
    }

    /// The embedding with the corrections made.
    pub fn apply(&self, mut embedding: Embedding) -> Embedding {
        embedding.shape.log_temperature += self.temperature.max(f32::MIN_POSITIVE).ln();
        embedding.biases.iter_mut().for_each(|bias| *bias *= self.bias);
        embedding.shape.nearness_of_known *= self.known;
        add_scaled(&mut embedding.shape.history, 1.0, &self.history);
        embedding
    }

    fn to_array(self) -> [f32; LEN] {
        let mut array = [self.temperature; LEN];
        (array[1], array[2]) = (self.bias, self.known);
        array[3..].copy_from_slice(&self.history);
        array
    }

    fn from_array(array: &[f32; LEN]) -> Calibration {
        let (&[temperature, bias, known], history) =
            array.split_first_chunk().expect("the array holds the factors first");
        Calibration { temperature, bias, known, history: history.try_into().expect("then the history") }
    }
}

impl Race {
    /// The races of some cases.
    fn of(embedding: &Embedding, cases: &[Held]) -> Vec<Race> {
        let (dimensions, n_items) = (embedding.dimensions, embedding.biases.len());
        let session = |case: &Held| embedding.session_vector(&case.newest_first, case.is_after_choice);
        let sessions: Vec<f32> = cases.iter().flat_map(session).collect();
        let mut nearness = vec![0.0; cases.len() * n_items];
        gemm(
            [cases.len(), dimensions, n_items],
            embedding.shape.log_temperature.exp(),
            (&sessions, dimensions, 1),
            (&embedding.vectors, 1, dimensions),
            0.0,
            &mut nearness,
        );
        let race = |(case, nearness)| Race::new(embedding, case, nearness);
        cases.iter().zip(nearness.chunks_exact(n_items)).filter_map(race).collect()
    }

    /// The race of a case, given τ · cosine of every item; none where the right item does not run.
    fn new(embedding: &Embedding, case: &Held, nearness: &[f32]) -> Option<Race> {
        let logits: Vec<f32> = nearness.iter().zip(&embedding.biases).map(|(near, bias)| near + bias).collect();
        let least = least_of_rivals(&logits);
        let likely = logits.iter().zip(0..).filter(|(logit, _)| **logit >= least).map(|(_, item)| item);
        let mut items: Vec<u32> = likely.chain(case.newest_first.iter().copied()).collect();
        items.sort_unstable();
        items.dedup();
        let target = items.binary_search(&case.target).ok()?;
        let known = Stand::all(&case.newest_first).into_iter();
        let runner = |item: u32| items.binary_search(&item).expect("every item of the session runs");
        Some(Race {
            target,
            nearness: items.iter().map(|&item| nearness[item as usize]).collect(),
            biases: items.iter().map(|&item| embedding.biases[item as usize]).collect(),
            known: known.map(|(item, stand)| (runner(item), stand)).collect(),
        })
    }

    /// Adds the gradient of −log P(target).
    fn add_gradient(&self, calibration: &Calibration, learned: &Shape, sum: &mut [f32; LEN]) {
        let runners = || self.nearness.iter().zip(&self.biases);
        let logit = |(near, bias): (&f32, &f32)| calibration.temperature * near + calibration.bias * bias;
        let mut chances: Vec<f32> = runners().map(logit).collect();
        // What is added to the nearness of an item that stands in the session, before the temperature is corrected.
        let more = calibration.known * learned.nearness_of_known - 1.0;
        for &(runner, stand) in &self.known {
            chances[runner] += calibration.temperature * more * self.nearness[runner];
            chances[runner] += stand.slots().map(|slot| learned.history[slot] + calibration.history[slot]).sum::<f32>();
        }
        let largest = floats::largest(&chances);
        let total = floats::exponentials(&mut chances, largest);
        chances.iter_mut().for_each(|chance| *chance /= total);
        // From here on how far off they are.
        chances[self.target] -= 1.0;
        for (off, (near, bias)) in chances.iter().zip(runners()) {
            sum[0] += off * near;
            sum[1] += off * bias;
        }
        for &(runner, stand) in &self.known {
            let near = chances[runner] * self.nearness[runner];
            sum[0] += more * near;
            sum[2] += calibration.temperature * learned.nearness_of_known * near;
            stand.slots().for_each(|slot| sum[3 + slot] += chances[runner]);
        }
    }
}

/// The least of the [`RIVALS`] largest logits; −∞ where there are no more. None is NaN.
fn least_of_rivals(logits: &[f32]) -> f32 {
    if logits.len() <= RIVALS {
        return f32::NEG_INFINITY;
    }
    let least = |mut logits: Vec<f32>| *logits.select_nth_unstable_by(RIVALS - 1, |a, b| b.total_cmp(a)).1;
    // In as many stretches as there are rivals the largest logit is not below this bound; most logits are below it.
    let stretches = logits.chunks((logits.len() / (2 * RIVALS)).max(1));
    let bound = least(stretches.map(floats::largest).collect());
    least(logits.iter().copied().filter(|&logit| logit >= bound).collect())
}

#[cfg(test)]
mod tests {
    use rand::distr::Distribution;
    use rand::distr::weighted::WeightedIndex;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn rivals_are_the_largest() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for n_logits in [1, RIVALS - 1, RIVALS, RIVALS + 1, 2 * RIVALS + 1, 5000] {
            // Many are the same.
            let logits: Vec<f32> = (0..n_logits).map(|_| rng.random_range(-700..700) as f32 / 64.0).collect();
            let mut sorted = logits.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let least = if n_logits > RIVALS { sorted[RIVALS - 1] } else { f32::NEG_INFINITY };
            assert_eq!(least_of_rivals(&logits), least, "of {n_logits}");
        }
    }

    /// What comes next is drawn by half the logits of an embedding: about as often as not it is none of the likeliest.
    #[test]
    fn logits_that_are_twice_too_sure_are_halved() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let embedding = Embedding::random(4000, 16, &mut rng);
        let case = |last| {
            let newest_first = vec![last];
            let chances = embedding.nearness(&newest_first, false).map(|near| (0.5 * near).exp());
            let target = WeightedIndex::new(chances).unwrap().sample(&mut rng) as u32;
            Held { newest_first, is_after_choice: false, target }
        };
        let cases: Vec<Held> = (0..2000).map(case).collect();
        let fitted = Calibration::fit(&embedding, &cases);
        assert!((fitted.temperature - 0.5).abs() < 0.05, "{}", fitted.temperature);
        // Beside a lower temperature the item itself, which is the nearest, needs more on top.
        let refitted = Calibration { temperature: 0.25, ..fitted }.refit_known(&embedding, &cases);
        assert_eq!((refitted.temperature, refitted.bias), (0.25, fitted.bias));
        let last = Stand { place: 0, times: 1, n_items: 1 };
        let of_last = |calibration: Calibration| last.slots().map(|slot| calibration.history[slot]).sum::<f32>();
        assert!(of_last(refitted) > of_last(fitted) + 0.1, "{} and {}", of_last(refitted), of_last(fitted));
    }
}
