//! What is used up is bought again.

use super::assortment::Assortment;
use super::calendar::{DAY, N_DAYS};
use super::dice::{Dice, REFILLS_STREAM};
use super::range::kind_index;
use super::walk::LogEvent;
use crate::session::EventKind;

/// Kinds that are burned or worn through, with the days that one usually lasts.
const USED_UP: [(&str, u32); 2] = [("fu", 21), ("hs", 35)];

/// Fewest seconds between the beginning of a refill and any other event of the shopper.
const APART: u32 = 2_400;

/// A visit of its own: into the cart, and bought.
pub(super) type Refill = [LogEvent; 2];

/// Draws who buys what again, and when. The draws are of their own stream, so that all else stays as it is.
pub(super) struct Refills {
    /// What there is of a kind, with the days that one lasts.
    staples: Vec<(Vec<u32>, u32)>,
    seed: u64,
}

impl Refills {
    pub(super) fn new(store: &Assortment, seed: u64) -> Refills {
        let staples = USED_UP.map(|(code, days)| (store.staples(kind_index(code)), days));
        Refills { staples: staples.into_iter().filter(|(items, _)| !items.is_empty()).collect(), seed }
    }

    /// A shopper's refills, oldest first: one shopper in sixteen keeps to one thing, and comes back for it before it is
    /// used up or a little later. `visits` is what they do besides.
    pub(super) fn of_shopper(&self, number: u32, visits: &[LogEvent]) -> Vec<Refill> {
        let dice = &mut Dice::new(self.seed, REFILLS_STREAM + u64::from(number));
        if self.staples.is_empty() || dice.below(16) > 0 {
            return Vec::new();
        }
        let (items, days) = dice.pick(&self.staples);
        let item = *dice.pick(items);
        let mut day = dice.below(*days);
        let mut refills = Vec::new();
        for _ in 0..2 + dice.streak(500, 2) {
            if day >= N_DAYS {
                break;
            }
            let seconds = day * DAY + dice.between(8, 21) * 3_600 + dice.below(3_600);
            let paid = seconds + dice.between(40, 200);
            if visits.iter().all(|visit| visit.seconds.abs_diff(seconds) > APART) {
                refills.push(
                    [(seconds, EventKind::AddToCart), (paid, EventKind::Purchase)].map(|(seconds, kind)| LogEvent {
                        seconds,
                        kind,
                        item: Some(item),
                        query: "",
                        quantity: 1,
                    }),
                );
            }
            day += dice.between(days - 6, days + 6);
        }
        refills
    }
}
