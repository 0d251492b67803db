//! Quotas that cannot be met.

use std::collections::BTreeMap;

use super::check::{Severity, meet};
use super::compile::{Compiled, CompiledRule, flag};
use crate::format::attributes::FLAGS;
use crate::format::rules::RuleKind;
use crate::model::Model;

/// Every quota that asks for more than there is or than other rules leave, with how bad that is and why. `rows` are the
/// items of each rule, where the columns alone decide its condition.
pub(super) fn contradictions<'a>(
    compiled: &'a Compiled,
    model: &Model,
    rows: &[Option<Vec<bool>>],
) -> Vec<(&'a CompiledRule, Severity, String)> {
    let of_kind = |kind: RuleKind| compiled.rules.iter().zip(rows).filter(move |(rule, _)| rule.rule.kind == kind);
    let mut found = Vec::new();
    for (number, (quota, items)) in of_kind(RuleKind::Quota).enumerate() {
        let (least, first) = (quota.rule.number as usize, quota.rule.first as usize);
        let Some(items) = items else { continue };
        let n_items = items.iter().filter(|&&is_item| is_item).count();
        if (1..least).contains(&n_items) {
            let message = format!("it asks for {least} items, and the model has {n_items} for which it holds");
            found.push((quota, Severity::Warning, message));
        }
        for (cap, counted) in of_kind(RuleKind::Cap) {
            let (Some(counted), Some(severity)) = (counted, meet(cap, quota)) else { continue };
            let allowed = allowed_by(cap, counted, items, model, first);
            if allowed.is_some_and(|allowed| allowed < least.min(n_items)) {
                let message = format!(
                    "it asks for {least} items, and {} allows {} of them. Ask for less, or allow more",
                    cap.label,
                    allowed.unwrap_or(0)
                );
                found.push((quota, severity, message));
            }
        }
        // Others that must be met by then, no item of which serves two of them.
        let mut group = vec![(quota, items)];
        let mut severity = Severity::Error;
        for (other, (rule, others)) in of_kind(RuleKind::Quota).enumerate() {
            let Some(others) = others else { continue };
            let is_disjoint = |rows: &[bool]| !rows.iter().zip(others).any(|(&one, &two)| one && two);
            let is_before = (rule.rule.first, other) < (quota.rule.first, number);
            let met = meet(rule, quota).filter(|_| is_before && group.iter().all(|(_, rows)| is_disjoint(rows)));
            if let Some(met) = met {
                severity = severity.max(met);
                group.push((rule, others));
            }
        }
        let asked: usize = group.iter().map(|(rule, _)| rule.rule.number as usize).sum();
        if group.len() > 1 && asked > first && least <= first {
            let others: Vec<&str> = group[1..].iter().map(|(rule, _)| rule.label.as_str()).collect();
            let message = format!("together with {} it asks for {asked} of {first} places", others.join(", "));
            found.push((quota, severity, message));
        }
    }
    found
}

/// How many of the items a cap allows among the first ones; none if its groups are not known.
fn allowed_by(cap: &CompiledRule, counted: &[bool], items: &[bool], model: &Model, first: usize) -> Option<usize> {
    let column = match &cap.per {
        None => None,
        Some(per) => {
            Some(model.attributes()?.column(if flag(per).is_some() { FLAGS } else { per }).filter(|_| per != "item")?)
        }
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
