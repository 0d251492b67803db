//! Conditions as walks over tests.

use super::names::{Names, flag};
use super::{Comparison, Expression, ItemSet, Relation, RulesError};
use crate::format::attributes::{CATEGORY, STEP};
use crate::format::ids;
use crate::format::rules::{MAX_TESTS, NO, NO_VARIABLE, Operator, Test, Variable, VariableKind, YES};
use crate::rank::SURFACE;

/// Tests in the making, from behind: what a test goes on to is there before it. Until [`Program::turn`] they go by the order
/// in which they were added.
pub(super) struct Program<'a> {
    names: Names<'a>,
    /// Hashes of all words of all conditions, ascending.
    pub(super) words: Vec<u64>,
    pub(super) tests: Vec<Test>,
    variables: Vec<Subject>,
}

/// What a test asks about.
#[derive(PartialEq)]
struct Subject {
    kind: VariableKind,
    name: String,
    days: u16,
}

impl<'a> Program<'a> {
    pub(super) fn new(names: Names<'a>, words: Vec<u64>) -> Program<'a> {
        Program { names, words, tests: Vec::new(), variables: Vec::new() }
    }

    /// What the tests ask about, by number.
    pub(super) fn variables(&self) -> Vec<Variable<'_>> {
        self.variables.iter().map(|Subject { kind, name, days }| Variable { kind: *kind, name, days: *days }).collect()
    }

    /// Puts the tests into the order of the section, and says so to all walks that begin with one.
    ///
    /// # Errors
    ///
    /// [`RulesError::Size`] if there are more tests, or more of what they ask about, than have numbers.
    pub(super) fn turn<'b>(&mut self, begins: impl Iterator<Item = &'b mut u16>) -> Result<(), RulesError> {
        let n_tests = self.tests.len();
        if n_tests >= usize::from(NO) || self.variables.len() >= usize::from(NO_VARIABLE) {
            return Err(RulesError::Size);
        }
        let turned = |place: u16| if place < NO { n_tests as u16 - 1 - place } else { place };
        self.tests.reverse();
        for test in &mut self.tests {
            (test.yes, test.no) = (turned(test.yes), turned(test.no));
        }
        begins.for_each(|begin| *begin = turned(*begin));
        Ok(())
    }

    /// Adds a condition, which holds where there is none, and returns where it begins.
    pub(super) fn begin(&mut self, expression: &Option<Expression>) -> u16 {
        expression.as_ref().map_or(YES, |expression| self.add(expression, YES, NO))
    }

    /// Adds a condition that goes on to `yes` or `no`, and returns where it begins.
    pub(super) fn add(&mut self, expression: &Expression, yes: u16, no: u16) -> u16 {
        match expression {
            Expression::All(parts) => parts.iter().rev().fold(yes, |next, part| self.add(part, next, no)),
            Expression::Any(parts) => parts.iter().rev().fold(no, |next, part| self.add(part, yes, next)),
            Expression::Not(inner) => self.add(inner, no, yes),
            Expression::Comparison(comparison) => self.compare(comparison, yes, no),
        }
    }

    fn compare(&mut self, comparison: &Comparison, yes: u16, no: u16) -> u16 {
        let variable = match &comparison.relation {
            Relation::Holds(_, set) => self.variable_of(*set),
            _ => self.variable_named(&comparison.name),
        };
        let numbers: Vec<i32> = named_words(comparison).map(|word| self.word(&word)).collect();
        let (operator, low, high) = match &comparison.relation {
            Relation::IsSet => match flag(&comparison.name) {
                Some(bit) => (Operator::HasBit, bit as i32, 0),
                None => (Operator::Outside, 0, 0),
            },
            Relation::Within(low, high) => (Operator::Within, *low, *high),
            Relation::Outside(low, high) => (Operator::Outside, *low, *high),
            Relation::IsNot(_) => (Operator::IsOther, numbers[0], 0),
            Relation::Under(_) => (Operator::Under, numbers[0], 0),
            Relation::Holds(..) => (Operator::Holds, numbers[0], 0),
            Relation::Among(set) => (Operator::Among, self.variable_of(*set).into(), 0),
            Relation::IsGiven(given) => (Operator::IsGiven, self.variable_named(given).into(), 0),
            Relation::IsNotGiven(given) => (Operator::IsNotGiven, self.variable_named(given).into(), 0),
            Relation::UnderGiven(given) => (Operator::UnderGiven, self.variable_named(given).into(), 0),
            Relation::Is(_) => return self.any_of(variable, &numbers, yes, no),
            Relation::OneOf(numbers) => {
                let within = |no, &number: &i32| {
                    self.test(Test { operator: Operator::Within, variable, yes, no, low: number, high: number })
                };
                return numbers.iter().rev().fold(no, within);
            }
        };
        self.test(Test { operator, variable, yes, no, low, high })
    }

    /// Goes on to a condition on these surfaces alone.
    pub(super) fn on_surfaces(&mut self, surfaces: &[String], then: u16) -> u16 {
        if surfaces.is_empty() {
            return then;
        }
        let variable = self.variable_named(SURFACE);
        let words: Vec<i32> = surfaces.iter().map(|surface| self.word(surface)).collect();
        self.any_of(variable, &words, then, NO)
    }

    /// Adds a test for each of these words.
    fn any_of(&mut self, variable: u8, words: &[i32], yes: u16, no: u16) -> u16 {
        let is = |no, &low: &i32| self.test(Test { operator: Operator::Is, variable, yes, no, low, high: 0 });
        words.iter().rev().fold(no, is)
    }

    /// Adds a test, unless there is the same one already. With more than fit nothing is looked for any more.
    fn test(&mut self, test: Test) -> u16 {
        if self.tests.len() > MAX_TESTS {
            return NO;
        }
        number_of(test, &mut self.tests) as u16
    }

    fn word(&self, word: &str) -> i32 {
        self.words.binary_search(&ids::hash(word)).expect("all words were collected before") as i32
    }

    /// The number of what a name stands for.
    pub(super) fn variable_named(&mut self, name: &str) -> u8 {
        let (kind, name) = self.names.resolve(name);
        self.variable(Subject { kind, name: name.to_owned(), days: 0 })
    }

    fn variable_of(&mut self, set: ItemSet) -> u8 {
        self.variable(Subject { kind: set.kind, name: String::new(), days: set.days })
    }

    fn variable(&mut self, subject: Subject) -> u8 {
        number_of(subject, &mut self.variables).min(NO_VARIABLE.into()) as u8
    }
}

/// The place of a thing in a list, to whose end it goes if it is not there. Too many are refused in the end.
fn number_of<T: PartialEq>(thing: T, known: &mut Vec<T>) -> usize {
    let place = known.iter().position(|one| *one == thing).unwrap_or(known.len());
    if place == known.len() {
        known.push(thing);
    }
    place
}

/// The words of a comparison, as the model writes them: paths joined by ` > `.
pub(super) fn named_words(comparison: &Comparison) -> impl Iterator<Item = String> + '_ {
    let is_path = matches!(comparison.relation, Relation::Under(_)) || comparison.name == CATEGORY;
    let words = match &comparison.relation {
        Relation::Is(words) => words.as_slice(),
        Relation::IsNot(word) | Relation::Under(word) | Relation::Holds(word, _) => std::slice::from_ref(word),
        _ => &[],
    };
    words.iter().map(move |word| if is_path { path(word) } else { word.clone() })
}

/// A path with ` > ` between its steps. A slash ends a step unless there is a `>`, so that steps may hold slashes: with a
/// `>` behind it, even one that is alone.
fn path(text: &str) -> String {
    let separator = if text.contains('>') { '>' } else { '/' };
    text.split(separator).map(str::trim).filter(|step| !step.is_empty()).collect::<Vec<_>>().join(STEP)
}
