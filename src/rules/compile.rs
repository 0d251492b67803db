//! From conditions to walks over tests.

use std::collections::{BTreeMap, BTreeSet};

use super::source::RuleFile;
use super::{Comparison, Expression, ExpressionError, Relation, RulesError};
use crate::format::attributes::{CATEGORY, FLAG_ADULT, FLAG_SENSITIVE, FLAGS, MAX_NAME_LEN};
use crate::format::container::{self, SectionKind};
use crate::format::ids;
use crate::format::rules::{
    self, BOOST_MAX, MAX_SLOTS, NO, NO_VARIABLE, Operator, Rule, RuleKind, Test, VariableKind, YES,
};
use crate::rank::SURFACE;

/// How many of the session's events are with an item.
const TOUCHED: &str = "touched";
/// The item's own id.
const ITEM: &str = "item";
/// Thousandths of a logit that the whole of [`BOOST_MAX`] is.
const BOOST_MAX_THOUSANDTHS: i32 = 4000;

/// Rules in the order of their numbers, ready to be written.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Bytes of the section.
    pub section: Vec<u8>,
    /// The rules by number.
    pub rules: Vec<CompiledRule>,
}

/// What a rule of the section was.
#[derive(Debug, Clone)]
pub struct CompiledRule {
    /// Its kind and name, for people.
    pub label: String,
    /// As it stands in the section.
    pub rule: Rule,
    /// The condition on the item.
    pub of: Option<Expression>,
    /// Whether the item must fulfill the condition for the rule to do nothing.
    pub is_negated: bool,
    /// The condition on the request, without the surfaces.
    pub when: Option<Expression>,
    /// The surfaces that it is for; empty: all.
    pub surfaces: Vec<String>,
}

impl Compiled {
    /// The bytes of a file that holds the rules alone: what a `store.rules` is.
    pub fn to_file(&self) -> Vec<u8> {
        container::write(&[(SectionKind::Rules, self.section.clone())])
    }
}

/// Compiles all rules of a file.
///
/// # Errors
///
/// [`RulesError::Expression`], [`RulesError::Value`], [`RulesError::Size`].
pub fn compile(file: &RuleFile) -> Result<Compiled, RulesError> {
    let sources = sources(file)?;
    let names = Names::new(file)?;
    let mut seen = BTreeSet::new();
    for source in &sources {
        if source.name.trim().is_empty() || !seen.insert(source.name) {
            return Err(source.value("name", format!("{:?} is empty or taken; give each rule its own", source.name)));
        }
    }
    let mut words = BTreeSet::new();
    let mut rules = Vec::new();
    for source in &sources {
        let of = source.read(&names, source.of_field, source.of)?;
        let when = source.read(&names, "when", source.when)?;
        for expression in of.iter().chain(&when) {
            for comparison in expression.comparisons() {
                words.extend(named_words(comparison).map(|word| ids::hash(&word)));
            }
        }
        words.extend(source.surfaces.iter().map(|surface| ids::hash(surface)));
        rules.push((of, when));
    }
    let mut program =
        Program { words: words.into_iter().collect(), names, variables: Vec::new(), reversed: Vec::new() };
    let mut compiled = Vec::new();
    for (source, (of, when)) in sources.iter().zip(rules) {
        let begin = match &of {
            None => Target::Yes,
            Some(expression) if source.is_negated => program.add(expression, Target::No, Target::Yes),
            Some(expression) => program.add(expression, Target::Yes, Target::No),
        };
        let asked = match &when {
            None => Target::Yes,
            Some(expression) => program.add(expression, Target::Yes, Target::No),
        };
        let asked = program.on_surfaces(source.surfaces, asked);
        let variable = source.per.map_or(NO_VARIABLE, |per| program.variable(per));
        compiled.push((source, of, when, begin, asked, variable));
    }
    let n_tests = program.reversed.len();
    if n_tests >= usize::from(NO) || program.variables.len() >= usize::from(NO_VARIABLE) {
        return Err(RulesError::Size);
    }
    let place = |target: Target| match target {
        Target::Yes => YES,
        Target::No => NO,
        // They were added from behind.
        Target::Test(added) => (n_tests - 1 - added) as u16,
    };
    let rules: Vec<CompiledRule> = compiled
        .into_iter()
        .map(|(source, of, when, begin, asked, variable)| CompiledRule {
            label: source.label(),
            rule: Rule {
                kind: source.kind,
                variable,
                when: place(asked),
                of: place(begin),
                number: source.number,
                first: source.first,
                item: source.item.map_or(0, ids::hash),
            },
            of,
            is_negated: source.is_negated,
            when,
            surfaces: source.surfaces.to_vec(),
        })
        .collect();
    let test = |test: &Added| Test {
        operator: test.operator,
        variable: test.variable,
        yes: place(test.yes),
        no: place(test.no),
        low: test.low,
        high: test.high,
    };
    let tests: Vec<Test> = program.reversed.iter().rev().map(test).collect();
    let written: Vec<Rule> = rules.iter().map(|rule| rule.rule).collect();
    let section = rules::write(&program.words, &written, &tests, &program.variables).map_err(|_| RulesError::Size)?;
    Ok(Compiled { section, rules })
}

/// A rule of any kind, as far as compiling goes.
struct Source<'a> {
    kind: RuleKind,
    name: &'a str,
    of_field: &'static str,
    of: Option<&'a str>,
    is_negated: bool,
    when: Option<&'a str>,
    surfaces: &'a [String],
    per: Option<&'a str>,
    item: Option<&'a str>,
    number: i32,
    first: u32,
}

impl Source<'_> {
    fn label(&self) -> String {
        let kind = match self.kind {
            RuleKind::Filter => "filter",
            RuleKind::Pin => "pin",
            RuleKind::Reserve => "reserve",
            RuleKind::Cap => "cap",
            RuleKind::Boost => "boost",
        };
        format!("{kind} {:?}", self.name)
    }

    fn value(&self, field: &'static str, problem: String) -> RulesError {
        RulesError::Value { rule: self.label(), field, problem }
    }

    fn read(&self, names: &Names, field: &'static str, text: Option<&str>) -> Result<Option<Expression>, RulesError> {
        let Some(text) = text else { return Ok(None) };
        let failure = |error| RulesError::Expression { rule: self.label(), field, error };
        let expression = Expression::parse(text).map_err(failure)?;
        for comparison in expression.comparisons() {
            if let Some(problem) = names.problem(comparison, field == "when") {
                return Err(failure(ExpressionError { text: text.to_owned(), at: comparison.at, problem }));
            }
        }
        Ok(Some(expression))
    }
}

/// All rules, in the order of their numbers.
fn sources(file: &RuleFile) -> Result<Vec<Source<'_>>, RulesError> {
    let mut sources = Vec::new();
    for filter in &file.filter {
        let source = Source {
            of: filter.keep.as_deref().or(filter.drop.as_deref()),
            of_field: if filter.keep.is_some() { "keep" } else { "drop" },
            is_negated: filter.keep.is_some(),
            ..Source::new(RuleKind::Filter, &filter.name, &filter.when, &filter.surfaces)
        };
        if filter.keep.is_some() == filter.drop.is_some() {
            return Err(source.value("keep", "give either `keep` or `drop`".to_owned()));
        }
        sources.push(source);
    }
    for pin in &file.pin {
        let source = Source::new(RuleKind::Pin, &pin.name, &pin.when, &pin.surfaces);
        let number = source.slot(pin.rank)?;
        sources.push(Source { number, item: Some(&pin.item), ..source });
    }
    for reserve in &file.reserve {
        let source = Source::new(RuleKind::Reserve, &reserve.name, &reserve.when, &reserve.surfaces);
        let number = source.slot(reserve.rank)?;
        sources.push(Source { number, of: Some(&reserve.of), ..source });
    }
    for cap in &file.cap {
        let source = Source::new(RuleKind::Cap, &cap.name, &cap.when, &cap.surfaces);
        if cap.per.is_none() && cap.of.is_none() {
            return Err(source.value("per", "give `per`, `where` or both".to_owned()));
        }
        let number = source.slot(cap.at_most).map_err(|_| source.out_of_range("at_most", cap.at_most))? + 1;
        let first = cap.first.unwrap_or(u32::MAX);
        if cap.first.is_some_and(|first| first == 0 || first > MAX_SLOTS) {
            return Err(source.out_of_range("first", first));
        }
        sources.push(Source { number, first, per: cap.per.as_deref(), of: cap.of.as_deref(), ..source });
    }
    for boost in &file.boost {
        let source = Source::new(RuleKind::Boost, &boost.name, &boost.when, &boost.surfaces);
        if !(-BOOST_MAX_THOUSANDTHS..=BOOST_MAX_THOUSANDTHS).contains(&boost.by) {
            let problem = format!("{} is not within ±{BOOST_MAX_THOUSANDTHS} thousandths of a logit", boost.by);
            return Err(source.value("by", problem));
        }
        let number = boost.by * BOOST_MAX / BOOST_MAX_THOUSANDTHS;
        sources.push(Source { number, of: Some(&boost.of), ..source });
    }
    Ok(sources)
}

impl<'a> Source<'a> {
    fn new(kind: RuleKind, name: &'a str, when: &'a Option<String>, surfaces: &'a [String]) -> Source<'a> {
        Source {
            kind,
            name,
            of_field: "where",
            of: None,
            is_negated: false,
            when: when.as_deref(),
            surfaces,
            per: None,
            item: None,
            number: 0,
            first: 0,
        }
    }

    fn slot(&self, rank: u32) -> Result<i32, RulesError> {
        match rank {
            1..=MAX_SLOTS => Ok(rank as i32 - 1),
            _ => Err(self.out_of_range("rank", rank)),
        }
    }

    fn out_of_range(&self, field: &'static str, number: u32) -> RulesError {
        self.value(field, format!("{number} is not from 1 to {MAX_SLOTS}"))
    }
}

/// What the names in conditions stand for.
struct Names<'a>(BTreeMap<&'a str, VariableKind>);

impl<'a> Names<'a> {
    fn new(file: &'a RuleFile) -> Result<Names<'a>, RulesError> {
        let mut names = BTreeMap::from([
            (SURFACE, VariableKind::Context),
            (TOUCHED, VariableKind::Touched),
            (ITEM, VariableKind::Item),
        ]);
        let declared = file.overlays.iter().map(|name| (name, "overlays", VariableKind::Attribute));
        let declared = declared.chain(file.context.iter().map(|name| (name, "context", VariableKind::Context)));
        for (name, field, kind) in declared {
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && name.len() <= MAX_NAME_LEN;
            if !is_name || names.insert(name, kind).is_some() {
                let problem = format!(
                    "{name:?} is taken, or no name: 1 to {MAX_NAME_LEN} letters, digits and underscores, no digit first"
                );
                return Err(RulesError::Value { rule: "the file".to_owned(), field, problem });
            }
        }
        Ok(Names(names))
    }

    /// Where the value of a name comes from, and under which name.
    fn resolve<'n>(&self, name: &'n str) -> (VariableKind, &'n str) {
        match self.0.get(name) {
            Some(VariableKind::Touched) => (VariableKind::Touched, ""),
            Some(VariableKind::Item) => (VariableKind::Item, ""),
            Some(kind) => (*kind, name),
            None if flag(name).is_some() => (VariableKind::Attribute, FLAGS),
            None => (VariableKind::Attribute, name),
        }
    }

    /// What is wrong with asking this.
    fn problem(&self, comparison: &Comparison, is_when: bool) -> Option<String> {
        let Comparison { name, relation, .. } = comparison;
        let kind = self.0.get(name.as_str()).copied().unwrap_or(VariableKind::Attribute);
        let of_words = matches!(relation, Relation::Is(_) | Relation::IsNot(_));
        match kind {
            _ if name.len() > MAX_NAME_LEN => Some(format!("{name} is longer than {MAX_NAME_LEN} letters")),
            VariableKind::Context if !of_words => Some(format!("{name} is a word; compare it with == or in")),
            VariableKind::Item if !of_words => Some(format!("{name} is an id; compare it with == or in")),
            VariableKind::Touched if of_words || matches!(relation, Relation::Under(_)) => {
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
            _ => None,
        }
    }
}

/// The bit of a flag's name.
pub(super) fn flag(name: &str) -> Option<u32> {
    match name {
        "adult" => Some(FLAG_ADULT),
        "sensitive" => Some(FLAG_SENSITIVE),
        _ => None,
    }
}

/// The words of a comparison, as the model writes them: paths joined by ` > `.
pub(super) fn named_words(comparison: &Comparison) -> impl Iterator<Item = String> + '_ {
    let is_path = matches!(comparison.relation, Relation::Under(_)) || comparison.name == CATEGORY;
    let words = match &comparison.relation {
        Relation::Is(words) => words.as_slice(),
        Relation::IsNot(word) | Relation::Under(word) => std::slice::from_ref(word),
        _ => &[],
    };
    words.iter().map(move |word| if is_path { path(word) } else { word.clone() })
}

/// A path with ` > ` between its steps. A slash is a step unless there is a `>`, so that steps may hold slashes.
fn path(text: &str) -> String {
    let separator = if text.contains('>') { '>' } else { '/' };
    text.split(separator).map(str::trim).collect::<Vec<_>>().join(" > ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Yes,
    No,
    /// By the order in which tests were added.
    Test(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Added {
    operator: Operator,
    variable: u8,
    yes: Target,
    no: Target,
    low: i32,
    high: i32,
}

/// Tests in the making, from behind: what a test goes on to is there before it.
struct Program<'a> {
    words: Vec<u64>,
    names: Names<'a>,
    variables: Vec<(VariableKind, String)>,
    reversed: Vec<Added>,
}

impl Program<'_> {
    /// Adds a condition and returns where it begins.
    fn add(&mut self, expression: &Expression, yes: Target, no: Target) -> Target {
        match expression {
            Expression::All(parts) => parts.iter().rev().fold(yes, |next, part| self.add(part, next, no)),
            Expression::Any(parts) => parts.iter().rev().fold(no, |next, part| self.add(part, yes, next)),
            Expression::Not(inner) => self.add(inner, no, yes),
            Expression::Comparison(comparison) => self.compare(comparison, yes, no),
        }
    }

    fn compare(&mut self, comparison: &Comparison, yes: Target, no: Target) -> Target {
        let variable = self.variable(&comparison.name);
        let mut numbers: Vec<i32> = named_words(comparison).map(|word| self.word(&word)).collect();
        let (operator, low, high) = match &comparison.relation {
            Relation::IsSet => match flag(&comparison.name) {
                Some(bit) => (Operator::HasBit, bit as i32, 0),
                None => (Operator::Outside, 0, 0),
            },
            Relation::Within(low, high) => (Operator::Within, *low, *high),
            Relation::Outside(low, high) => (Operator::Outside, *low, *high),
            Relation::IsNot(_) => (Operator::IsOther, numbers[0], 0),
            Relation::Under(_) => (Operator::Under, numbers[0], 0),
            Relation::Is(_) => {
                let is = |next, low| self.test(Added { operator: Operator::Is, variable, yes, no: next, low, high: 0 });
                return numbers.drain(..).rev().fold(no, is);
            }
            Relation::OneOf(numbers) => {
                let operator = Operator::Within;
                let is = |next, &low: &i32| self.test(Added { operator, variable, yes, no: next, low, high: low });
                return numbers.iter().rev().fold(no, is);
            }
        };
        self.test(Added { operator, variable, yes, no, low, high })
    }

    /// Goes on to a condition on these surfaces alone.
    fn on_surfaces(&mut self, surfaces: &[String], then: Target) -> Target {
        if surfaces.is_empty() {
            return then;
        }
        let variable = self.variable(SURFACE);
        surfaces.iter().rev().fold(Target::No, |no, surface| {
            let low = self.word(surface);
            self.test(Added { operator: Operator::Is, variable, yes: then, no, low, high: 0 })
        })
    }

    /// Adds a test, unless there is the same one already.
    fn test(&mut self, test: Added) -> Target {
        let place = self.reversed.iter().position(|added| *added == test).unwrap_or(self.reversed.len());
        if place == self.reversed.len() {
            self.reversed.push(test);
        }
        Target::Test(place)
    }

    fn word(&self, word: &str) -> i32 {
        self.words.binary_search(&ids::hash(word)).expect("all words were collected before") as i32
    }

    fn variable(&mut self, name: &str) -> u8 {
        let (kind, name) = self.names.resolve(name);
        let found = self.variables.iter().position(|variable| (variable.0, variable.1.as_str()) == (kind, name));
        let place = found.unwrap_or(self.variables.len());
        if place == self.variables.len() {
            self.variables.push((kind, name.to_owned()));
        }
        // Too many are refused in the end.
        place.min(usize::from(NO_VARIABLE)) as u8
    }
}
