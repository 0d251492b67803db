//! From a file of rules to the bytes that the runtime takes.

use std::collections::BTreeSet;

use super::names::{ITEM, Names};
use super::parts::{self, AnswerPart, Part, PlacementPart};
use super::program::{Program, named_words};
use super::source::{BOOST_MAX_THOUSANDTHS, Incompatible, MAX_INCOMPATIBLE, RuleFile};
use super::{Comparison, Expression, ItemSet, Relation, RulesError};
use crate::format::container::{self, SectionKind};
use crate::format::ids;
use crate::format::rules::{
    self, BOOST_MAX, Encoded, MAX_QUOTAS, MAX_SLOTS, NO, NO_VARIABLE, Rule, RuleKind, VariableKind, YES,
};

/// Rules in the order of their numbers, ready to be written.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Bytes of the section.
    pub section: Vec<u8>,
    /// The rules by number.
    pub rules: Vec<CompiledRule>,
    /// The conditions of placements, in their order.
    pub placements: Vec<Part>,
    /// The conditions of answers, question by question.
    pub answers: Vec<Part>,
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
    /// What a cap counts by, and what a boost is multiplied with.
    pub per: Option<String>,
}

impl Compiled {
    /// The bytes of a file that holds the rules alone: what a `store.rules` is.
    pub fn to_file(&self) -> Vec<u8> {
        container::write(&[(SectionKind::Rules, self.section.clone())])
    }
}

/// Compiles all rules of a file, its placements and its questions.
///
/// # Errors
///
/// [`RulesError::Expression`], [`RulesError::Value`], [`RulesError::Size`].
pub fn compile(file: &RuleFile) -> Result<Compiled, RulesError> {
    let sources = sources(file)?;
    let names = Names::new(file)?;
    let mut seen = BTreeSet::new();
    for source in &sources {
        if let Some(problem) = source.per.and_then(|per| names.per_problem(per, source.kind)) {
            return Err(source.value("per", problem));
        }
        if source.name.trim().is_empty() || !seen.insert(source.name) {
            return Err(source.value("name", format!("{:?} is empty or taken; give each rule its own", source.name)));
        }
    }
    let mut rules = sources.into_iter().map(|source| source.read(&names)).collect::<Result<Vec<_>, _>>()?;
    let mut placements = parts::placements(file, &names)?;
    let mut answers = parts::answers(file, &names)?;

    let parts = placements.iter().map(|placement| &placement.part).chain(answers.iter().map(|answer| &answer.part));
    let conditions = rules.iter().flat_map(|rule| rule.of.iter().chain(&rule.when));
    let conditions = conditions.chain(parts.flat_map(|part| &part.of));
    let words = conditions.flat_map(Expression::comparisons).flat_map(named_words).map(|word| ids::hash(&word));
    let surfaces = rules.iter().flat_map(|rule| &rule.surfaces).map(|surface| ids::hash(surface));
    let words: BTreeSet<u64> = words.chain(surfaces).collect();

    let mut program = Program::new(names, words.into_iter().collect());
    for CompiledRule { rule, of, is_negated, when, surfaces, per, .. } in &mut rules {
        rule.of = match of {
            Some(of) if *is_negated => program.add(of, NO, YES),
            of => program.begin(of),
        };
        let when = program.begin(when);
        rule.when = program.on_surfaces(surfaces, when);
        rule.variable = per.as_ref().map_or(NO_VARIABLE, |per| program.variable_named(per));
    }
    let parts = placements.iter_mut().map(|placement| &mut placement.part);
    let mut parts: Vec<&mut Part> = parts.chain(answers.iter_mut().map(|answer| &mut answer.part)).collect();
    for part in &mut parts {
        part.begin = program.begin(&part.of);
    }
    let begins = rules.iter_mut().flat_map(|rule| [&mut rule.rule.when, &mut rule.rule.of]);
    program.turn(begins.chain(parts.into_iter().map(|part| &mut part.begin)))?;

    let section = rules::write(&Encoded {
        words: &program.words,
        rules: &rules.iter().map(|rule| rule.rule).collect::<Vec<_>>(),
        tests: &program.tests,
        variables: &program.variables(),
        placements: &placements.iter().map(PlacementPart::record).collect::<Vec<_>>(),
        answers: &answers.iter().map(AnswerPart::record).collect::<Vec<_>>(),
    })
    .map_err(|_| RulesError::Size)?;
    let placements = placements.into_iter().map(|placement| placement.part).collect();
    Ok(Compiled { section, rules, placements, answers: answers.into_iter().map(|answer| answer.part).collect() })
}

/// A rule of any kind, as far as compiling goes.
struct Source<'a> {
    kind: RuleKind,
    name: &'a str,
    of_field: &'static str,
    of: Option<&'a str>,
    /// In place of a text.
    made: Option<Expression>,
    is_negated: bool,
    when: Option<&'a str>,
    surfaces: &'a [String],
    per: Option<&'a str>,
    item: Option<&'a str>,
    number: i32,
    first: u32,
}

impl<'a> Source<'a> {
    fn new(kind: RuleKind, name: &'a str, when: &'a Option<String>, surfaces: &'a [String]) -> Source<'a> {
        Source {
            kind,
            name,
            of_field: "where",
            of: None,
            made: None,
            is_negated: false,
            when: when.as_deref(),
            surfaces,
            per: None,
            item: None,
            number: 0,
            first: 0,
        }
    }

    fn label(&self) -> String {
        let kind = match self.kind {
            RuleKind::Filter if self.made.is_some() => "incompatible",
            RuleKind::Filter => "filter",
            RuleKind::Pin => "pin",
            RuleKind::Reserve => "reserve",
            RuleKind::Cap => "cap",
            RuleKind::Quota => "quota",
            RuleKind::Boost => "boost",
        };
        format!("{kind} {:?}", self.name)
    }

    fn value(&self, field: &'static str, problem: String) -> RulesError {
        RulesError::value(&self.label(), field, problem)
    }

    /// From 1 to [`MAX_SLOTS`].
    fn count(&self, field: &'static str, number: u32) -> Result<i32, RulesError> {
        match number {
            1..=MAX_SLOTS => Ok(number as i32),
            _ => Err(self.value(field, format!("{number} is not from 1 to {MAX_SLOTS}"))),
        }
    }

    /// The rule with its conditions read; where their walks begin is not known yet.
    fn read(self, names: &Names) -> Result<CompiledRule, RulesError> {
        let label = self.label();
        let of = match self.made {
            Some(made) => Some(made),
            None => names.read(&label, self.of_field, self.of)?,
        };
        Ok(CompiledRule {
            when: names.read(&label, "when", self.when)?,
            label,
            rule: Rule {
                kind: self.kind,
                variable: NO_VARIABLE,
                when: YES,
                of: YES,
                number: self.number,
                first: self.first,
                item: self.item.map_or(0, ids::hash),
            },
            of,
            is_negated: self.is_negated,
            surfaces: self.surfaces.to_vec(),
            per: self.per.map(str::to_owned),
        })
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
    for Incompatible { name, items } in &file.incompatible {
        let nothing = Some(Expression::Any(Vec::new()));
        let source = Source { made: nothing, ..Source::new(RuleKind::Filter, name, &None, &[]) };
        if items.len() < 2 {
            return Err(source.value("items", "give two at least".to_owned()));
        }
        if items.len() > MAX_INCOMPATIBLE {
            let problem = format!(
                "{} are more than {MAX_INCOMPATIBLE}: mark them in the catalog, and filter by that",
                items.len()
            );
            return Err(source.value("items", problem));
        }
        let asks = |name: &str, relation| Expression::Comparison(Comparison { name: name.to_owned(), relation, at: 0 });
        let bars = |item: &String| {
            let others = items.iter().filter(|&other| other != item).cloned().collect();
            let cart = ItemSet { kind: VariableKind::Cart, days: 0 };
            let held = asks(&cart.to_string(), Relation::Holds(item.clone(), cart));
            Expression::All(vec![held, asks(ITEM, Relation::Is(others))])
        };
        let made = Some(Expression::Any(items.iter().map(bars).collect()));
        sources.push(Source { made, ..source });
    }
    for pin in &file.pin {
        let source = Source::new(RuleKind::Pin, &pin.name, &pin.when, &pin.surfaces);
        let number = source.count("rank", pin.rank)? - 1;
        sources.push(Source { number, item: Some(&pin.item), ..source });
    }
    for reserve in &file.reserve {
        let source = Source::new(RuleKind::Reserve, &reserve.name, &reserve.when, &reserve.surfaces);
        let number = source.count("rank", reserve.rank)? - 1;
        sources.push(Source { number, of: Some(&reserve.of), ..source });
    }
    for cap in &file.cap {
        let source = Source::new(RuleKind::Cap, &cap.name, &cap.when, &cap.surfaces);
        if cap.per.is_none() && cap.of.is_none() {
            return Err(source.value("per", "give `per`, `where` or both".to_owned()));
        }
        let number = source.count("at_most", cap.at_most)?;
        cap.first.map(|first| source.count("first", first)).transpose()?;
        let first = cap.first.unwrap_or(u32::MAX);
        sources.push(Source { number, first, per: cap.per.as_deref(), of: cap.of.as_deref(), ..source });
    }
    if file.quota.len() > MAX_QUOTAS {
        let problem = format!("{} are more than {MAX_QUOTAS}", file.quota.len());
        return Err(RulesError::value("the file", "quota", problem));
    }
    for quota in &file.quota {
        let source = Source::new(RuleKind::Quota, &quota.name, &quota.when, &quota.surfaces);
        let number = source.count("at_least", quota.at_least)?;
        source.count("first", quota.first)?;
        sources.push(Source { number, first: quota.first, of: Some(&quota.of), ..source });
    }
    for boost in &file.boost {
        let source = Source::new(RuleKind::Boost, &boost.name, &boost.when, &boost.surfaces);
        if boost.of.is_none() && boost.per.is_none() {
            return Err(source.value("where", "give `where`, `per` or both".to_owned()));
        }
        let first = boost.among.map_or(Ok(0), |among| source.count("among", among))? as u32;
        if !(-BOOST_MAX_THOUSANDTHS..=BOOST_MAX_THOUSANDTHS).contains(&boost.by) {
            let problem = format!("{} is not within ±{BOOST_MAX_THOUSANDTHS} thousandths of a logit", boost.by);
            return Err(source.value("by", problem));
        }
        let number = boost.by * BOOST_MAX / BOOST_MAX_THOUSANDTHS;
        let (of, per) = (boost.of.as_deref(), boost.per.as_deref());
        sources.push(Source { number, first, of, per, ..source });
    }
    Ok(sources)
}
