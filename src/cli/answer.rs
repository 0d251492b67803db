use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use serde::Serialize;

use super::output;
use crate::model::Model;
use crate::rank::{Outcome, Parts, Path, Reason};

/// What `recommend` and `rerank` answer.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    items: Vec<ItemAnswer>,
}

/// An item in its place.
#[derive(Debug, Default, Serialize)]
pub(super) struct ItemAnswer {
    pub(super) item_id: String,
    /// Its incoming index, in a rerank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<usize>,
    /// What it was found by, in a recommendation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) basis: Option<&'static str>,
    /// Number of the rule that had a say in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<u16>,
    /// Slots after each stage, in an explained rerank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<Path>,
    /// Whether its slot is for something different.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) discovered: bool,
    /// Whether that was a filter.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) barred: bool,
    pub(super) score: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parts: Option<Parts>,
    /// What each feature adds to a learned ranker's score, those that add nothing left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contributions: Option<BTreeMap<&'static str, i32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<ReasonAnswer>,
}

/// Why an item stands where it stands.
#[derive(Debug, Serialize)]
pub(super) struct ReasonAnswer {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'static str>,
}

impl Answer {
    pub(super) fn new(outcome: Outcome, items: impl Iterator<Item = ItemAnswer>) -> Answer {
        let reason = outcome.unchanged().map(|reason| reason.name());
        Answer { outcome: outcome.name(), reason, items: items.collect() }
    }

    /// Writes it to standard output: as JSON, or one item a line for people.
    pub(super) fn show(&self, json: bool) -> Result<()> {
        if json {
            return output::print_json(self);
        }
        output::tell(match self.reason {
            Some(reason) => format!("{} ({reason})", self.outcome),
            None => self.outcome.to_owned(),
        });
        self.items.iter().zip(1..).try_for_each(|(item, rank)| output::print(format!("{rank:>3}  {item}")))
    }
}

impl fmt::Display for ItemAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.item_id)?;
        if let Some(from) = self.from {
            write!(f, " (was {})", from + 1)?;
        }
        if let Some(basis) = self.basis {
            write!(f, "  by {basis}")?;
        }
        match self.rule {
            Some(rule) if self.barred => write!(f, "  barred by rule {rule}")?,
            Some(rule) => write!(f, "  by rule {rule}")?,
            None => (),
        }
        write!(f, "  {}", self.score)?;
        for (place, (name, value)) in
            self.parts.iter().flat_map(|parts| Parts::NAMES.iter().zip(parts.values())).enumerate()
        {
            write!(f, " {} {name} {value}", if place == 0 { '=' } else { '+' })?;
        }
        for (feature, contribution) in self.contributions.iter().flatten() {
            write!(f, "  {feature} {contribution:+}")?;
        }
        match &self.reason {
            Some(ReasonAnswer { code, item_id: Some(item_id), event_type: Some(event_type) }) => {
                write!(f, "  {code} ({event_type} of {item_id})")
            }
            Some(ReasonAnswer { code, .. }) => write!(f, "  {code}"),
            None => Ok(()),
        }
    }
}

impl ReasonAnswer {
    pub(super) fn new(model: &Model, reason: Reason) -> ReasonAnswer {
        ReasonAnswer {
            code: reason.code.name(),
            item_id: reason.event.map(|(row, _)| model.ids().id(row)),
            event_type: reason.event.map(|(_, kind)| kind.name()),
        }
    }
}
