//! Quotas that cannot be met.

use std::collections::BTreeMap;

use super::compile::{Compiled, CompiledRule};
use super::finding::Severity;
use super::names::ITEM;
use super::requests::meet;
use crate::format::rules::RuleKind;
use crate::model::Model;

/// A rule with the items that it may show.
type Claim<'a> = (&'a CompiledRule, &'a [bool]);

/// Every quota that asks for more than there is or than other rules leave, with how bad that is and why. `shown` are the
/// items that each rule may show, where the columns alone decide its condition.
pub(super) fn contradictions<'a>(
    compiled: &'a Compiled,
    model: &Model,
    shown: &'a [Option<Vec<bool>>],
) -> Vec<(&'a CompiledRule, Severity, String)> {
    let claims = || compiled.rules.iter().zip(shown).filter_map(|(rule, items)| Some((rule, items.as_deref()?)));
    let of_kind = |kind: RuleKind| claims().filter(move |(rule, _)| rule.rule.kind == kind);
    let mut found = Vec::new();
    // By their deadlines.
    let mut quotas: Vec<Claim> = of_kind(RuleKind::Quota).collect();
    quotas.sort_by_key(|(quota, _)| quota.rule.first);
    for (at, &(quota, items)) in quotas.iter().enumerate() {
        let (least, first, n_items) = (quota.rule.number as usize, quota.rule.first as usize, count(items));
        if (1..least).contains(&n_items) {
            let message =
                format!("it asks for {least} items, and the model has {n_items} for which it holds and no filter bars");
            found.push((quota, Severity::Warning, message));
        }
        for (cap, counted) in of_kind(RuleKind::Cap) {
            let allowed = allowed_by(cap, counted, items, model, first);
            if let Some(allowed) = allowed.filter(|&allowed| allowed < least.min(n_items))
                && let Some(severity) = meet(cap, quota)
            {
                let message = format!(
                    "it asks for {least} items, and {} allows {allowed} of them. Ask for less, or allow more",
                    cap.label
                );
                found.push((quota, severity, message));
            }
        }
        if least > first {
            continue;
        }
        let holds = |(rule, items): &Claim| (rule.rule.number as usize) < first && items.contains(&true);
        let holders = || of_kind(RuleKind::Pin).chain(of_kind(RuleKind::Reserve)).filter(holds);
        // First those that are sure to apply along with it, then all that may.
        found.extend([Severity::Error, Severity::Warning].into_iter().find_map(|severity| {
            let meets = |(rule, _): &Claim| meet(rule, quota).is_some_and(|met| met <= severity);
            let others = quotas[..at].iter().copied().filter(meets);
            Some((quota, severity, crowd((quota, items), others, holders().filter(meets))?))
        }));
    }
    found
}

/// Why a quota finds too few places, next to other quotas that are due by then and to rules that hold ranks; none if it
/// finds enough.
fn crowd<'a>(
    quota: Claim<'a>,
    others: impl Iterator<Item = Claim<'a>>,
    holders: impl Iterator<Item = Claim<'a>>,
) -> Option<String> {
    let all_meet = |rule: &CompiledRule, group: &[Claim]| group.iter().all(|(one, _)| meet(rule, one).is_some());
    // No item serves two of them.
    let mut asking = vec![quota];
    for (rule, items) in others {
        if asking.iter().all(|(_, known)| !overlap(items, known)) && all_meet(rule, &asking) {
            asking.push((rule, items));
        }
    }
    // One at each rank.
    let mut holding: Vec<Claim> = Vec::new();
    for (rule, items) in holders {
        let is_free = holding.iter().all(|(holder, _)| holder.rule.number != rule.rule.number);
        if is_free && all_meet(rule, &asking) && all_meet(rule, &holding) {
            holding.push((rule, items));
        }
    }
    // What serves one of the quotas takes no place from them.
    holding.retain(|(holder, items)| {
        let serves = |(rule, known): &Claim| (holder.rule.number as u32) < rule.rule.first && overlap(items, known);
        !asking.iter().any(serves)
    });
    let asked: usize = asking.iter().map(|(rule, items)| count(items).min(rule.rule.number as usize)).sum();
    let places = quota.0.rule.first as usize - holding.len();
    if asked <= places {
        return None;
    }
    let labels = |claims: &[Claim]| claims.iter().map(|(rule, _)| &rule.label[..]).collect::<Vec<_>>().join(", ");
    let together = if asking.len() > 1 { format!("together with {} ", labels(&asking[1..])) } else { String::new() };
    let left = if holding.is_empty() { String::new() } else { format!(" left by {}", labels(&holding)) };
    Some(format!("{together}it asks for {asked} of {places} places{left}. Ask for less, or among more"))
}

/// Whether some item is in both.
pub(super) fn overlap(first: &[bool], second: &[bool]) -> bool {
    first.iter().zip(second).any(|(&first, &second)| first && second)
}

fn count(items: &[bool]) -> usize {
    items.iter().filter(|&&is_item| is_item).count()
}

/// How many of the items a cap allows among the first ones; none if its groups are not known.
pub(super) fn allowed_by(
    cap: &CompiledRule,
    counted: &[bool],
    items: &[bool],
    model: &Model,
    first: usize,
) -> Option<usize> {
    let column = match &cap.per {
        None => None,
        Some(per) => Some(model.column(per).filter(|_| per != ITEM)?),
    };
    let mut groups: BTreeMap<u32, usize> = BTreeMap::new();
    let mut free = first.saturating_sub(cap.rule.first as usize);
    for row in (0..items.len()).filter(|&row| items[row]) {
        let value = column.map(|column| column.value(row as u32));
        // Items without a value are not counted; to be sure, neither are those whose value is 0.
        if counted[row] && value != Some(0) {
            *groups.entry(value.unwrap_or(0)).or_default() += 1;
        } else {
            free += 1;
        }
    }
    Some(free + groups.values().map(|&count| count.min(cap.rule.number as usize)).sum::<usize>())
}
