//! Which requests rules apply to, and which rules apply to the same.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::CompiledRule;
use super::finding::Severity;
use super::names::TOUCHED;
use super::{Comparison, Expression, Placement, Relation};
use crate::rank::{PLACEMENT, SEGMENT, SURFACE};
use crate::session::Segment;

/// More kinds of requests than these are not tried.
const MOST_TRIES: usize = 20_000;

/// Whether a rule may apply to some request: of one of the placements that are `open` to it, or of none.
pub(super) fn can_apply(rule: &CompiledRule, placements: &[Placement], open: impl Fn(usize) -> bool) -> bool {
    let is = |name: &str, words: Vec<String>| {
        Expression::Comparison(Comparison { name: name.to_owned(), relation: Relation::Is(words), at: 0 })
    };
    let of = |placement: &Placement| {
        let Placement { name, surface, .. } = placement;
        Expression::All(vec![is(PLACEMENT, vec![name.clone()]), is(SURFACE, vec![surface.clone()])])
    };
    let of_none = Expression::Not(Box::new(Expression::Any(
        placements.iter().map(|placement| is(PLACEMENT, vec![placement.name.clone()])).collect(),
    )));
    let of_open = (0..placements.len()).filter(|&at| open(at)).map(|at| of(&placements[at]));
    may_hold(&Expression::All(vec![condition(rule), Expression::Any([of_none].into_iter().chain(of_open).collect())]))
}

/// How sure it is that two rules apply at once: an error if the first one does whenever the second does, a warning if
/// they may, none if they never do.
pub(super) fn meet(first: &CompiledRule, second: &CompiledRule) -> Option<Severity> {
    let (first, second) = (condition(first), condition(second));
    if !may_hold(&Expression::All(vec![first.clone(), second.clone()])) {
        return None;
    }
    let is_sure = !may_hold(&Expression::All(vec![second, Expression::Not(Box::new(first))]));
    Some(if is_sure { Severity::Error } else { Severity::Warning })
}

/// All that a rule asks of a request: its surfaces and its `when`.
fn condition(rule: &CompiledRule) -> Expression {
    let surfaces = (!rule.surfaces.is_empty()).then(|| {
        let relation = Relation::Is(rule.surfaces.clone());
        Expression::Comparison(Comparison { name: SURFACE.to_owned(), relation, at: 0 })
    });
    Expression::All(surfaces.into_iter().chain(rule.when.clone()).collect())
}

/// Whether something fulfills a condition. Also if there are too many kinds of it to try.
pub(super) fn may_hold(when: &Expression) -> bool {
    let mut values: BTreeMap<String, BTreeSet<Given>> = BTreeMap::new();
    for asked in when.comparisons() {
        values.entry(subject(asked)).or_default().extend(Given::told_apart_by(&asked.relation));
    }
    for (name, known) in &mut values {
        match name.as_str() {
            SEGMENT => *known = Segment::ALL.map(|segment| Given::Word(segment.name().to_owned())).into(),
            SURFACE | PLACEMENT | TOUCHED => (),
            // A word of the context, which may be missing, or what an item has.
            _ => drop(known.insert(Given::Unknown)),
        }
    }
    let values: Vec<(String, Vec<Given>)> =
        values.into_iter().map(|(name, known)| (name, known.into_iter().collect())).collect();
    let n_tries = values.iter().try_fold(1usize, |product, (_, known)| product.checked_mul(known.len()));
    let Some(n_tries) = n_tries.filter(|&n_tries| n_tries <= MOST_TRIES) else { return true };
    let holds = |try_number: usize| {
        let mut rest = try_number;
        let mut given = BTreeMap::new();
        for (name, known) in &values {
            given.insert(name.as_str(), &known[rest % known.len()]);
            rest /= known.len();
        }
        evaluate(when, &|asked| given[subject(asked).as_str()].passes(&asked.relation))
    };
    (0..n_tries).any(holds)
}

/// Whether a condition holds, comparison by comparison.
fn evaluate(expression: &Expression, holds: &dyn Fn(&Comparison) -> bool) -> bool {
    match expression {
        Expression::All(parts) => parts.iter().all(|part| evaluate(part, holds)),
        Expression::Any(parts) => parts.iter().any(|part| evaluate(part, holds)),
        Expression::Not(inner) => !evaluate(inner, holds),
        Expression::Comparison(comparison) => holds(comparison),
    }
}

/// What a comparison asks about.
fn subject(asked: &Comparison) -> String {
    match &asked.relation {
        Relation::Holds(item, set) => format!("{item:?} in {set}"),
        relation if !is_of_value(relation) => format!("{} {relation:?}", asked.name),
        _ => asked.name.clone(),
    }
}

/// Whether a relation is decided by the value of what it asks about.
fn is_of_value(relation: &Relation) -> bool {
    relation.is_of_numbers() || matches!(relation, Relation::Is(_) | Relation::IsNot(_))
}

/// What may be given for a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Given {
    Word(String),
    /// Any word that no rule asks for.
    Other,
    Number(i32),
    /// What fulfills a relation of no value, such as that an item is in a set.
    Held,
    /// Nothing: no comparison holds.
    Unknown,
}

impl Given {
    /// One of each that a relation tells apart.
    fn told_apart_by(relation: &Relation) -> Vec<Given> {
        let words = |words: &[String]| words.iter().cloned().map(Given::Word).chain([Given::Other]).collect();
        // Nothing is counted below 0.
        let around = |numbers: &[i32]| {
            let around =
                numbers.iter().flat_map(|&number| [number.saturating_sub(1), number, number.saturating_add(1)]);
            around.map(|number| Given::Number(number.max(0))).collect()
        };
        match relation {
            Relation::Is(asked) => words(asked),
            Relation::IsNot(word) => words(std::slice::from_ref(word)),
            Relation::IsSet => around(&[0]),
            Relation::Within(low, high) | Relation::Outside(low, high) => around(&[*low, *high]),
            Relation::OneOf(numbers) => around(numbers),
            _ => vec![Given::Held],
        }
    }

    fn passes(&self, relation: &Relation) -> bool {
        match (self, relation) {
            (Given::Word(given), Relation::Is(words)) => words.contains(given),
            (Given::Word(given), Relation::IsNot(word)) => given != word,
            (Given::Other, Relation::IsNot(_)) => true,
            (Given::Number(given), Relation::Within(low, high)) => (low..=high).contains(&given),
            (Given::Number(given), Relation::Outside(low, high)) => !(low..=high).contains(&given),
            (Given::Number(given), Relation::OneOf(numbers)) => numbers.contains(given),
            (Given::Number(given), Relation::IsSet) => *given != 0,
            (Given::Held, relation) => !is_of_value(relation),
            _ => false,
        }
    }
}
