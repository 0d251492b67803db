//! What the names in conditions stand for.

use std::collections::BTreeMap;

use super::expression::{ITEM_SETS, KEYWORDS};
use super::{Comparison, Expression, ExpressionError, Relation, RuleFile, RulesError};
use crate::format::attributes::{FLAG_ADULT, FLAG_SENSITIVE, FLAGS, MAX_NAME_LEN};
use crate::format::rules::{RuleKind, VariableKind};
use crate::rank::{PLACEMENT, SEGMENT, SURFACE};

/// How many of the session's events are with an item.
pub(super) const TOUCHED: &str = "touched";
/// The item's own id.
pub(super) const ITEM: &str = "item";
/// What conditions may ask of every request.
const OF_REQUEST: [(&str, VariableKind); 4] = [
    (SURFACE, VariableKind::Context),
    (PLACEMENT, VariableKind::Context),
    (SEGMENT, VariableKind::Context),
    (TOUCHED, VariableKind::Touched),
];

/// What the names in conditions stand for.
pub(super) struct Names<'a>(BTreeMap<&'a str, VariableKind>);

impl<'a> Names<'a> {
    pub(super) fn new(file: &'a RuleFile) -> Result<Names<'a>, RulesError> {
        // `touched` is a number on the left, and a set on the right.
        let mut names = BTreeMap::from(ITEM_SETS);
        names.extend(OF_REQUEST);
        names.insert(ITEM, VariableKind::Item);
        let declared = file.overlays.iter().map(|name| (name, "overlays", VariableKind::Attribute));
        let declared = declared.chain(file.context.iter().map(|name| (name, "context", VariableKind::Context)));
        for (name, field, kind) in declared {
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && name.len() <= MAX_NAME_LEN;
            let is_taken = KEYWORDS.contains(&name.as_str()) || flag(name).is_some();
            if !is_name || is_taken || names.insert(name, kind).is_some() {
                let problem = format!(
                    "{name:?} is taken, or no name: 1 to {MAX_NAME_LEN} letters, digits and underscores, no digit first"
                );
                return Err(RulesError::value("the file", field, problem));
            }
        }
        Ok(Names(names))
    }

    /// Reads a condition of a rule and checks its names.
    pub(super) fn read(
        &self,
        rule: &str,
        field: &'static str,
        text: Option<&str>,
    ) -> Result<Option<Expression>, RulesError> {
        let Some(text) = text else { return Ok(None) };
        let checked = Expression::parse(text).and_then(|expression| {
            let problem = expression.comparisons().into_iter().find_map(|comparison| {
                let problem = self.problem(comparison, field == "when")?;
                Some(ExpressionError { text: text.to_owned(), at: comparison.at, problem })
            });
            problem.map_or(Ok(Some(expression)), Err)
        });
        checked.map_err(|error| RulesError::Expression { rule: rule.to_owned(), field, error })
    }

    fn kind(&self, name: &str) -> VariableKind {
        self.0.get(name).copied().unwrap_or(VariableKind::Attribute)
    }

    /// Where the value of a name comes from, and under which name.
    pub(super) fn resolve<'n>(&self, name: &'n str) -> (VariableKind, &'n str) {
        match self.kind(name) {
            VariableKind::Attribute if flag(name).is_some() => (VariableKind::Attribute, FLAGS),
            kind @ (VariableKind::Attribute | VariableKind::Context) => (kind, name),
            kind => (kind, ""),
        }
    }

    /// Whether it is a number that comes with the request for every candidate.
    fn is_overlay(&self, name: &str) -> bool {
        self.0.get(name) == Some(&VariableKind::Attribute)
    }

    /// What is wrong with counting by this in a rule of this kind.
    pub(super) fn per_problem(&self, per: &str, kind: RuleKind) -> Option<String> {
        if flag(per).is_some() {
            return Some(format!("{per:?} is there or not, and no number; write it as `where`"));
        }
        let (of, name) = self.resolve(per);
        // An item itself is no number that could be added.
        let is_counted = of == VariableKind::Attribute || of == VariableKind::Item && kind == RuleKind::Cap;
        (!is_counted || name.len() > MAX_NAME_LEN)
            .then(|| format!("{per:?} is no column and no overlay of at most {MAX_NAME_LEN} letters"))
    }

    /// What is wrong with asking this.
    fn problem(&self, comparison: &Comparison, is_when: bool) -> Option<String> {
        let Comparison { name, relation, .. } = comparison;
        if let Relation::Holds(..) = relation {
            return None;
        }
        let kind = self.kind(name);
        let of_words = matches!(relation, Relation::Is(_) | Relation::IsNot(_));
        let given = match relation {
            Relation::IsGiven(given) | Relation::IsNotGiven(given) | Relation::UnderGiven(given) => Some(given),
            _ => None,
        };
        if let Some(given) = given.filter(|given| self.0.get(given.as_str()) != Some(&VariableKind::Context)) {
            return Some(format!(
                "{given} is no word of the request; put words in quotes, or declare it under `context`"
            ));
        }
        let of_items = given.is_some() || matches!(relation, Relation::Among(_));
        match kind {
            _ if name.len() > MAX_NAME_LEN => Some(format!("{name} is longer than {MAX_NAME_LEN} letters")),
            _ if kind.is_set() => Some(format!(
                "{name} is a set of items; ask `item in {name}`, `category in {name}` or `'an id' in {name}`"
            )),
            VariableKind::Context if !of_words => Some(format!("{name} is a word; compare it with == or in")),
            VariableKind::Item if !of_words && (!of_items || matches!(relation, Relation::UnderGiven(_))) => {
                Some(format!("{name} is an id; compare it with == or in"))
            }
            VariableKind::Touched if !relation.is_of_numbers() => {
                Some(format!("{name} is a number; compare it with a number"))
            }
            VariableKind::Attribute | VariableKind::Item if is_when => {
                let of_request = |kind: &VariableKind| matches!(kind, VariableKind::Context | VariableKind::Touched);
                let known = self.0.iter().filter(|(_, kind)| of_request(kind));
                let known: Vec<&str> = known.map(|(name, _)| *name).collect();
                Some(format!(
                    "{name} is not known of a request; there are: {}. Declare more under `context`",
                    known.join(", ")
                ))
            }
            _ if flag(name).is_some() && *relation != Relation::IsSet => {
                Some(format!("{name} is there or not; write it alone, or behind `not`"))
            }
            _ if self.is_overlay(name) && !relation.is_of_numbers() => Some(format!(
                "{name} is an overlay, a number that only candidates have; compare it with a number, or ask a column"
            )),
            _ => None,
        }
    }
}

/// Whether conditions may ask it of every request: no word of a context has this name.
pub fn is_of_request(name: &str) -> bool {
    OF_REQUEST.iter().any(|(known, _)| *known == name)
}

/// The bit of a flag's name.
pub(super) fn flag(name: &str) -> Option<u32> {
    match name {
        "adult" => Some(FLAG_ADULT),
        "sensitive" => Some(FLAG_SENSITIVE),
        _ => None,
    }
}
