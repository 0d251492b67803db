//! From conditions to walks over tests.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{ITEM_SETS, KEYWORDS};
use super::source::{Incompatible, Placement, Question, RuleFile};
use super::{Comparison, Expression, ExpressionError, ItemSet, Relation, RulesError};
use crate::format::attributes::{CATEGORY, FLAG_ADULT, FLAG_SENSITIVE, FLAGS, MAX_NAME_LEN};
use crate::format::container::{self, SectionKind};
use crate::format::ids;
use crate::format::rules::{
    self, BOOST_MAX, DISCOVERY_MAX, Encoded, MAX_DRAW, MAX_LABEL_LEN, MAX_LIMIT, MAX_PLACEMENT_LEN, MAX_QUOTAS,
    MAX_SLOTS, NO, NO_VARIABLE, Operator, Rule, RuleKind, Test, Variable, VariableKind, YES,
};
use crate::rank::{Basis, PLACEMENT, SEGMENT, SURFACE};

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
/// Thousandths of a logit that the whole of [`BOOST_MAX`] is.
const BOOST_MAX_THOUSANDTHS: i32 = 4000;
/// What an answer adds if it does not say, in thousandths of a logit.
const ANSWER_THOUSANDTHS: u32 = 1000;
/// More questions than these keep shoppers from answering any.
const MAX_QUESTIONS: usize = 3;
/// Share of discoveries in what is drawn by the session, in 1/1024: a fifth.
const DISCOVERY: u16 = 205;

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

/// Something with a condition on items that is no rule.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is and its name, for people.
    pub label: String,
    /// The condition.
    pub of: Option<Expression>,
    /// Where its walk begins.
    pub begin: u16,
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
        if let Some(problem) = source.per.and_then(|per| names.per_problem(per)) {
            return Err(source.value("per", problem));
        }
        if source.name.trim().is_empty() || !seen.insert(source.name) {
            return Err(source.value("name", format!("{:?} is empty or taken; give each rule its own", source.name)));
        }
    }
    let mut rules = Vec::new();
    for source in &sources {
        let of = match &source.made {
            Some(made) => Some(made.clone()),
            None => names.read(source.label(), source.of_field, source.of)?,
        };
        rules.push((of, names.read(source.label(), "when", source.when)?));
    }
    let placements = read_placements(file, &names)?;
    let answers = read_answers(file, &names)?;
    let parts = placements.iter().flat_map(|(part, _)| &part.of).chain(answers.iter().flat_map(|(part, _)| &part.of));
    let expressions = rules.iter().flat_map(|(of, when)| of.iter().chain(when)).chain(parts);
    let words = expressions.flat_map(Expression::comparisons).flat_map(named_words).map(|word| ids::hash(&word));
    let surfaces = sources.iter().flat_map(|source| source.surfaces).map(|surface| ids::hash(surface));
    let words: BTreeSet<u64> = words.chain(surfaces).collect();

    let mut program =
        Program { words: words.into_iter().collect(), names, variables: Vec::new(), reversed: Vec::new() };
    let mut compiled = Vec::new();
    for (source, (of, when)) in sources.iter().zip(rules) {
        let begin = match &of {
            None => Target::Yes,
            Some(expression) if source.is_negated => program.add(expression, Target::No, Target::Yes),
            Some(expression) => program.add(expression, Target::Yes, Target::No),
        };
        let asked = program.begin(&when);
        let asked = program.on_surfaces(source.surfaces, asked);
        let variable = source.per.map_or(NO_VARIABLE, |per| program.variable_named(per));
        compiled.push((source, of, when, begin, asked, variable));
    }
    let placements: Vec<_> =
        placements.into_iter().map(|(part, record)| (program.begin(&part.of), part, record)).collect();
    let answers: Vec<_> = answers.into_iter().map(|(part, record)| (program.begin(&part.of), part, record)).collect();
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
            per: source.per.map(str::to_owned),
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
    let (mut placement_parts, mut placement_records) = (Vec::new(), Vec::new());
    for (begin, part, record) in &placements {
        placement_records.push(rules::Placement { of: place(*begin), draw: &record.draw, ..record.record });
        placement_parts.push(Part { begin: place(*begin), ..part.clone() });
    }
    let (mut answer_parts, mut answer_records) = (Vec::new(), Vec::new());
    for (begin, part, record) in answers {
        answer_records.push(rules::Answer { of: place(begin), ..record });
        answer_parts.push(Part { begin: place(begin), ..part });
    }
    let variables: Vec<Variable> =
        program.variables.iter().map(|(kind, name, days)| Variable { kind: *kind, name, days: *days }).collect();
    let section = rules::write(&Encoded {
        words: &program.words,
        rules: &rules.iter().map(|rule| rule.rule).collect::<Vec<_>>(),
        tests: &program.reversed.iter().rev().map(test).collect::<Vec<_>>(),
        variables: &variables,
        placements: &placement_records,
        answers: &answer_records,
    })
    .map_err(|_| RulesError::Size)?;
    Ok(Compiled { section, rules, placements: placement_parts, answers: answer_parts })
}

/// A placement but for its condition and its chain.
struct PlacementRecord<'a> {
    draw: Vec<u8>,
    record: rules::Placement<'a>,
}

fn read_placements<'a>(file: &'a RuleFile, names: &Names) -> Result<Vec<(Part, PlacementRecord<'a>)>, RulesError> {
    let mut seen = BTreeSet::new();
    let read = |placement: &'a Placement| {
        let label = format!("placement {:?}", placement.name);
        let wrong = |field, problem| Err(RulesError::Value { rule: label.clone(), field, problem });
        if !is_label(&placement.name, MAX_PLACEMENT_LEN) || !seen.insert(&placement.name) {
            let problem = format!(
                "{:?} is taken, or not 1 to {MAX_PLACEMENT_LEN} visible ASCII characters without a slash",
                placement.name
            );
            return wrong("name", problem);
        }
        if !placement.surface.is_empty() && !is_label(&placement.surface, MAX_LABEL_LEN) {
            let problem = format!(
                "{:?} is not up to {MAX_LABEL_LEN} visible ASCII characters without a slash",
                placement.surface
            );
            return wrong("surface", problem);
        }
        if placement.draw.len() > MAX_DRAW {
            return wrong("draw", format!("{} steps are more than {MAX_DRAW}", placement.draw.len()));
        }
        let mut draw = Vec::new();
        for name in &placement.draw {
            let Some(place) = Basis::ALL.iter().position(|basis| basis.name() == name) else {
                let known: Vec<&str> = Basis::ALL.iter().map(|basis| basis.name()).collect();
                return wrong("draw", format!("nothing is found by {name:?}; there are: {}", known.join(", ")));
            };
            draw.push(place as u8 + 1);
        }
        if placement.limit.is_some_and(|limit| limit == 0 || limit > MAX_LIMIT.into()) {
            return wrong("limit", format!("{} is not from 1 to {MAX_LIMIT}", placement.limit.unwrap_or(0)));
        }
        let share = |field, value: Option<f64>, most: u16| match value {
            None => Ok(None),
            Some(value) if (0.0..=f64::from(most)).contains(&(value * 1024.0).floor()) => {
                Ok(Some(((value * 1024.0).round() as u16).min(most)))
            }
            Some(value) => {
                let problem = format!("{value} is not from 0 to {:.1}", f64::from(most) / 1024.0);
                Err(RulesError::Value { rule: label.clone(), field, problem })
            }
        };
        let number = |field, value: u32, most: u16| match u16::try_from(value) {
            Ok(value) if value <= most => Ok(value),
            _ => Err(RulesError::Value {
                rule: label.clone(),
                field,
                problem: format!("{value} is not from 0 to {most}"),
            }),
        };
        let by_session = placement.draw.first().is_some_and(|name| name == Basis::Session.name());
        let max_shift = placement.max_shift.map(|shift| number("max_shift", shift, u16::MAX - 1)).transpose()?;
        let record = rules::Placement {
            name: &placement.name,
            surface: &placement.surface,
            draw: &[],
            of: YES,
            limit: placement.limit.unwrap_or(0) as u16,
            strength: share("strength", placement.strength, 1024)?,
            diversity: share("diversity", placement.diversity, 1024)?,
            discovery: share("discovery", placement.discovery, DISCOVERY_MAX)?.unwrap_or(if by_session {
                DISCOVERY
            } else {
                0
            }),
            max_shift,
            keep_first: number("keep_first", placement.keep_first, u16::MAX)?,
            from_cart: placement.from.is_some(),
        };
        let of = names.read(label.clone(), "where", placement.of.as_deref())?;
        Ok((Part { label, of, begin: YES }, PlacementRecord { draw, record }))
    };
    file.placement.iter().map(read).collect()
}

fn read_answers<'a>(file: &'a RuleFile, names: &Names) -> Result<Vec<(Part, rules::Answer<'a>)>, RulesError> {
    let mut answers = Vec::new();
    let mut seen = BTreeSet::new();
    let wrong = |rule: &str, field, problem| Err(RulesError::Value { rule: rule.to_owned(), field, problem });
    let no_label =
        |name| format!("{name:?} is taken, or not 1 to {MAX_LABEL_LEN} visible ASCII characters without a slash");
    if file.question.len() > MAX_QUESTIONS {
        let problem = format!("{} are more than {MAX_QUESTIONS}: shoppers answer few", file.question.len());
        return wrong("the file", "question", problem);
    }
    for Question { name, answer } in &file.question {
        let label = format!("question {name:?}");
        if !is_label(name, MAX_LABEL_LEN) || !seen.insert((name, "")) {
            return wrong(&label, "name", no_label(name));
        }
        if answer.is_empty() {
            return wrong(&label, "answer", "give it answers".to_owned());
        }
        for answer in answer {
            let label = format!("answer {:?}", format!("{name}/{}", answer.name));
            if !is_label(&answer.name, MAX_LABEL_LEN) || !seen.insert((name, &answer.name)) {
                return wrong(&label, "name", no_label(&answer.name));
            }
            let by = answer.by.unwrap_or(ANSWER_THOUSANDTHS);
            if by > BOOST_MAX_THOUSANDTHS as u32 {
                return wrong(&label, "by", format!("{by} is not from 0 to {BOOST_MAX_THOUSANDTHS}"));
            }
            let by = (by * BOOST_MAX as u32 / BOOST_MAX_THOUSANDTHS as u32) as u16;
            let of = names.read(label.clone(), "where", Some(&answer.of))?;
            let record = rules::Answer { question: name, answer: &answer.name, of: YES, by };
            answers.push((Part { label, of, begin: YES }, record));
        }
    }
    Ok(answers)
}

fn is_label(name: &str, most: usize) -> bool {
    let is_part = |byte: u8| byte.is_ascii_graphic() && byte != b'/';
    (1..=most).contains(&name.len()) && name.bytes().all(is_part)
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

impl Source<'_> {
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
        RulesError::Value { rule: self.label(), field, problem }
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
        let asks = |name: &str, relation| Expression::Comparison(Comparison { name: name.to_owned(), relation, at: 0 });
        let bars = |item: &String| {
            let others = items.iter().filter(|&other| other != item).cloned().collect();
            let cart = ItemSet { kind: VariableKind::Cart, days: 0 };
            let held = asks(&cart.to_string(), Relation::Holds(item.clone(), cart));
            Expression::All(vec![held, asks(ITEM, Relation::Is(others))])
        };
        let made = Some(Expression::Any(items.iter().map(bars).collect()));
        let source = Source { made, ..Source::new(RuleKind::Filter, name, &None, &[]) };
        if items.len() < 2 {
            return Err(source.value("items", "give two at least".to_owned()));
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
    if file.quota.len() > MAX_QUOTAS {
        let problem = format!("{} are more than {MAX_QUOTAS}", file.quota.len());
        return Err(RulesError::Value { rule: "the file".to_owned(), field: "quota", problem });
    }
    for quota in &file.quota {
        let source = Source::new(RuleKind::Quota, &quota.name, &quota.when, &quota.surfaces);
        for (field, number) in [("at_least", quota.at_least), ("first", quota.first)] {
            source.slot(number).map_err(|_| source.out_of_range(field, number))?;
        }
        let number = quota.at_least as i32;
        sources.push(Source { number, first: quota.first, of: Some(&quota.of), ..source });
    }
    for boost in &file.boost {
        let source = Source::new(RuleKind::Boost, &boost.name, &boost.when, &boost.surfaces);
        if boost.of.is_none() && boost.per.is_none() {
            return Err(source.value("where", "give `where`, `per` or both".to_owned()));
        }
        let first = boost.among.unwrap_or(0);
        if boost.among.is_some() {
            source.slot(first).map_err(|_| source.out_of_range("among", first))?;
        }
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
                return Err(RulesError::Value { rule: "the file".to_owned(), field, problem });
            }
        }
        Ok(Names(names))
    }

    /// Reads a condition and checks its names.
    fn read(&self, rule: String, field: &'static str, text: Option<&str>) -> Result<Option<Expression>, RulesError> {
        let Some(text) = text else { return Ok(None) };
        let checked = Expression::parse(text).and_then(|expression| {
            let problem = expression.comparisons().into_iter().find_map(|comparison| {
                let problem = self.problem(comparison, field == "when")?;
                Some(ExpressionError { text: text.to_owned(), at: comparison.at, problem })
            });
            problem.map_or(Ok(Some(expression)), Err)
        });
        checked.map_err(|error| RulesError::Expression { rule, field, error })
    }

    fn kind(&self, name: &str) -> VariableKind {
        self.0.get(name).copied().unwrap_or(VariableKind::Attribute)
    }

    /// Where the value of a name comes from, and under which name.
    fn resolve<'n>(&self, name: &'n str) -> (VariableKind, &'n str) {
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

    /// What is wrong with counting by this.
    fn per_problem(&self, per: &str) -> Option<String> {
        if flag(per).is_some() {
            return Some(format!("{per:?} is there or not, and no number; write it as `where`"));
        }
        let (kind, name) = self.resolve(per);
        let is_counted = matches!(kind, VariableKind::Attribute | VariableKind::Item);
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
    text.split(separator).map(str::trim).filter(|step| !step.is_empty()).collect::<Vec<_>>().join(" > ")
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
    variables: Vec<(VariableKind, String, u16)>,
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

    /// Adds a condition that holds where there is none.
    fn begin(&mut self, expression: &Option<Expression>) -> Target {
        expression.as_ref().map_or(Target::Yes, |expression| self.add(expression, Target::Yes, Target::No))
    }

    fn compare(&mut self, comparison: &Comparison, yes: Target, no: Target) -> Target {
        let variable = match &comparison.relation {
            Relation::Holds(_, set) => self.variable_of(*set),
            _ => self.variable_named(&comparison.name),
        };
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
            Relation::Holds(..) => (Operator::Holds, numbers[0], 0),
            Relation::Among(set) => (Operator::Among, self.variable_of(*set).into(), 0),
            Relation::IsGiven(given) => (Operator::IsGiven, self.variable_named(given).into(), 0),
            Relation::IsNotGiven(given) => (Operator::IsNotGiven, self.variable_named(given).into(), 0),
            Relation::UnderGiven(given) => (Operator::UnderGiven, self.variable_named(given).into(), 0),
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
        let variable = self.variable_named(SURFACE);
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

    fn variable_named(&mut self, name: &str) -> u8 {
        let (kind, name) = self.names.resolve(name);
        self.variable((kind, name.to_owned(), 0))
    }

    fn variable_of(&mut self, set: ItemSet) -> u8 {
        self.variable((set.kind, String::new(), set.days))
    }

    fn variable(&mut self, variable: (VariableKind, String, u16)) -> u8 {
        let place = self.variables.iter().position(|known| *known == variable).unwrap_or(self.variables.len());
        if place == self.variables.len() {
            self.variables.push(variable);
        }
        // Too many are refused in the end.
        place.min(usize::from(NO_VARIABLE)) as u8
    }
}
