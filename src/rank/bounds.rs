//! Caps and quotas while slots are filled: how many they have counted, who is refused a slot, and who must have it.

use alloc::vec::Vec;
use core::cell::Cell;

use super::quota::Quotas;
use super::rules::{ActiveRules, Candidate, UNKNOWN};
use crate::format::rules::{NO_VARIABLE, Rule, RuleKind};
use crate::lists::Gather;

/// What caps and quotas say of the slots that are left.
pub(super) struct Bounds<'a> {
    rules: &'a ActiveRules<'a>,
    tally: Tally,
    quotas: Quotas,
    /// Whether caps refused all that some quota needed.
    fell_short: Cell<bool>,
}

impl<'a> Bounds<'a> {
    /// Those of so many slots. `held` are the candidates that have their slots already, `free` names those of the others
    /// that may be shown.
    pub(super) fn new(
        rules: &'a ActiveRules<'a>,
        n_slots: usize,
        held: &[(usize, Candidate)],
        n_free: usize,
        free: &dyn Fn(usize) -> Option<Candidate>,
    ) -> Bounds<'a> {
        let mut tally = Tally::default();
        for &(slot, candidate) in held {
            tally.add(&Counted::all(rules, candidate), slot);
        }
        let quotas = Quotas::new(rules, n_slots, held, n_free, free);
        Bounds { rules, tally, quotas, fell_short: Cell::new(false) }
    }

    /// Whether a cap refuses a candidate a slot.
    pub(super) fn refuses(&self, candidate: Candidate, slot: usize) -> bool {
        self.tally.refuses(&Counted::all(self.rules, candidate), slot).is_some()
    }

    /// Whether a candidate does no harm in a slot that is not filled in order: no cap refuses it, and it counts for the
    /// quotas that the slot is for, and for none that would miss it there.
    pub(super) fn is_harmless(&self, candidate: Candidate, slot: usize) -> bool {
        !self.refuses(candidate, slot) && self.serves(candidate) == self.quotas.before(slot)
    }

    /// Whether some quota had to be left aside, as caps refused all that would do.
    pub(super) fn fell_short(&self) -> bool {
        self.fell_short.get()
    }

    /// The quotas that a candidate counts for.
    pub(super) fn serves(&self, candidate: Candidate) -> u32 {
        self.quotas.served_by(self.rules, candidate)
    }

    /// Whether quotas must have this slot for others.
    pub(super) fn needs_others(&self, candidate: Candidate, slot: usize) -> bool {
        let urgent = self.quotas.urgent(slot, 0);
        urgent != 0 && self.serves(candidate) & urgent == 0
    }

    /// What is found for the quotas of which one must have this slot, and these quotas. Those for which nothing is found,
    /// as caps refuse all that would do, are left aside.
    pub(super) fn find_urgent<T>(&self, slot: usize, mut find: impl FnMut(u32) -> Option<T>) -> Option<(T, u32)> {
        let mut hopeless = 0;
        loop {
            let urgent = self.quotas.urgent(slot, hopeless);
            if urgent == 0 {
                return None;
            }
            if let Some(found) = find(urgent) {
                return Some((found, urgent));
            }
            hopeless |= urgent;
            self.fell_short.set(true);
        }
    }

    /// Whether a cap that holds at a slot holds no more at a later one.
    pub(super) fn is_freer(&self, slot: usize, later: usize) -> bool {
        self.rules.of_kind(RuleKind::Cap).iter().any(|(_, cap)| (slot + 1..=later).contains(&(cap.first as usize)))
    }

    /// The rule that is the first of these quotas.
    pub(super) fn rule(&self, quotas: u32) -> Option<u16> {
        self.quotas.rule(quotas)
    }

    /// Counts a candidate in its slot.
    pub(super) fn add(&mut self, candidate: Candidate, slot: usize) {
        self.tally.add(&Counted::all(self.rules, candidate), slot);
        self.quotas.add(self.serves(candidate), slot);
    }

    /// Counts a candidate in a slot that is not filled in order.
    pub(super) fn hold(&mut self, candidate: Candidate, slot: usize) {
        self.add(candidate, slot);
        self.quotas.hold(slot);
    }
}

/// Puts the candidates of all slots into the order that caps and quotas ask for: every slot takes the first of those
/// left, in their order, that no cap refuses there and that quotas can do with, or the first that no cap refuses, or
/// the first of all where caps refuse all. Those that are pinned stay and are counted before the others.
///
/// Returns the candidate of every slot, and the cap that kept it from standing further in front, or the quota that
/// brought it forward. O(slots · (slots moved + caps · values capped + quotas²)).
pub(super) fn arrange(
    rules: &ActiveRules,
    slots: &[usize],
    is_pinned: impl Fn(usize) -> bool,
    candidate: impl Fn(usize) -> Candidate,
) -> Vec<(usize, Option<u16>)> {
    let pinned = (0..).zip(slots).filter(|(_, index)| is_pinned(**index));
    let pinned: Vec<(usize, Candidate)> = pinned.map(|(slot, &index)| (slot, candidate(index))).gather();
    let is_free = |index: &usize| !is_pinned(*index);
    let free = |slot: usize| Some(slots[slot]).filter(is_free).map(&candidate);
    let mut bounds = Bounds::new(rules, slots.len(), &pinned, slots.len(), &free);
    // From there on nothing is bounded.
    let end = rules.bounding().iter().map(|(_, rule)| rule.first as usize).max().unwrap_or(0);
    let waiting = |index: usize| {
        let candidate = candidate(index);
        Waiting { index, candidate, counted: None, serves: bounds.serves(candidate), refused: None }
    };
    // The first one stands at the end, where taking it moves no other.
    let mut left: Vec<Waiting> = slots.iter().rev().copied().filter(is_free).map(waiting).gather();
    let place = |(slot, &index): (usize, &usize)| {
        if is_pinned(index) {
            return (index, None);
        }
        if slot >= end
            && let Some(waiting) = left.pop()
        {
            return (waiting.index, waiting.cap());
        }
        let first = left.iter_mut().rposition(|waiting| !waiting.is_refused(&bounds, slot));
        let urgent = bounds.find_urgent(slot, |urgent| {
            let serves = |waiting: &mut Waiting| waiting.serves & urgent != 0 && !waiting.is_refused(&bounds, slot);
            left.iter_mut().rposition(serves)
        });
        let chosen = urgent.map(|(chosen, _)| chosen).or(first).unwrap_or(left.len() - 1);
        let waiting = left.remove(chosen);
        let rule = waiting.cap();
        let Waiting { index, counted, serves, .. } = waiting;
        bounds.tally.add(counted.as_deref().unwrap_or_default(), slot);
        bounds.quotas.add(serves, slot);
        match urgent {
            Some((_, urgent)) if first != Some(chosen) => (index, bounds.rule(serves & urgent)),
            _ => (index, rule),
        }
    };
    slots.iter().enumerate().map(place).gather()
}

/// A candidate that has no slot yet.
struct Waiting {
    index: usize,
    candidate: Candidate,
    /// The caps that count it, once that is asked.
    counted: Option<Vec<Counted>>,
    /// The quotas that it counts for.
    serves: u32,
    /// The last cap that refused it a slot, and where that ends: counts only grow, so it refuses every slot before.
    refused: Option<(u16, usize)>,
}

impl Waiting {
    /// Whether a cap refuses it a slot.
    fn is_refused(&mut self, bounds: &Bounds, slot: usize) -> bool {
        let still = |refused: Option<(u16, usize)>| refused.is_some_and(|(_, end)| slot < end);
        if !still(self.refused) {
            let counted = self.counted.get_or_insert_with(|| Counted::all(bounds.rules, self.candidate));
            self.refused = bounds.tally.refuses(counted, slot).or(self.refused);
        }
        still(self.refused)
    }

    /// The cap that kept it from standing further in front.
    fn cap(&self) -> Option<u16> {
        self.refused.map(|(cap, _)| cap)
    }
}

/// A cap that counts some candidate.
struct Counted {
    /// Its number.
    cap: u16,
    /// What else it counts together with the candidate: all with the same value.
    key: i64,
    most: i32,
    first: u32,
}

impl Counted {
    /// Every cap that counts a candidate.
    fn all(rules: &ActiveRules, candidate: Candidate) -> Vec<Counted> {
        let counted = |&(cap, Rule { of, variable, number: most, first, .. }): &(u16, Rule)| {
            let key = if variable == NO_VARIABLE { 0 } else { rules.value(variable.into(), candidate) };
            (key != UNKNOWN && rules.holds(of, candidate)).then_some(Counted { cap, key, most, first })
        };
        rules.of_kind(RuleKind::Cap).iter().filter_map(counted).gather()
    }
}

/// How many the caps have counted so far.
#[derive(Default)]
struct Tally(Vec<(u16, i64, i32)>);

impl Tally {
    /// The cap that refuses a candidate a slot, if one does, and the slot where it ends.
    fn refuses(&self, counted: &[Counted], slot: usize) -> Option<(u16, usize)> {
        let is_full = |counted: &&Counted| {
            let is_same = |&&(cap, key, _): &&(u16, i64, i32)| (cap, key) == (counted.cap, counted.key);
            let count = || self.0.iter().find(is_same).map_or(0, |&(_, _, count)| count);
            slot < counted.first as usize && count() >= counted.most
        };
        counted.iter().find(is_full).map(|counted| (counted.cap, counted.first as usize))
    }

    /// Counts a candidate in its slot.
    fn add(&mut self, counted: &[Counted], slot: usize) {
        for counted in counted.iter().filter(|counted| slot < counted.first as usize) {
            match self.0.iter_mut().find(|(cap, key, _)| (*cap, *key) == (counted.cap, counted.key)) {
                Some((_, _, count)) => *count += 1,
                None => self.0.push((counted.cap, counted.key, 1)),
            }
        }
    }
}
