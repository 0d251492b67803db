//! What a shopper likes.

use super::assortment::{Assortment, Department, Item};
use super::colors::{Family, Look};
use super::dice::Dice;
use super::missions::{ShopperType, TYPES};

/// One shopper's taste.
pub(super) struct Taste {
    /// Liking of each look, in the order of [`Look::ALL`], 0 to 6.
    pub(super) looks: [u32; Look::ALL.len()],
    /// The usual price level, 1 to 4.
    pub(super) level: u8,
    /// The favorite colors.
    pub(super) family: Family,
    /// Where they look for clothes.
    pub(super) department: Department,
}

impl Taste {
    /// How well an item suits, 0 to 13.
    pub(super) fn suit(&self, item: &Item) -> u32 {
        let look = self.looks[item.brand.look as usize];
        let level = [5, 3, 1, 0][usize::from(self.level.abs_diff(item.brand.level))];
        let color = if item.color.family == self.family { 2 } else { 0 };
        look + level + color
    }
}

/// One shopper: a type, and what chance has made of it.
pub(super) struct Shopper {
    pub(super) kind: &'static ShopperType,
    pub(super) taste: Taste,
}

impl Shopper {
    pub(super) fn draw(dice: &mut Dice) -> Shopper {
        let kind = &TYPES[dice.weighted(TYPES.iter().map(|kind| kind.share))];
        let mut looks = [0; Look::ALL.len()];
        looks[dice.weighted(kind.looks.into_iter())] = 6;
        // A second look is liked half as much; it may turn out to be the first again.
        let second = dice.weighted(kind.looks.into_iter());
        looks[second] = looks[second].max(3);
        Shopper {
            kind,
            taste: Taste {
                looks,
                level: dice.weighted(kind.levels.into_iter()) as u8 + 1,
                family: *dice.pick(&Family::ALL),
                department: *dice.pick(&[Department::Women, Department::Men]),
            },
        }
    }
}

/// Out of a few popular items of a shelf that are there on `day`, the one that suits best.
pub(super) fn suitable(store: &Assortment, taste: &Taste, shelf: usize, day: u32, dice: &mut Dice) -> Option<u32> {
    let mut best = None;
    for _ in 0..6 {
        let candidate = store.shelves[shelf].draw(dice);
        let item = &store.items[candidate as usize];
        let value = taste.suit(item) + dice.below(4);
        if item.is_noticed(day, dice) && best.is_none_or(|(most, _)| value > most) {
            best = Some((value, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}
