//! Something different: slots for items of categories that the shopper has not met, near enough to what they came for.

use alloc::vec::Vec;

use super::Share;
use crate::format::attributes::{CATEGORY, Column};
use crate::format::rules::DISCOVERY_MAX;
use crate::kernels::sorted;
use crate::lists::{Gather, has};
use crate::model::Model;
use crate::session::{DAY_MS, Profile};

/// Most of a block that may be given to discovery.
pub const MAX_DISCOVERY: Share = Share(DISCOVERY_MAX);
/// Discovery looks among this many times the block's items: what is further off is not related.
pub(super) const REACH: usize = 8;
const WEEK_MS: i64 = 7 * DAY_MS;

/// The slots that are for discovery: this share of the first `n`, the last slot of every stretch between them.
pub(super) fn slots(n: usize, discovery: Share) -> impl Iterator<Item = usize> {
    // A share may have been rounded down by half of 1/1024.
    let count = (n * (2 * usize::from(discovery.min(MAX_DISCOVERY).0) + 1)) >> 11;
    (1..=count).map(move |slot| slot * n / count - 1)
}

/// What a shopper has met of the store.
pub(super) struct Horizon<'a> {
    categories: Option<Column<'a>>,
    met: Vec<u32>,
    /// Turns every week.
    seed: u64,
}

impl<'a> Horizon<'a> {
    pub(super) fn new(model: &'a Model, profile: &Profile, seed: u32, now_ms: i64) -> Horizon<'a> {
        let categories = model.column(CATEGORY);
        let met = profile.touches().iter().filter_map(|touch| Some(categories?.value(touch.row))).gather();
        let week = now_ms.div_euclid(WEEK_MS) as u64;
        Horizon { categories, met, seed: mixed(u64::from(seed) << 32 ^ week) }
    }

    /// Of related items, best first, those of categories not met yet, one of each category, in this week's order: by
    /// place in `related`.
    pub(super) fn beyond(&self, related: &[u32]) -> Vec<usize> {
        let Some(categories) = self.categories else { return Vec::new() };
        let mut met = self.met.clone();
        let mut found = Vec::new();
        // By chance first, so that it is not always the same item of a category.
        for (_, place) in sorted(related.iter().map(|&row| self.lot(row)).zip(0..)) {
            let category = categories.value(related[place as usize]);
            if category != 0 && !has(&met, &category) {
                met.push(category);
                found.push(place as usize);
            }
        }
        found
    }

    /// What decides between items of equal right.
    fn lot(&self, row: u32) -> i32 {
        mixed(self.seed ^ u64::from(row)) as i32
    }
}

/// A number that looks random and depends on all bits: the finalizer of SplitMix64 (Steele, Lea & Flood 2014).
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_spread_over_the_block() {
        let check = |n, share: f64, expected: &[usize]| {
            assert_eq!(slots(n, Share::new(share).unwrap()).collect::<Vec<_>>(), expected, "{n} {share}");
        };
        check(10, 0.2, &[4, 9]);
        check(12, 0.25, &[3, 7, 11]);
        check(12, 0.0, &[]);
        check(4, 0.2, &[]);
        check(5, 0.2, &[4]);
        check(10, 1.0, &[2, 5, 9]);
        check(0, 0.3, &[]);
    }
}
