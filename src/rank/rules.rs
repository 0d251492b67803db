//! What the store's rules say of a request and its candidates, by `docs/RULES.md`.

use alloc::vec::Vec;

use super::{Page, RequestError};
use crate::format::attributes::{Attributes, CLICK_RATE, Column, MARGIN_BAND, PARENT, PRICE_BAND, REPURCHASE_DAYS};
use crate::format::ids;
use crate::format::rules::{BOOST_MAX, NO, NO_VARIABLE, Operator, Rule, RuleBook, RuleKind, Test, VariableKind, YES};
use crate::kernels::sorted;
use crate::lists::{Gather, has};
#[cfg(feature = "rules")]
use crate::model::Rules;
use crate::model::{Model, Words, is_within};
use crate::session::{Event, Seen, Segment};
#[cfg(feature = "rules")]
use crate::session::{Lens, Session};

/// The name under which the request's surface stands in conditions.
pub const SURFACE: &str = "surface";

/// The name under which the request's placement stands in conditions.
pub const PLACEMENT: &str = "placement";
/// The name under which the shopper's segment stands in conditions.
pub const SEGMENT: &str = "segment";

/// Numbers that are known only now, such as stock and prices: in place of a column of the same name.
#[derive(Debug, Clone, Copy)]
pub struct Overlay<'a> {
    /// What rules call them.
    pub name: &'a str,
    /// One for every candidate of a list, or for every row of the model when items are to be found.
    pub values: &'a [i32],
}

impl Overlay<'_> {
    /// Stands for a number that is not known.
    pub const NOT_KNOWN: i32 = i32::MIN;
}

/// Something known of the request: its name and its word.
pub type ContextWord<'a> = (&'a str, &'a str);

/// A candidate as rules see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Its place in overlays.
    pub(super) index: usize,
    /// Its row; beyond the model's if that does not know it.
    pub(super) row: u32,
}

/// The rules of a model or of a request, for one request.
pub(super) struct ActiveRules<'a> {
    n_items: usize,
    book: RuleBook<'a>,
    values: Vec<Value<'a>>,
    tests: Vec<ActiveTest>,
    /// Beginning of the placement's condition on items.
    placement: u16,
    /// The shopper's answers: their numbers, beginnings of their conditions, and what they add.
    answers: Vec<(u16, u16, i32)>,
    /// Those whose `when` holds, with their numbers, in their order: by kind.
    rules: Vec<(u16, Rule)>,
    /// Where those up to a kind end, by its number.
    ends: [usize; RuleKind::ALL.len() + 1],
}

/// A test with all that is the same for every candidate worked out.
struct ActiveTest {
    question: Question,
    variable: u8,
    yes: u16,
    no: u16,
}

/// What a test asks of a candidate's value.
enum Question {
    /// Nothing: the answer is the same for all.
    Settled(bool),
    /// Whether the number is from the first to the second.
    Within(i32, i32),
    /// Whether the number is not from the first to the second.
    Outside(i32, i32),
    /// Whether the number has a bit of this one.
    HasBit(i32),
    /// Whether the value is one of these, which ascend, or, if false, whether it is none.
    IsOneOf(Vec<u32>, bool),
}

impl Question {
    #[inline(always)]
    fn passes(&self, value: i64) -> bool {
        let number = value.min(i32::MAX.into()) as i32;
        match self {
            Question::Settled(answer) => *answer,
            Question::Within(low, high) => (*low..=*high).contains(&number),
            Question::Outside(low, high) => !(*low..=*high).contains(&number),
            Question::HasBit(bits) => number & bits != 0,
            Question::IsOneOf(values, answer) => values.binary_search(&(value as u32)).is_ok() == *answer,
        }
    }
}

/// Stands for a value that there is not: a number of its own and not an option, as values are asked for most of all.
pub(super) const UNKNOWN: i64 = i64::MIN;

/// Where a variable's value comes from in this request.
enum Value<'a> {
    Unknown,
    /// The same for all candidates. Of a word: its number in the rules, or −1 for any other.
    Fixed(i32),
    Overlay(&'a [i32]),
    /// A set: hashes of ids.
    Items(Vec<u64>),
    Row(&'a Words),
    Column {
        column: Column<'a>,
        words: &'a Words,
        /// Whether 0 stands for "none".
        zero_is_none: bool,
    },
}

/// For which rows of the model a condition on items holds, with nothing known of the request. Panics if it does not
/// begin at one of the rules' tests.
#[cfg(feature = "rules")]
pub fn rows_where(model: &Model, rules: &Rules, begin: u16) -> Vec<bool> {
    let page = Page { rules: Some(rules), ..Page::default() };
    let now = Circumstances { page: &page, seeds: &[], n_values: 0 };
    match ActiveRules::read(model, Session::default().as_seen(Lens::default()), &now) {
        Ok(Some(active)) => {
            let rows = 0..model.n_items();
            rows.map(|row| active.holds(begin, Candidate { index: row, row: row as u32 })).gather()
        }
        _ => alloc::vec![false; model.n_items()],
    }
}

/// What a request brings for rules.
pub(super) struct Circumstances<'a> {
    pub(super) page: &'a Page<'a>,
    /// Rows that the request starts from.
    pub(super) seeds: &'a [u32],
    /// How many numbers each overlay must have.
    pub(super) n_values: usize,
}

impl<'a> ActiveRules<'a> {
    /// None where no rule applies.
    pub(super) fn new(
        model: &'a Model,
        session: Seen,
        now: &Circumstances<'a>,
    ) -> Result<Option<ActiveRules<'a>>, RequestError> {
        if !cfg!(feature = "merchandising") {
            return Ok(None);
        }
        let mut active = ActiveRules::read(model, session, now)?;
        if let Some(active) = &mut active {
            // Of the request no candidate is asked about: what tests ask of one is unknown.
            let nobody = Candidate { index: usize::MAX, row: u32::MAX };
            for number in 0..active.book.n_rules() as u16 {
                let rule = active.book.rule(number.into());
                if active.holds(rule.when, nobody) {
                    active.rules.push((number, rule));
                    active.ends[rule.kind as usize..].fill(active.rules.len());
                }
            }
        }
        Ok(active.filter(|active| !active.rules.is_empty() || !active.answers.is_empty() || active.placement != YES))
    }

    /// The rules with what is known of the request, none of them active yet.
    fn read(model: &'a Model, session: Seen, now: &Circumstances<'a>) -> Result<Option<ActiveRules<'a>>, RequestError> {
        for overlay in now.page.overlays {
            if overlay.values.len() != now.n_values {
                let (found, expected) = (overlay.values.len(), now.n_values);
                return Err(RequestError::Length { what: "overlay", found, expected });
            }
        }
        let Some(rules) = now.page.rules.or(model.rules()) else { return Ok(None) };
        if !rules.are_bound_to(model) {
            return Err(RequestError::Rules);
        }
        let book = rules.book();
        let columns = model.attributes();
        let value = |at: usize| {
            let variable = book.variable(at);
            match variable.kind {
                VariableKind::Attribute => {
                    now.page.overlays.iter().find(|overlay| overlay.name == variable.name).map_or_else(
                        || Value::of_column(columns.as_ref(), variable.name, rules.words(at)),
                        |overlay| Value::Overlay(overlay.values),
                    )
                }
                VariableKind::Context => now
                    .word(variable.name, session)
                    .map_or(Value::Unknown, |word| Value::Fixed(book.find_word(ids::hash(word)).unwrap_or(-1))),
                VariableKind::Touched => {
                    let touches = |event: &&Event| event.item.is_some() && event.kind.may_interest();
                    let touched = session.events().filter(touches).count();
                    Value::Fixed(touched as i32)
                }
                VariableKind::Item => Value::Row(rules.words(at)),
                VariableKind::Seeds => Value::Unknown,
                set => Value::Items(session.items(set, now.page.now_ms, variable.days)),
            }
        };
        let values = (0..book.n_variables()).map(value).gather();
        let placement = book.placement(now.page.placement).map_or(YES, |placement| placement.of);
        let answers = answers(&book, session);
        let mut active = ActiveRules {
            n_items: model.n_items(),
            book,
            values,
            tests: Vec::new(),
            placement,
            answers,
            rules: Vec::new(),
            ends: [0; _],
        };
        let test = |at: usize| {
            let test = book.test(at);
            let question = active.question(model, session, now, &test).unwrap_or(Question::Settled(false));
            ActiveTest { question, variable: test.variable, yes: test.yes, no: test.no }
        };
        active.tests = (0..book.n_tests()).map(test).gather();
        Ok(Some(active))
    }

    /// What a test asks of candidates; none if no candidate passes it.
    fn question(&self, model: &Model, session: Seen, now: &Circumstances, test: &Test) -> Option<Question> {
        let low = test.low as usize;
        let variable = &self.values[usize::from(test.variable)];
        match test.operator {
            Operator::Within | Operator::Outside | Operator::HasBit => {
                let question = match test.operator {
                    Operator::Within => Question::Within(test.low, test.high),
                    Operator::Outside => Question::Outside(test.low, test.high),
                    _ => Question::HasBit(test.low),
                };
                match *variable {
                    Value::Fixed(value) => Some(Question::Settled(question.passes(value.into()))),
                    _ => Some(question).filter(|_| variable.words().is_none()),
                }
            }
            Operator::Is | Operator::IsOther | Operator::Under => {
                let answer = test.operator != Operator::IsOther;
                if let Value::Fixed(word) = *variable {
                    return Some(Question::Settled((word == test.low) == answer));
                }
                let words = variable.words()?;
                let called = if test.operator == Operator::Under { &words.under } else { &words.is };
                let from = called.partition_point(|&(word, _)| word < test.low);
                let to = called.partition_point(|&(word, _)| word <= test.low);
                Some(Question::IsOneOf(called[from..to].iter().map(|&(_, value)| value).gather(), answer))
            }
            Operator::Among => {
                let ids = model.ids();
                let rows: Vec<u32> = match &self.values[low] {
                    Value::Items(items) => items.iter().filter_map(|&hash| ids.row(hash)).gather(),
                    _ => now.seeds.to_vec(),
                };
                // Of an item of a set no overlay is known.
                let value = |row| self.value(test.variable.into(), Candidate { index: usize::MAX, row });
                let known = rows.into_iter().map(value).filter(|&value| value != UNKNOWN);
                let ascending = sorted(known.map(|value| (0, value as u32)));
                Some(Question::IsOneOf(ascending.into_iter().map(|(_, value)| value).gather(), true))
            }
            Operator::Holds => {
                let hash = self.book.word(low);
                Some(Question::Settled(match variable {
                    Value::Items(items) => has(items, &hash),
                    _ => model.ids().row(hash).is_some_and(|row| has(now.seeds, &row)),
                }))
            }
            Operator::IsGiven | Operator::IsNotGiven | Operator::UnderGiven => {
                let given = now.word(self.book.variable(low).name, session)?;
                let called = match variable {
                    Value::Row(_) => model.row(given).into_iter().gather(),
                    Value::Column { column, .. } if column.n_words() > 0 => {
                        let is_called = |word: &str| match test.operator {
                            Operator::UnderGiven => is_within(word, given),
                            _ => word == given,
                        };
                        let called = column.words().zip(1..).filter(|(word, _)| is_called(word));
                        // In the order of their numbers.
                        called.map(|(_, number)| number).gather()
                    }
                    _ => return None,
                };
                Some(Question::IsOneOf(called, test.operator != Operator::IsNotGiven))
            }
        }
    }

    /// The rules of a kind, with their numbers, in their order.
    pub(super) fn of_kind(&self, kind: RuleKind) -> &[(u16, Rule)] {
        self.of_kinds(kind, kind)
    }

    /// Those of two kinds that follow each other. Always in place: where the kinds are known, little is left of this.
    #[inline(always)]
    fn of_kinds(&self, first: RuleKind, last: RuleKind) -> &[(u16, Rule)] {
        &self.rules[self.ends[first as usize - 1]..self.ends[last as usize]]
    }

    /// Those that give a slot to an item.
    pub(super) fn holding(&self) -> &[(u16, Rule)] {
        self.of_kinds(RuleKind::Pin, RuleKind::Reserve)
    }

    /// The caps and quotas.
    pub(super) fn bounding(&self) -> &[(u16, Rule)] {
        self.of_kinds(RuleKind::Cap, RuleKind::Quota)
    }

    /// The first filter that bars a candidate.
    pub(super) fn barred_by(&self, candidate: Candidate) -> Option<u16> {
        let filters = self.of_kind(RuleKind::Filter);
        filters.iter().find(|(_, rule)| self.holds(rule.of, candidate)).map(|&(number, _)| number)
    }

    /// Whether the placement may show a candidate.
    pub(super) fn in_placement(&self, candidate: Candidate) -> bool {
        self.holds(self.placement, candidate)
    }

    /// What the shopper's answers add to a candidate's score, in 1/1024 of a logit.
    pub(super) fn answers(&self, candidate: Candidate) -> i32 {
        self.answered(candidate).map(|(_, by)| by).sum()
    }

    /// The answer that adds most to a candidate's score; the newest of equals.
    pub(super) fn answer(&self, candidate: Candidate) -> Option<u16> {
        let mut most = None;
        for (number, by) in self.answered(candidate) {
            if most.is_none_or(|(_, most)| by > most) {
                most = Some((number, by));
            }
        }
        most.map(|(number, _)| number)
    }

    fn answered(&self, candidate: Candidate) -> impl Iterator<Item = (u16, i32)> + '_ {
        let holds = move |&&(_, of, _): &&(u16, u16, i32)| self.holds(of, candidate);
        self.answers.iter().filter(holds).map(|&(number, _, by)| (number, by))
    }

    /// The most that answers can add to any score.
    pub(super) fn greatest_answers(&self) -> i32 {
        self.answers.iter().map(|&(_, _, by)| by).sum()
    }

    /// What all boosts add to a candidate's score, in 1/1024 of a logit. `score` is the candidate's without them.
    pub(super) fn boost(&self, candidate: Candidate, score: i32, floors: &Floors) -> i32 {
        let mut sum = 0;
        for (_, rule) in self.of_kind(RuleKind::Boost) {
            if (rule.first == 0 || score >= floors.of(rule.first)) && self.holds(rule.of, candidate) {
                let times = match rule.variable {
                    NO_VARIABLE => 1,
                    variable => self.number(variable.into(), candidate),
                };
                sum += i64::from(rule.number) * times;
            }
        }
        sum.clamp((-BOOST_MAX).into(), BOOST_MAX.into()) as i32
    }

    /// The most that boosts can add to any score.
    pub(super) fn greatest_boost(&self) -> i32 {
        let most = |rule: &Rule| if rule.variable == NO_VARIABLE { rule.number.max(0) } else { BOOST_MAX };
        self.of_kind(RuleKind::Boost).iter().fold(0, |sum, (_, rule)| BOOST_MAX.min(sum + most(rule)))
    }

    /// How many of the best scores without boosts [`Floors`] need.
    pub(super) fn n_among(&self) -> usize {
        self.of_kind(RuleKind::Boost).iter().map(|(_, rule)| rule.first).max().unwrap_or(0) as usize
    }

    /// Whether the condition of a rule holds for a candidate.
    pub(super) fn holds(&self, begin: u16, candidate: Candidate) -> bool {
        let mut at = begin;
        while at < NO {
            let test = &self.tests[usize::from(at)];
            let passes = match &test.question {
                Question::Settled(answer) => *answer,
                question => match self.value(test.variable.into(), candidate) {
                    UNKNOWN => false,
                    value => question.passes(value),
                },
            };
            at = if passes { test.yes } else { test.no };
        }
        at == YES
    }

    /// What a boost counts times.
    fn number(&self, variable: usize, candidate: Candidate) -> i64 {
        match &self.values[variable] {
            Value::Fixed(value) => (*value).into(),
            value if value.words().is_some() => 0,
            _ => match self.value(variable, candidate) {
                UNKNOWN => 0,
                value => value.min(i32::MAX.into()),
            },
        }
    }

    /// The bare value: a number, or that of a word in its column; [`UNKNOWN`] if there is none. Always in place, as
    /// [`Question::passes`]: no others are called so often.
    #[inline(always)]
    pub(super) fn value(&self, variable: usize, candidate: Candidate) -> i64 {
        let is_known = (candidate.row as usize) < self.n_items;
        match &self.values[variable] {
            Value::Overlay(values) => match values.get(candidate.index) {
                None | Some(&Overlay::NOT_KNOWN) => UNKNOWN,
                Some(&value) => value.into(),
            },
            Value::Row(_) if is_known => candidate.row.into(),
            Value::Column { column, zero_is_none, .. } if is_known => match column.value(candidate.row) {
                0 if *zero_is_none => UNKNOWN,
                value => value.into(),
            },
            _ => UNKNOWN,
        }
    }
}

impl<'a> Circumstances<'a> {
    /// The request's word of a name.
    fn word(&self, name: &str, session: Seen) -> Option<&'a str> {
        match name {
            SURFACE => Some(self.page.surface),
            PLACEMENT => Some(self.page.placement),
            SEGMENT => Some(Segment::of(session, self.page.now_ms).name()),
            _ => self.page.context.iter().find(|(known, _)| *known == name).map(|&(_, word)| word),
        }
    }
}

/// The shopper's newest answer to every question, newest first.
fn answers(book: &RuleBook, session: Seen) -> Vec<(u16, u16, i32)> {
    let mut answers = Vec::new();
    let mut answered: Vec<&str> = Vec::new();
    for (question, name) in session.events().rev().filter_map(Event::answer) {
        if !has(&answered, &question) {
            answered.push(question);
            let known = (0..book.n_answers()).map(|at| (at as u16, book.answer(at)));
            let given = known.filter(|(_, answer)| answer.question == question && answer.answer == name);
            answers.extend(given.map(|(number, answer)| (number, answer.of, i32::from(answer.by))).take(1));
        }
    }
    answers
}

/// The best scores without boosts, best first: what boosts that are `among` the first ones go by.
#[derive(Default)]
pub(super) struct Floors(pub(super) Vec<(i32, u32)>);

impl Floors {
    /// The least score that is among the first ones.
    fn of(&self, first: u32) -> i32 {
        self.0.get(first as usize - 1).map_or(i32::MIN, |&(score, _)| score)
    }
}

impl<'a> Value<'a> {
    fn of_column(columns: Option<&Attributes<'a>>, name: &str, words: &'a Words) -> Value<'a> {
        let Some(column) = columns.and_then(|columns| columns.column(name)) else { return Value::Unknown };
        let zero_is_none =
            column.n_words() > 0 || [PRICE_BAND, MARGIN_BAND, CLICK_RATE, REPURCHASE_DAYS, PARENT].contains(&name);
        Value::Column { column, words, zero_is_none }
    }

    /// What the rules' words are called there, if its values are words.
    fn words(&self) -> Option<&'a Words> {
        match self {
            Value::Column { column, words, .. } if column.n_words() > 0 => Some(words),
            Value::Row(words) => Some(words),
            _ => None,
        }
    }
}
