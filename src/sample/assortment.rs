//! What the store sells, shelf by shelf, and how to find what stands near what.

use std::collections::BTreeSet;

use rand_distr::weighted::WeightedAliasIndex;

use super::calendar::LAST_DAY;
use super::colors::{Color, Look};
use super::dice::Dice;
use super::range::{Brand, Cut, Kind};

/// For whom a thing is cut. Most things are for everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Department {
    Women,
    Men,
}

impl Department {
    pub(super) fn name(self) -> &'static str {
        match self {
            Department::Women => "Women",
            Department::Men => "Men",
        }
    }
}

/// Where a product's popularity is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trend {
    Steady,
    Rising,
    Falling,
}

/// One sellable thing: a product in one color.
pub(super) struct Item {
    /// `rj-0412-moss`, or the parent's id where there is one color only.
    pub(super) id: String,
    /// The product, where it comes in several colors.
    pub(super) parent_id: Option<String>,
    pub(super) kind: &'static Kind,
    pub(super) department: Option<Department>,
    pub(super) brand: &'static Brand,
    /// The product's own name, e.g. `Curlew`.
    pub(super) model: String,
    pub(super) cut: &'static Cut,
    pub(super) color: Color,
    pub(super) accent: Color,
    pub(super) pattern: &'static str,
    pub(super) form: &'static str,
    pub(super) material: &'static str,
    /// Two or three, with gaps for the material and the size.
    pub(super) sentences: Vec<&'static str>,
    pub(super) price_cents: u32,
    /// The first day of the log, from 0, on which the item is there.
    pub(super) first_day: u32,
    pub(super) trend: Trend,
    /// Index of the shelf in [`Assortment::shelves`].
    pub(super) shelf: usize,
    /// Popularity, relative to the rest of its shelf.
    pub(super) weight: u64,
}

impl Item {
    /// `rj-0412`: what all its colors have in common.
    pub(super) fn product_id(&self) -> &str {
        self.parent_id.as_deref().unwrap_or(&self.id)
    }

    /// Whether the item catches the eye on this day: never before it is there, less and less while it falls, more and
    /// more while it rises.
    pub(super) fn is_noticed(&self, day: u32, dice: &mut Dice) -> bool {
        let attention = match self.trend {
            Trend::Steady => 100,
            Trend::Rising => 25 + 75 * day / LAST_DAY,
            Trend::Falling => 100 - 75 * day / LAST_DAY,
        };
        day >= self.first_day && dice.below(100) < attention
    }
}

/// A category in shelf order: by look, level, price, product and color.
pub(super) struct Shelf {
    pub(super) kind: &'static Kind,
    /// Index of the kind in [`all_kinds`](super::range::all_kinds).
    pub(super) kind_index: usize,
    /// Where its items begin in [`Assortment::items`].
    pub(super) start: u32,
    pub(super) len: u32,
    /// Where each look begins on the shelf, and at the end `len`.
    pub(super) look_starts: [u32; Look::ALL.len() + 1],
    /// The items' weights, prepared for drawing.
    pub(super) popularity: WeightedAliasIndex<u64>,
}

impl Shelf {
    /// An item of the shelf, the popular ones more often. O(1).
    pub(super) fn draw(&self, dice: &mut Dice) -> u32 {
        self.start + dice.draw_from(&self.popularity) as u32
    }
}

/// Everything that the store sells.
pub(super) struct Assortment {
    /// Shelf after shelf.
    pub(super) items: Vec<Item>,
    pub(super) shelves: Vec<Shelf>,
    /// Shelf of every kind, for women and for men; the same one where the kind makes no difference.
    pub(super) by_kind: Vec<[usize; 2]>,
}

impl Assortment {
    /// The shelf of a kind, by its index in [`all_kinds`](super::range::all_kinds).
    pub(super) fn shelf_of(&self, kind: usize, department: Department) -> usize {
        self.by_kind[kind][department as usize]
    }

    /// The best sellers of a kind out of what was always there: at most two products, each in its best color.
    pub(super) fn staples(&self, kind: usize) -> Vec<u32> {
        let shelf = &self.shelves[self.shelf_of(kind, Department::Women)];
        let mut sold: Vec<u32> = (shelf.start..shelf.start + shelf.len).collect();
        sold.retain(|&item| self.items[item as usize].first_day == 0);
        sold.sort_by_key(|&item| std::cmp::Reverse(self.items[item as usize].weight));
        let mut products = BTreeSet::new();
        sold.retain(|&item| products.insert(self.items[item as usize].product_id()));
        sold.truncate(2);
        sold
    }

    /// The item `steps` to the right of this one (or to the left), turning round at the ends of the shelf.
    pub(super) fn beside(&self, item: u32, steps: i32) -> u32 {
        let shelf = &self.shelves[self.items[item as usize].shelf];
        let last = shelf.len as i32 - 1;
        let position = (item - shelf.start) as i32 + steps;
        let turned = if position < 0 {
            -position
        } else if position > last {
            2 * last - position
        } else {
            position
        };
        shelf.start + turned.clamp(0, last) as u32
    }

    /// The item that stands on another shelf where this one stands on its own: of the same look if there is any, as
    /// far along the prices.
    pub(super) fn opposite(&self, item: u32, shelf: usize) -> u32 {
        let from = &self.items[item as usize];
        let (own, other) = (&self.shelves[from.shelf], &self.shelves[shelf]);
        let look = from.brand.look as usize;
        let (start, end) = (other.look_starts[look], other.look_starts[look + 1]);
        let own_start = own.look_starts[look];
        let own_len = own.look_starts[look + 1] - own_start;
        let position = item - own.start - own_start;
        // 64 bits, since a product of two shelf lengths may not fit into 32.
        let scale =
            |len: u32, own_len: u32, position: u32| (u64::from(position) * u64::from(len) / u64::from(own_len)) as u32;
        if end > start {
            other.start + start + scale(end - start, own_len, position)
        } else {
            other.start + scale(other.len, own.len, item - own.start)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sample::stock::stock;

    #[test]
    fn a_shelf_turns_round_at_its_ends_and_opposites_share_the_look_where_they_can() {
        let store = stock(2_000, 3);
        for (index, item) in store.items.iter().enumerate() {
            for steps in [-5, -1, 0, 1, 5] {
                let beside = store.beside(index as u32, steps);
                assert_eq!(store.items[beside as usize].shelf, item.shelf, "{} {steps}", item.id);
            }
            for (other, shelf) in store.shelves.iter().enumerate() {
                let opposite = &store.items[store.opposite(index as u32, other) as usize];
                assert_eq!(opposite.shelf, other, "{}", item.id);
                let range = shelf.start as usize..(shelf.start + shelf.len) as usize;
                if store.items[range].iter().any(|there| there.brand.look == item.brand.look) {
                    assert_eq!(opposite.brand.look, item.brand.look, "{} and {}", item.id, opposite.id);
                }
            }
        }
    }
}
