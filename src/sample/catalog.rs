//! The items of the store, shelf by shelf, and where to find what stands near what.

use std::collections::BTreeSet;

use rand_distr::weighted::WeightedAliasIndex;

use super::calendar::LAST_DAY;
use super::colors::{Color, Look};
use super::dice::Dice;
use super::range::{BRANDS, Brand, Cut, Kind, all_kinds, price_percent};

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
    /// One to three sentences with gaps, see [`super::store`].
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
    /// Index of the kind in [`all_kinds`].
    pub(super) kind_index: usize,
    /// Where its items begin in [`Assortment::items`].
    pub(super) start: u32,
    pub(super) len: u32,
    /// Where each look begins on the shelf, and at the end `len`.
    look_starts: [u32; Look::ALL.len() + 1],
    popularity: WeightedAliasIndex<u64>,
}

impl Shelf {
    /// An item of the shelf, the popular ones more often. O(1).
    pub(super) fn draw(&self, dice: &mut Dice) -> u32 {
        self.start + dice.from_table(&self.popularity) as u32
    }
}

/// Everything that the store sells.
pub(super) struct Assortment {
    /// Shelf after shelf.
    pub(super) items: Vec<Item>,
    pub(super) shelves: Vec<Shelf>,
    /// Shelf of every kind, for women and for men; the same one where the kind makes no difference.
    by_kind: Vec<[usize; 2]>,
}

impl Assortment {
    /// The shelf of a kind, by its index in [`all_kinds`].
    pub(super) fn shelf_of(&self, kind: usize, department: Department) -> usize {
        self.by_kind[kind][department as usize]
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

/// Fills the shelves with `n_items` items.
pub(super) fn stock(n_items: u32, seed: u64) -> Assortment {
    let kinds = all_kinds();
    let mut places: Vec<(usize, Option<Department>, u32)> = Vec::new();
    let mut by_kind = Vec::with_capacity(kinds.len());
    for (index, kind) in kinds.iter().enumerate() {
        let first = places.len();
        if kind.by_department {
            places.push((index, Some(Department::Women), kind.share / 2));
            places.push((index, Some(Department::Men), kind.share / 2));
            by_kind.push([first, first + 1]);
        } else {
            places.push((index, None, kind.share));
            by_kind.push([first, first]);
        }
    }
    let mut names = Names::new(seed);
    let mut items: Vec<Item> = Vec::with_capacity(n_items as usize);
    let mut shelves = Vec::with_capacity(places.len());
    let total: u64 = places.iter().map(|(_, _, share)| u64::from(*share)).sum();
    let mut passed = 0;
    for (index, (kind_index, department, share)) in places.into_iter().enumerate() {
        let kind = kinds[kind_index];
        passed += u64::from(share);
        let end = (u64::from(n_items) * passed / total) as u32;
        let start = items.len() as u32;
        // With the fewest items allowed the smallest share still comes to one item.
        let shelf_items = fill(index, kind, department, end - start, &mut names, seed);
        let mut look_starts = [0; Look::ALL.len() + 1];
        for (next, look) in Look::ALL.into_iter().enumerate() {
            look_starts[next + 1] = shelf_items.partition_point(|item| item.brand.look <= look) as u32;
        }
        let weights = shelf_items.iter().map(|item| item.weight).collect();
        let popularity = WeightedAliasIndex::new(weights).expect("a shelf has items, and all weights are positive");
        shelves.push(Shelf { kind, kind_index, start, len: end - start, look_starts, popularity });
        items.extend(shelf_items);
    }
    Assortment { items, shelves, by_kind }
}

/// One shelf of `len` items, in shelf order.
fn fill(
    shelf: usize,
    kind: &'static Kind,
    department: Option<Department>,
    len: u32,
    names: &mut Names,
    seed: u64,
) -> Vec<Item> {
    let mut dice = Dice::new(seed, CATALOG_STREAM + shelf as u64);
    let makers: Vec<usize> = (0..BRANDS.len()).filter(|&index| BRANDS[index].lines.contains(&kind.line)).collect();
    let mut items: Vec<Item> = Vec::with_capacity(len as usize);
    let mut n_products_of = vec![0; makers.len()];
    let mut products = 0;
    while items.len() < len as usize {
        // A maker who has much on the shelf already gets less of the rest.
        let room = |(place, &maker): (usize, &usize)| {
            [60, 90, 70, 40][usize::from(BRANDS[maker].level) - 1] * 100 / (1 + 3 * n_products_of[place])
        };
        let place = dice.weighted(makers.iter().enumerate().map(room));
        n_products_of[place] += 1;
        let brand_index = makers[place];
        let brand = &BRANDS[brand_index];
        let model = names.next(brand_index, kind, department);
        let (lowest, highest) = price_percent(brand.level);
        let percent = dice.between(lowest, highest);
        let material = *dice.pick(kind.materials);
        let form = *dice.pick(kind.forms);
        let trend = *dice.pick(&[
            Trend::Rising,
            Trend::Falling,
            Trend::Steady,
            Trend::Steady,
            Trend::Steady,
            Trend::Steady,
            Trend::Steady,
            Trend::Steady,
            Trend::Steady,
            Trend::Steady,
        ]);
        let first_day = if dice.below(16) == 0 { dice.between(14, 77) } else { 0 };
        let liked: Vec<&'static str> =
            kind.patterns.iter().copied().filter(|pattern| brand.patterns.contains(pattern)).collect();
        let pattern = if !liked.is_empty() && dice.chance(550) { *dice.pick(&liked) } else { "plain" };
        let n_cuts = 1 + dice.streak(450, kind.cuts.len() as u32 - 1);
        let first_cut = dice.below(kind.cuts.len() as u32 - n_cuts + 1);
        for cut in &kind.cuts[first_cut as usize..(first_cut + n_cuts) as usize] {
            let room = len - items.len() as u32;
            if room == 0 {
                break;
            }
            products += 1;
            let product_id = names.product_id(kind, &mut dice);
            let n_colors = (1 + dice.streak(620, kind.colors - 1)).min(room);
            let colors = some_colors(&mut dice, brand.look.palette(kind.shape), n_colors);
            let mut sentences = vec![*dice.pick(kind.openings), *dice.pick(kind.details)];
            if dice.chance(250) {
                sentences.push(*dice.pick(brand.voice));
            }
            let price_cents = price_cents(kind.price * cut.price_percent / 100, percent, brand.level);
            for (place, &color) in colors.iter().enumerate() {
                let accent = loop {
                    let accent = *dice.pick(brand.look.palette(kind.shape));
                    if accent != color {
                        break accent;
                    }
                };
                let several = n_colors > 1;
                items.push(Item {
                    id: if several { format!("{product_id}-{}", slug(color.name)) } else { product_id.clone() },
                    parent_id: several.then(|| product_id.clone()),
                    kind,
                    department,
                    brand,
                    model: model.clone(),
                    cut,
                    color,
                    accent,
                    pattern,
                    form,
                    material,
                    sentences: sentences.clone(),
                    price_cents,
                    first_day,
                    trend,
                    shelf,
                    // The product's number for now: its popularity is dealt out below.
                    weight: (products - 1) * 8 + place as u64,
                });
            }
        }
    }
    let mut ranks: Vec<u64> = (0..products).collect();
    dice.shuffle(&mut ranks);
    for item in &mut items {
        let (product, place) = (item.weight / 8, item.weight % 8);
        // Zipf over products; of the colors, the first sells best.
        item.weight = 1 + 10_000_000 / (ranks[product as usize] + 1) * [100, 60, 40, 25, 15][place as usize] / 100;
    }
    items.sort_by(|a, b| {
        let key = |item: &Item| (item.brand.look, item.brand.level, item.price_cents);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    items
}

/// Streams of [`Dice`] from here on belong to shelves; below are the shoppers'.
const CATALOG_STREAM: u64 = 1 << 40;

/// Different colors of a palette, those at its beginning more often.
fn some_colors(dice: &mut Dice, palette: &[Color], n_colors: u32) -> Vec<Color> {
    let mut left = palette.to_vec();
    (0..n_colors)
        .map(|_| {
            let n_left = left.len() as u32;
            left.remove(dice.weighted((0..n_left).map(|place| n_left + 3 - place)))
        })
        .collect()
}

/// A price with the ending that suits its level: 1 ends in 99 cents, 2 in 90, 3 in whole or half euros, 4 in round ones.
fn price_cents(euros: u32, percent: u32, level: u8) -> u32 {
    let exact = euros * percent;
    let nearest = |step: u32| (exact + step / 2) / step * step;
    match (level, exact) {
        (1, ..15_000) => nearest(100) - 1,
        (1, _) => nearest(1_000) - 1,
        (2, ..3_000) => nearest(50) - 10,
        (2, ..15_000) => nearest(100) - 10,
        (2, _) => nearest(1_000) - 100,
        (3, ..3_000) => nearest(50),
        (3, ..15_000) => nearest(100),
        (3, _) => nearest(500),
        (_, ..15_000) => nearest(100),
        _ => nearest(1_000),
    }
}

/// `Signal Orange` → `signal-orange`.
fn slug(name: &str) -> String {
    name.to_ascii_lowercase().replace(' ', "-")
}

/// Deals out names and numbers, so that no two products have the same.
struct Names {
    /// Every brand's names in an order of their own, and which is next.
    models: Vec<(Vec<&'static str>, usize)>,
    given: BTreeSet<(usize, &'static str, Option<&'static str>, String)>,
    /// The last number of each kind.
    numbers: std::collections::BTreeMap<&'static str, u32>,
}

impl Names {
    fn new(seed: u64) -> Names {
        let mut dice = Dice::new(seed, CATALOG_STREAM - 1);
        let models = BRANDS.iter().map(|brand| {
            let mut models = brand.models.to_vec();
            dice.shuffle(&mut models);
            (models, 0)
        });
        Names { models: models.collect(), given: BTreeSet::new(), numbers: std::collections::BTreeMap::new() }
    }

    /// A name that the brand has not given to this kind of thing before. Once all are given, `Curlew Mk 2` follows.
    fn next(&mut self, brand: usize, kind: &'static Kind, department: Option<Department>) -> String {
        let (models, next) = &mut self.models[brand];
        let mut mark = 1;
        loop {
            for _ in 0..models.len() {
                let model = models[*next % models.len()];
                *next += 1;
                let name = if mark == 1 { model.to_owned() } else { format!("{model} Mk {mark}") };
                if self.given.insert((brand, kind.code, department.map(Department::name), name.clone())) {
                    return name;
                }
            }
            mark += 1;
        }
    }

    /// `rj-0412`: numbers of a kind rise, with gaps as discontinued products leave them.
    fn product_id(&mut self, kind: &'static Kind, dice: &mut Dice) -> String {
        let number = self.numbers.entry(kind.code).or_insert(100);
        *number += dice.between(1, 9);
        format!("{}-{number:04}", kind.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_end_as_their_level_has_it() {
        let check = |euros, percent, level, cents| assert_eq!(price_cents(euros, percent, level), cents);
        check(14, 60, 1, 799);
        check(89, 60, 1, 5_299);
        check(329, 60, 1, 19_999);
        check(18, 90, 2, 1_590);
        check(89, 90, 2, 7_990);
        check(199, 90, 2, 17_900);
        check(18, 125, 3, 2_250);
        check(189, 125, 3, 23_500);
        check(109, 180, 4, 20_000);
    }

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
