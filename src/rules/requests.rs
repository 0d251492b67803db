//! Which requests rules apply to, and which rules apply to the same.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::CompiledRule;
use super::finding::Severity;
use super::names::TOUCHED;
use super::{Comparison, Expression, Relation};
use crate::rank::{PLACEMENT, SEGMENT, SURFACE};

/// The words that `segment` can be.
const SEGMENTS: [&str; 5] = ["new", "browsing", "buyer", "regular", "lapsed"];
/// More kinds of requests than these are not tried.
const MOST_TRIES: usize = 20_000;

/// Whether a rule may apply to some request.
pub(super) fn can_apply(rule: &CompiledRule) -> bool {
    may_hold(&condition(rule))
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

/// Whether some request fulfills a condition. Also if there are too many kinds of requests to try.
fn may_hold(when: &Expression) -> bool {
    let mut values: BTreeMap<String, BTreeSet<Given>> = BTreeMap::new();
    for asked in when.comparisons() {
        values.entry(subject(asked)).or_default().extend(Given::told_apart_by(&asked.relation));
    }
    for (name, known) in &mut values {
        match name.as_str() {
            SEGMENT => *known = SEGMENTS.map(|word| Given::Word(word.to_owned())).into(),
            SURFACE | PLACEMENT | TOUCHED => (),
            // A word of the context, which may be missing, or an item and a set.
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

/// What a comparison of `when` asks about.
fn subject(asked: &Comparison) -> String {
    match &asked.relation {
        Relation::Holds(item, set) => format!("{item:?} in {set}"),
        _ => asked.name.clone(),
    }
}

/// What a request may give for a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Given {
    Word(String),
    /// Any word that no rule asks for.
    Other,
    Number(i32),
    /// The item is in the set.
    Held,
    /// Nothing, or the item is not in the set: no comparison holds.
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
            Relation::Holds(..) => vec![Given::Held],
            // Nothing that `when` can ask.
            Relation::Under(_)
            | Relation::Among(_)
            | Relation::IsGiven(_)
            | Relation::IsNotGiven(_)
            | Relation::UnderGiven(_) => Vec::new(),
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
            (Given::Held, Relation::Holds(..)) => true,
            _ => false,
        }
    }
}
