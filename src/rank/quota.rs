//! How many candidates of some kind stand in the first slots at least.

use alloc::vec::Vec;

use super::rules::{ActiveRules, Candidate};
use crate::format::rules::{Rule, RuleKind};
use crate::lists::Gather;

/// What quotas still ask for while slots are filled in order, the earliest deadline first. Quotas are named by bits.
pub(super) struct Quotas {
    quotas: Vec<Quota>,
    /// Slots that are not filled in order.
    held: Vec<usize>,
}

struct Quota {
    /// The rule's number.
    number: u16,
    /// Beginning of the condition on candidates.
    of: u16,
    /// The first slot that is too late.
    deadline: usize,
    /// How many candidates are still to come.
    need: usize,
}

impl Quotas {
    /// The quotas of so many slots. `held` are the candidates that have their slots already, `free` names those of
    /// the others that may be shown: no quota asks for more than there are. O(quotas · candidates).
    pub(super) fn new(
        rules: &ActiveRules,
        n_slots: usize,
        held: &[(usize, Candidate)],
        n_free: usize,
        free: &dyn Fn(usize) -> Option<Candidate>,
    ) -> Quotas {
        let quota = |&(number, rule): &(u16, Rule)| {
            let deadline = (rule.first as usize).min(n_slots);
            let fits = |candidate: &Candidate| rules.holds(rule.of, *candidate);
            let met = held.iter().filter(|(slot, candidate)| *slot < deadline && fits(candidate)).count();
            let missing = (rule.number as usize).saturating_sub(met);
            let need = (0..n_free).filter_map(free).filter(fits).take(missing).count();
            Quota { number, of: rule.of, deadline, need }
        };
        let quotas = rules.of_kind(RuleKind::Quota).iter().map(quota).gather();
        Quotas { quotas, held: held.iter().map(|&(slot, _)| slot).gather() }
    }

    /// The quotas that a slot is early enough for.
    pub(super) fn before(&self, slot: usize) -> u32 {
        self.bits(|quota| slot < quota.deadline)
    }

    /// The quotas that a candidate counts for.
    pub(super) fn served_by(&self, rules: &ActiveRules, candidate: Candidate) -> u32 {
        self.bits(|quota| rules.holds(quota.of, candidate))
    }

    /// The quotas of which one must have this slot if all are to be met; 0 if any candidate may have it. Where they ask
    /// for more than there are slots, those with the earlier deadlines go first. Quotas that are `hopeless` here are left
    /// aside.
    pub(super) fn urgent(&self, slot: usize, hopeless: u32) -> u32 {
        let asking = |deadline: usize| {
            let asks = |quota: &Quota| quota.need > 0 && (slot + 1..=deadline).contains(&quota.deadline);
            self.bits(asks) & !hopeless
        };
        let is_urgent = |&deadline: &usize| {
            let asking = asking(deadline);
            let needs = self.quotas.iter().enumerate().filter(|(at, _)| asking & 1 << at != 0);
            let needed: usize = needs.map(|(_, quota)| quota.need).sum();
            let held = self.held.iter().filter(|&held| (slot..deadline).contains(held)).count();
            needed > 0 && slot + needed + held >= deadline
        };
        let deadline = self.quotas.iter().map(|quota| quota.deadline).filter(is_urgent).min();
        deadline.map_or(0, asking)
    }

    /// Counts a candidate in its slot.
    pub(super) fn add(&mut self, served: u32, slot: usize) {
        for (at, quota) in self.quotas.iter_mut().enumerate() {
            if served & 1 << at != 0 && slot < quota.deadline {
                quota.need = quota.need.saturating_sub(1);
            }
        }
    }

    /// Notes a slot that is not filled in order.
    pub(super) fn hold(&mut self, slot: usize) {
        self.held.push(slot);
    }

    /// The rule that is the first of these quotas.
    pub(super) fn rule(&self, quotas: u32) -> Option<u16> {
        self.quotas.get(quotas.trailing_zeros() as usize).map(|quota| quota.number)
    }

    fn bits(&self, is_one: impl Fn(&Quota) -> bool) -> u32 {
        // Bits end where quotas do: MAX_QUOTAS is the width of the number.
        (0u32..).zip(&self.quotas).filter(|(_, quota)| is_one(quota)).fold(0, |bits, (at, _)| bits | 1 << at)
    }
}
