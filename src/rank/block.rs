//! A block of recommendations in the making: rules give slots, then discovery, then one basis after the other fills what is
//! left.

use alloc::vec;
use alloc::vec::Vec;

use super::aversion::Aversion;
use super::basis::ByPopularity;
use super::bounds::Bounds;
use super::discovery::{Horizon, REACH};
use super::diversify::{Choice, OVERFETCH, diversify};
use super::fatigue::Fatigue;
use super::rules::{ActiveRules, Candidate, Floors};
use super::score::Scores;
use super::{Basis, Parts, Reason, RecommendRequest, Recommended, Share};
use crate::format::attributes::{Column, PARENT};
use crate::format::rules::RuleKind;
use crate::kernels::{Top, sorted};
use crate::lists::{Gather, has};
use crate::model::Model;
use crate::session::Profile;

/// How many of the first items variety is for.
const MAX_VARIED: usize = 96;

/// An answer in the making.
pub(super) struct Block<'a> {
    pub(super) model: &'a Model,
    pub(super) request: &'a RecommendRequest<'a>,
    pub(super) rules: Option<&'a ActiveRules<'a>>,
    pub(super) aversion: &'a Aversion<'a>,
    pub(super) fatigue: &'a Fatigue,
    pub(super) profile: &'a Profile,
    /// Rows not to be found: not asked for, or found already.
    pub(super) excluded: Vec<u32>,
    /// Items that rules give a slot, by slot.
    pub(super) held: Vec<(usize, Recommended)>,
    /// The others, in the order of their slots.
    pub(super) items: Vec<Recommended>,
    /// None where nothing is capped or asked for by quotas, and before slots are filled.
    pub(super) bounds: Option<Bounds<'a>>,
    /// The least score, once the best is known.
    pub(super) floor: Option<i32>,
    /// Products of which the shopper has touched a variant, once no other variant of them is to be found.
    pub(super) products: Option<Products<'a>>,
}

impl<'a> Block<'a> {
    /// How many slots are still to be filled.
    pub(super) fn n_left(&self) -> usize {
        self.request.limit - self.held.len() - self.items.len()
    }

    /// Looks for the items that rules give a slot.
    pub(super) fn hold(&mut self, basis: Basis, scores: &dyn Scores, reason: &dyn Fn(u32, &Parts) -> Reason) {
        let Some(rules) = self.rules else { return };
        let floors = self.floors(scores, false);
        for &(number, rule) in rules.holding() {
            let slot = rule.number as usize;
            let Some(place) = self.free_place(slot) else { continue };
            let (needs_worth, diversity) = (false, Share::default());
            let find = Retrieval { block: self, basis, floors: &floors, limit: 1, needs_worth, diversity };
            let found = if rule.kind == RuleKind::Pin {
                let row = self.model.ids().row(rule.item);
                let row = row.filter(|row| !has(&self.excluded, row) && !find.is_barred(*row));
                row.map(|row| find.item(scores, row))
            } else {
                find.run(scores, &|row| rules.holds(rule.of, of_row(row))).0.pop()
            };
            let Some(item) = found else { continue };
            let reason = self.reason(&item, reason);
            self.excluded.push(item.row);
            self.held.insert(place, (slot, Recommended { rule: Some(number), reason, ..item }));
        }
    }

    /// Where a slot belongs among those that are held, if it is asked for and still free.
    fn free_place(&self, slot: usize) -> Option<usize> {
        let place = self.held.binary_search_by_key(&slot, |&(held, _)| held).err();
        place.filter(|_| slot < self.request.limit)
    }

    /// Looks for items that are different, and near enough, for these slots.
    pub(super) fn discover(&mut self, slots: &[usize], scores: &dyn Scores, horizon: &Horizon) {
        let (basis, limit, needs_worth) = (Basis::Discovery, REACH * self.request.limit, true);
        let floors = self.floors(scores, false);
        let find = Retrieval { block: self, basis, floors: &floors, limit, needs_worth, diversity: Share::default() };
        // The best of all will be found without this.
        let found = find.run(scores, &|_| true).0.into_iter().skip(self.request.limit - slots.len());
        let related: Vec<Recommended> = found.filter(|item| item.parts.embedding > 0).gather();
        let beyond = horizon.beyond(&related.iter().map(|item| item.row).gather());
        let mut beyond: Vec<Recommended> = beyond.into_iter().map(|place| related[place]).gather();
        self.count_held();
        for &slot in slots {
            let Some(place) = self.free_place(slot) else { continue };
            // What is different must not stand in the way of a quota.
            let bounds = self.bounds.as_ref();
            let fits = |item: &Recommended| bounds.is_none_or(|bounds| bounds.is_harmless(of_row(item.row), slot));
            let Some(choice) = beyond.iter().position(fits) else { continue };
            let item = beyond.remove(choice);
            if let Some(bounds) = &mut self.bounds {
                bounds.hold(of_row(item.row), slot);
            }
            self.excluded.push(item.row);
            self.held.insert(place, (slot, Recommended { reason: Reason::DIFFERENT, ..item }));
        }
    }

    /// Fills the slots that are left, as far as there are items that nothing speaks against.
    pub(super) fn fill(
        &mut self,
        basis: Basis,
        diversity: Share,
        scores: &dyn Scores,
        reason: &dyn Fn(u32, &Parts) -> Reason,
    ) {
        if basis == Basis::Together {
            self.products = Products::new(self.model, self.profile);
        }
        let floors = self.floors(scores, basis.needs_worth());
        self.count_held();
        loop {
            let limit = self.n_left();
            if limit == 0 {
                return;
            }
            let first = self.next_slot();
            let needs_worth = basis.needs_worth();
            let find = Retrieval { block: self, basis, floors: &floors, limit, needs_worth, diversity };
            let (found, floor) = match self.find_urgent(&find, scores, first) {
                Some(found) => (vec![found], self.floor),
                None => find.run(scores, &|row| !self.refuses(row, first)),
            };
            self.floor = floor;
            if found.is_empty() {
                return;
            }
            // The first fits. What a cap refuses by now may fit further back, where it holds no more: it is looked for again.
            for (at, item) in found.into_iter().enumerate() {
                let slot = self.next_slot();
                let asks_again =
                    |bounds: &Bounds| bounds.needs_others(of_row(item.row), slot) || bounds.is_freer(first, slot);
                if at > 0 && self.bounds.as_ref().is_some_and(asks_again) {
                    break;
                }
                if !self.refuses(item.row, slot) {
                    if let Some(bounds) = &mut self.bounds {
                        bounds.add(of_row(item.row), slot);
                    }
                    self.excluded.push(item.row);
                    let why = |row, parts: &Parts| match item.basis == basis {
                        true => reason(row, parts),
                        false => item.basis.common_reason(parts),
                    };
                    self.items.push(Recommended { reason: self.reason(&item, &why), ..item });
                }
            }
            if self.bounds.is_none() {
                return;
            }
        }
    }

    /// The best item for a slot that quotas need: by what is asked for, or else by popularity.
    fn find_urgent(&self, find: &Retrieval, scores: &dyn Scores, slot: usize) -> Option<Recommended> {
        let bounds = self.bounds.as_ref()?;
        let (item, urgent) = bounds.find_urgent(slot, |urgent| {
            let fits = |row| bounds.serves(of_row(row)) & urgent != 0 && !self.refuses(row, slot);
            let (limit, diversity) = (1, Share::default());
            let found = Retrieval { limit, diversity, ..*find }.run(scores, &fits).0.pop();
            found.or_else(|| {
                let scores = &ByPopularity::new(self.model, Basis::Popular, self.request.page.context, self.fatigue);
                let (floors, basis, needs_worth) = (&self.floors(scores, false), Basis::Popular, false);
                Retrieval { block: self, basis, floors, limit, needs_worth, diversity }.run(scores, &fits).0.pop()
            })
        })?;
        Some(Recommended { rule: bounds.rule(bounds.serves(of_row(item.row)) & urgent), ..item })
    }

    /// Begins to count for caps and quotas, if there are any, with the items that have their slots. Does so once.
    fn count_held(&mut self) {
        let Some(rules) = self.rules.filter(|rules| self.bounds.is_none() && !rules.bounding().is_empty()) else {
            return;
        };
        let held: Vec<(usize, Candidate)> = self.held.iter().map(|(slot, item)| (*slot, of_row(item.row))).gather();
        // A threshold asks for fewer items rather than for others: no quota may hope for any.
        let n_free = if self.request.threshold == Share::default() { self.model.n_items() } else { 0 };
        let excluded = self.sorted_excluded();
        let is_free = |candidate: &Candidate| !is_in(&excluded, candidate.row) && !is_barred(rules, candidate.row);
        let free = |row: usize| Some(of_row(row as u32)).filter(is_free);
        self.bounds = Some(Bounds::new(rules, self.request.limit, &held, n_free, &free));
    }

    fn sorted_excluded(&self) -> Vec<(i32, u32)> {
        sorted(self.excluded.iter().map(|&row| (row as i32, 0)))
    }

    /// Whether an item may not have a slot: a cap refuses it, or it is a variant of what it is to go with.
    fn refuses(&self, row: u32, slot: usize) -> bool {
        self.bounds.as_ref().is_some_and(|bounds| bounds.refuses(of_row(row), slot))
            || self.products.as_ref().is_some_and(|products| products.have(row))
    }

    /// The best scores that boosts go by: those of all items that this request may show.
    fn floors(&self, scores: &dyn Scores, needs_worth: bool) -> Floors {
        let Some(rules) = self.rules.filter(|rules| rules.n_among() > 0) else { return Floors::default() };
        let mut top = Top::new(rules.n_among());
        let RecommendRequest { seeds, exclude, .. } = *self.request;
        let most = rules.greatest_answers();
        scores.each(None, if needs_worth { 1 } else { i32::MIN }, &mut |row, score| {
            let is_excluded = || has(exclude, &row) || seeds.is_some_and(|seeds| has(seeds, &row));
            let speaks = !needs_worth || score > 0;
            let score = score + rules.answers(of_row(row)) + self.aversion.of(row);
            if speaks && top.wants(score, row) && !is_excluded() && !is_barred(rules, row) {
                top.offer(score, row);
            }
            top.least().saturating_sub(most)
        });
        Floors(top.into_sorted())
    }

    /// Why an item is shown.
    fn reason(&self, item: &Recommended, reason: &dyn Fn(u32, &Parts) -> Reason) -> Reason {
        let answer = self.rules.and_then(|rules| rules.answer(of_row(item.row)));
        let reason = reason(item.row, &item.parts).or_answer(&item.parts, answer);
        reason.or_aversion(&item.parts, self.aversion, item.row)
    }

    /// The first slot that has no item yet.
    fn next_slot(&self) -> usize {
        self.held.iter().fold(self.items.len(), |slot, &(held, _)| slot + usize::from(held <= slot))
    }

    /// Whether items that were discovered may be in the way of rules that bound what stands where: they are to move up,
    /// or caps that count them refused what a quota needs.
    pub(super) fn is_in_the_way(&self) -> bool {
        let is_off = |slot: usize, bounds: &Bounds| slot > self.next_slot() || bounds.fell_short();
        let is_off = |(slot, item): &(usize, Recommended)| {
            item.basis == Basis::Discovery && self.bounds.as_ref().is_some_and(|bounds| is_off(*slot, bounds))
        };
        self.held.iter().any(is_off)
    }

    /// The items in their slots; where there are too few, those behind move up.
    pub(super) fn finish(self) -> Vec<Recommended> {
        let mut items = self.items;
        for (slot, item) in self.held {
            items.insert(slot.min(items.len()), item);
        }
        items
    }
}

/// Products, by the numbers that their variants share.
pub(super) struct Products<'a> {
    column: Column<'a>,
    numbers: Vec<u32>,
}

impl<'a> Products<'a> {
    /// Those of what the shopper has touched; none where none of that has variants.
    fn new(model: &'a Model, profile: &Profile) -> Option<Products<'a>> {
        let column = model.column(PARENT)?;
        let numbers = profile.touches().iter().map(|touch| column.value(touch.row)).filter(|&number| number > 0);
        let products = Products { numbers: numbers.gather(), column };
        (!products.numbers.is_empty()).then_some(products)
    }

    fn have(&self, row: u32) -> bool {
        has(&self.numbers, &self.column.value(row))
    }
}

fn is_in(sorted: &[(i32, u32)], row: u32) -> bool {
    sorted.binary_search(&(row as i32, 0)).is_ok()
}

fn of_row(row: u32) -> Candidate {
    Candidate { index: row as usize, row }
}

fn is_barred(rules: &ActiveRules, row: u32) -> bool {
    !rules.in_placement(of_row(row)) || rules.barred_by(of_row(row)).is_some()
}

/// The finding of the best items by their parts.
struct Retrieval<'a> {
    block: &'a Block<'a>,
    basis: Basis,
    floors: &'a Floors,
    limit: usize,
    /// Whether an item must have something that speaks for it.
    needs_worth: bool,
    diversity: Share,
}

impl Retrieval<'_> {
    /// The best `n` rows, and how many were refused that would have been among them.
    fn top(&self, scores: &dyn Scores, fits: &dyn Fn(u32) -> bool, best: Option<usize>, n: usize) -> (Top, usize) {
        let excluded = self.block.sorted_excluded();
        let most = self.block.rules.map_or(0, |rules| rules.greatest_boost() + rules.greatest_answers());
        let (mut top, mut n_refused) = (Top::new(n), 0);
        let needed = if self.needs_worth { 1 } else { i32::MIN };
        let is_plain = self.block.rules.is_none() && self.block.aversion.is_empty() && self.block.products.is_none();
        let mut consider = |top: &mut Top, row: u32, score: i32| {
            if score < needed || !top.wants(score + most, row) || is_in(&excluded, row) {
                return;
            }
            if is_plain {
                return top.offer(score, row);
            }
            let (boost, answers, aversion) = self.added(row, score);
            let score = score + boost + answers + aversion;
            // Rules are asked last, and of few.
            if top.wants(score, row) && (!fits(row) || self.is_barred(row)) {
                n_refused += 1;
            } else {
                top.offer(score, row);
            }
        };
        scores.each(best, needed, &mut |row, score| {
            consider(&mut top, row, score);
            top.least().saturating_sub(most).max(needed)
        });
        (top, n_refused)
    }

    /// What rules, the shopper's answers and aversions add to an item's score: boost, answers, aversion.
    fn added(&self, row: u32, score: i32) -> (i32, i32, i32) {
        let aversion = self.block.aversion.of(row);
        let Some(rules) = self.block.rules else { return (0, 0, aversion) };
        let answers = rules.answers(of_row(row));
        (rules.boost(of_row(row), score + answers + aversion, self.floors), answers, aversion)
    }

    fn is_barred(&self, row: u32) -> bool {
        self.block.rules.is_some_and(|rules| is_barred(rules, row))
    }

    fn item(&self, scores: &dyn Scores, row: u32) -> Recommended {
        let parts = scores.parts(row);
        let (boost, answers, aversion) = self.added(row, parts.score());
        let parts = Parts { boost, answers, aversion, ..parts };
        Recommended { row, basis: self.basis, parts, penalty: 0, rule: None, reason: Reason::STORE_ORDER }
    }

    /// Goes through all rows that may be among the best, then diversifies and cuts.
    /// Returns the items, best first, and the least score that was asked of them.
    fn run(&self, scores: &dyn Scores, fits: &dyn Fn(u32) -> bool) -> (Vec<Recommended>, Option<i32>) {
        let Block { model, request, rules, aversion, .. } = *self.block;
        let diversity = self.diversity;
        let n = if diversity > Share::default() { self.limit * OVERFETCH } else { self.limit };
        // What rules and aversions bring forward need not be near.
        let is_near =
            aversion.is_empty() && rules.is_none_or(|rules| rules.greatest_boost() + rules.greatest_answers() == 0);
        // What is excluded may be among the nearest.
        let n_near = n + self.block.excluded.len();
        let (mut top, n_refused) = self.top(scores, fits, is_near.then_some(n_near), n);
        if is_near && (top.least() == i32::MIN || n_refused > n) {
            top = self.top(scores, fits, None, n).0;
        }
        let best_first = top.into_sorted();
        let choices: Vec<Choice> = best_first.iter().map(|&(score, row)| Choice { row, score }).gather();
        let best = choices.first().map(|best| request.threshold.of(best.score.max(0)));
        let floor = self.block.floor.or(best);
        let (order, penalties) = diversify(model, &choices, diversity, self.limit.min(MAX_VARIED));
        let passes = |&index: &usize| floor.is_none_or(|floor| floor == 0 || choices[index].score >= floor);
        let items = order.into_iter().filter(passes).take(self.limit);
        let items =
            items.map(|index| Recommended { penalty: penalties[index], ..self.item(scores, choices[index].row) });
        (items.gather(), floor)
    }
}
