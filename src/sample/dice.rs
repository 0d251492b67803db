//! Seeded draws by integer arithmetic alone, so that every platform draws the same.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::Distribution;
use rand_distr::weighted::WeightedAliasIndex;

/// The streams of a seed: a shopper's own number is the stream of what they do, and from here on, of the dirt in their log.
pub(super) const DIRT_STREAM: u64 = 1 << 40;
/// From here on, of their refills.
pub(super) const REFILLS_STREAM: u64 = 1 << 42;
/// The stream of the products' names.
pub(super) const NAMES_STREAM: u64 = 1 << 41;
/// The stream of the first shelf; the others follow.
pub(super) const SHELVES_STREAM: u64 = NAMES_STREAM + 1;

/// One stream of random numbers.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream with this number; streams of one seed are independent of each other.
    pub(super) fn new(seed: u64, stream: u64) -> Dice {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Dice(generator)
    }

    /// A number from 0 to `end` - 1. Panics if `end` is 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.0.random_range(0..end)
    }

    /// A number from `first` to `last`, both included. Panics if `last` is the smaller.
    pub(super) fn between(&mut self, first: u32, last: u32) -> u32 {
        self.0.random_range(first..=last)
    }

    /// True `per_mille` times in a thousand.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of `choices`, each as likely. Panics if there is none.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(u32::try_from(choices.len()).expect("tables are short")) as usize]
    }

    /// An index into `weights`, in proportion to them. Panics if they add up to 0. O(weights).
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (index, weight) in weights.enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
        }
        unreachable!("the draw is below the sum of the weights")
    }

    /// How often in a row a chance of `per_mille` comes true, at most `limit` times.
    pub(super) fn streak(&mut self, per_mille: u32, limit: u32) -> u32 {
        let mut length = 0;
        while length < limit && self.chance(per_mille) {
            length += 1;
        }
        length
    }

    /// An index from a prepared table. O(1).
    pub(super) fn draw_from(&mut self, table: &WeightedAliasIndex<u64>) -> usize {
        table.sample(&mut self.0)
    }

    /// Puts `values` into a random order.
    pub(super) fn shuffle<T>(&mut self, values: &mut [T]) {
        values.shuffle(&mut self.0);
    }
}
