//! Filling the shelves: brands, names, colors, prices and popularity.

use std::collections::{BTreeMap, BTreeSet};

use rand_distr::weighted::WeightedAliasIndex;

use super::assortment::{Assortment, Department, Item, Shelf, Trend};
use super::colors::{Color, Look};
use super::dice::{Dice, NAMES_STREAM, SHELVES_STREAM};
use super::range::{BRANDS, Brand, Kind, all_kinds, price_percent};

/// Fills the shelves with `n_items` items, at least as many as [`SampleOptions`](super::SampleOptions) allows.
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
    let total: u64 = places.iter().map(|(_, _, share)| u64::from(*share)).sum();
    let mut names = Names::new(seed);
    let mut items: Vec<Item> = Vec::with_capacity(n_items as usize);
    let mut shelves = Vec::with_capacity(places.len());
    let mut passed = 0;
    for (kind_index, department, share) in places {
        let kind = kinds[kind_index];
        passed += u64::from(share);
        let start = items.len() as u32;
        // Even of the fewest items allowed, the smallest share is one item or more.
        let len = (u64::from(n_items) * passed / total) as u32 - start;
        let stocking = Stocking { kind, department, shelf: shelves.len(), len: len as usize, names: &mut names };
        let shelf_items = stocking.fill(&mut Dice::new(seed, SHELVES_STREAM + shelves.len() as u64));
        let mut look_starts = [0; Look::ALL.len() + 1];
        for (next, look) in Look::ALL.into_iter().enumerate() {
            look_starts[next + 1] = shelf_items.partition_point(|item| item.brand.look <= look) as u32;
        }
        let weights = shelf_items.iter().map(|item| item.weight).collect();
        let popularity = WeightedAliasIndex::new(weights).expect("a shelf has items, and all weights are positive");
        shelves.push(Shelf { kind, kind_index, start, len, look_starts, popularity });
        items.extend(shelf_items);
    }
    Assortment { items, shelves, by_kind }
}

/// One shelf that is being filled.
struct Stocking<'a> {
    kind: &'static Kind,
    department: Option<Department>,
    /// Its index.
    shelf: usize,
    /// How many items it will hold.
    len: usize,
    names: &'a mut Names,
}

/// What all sizes and colors of a model have in common.
struct Model {
    brand: &'static Brand,
    name: String,
    /// Of what such a thing usually costs.
    price_percent: u32,
    material: &'static str,
    form: &'static str,
    pattern: &'static str,
    trend: Trend,
    first_day: u32,
}

impl Stocking<'_> {
    /// The items in shelf order.
    fn fill(mut self, dice: &mut Dice) -> Vec<Item> {
        let makers: Vec<usize> =
            (0..BRANDS.len()).filter(|&brand| BRANDS[brand].lines.contains(&self.kind.line)).collect();
        let mut n_models_of = vec![0; makers.len()];
        // Each product is the colors of one size of a model.
        let mut products: Vec<Vec<Item>> = Vec::new();
        let mut n_items = 0;
        while n_items < self.len {
            // A maker who has much on the shelf already gets less of the rest.
            let place = dice.weighted(makers.iter().zip(&n_models_of).map(|(&maker, &n_models)| {
                [6_000_000, 9_000_000, 7_000_000, 4_000_000][usize::from(BRANDS[maker].level) - 1] / (1 + 3 * n_models)
            }));
            n_models_of[place] += 1;
            let model = self.draw_model(makers[place], dice);
            let n_cuts = 1 + dice.streak(450, self.kind.cuts.len() as u32 - 1) as usize;
            let first_cut = dice.below((self.kind.cuts.len() - n_cuts) as u32 + 1) as usize;
            for cut in first_cut..first_cut + n_cuts {
                if n_items == self.len {
                    break;
                }
                let mut product = self.draw_product(&model, cut, dice);
                product.truncate(self.len - n_items);
                n_items += product.len();
                products.push(product);
            }
        }
        deal_popularity(&mut products, dice);
        let mut items: Vec<Item> = products.into_iter().flatten().collect();
        items.sort_by(|a, b| {
            let key = |item: &Item| (item.brand.look, item.brand.level, item.price_cents);
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        items
    }

    fn draw_model(&mut self, brand_index: usize, dice: &mut Dice) -> Model {
        let brand = &BRANDS[brand_index];
        let (lowest, highest) = price_percent(brand.level);
        let patterns = self.kind.patterns.iter().copied();
        let liked: Vec<&'static str> = patterns.filter(|pattern| brand.patterns.contains(pattern)).collect();
        Model {
            brand,
            name: self.names.next(brand_index, self.kind, self.department),
            price_percent: dice.between(lowest, highest),
            material: dice.pick::<&str>(self.kind.materials),
            form: dice.pick::<&str>(self.kind.forms),
            pattern: if !liked.is_empty() && dice.chance(550) { dice.pick::<&str>(&liked) } else { "plain" },
            trend: [Trend::Rising, Trend::Falling, Trend::Steady][dice.weighted([1, 1, 8].into_iter())],
            first_day: if dice.below(16) == 0 { dice.between(14, 77) } else { 0 },
        }
    }

    /// The colors of one size, the best selling first.
    fn draw_product(&mut self, model: &Model, cut: usize, dice: &mut Dice) -> Vec<Item> {
        let (kind, brand) = (self.kind, model.brand);
        let cut = &kind.cuts[cut];
        let product_id = self.names.product_id(kind, dice);
        let palette = brand.look.palette(kind.shape);
        let colors = draw_colors(palette, 1 + dice.streak(620, kind.colors - 1), dice);
        let mut sentences = vec![*dice.pick(kind.openings), *dice.pick(kind.details)];
        if dice.chance(250) {
            sentences.push(*dice.pick(brand.voice));
        }
        let price_cents = price_cents(kind.price * cut.price_percent / 100, model.price_percent, brand.level);
        let several = colors.len() > 1;
        let item = |color: Color| Item {
            id: if several { format!("{product_id}-{}", slug(color.name)) } else { product_id.clone() },
            parent_id: several.then(|| product_id.clone()),
            kind,
            department: self.department,
            brand,
            model: model.name.clone(),
            cut,
            color,
            accent: loop {
                let accent = *dice.pick(palette);
                if accent != color {
                    break accent;
                }
            },
            pattern: model.pattern,
            form: model.form,
            material: model.material,
            sentences: sentences.clone(),
            price_cents,
            first_day: model.first_day,
            trend: model.trend,
            shelf: self.shelf,
            // Dealt when the shelf is full.
            weight: 0,
        };
        colors.into_iter().map(item).collect()
    }
}

/// Zipf over the products of a shelf in a random order; of the colors, the first sells best.
fn deal_popularity(products: &mut [Vec<Item>], dice: &mut Dice) {
    let mut ranks: Vec<u64> = (1..=products.len() as u64).collect();
    dice.shuffle(&mut ranks);
    for (product, rank) in products.iter_mut().zip(ranks) {
        for (item, percent) in product.iter_mut().zip([100, 60, 40, 25, 15]) {
            item.weight = 10_000_000 * percent / rank + 1;
        }
    }
}

/// Different colors of a palette, those at its beginning more often.
fn draw_colors(palette: &[Color], n_colors: u32, dice: &mut Dice) -> Vec<Color> {
    let mut left = palette.to_vec();
    let draw = |_| {
        let n_left = left.len() as u32;
        left.remove(dice.weighted((0..n_left).map(|place| n_left + 3 - place)))
    };
    (0..n_colors).map(draw).collect()
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

/// A brand by its index, a kind by its code and a department by its name.
type Shelved = (usize, &'static str, Option<&'static str>);

/// Deals out names and numbers, so that no two products have the same.
struct Names {
    /// Every brand's names in an order of their own, and which is next.
    models: Vec<(Vec<&'static str>, usize)>,
    given: BTreeSet<(Shelved, String)>,
    /// The mark at which a brand still has names for a shelf.
    marks: BTreeMap<Shelved, u32>,
    /// The last number of each kind.
    numbers: BTreeMap<&'static str, u32>,
}

impl Names {
    fn new(seed: u64) -> Names {
        let mut dice = Dice::new(seed, NAMES_STREAM);
        let models = BRANDS.iter().map(|brand| {
            let mut models = brand.models.to_vec();
            dice.shuffle(&mut models);
            (models, 0)
        });
        Names { models: models.collect(), given: BTreeSet::new(), marks: BTreeMap::new(), numbers: BTreeMap::new() }
    }

    /// A name that the brand has not given to this kind of thing before. Once all are given, `Curlew Mk 2` follows.
    fn next(&mut self, brand: usize, kind: &'static Kind, department: Option<Department>) -> String {
        let (models, next) = &mut self.models[brand];
        let shelved = (brand, kind.code, department.map(Department::name));
        let mark = self.marks.entry(shelved).or_insert(1);
        loop {
            for _ in 0..models.len() {
                let model = models[*next % models.len()];
                *next += 1;
                let name = if *mark == 1 { model.to_owned() } else { format!("{model} Mk {mark}") };
                if self.given.insert((shelved, name.clone())) {
                    return name;
                }
            }
            *mark += 1;
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
}
