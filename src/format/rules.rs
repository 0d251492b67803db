//! Section 8, rules: what the store's merchandisers say must and must not happen, the placements of its pages, and what
//! it asks new shoppers, compiled.
//!
//! A condition is a walk over tests: each asks one thing and names where to go on, always further on in the list or to
//! one of two ends. So no bytes make a walk loop, and there is nothing to parse or to recurse into at run time. Words
//! are kept as their hashes: the same rules mean the same with every model of the store.

use alloc::string::String;
use alloc::vec::Vec;

use super::FormatError;
use super::attributes::MAX_NAME_LEN;
use super::bytes::{Fields, padded, u16_at, u32_at, u64_at};
use super::metadata::ONE;

/// Most bytes that the section may have.
pub const MAX_LEN: usize = 64 * 1024;
/// The end of a walk where the condition does not hold. As the beginning of one: it never holds.
pub const NO: u16 = 0xfffe;
/// The end of a walk where the condition holds. As the beginning of one: it always holds.
pub const YES: u16 = 0xffff;
/// In place of a variable: none.
pub const NO_VARIABLE: u8 = 0xff;
/// Most that all boosts together move a score, either way: 4 logits, in 1/1024.
pub const BOOST_MAX: i32 = 4 * ONE;
/// Slots that rules can name are below it.
pub const MAX_SLOTS: u32 = 1 << 16;

/// Most tests that fit.
pub const MAX_TESTS: usize = MAX_LEN / TEST_LEN;
/// Most quotas.
pub const MAX_QUOTAS: usize = 32;
/// Most bytes of a placement's name.
pub const MAX_PLACEMENT_LEN: usize = 32;
/// Most bytes of the names of surfaces that placements have, of questions and of answers.
pub const MAX_LABEL_LEN: usize = 16;
/// Most steps of a placement's fallback chain.
pub const MAX_DRAW: usize = 8;
/// Most that a placement shows.
pub const MAX_LIMIT: u16 = 1000;
/// Greatest share of discoveries, in 1/1024.
pub const DISCOVERY_MAX: u16 = 307;

const TEST_LEN: usize = 16;
const RULE_LEN: usize = 24;
const VARIABLE_LEN: usize = MAX_NAME_LEN + 4;
const PLACEMENT_LEN: usize = MAX_PLACEMENT_LEN + MAX_LABEL_LEN + MAX_DRAW + 16;
const ANSWER_LEN: usize = 2 * MAX_LABEL_LEN + 4;
/// In place of a number of a placement: none.
const NONE: u16 = u16::MAX;
const PART: &str = "rules";

/// Where the value of a variable comes from. The numbers are part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum VariableKind {
    /// A number given with the request for every candidate, or else a column of the model.
    Attribute = 0,
    /// A word given with the request.
    Context = 1,
    /// How many of the session's events are with an item, impressions and aversions left out.
    Touched = 2,
    /// The item itself.
    Item = 3,
    /// The items that the request starts from: a set.
    Seeds = 4,
    /// What lies in the shopper's cart: a set.
    Cart = 5,
    /// What the shopper has bought and not sent back: a set.
    Bought = 6,
    /// What the shopper has done anything with, impressions and aversions left out: a set.
    TouchedItems = 7,
}

impl VariableKind {
    const ALL: [VariableKind; 8] = [
        VariableKind::Attribute,
        VariableKind::Context,
        VariableKind::Touched,
        VariableKind::Item,
        VariableKind::Seeds,
        VariableKind::Cart,
        VariableKind::Bought,
        VariableKind::TouchedItems,
    ];

    /// Whether it is a set of items.
    pub fn is_set(self) -> bool {
        self as u16 >= VariableKind::Seeds as u16
    }
}

/// Something that tests ask about: its name has at most [`MAX_NAME_LEN`] ASCII bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Where its value comes from.
    pub kind: VariableKind,
    /// The column's or the context's name; empty for the other kinds.
    pub name: &'a str,
    /// Of a set from the shopper's own events: how many days back they count; 0: all of them. Else 0.
    pub days: u16,
}

/// What a test asks. The numbers are part of the format. What is not known passes none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Operator {
    /// The number is from `low` to `high`.
    Within = 0,
    /// The number is below `low` or above `high`.
    Outside = 1,
    /// The number has a bit of `low`.
    HasBit = 2,
    /// The word has the hash number `low`.
    Is = 3,
    /// The word has another hash.
    IsOther = 4,
    /// The path's word, or the beginning of it up to some step, has the hash number `low`.
    Under = 5,
    /// The value is that of an item of the set that variable `low` is.
    Among = 6,
    /// The variable is a set, which has the item whose id has the hash number `low`.
    Holds = 7,
    /// The word is that of the request's variable `low`.
    IsGiven = 8,
    /// The word is another than that of the request's variable `low`.
    IsNotGiven = 9,
    /// The path's word, or the beginning of it up to some step, is the word of the request's variable `low`.
    UnderGiven = 10,
}

impl Operator {
    const ALL: [Operator; 11] = [
        Operator::Within,
        Operator::Outside,
        Operator::HasBit,
        Operator::Is,
        Operator::IsOther,
        Operator::Under,
        Operator::Among,
        Operator::Holds,
        Operator::IsGiven,
        Operator::IsNotGiven,
        Operator::UnderGiven,
    ];
}

/// One question about one variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Test {
    /// What is asked.
    pub operator: Operator,
    /// Number of the variable.
    pub variable: u8,
    /// The test to go on with if the answer is yes, or [`YES`] or [`NO`].
    pub yes: u16,
    /// The same if it is no.
    pub no: u16,
    /// The least number, the bits, or the number of a hash or of another variable.
    pub low: i32,
    /// The greatest number; 0 where one is not asked for.
    pub high: i32,
}

/// What a rule does. The numbers are part of the format; rules stand in the section in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum RuleKind {
    /// Bars candidates.
    Filter = 1,
    /// Gives an item a slot.
    Pin = 2,
    /// Gives a slot to the best candidate of some.
    Reserve = 3,
    /// Bounds how many of some there are in the first slots.
    Cap = 4,
    /// Bounds how few of some there are in the first slots.
    Quota = 5,
    /// Adds to scores.
    Boost = 6,
}

impl RuleKind {
    pub(crate) const ALL: [RuleKind; 6] =
        [RuleKind::Filter, RuleKind::Pin, RuleKind::Reserve, RuleKind::Cap, RuleKind::Quota, RuleKind::Boost];
}

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What it does.
    pub kind: RuleKind,
    /// Of a cap: candidates with the same value of this variable are counted together, those without one not at all.
    /// [`NO_VARIABLE`]: all are counted together. Of a boost: `number` counts times the value of this variable;
    /// [`NO_VARIABLE`]: once.
    pub variable: u8,
    /// Beginning of the condition on the request.
    pub when: u16,
    /// Beginning of the condition on a candidate; [`YES`] of a pin.
    pub of: u16,
    /// Of a pin or a reserve the slot, of a cap the most candidates, of a quota the fewest, of a boost what it adds, in
    /// 1/1024 of a logit.
    pub number: i32,
    /// Of a cap: how many slots it is for, `u32::MAX` for all. Of a quota: how many. Of a boost: how many candidates it
    /// is for, the best without boosts; 0 for all. Else 0.
    pub first: u32,
    /// Of a pin: hash of the item's id. Else 0.
    pub item: u64,
}

/// A block of a page, and how it is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement<'a> {
    /// What pages call it: 1 to [`MAX_PLACEMENT_LEN`] ASCII bytes.
    pub name: &'a str,
    /// The kind of page, which chooses the blend and the rules: at most [`MAX_LABEL_LEN`] ASCII bytes.
    pub surface: &'a str,
    /// What items are found by, in order: numbers of bases from 1, at most [`MAX_DRAW`]. Empty: as the request says.
    pub draw: &'a [u8],
    /// Beginning of the condition on a candidate.
    pub of: u16,
    /// Most items, at most [`MAX_LIMIT`]; 0: as the request says.
    pub limit: u16,
    /// Weight of the shopper's events against the incoming order, in 1/1024; none: as the blend says.
    pub strength: Option<u16>,
    /// Weight of variety against relevance, in 1/1024; none: as the request says.
    pub diversity: Option<u16>,
    /// Share of discoveries, in 1/1024, at most [`DISCOVERY_MAX`].
    pub discovery: u16,
    /// Most slots that a candidate may move; none: any number.
    pub max_shift: Option<u16>,
    /// How many of the first candidates keep their slots.
    pub keep_first: u16,
    /// Whether items are found from those in the cart.
    pub from_cart: bool,
}

/// An answer that a shopper may give to a question of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The question's name: 1 to [`MAX_LABEL_LEN`] ASCII bytes.
    pub question: &'a str,
    /// The answer's name: 1 to [`MAX_LABEL_LEN`] ASCII bytes.
    pub answer: &'a str,
    /// Beginning of the condition on a candidate.
    pub of: u16,
    /// What it adds to the scores of those that the condition holds for, in 1/1024 of a logit, at most [`BOOST_MAX`].
    pub by: u16,
}

/// A view of the section.
#[derive(Debug, Clone, Copy)]
pub struct RuleBook<'a> {
    words: &'a [u8],
    rules: &'a [u8],
    tests: &'a [u8],
    variables: &'a [u8],
    placements: &'a [u8],
    answers: &'a [u8],
}

impl<'a> RuleBook<'a> {
    /// Finds the arrays. O(1).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn parse(section: &'a [u8]) -> Result<RuleBook<'a>, FormatError> {
        if section.len() > MAX_LEN {
            return Err(FormatError::unsound(PART, "it is longer than 65536 bytes", &[]));
        }
        let mut fields = Fields::new(PART, section);
        let n_words = fields.u16();
        let n_rules = fields.u16();
        let n_tests = fields.u16();
        let n_variables = fields.u16();
        let n_placements = fields.u16();
        let n_answers = fields.u16();
        fields.reserved(4);
        let words = fields.array(n_words.into(), 8);
        let rules = fields.array(n_rules.into(), RULE_LEN);
        let tests = fields.array(n_tests.into(), TEST_LEN);
        let variables = fields.array(n_variables.into(), VARIABLE_LEN);
        let placements = fields.array(n_placements.into(), PLACEMENT_LEN);
        let answers = fields.array(n_answers.into(), ANSWER_LEN);
        fields.end()?;
        Ok(RuleBook { words, rules, tests, variables, placements, answers })
    }

    /// Walks the section once: what the accessors rely on, and that every walk ends.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        let hashes_ascend = (1..self.n_words()).all(|word| self.word(word - 1) < self.word(word));
        let variables = (0..self.n_variables()).all(|at| read_variable(self.variables, at).is_some());
        // What stands behind a part is looked at only if the part is sound.
        let tests = variables && (0..self.n_tests()).all(|at| self.is_sound_test(at));
        let mut before = RuleKind::Filter;
        let rules = tests
            && (0..self.n_rules()).all(|at| {
                let rule = read_rule(self.rules, at).filter(|rule| rule.kind >= before && self.is_sound_rule(rule));
                before = rule.map_or(before, |rule| rule.kind);
                rule.is_some()
            });
        let n_quotas = (0..self.n_rules()).filter(|&at| rules && self.rule(at).kind == RuleKind::Quota).count();
        let begins = |of: u16| self.begins(of);
        let placements = (0..self.n_placements())
            .all(|at| read_placement(self.placements, at).is_some_and(|placement| begins(placement.of)));
        let answers =
            (0..self.n_answers()).all(|at| read_answer(self.answers, at).is_some_and(|answer| begins(answer.of)));
        // The last number is none's.
        let few = n_quotas <= MAX_QUOTAS && self.n_variables() < usize::from(NO_VARIABLE);
        if hashes_ascend && rules && placements && answers && few {
            return Ok(());
        }
        Err(FormatError::unsound(PART, "its rules do not hold together", &[]))
    }

    fn is_sound_test(&self, at: usize) -> bool {
        let goes_on = |to: u16| to >= NO || (usize::from(to) > at && usize::from(to) < self.n_tests());
        read_test(self.tests, at).is_some_and(|test| {
            let kind = |at: usize| (at < self.n_variables()).then(|| self.variable(at).kind);
            let low = test.low as usize;
            let low_is_sound = match test.operator {
                Operator::Is | Operator::IsOther | Operator::Under | Operator::Holds => low < self.n_words(),
                Operator::Among => kind(low).is_some_and(VariableKind::is_set),
                Operator::IsGiven | Operator::IsNotGiven | Operator::UnderGiven => {
                    kind(low) == Some(VariableKind::Context)
                }
                _ => true,
            };
            let asks_set = test.operator == Operator::Holds;
            kind(test.variable.into()).is_some_and(|kind| kind.is_set() == asks_set)
                && low_is_sound
                && goes_on(test.yes)
                && goes_on(test.no)
        })
    }

    fn begins(&self, at: u16) -> bool {
        at >= NO || usize::from(at) < self.n_tests()
    }

    fn is_sound_rule(&self, rule: &Rule) -> bool {
        let of_kind = match rule.kind {
            RuleKind::Filter => rule.number == 0,
            RuleKind::Pin | RuleKind::Reserve => (0..MAX_SLOTS as i32).contains(&rule.number),
            RuleKind::Cap | RuleKind::Quota => rule.number > 0 && rule.first > 0,
            RuleKind::Boost => (-BOOST_MAX..=BOOST_MAX).contains(&rule.number),
        };
        let has_variable = matches!(rule.kind, RuleKind::Cap | RuleKind::Boost) && rule.variable != NO_VARIABLE;
        let variable = match usize::from(rule.variable) {
            at if has_variable => at < self.n_variables() && !self.variable(at).kind.is_set(),
            at => at == usize::from(NO_VARIABLE),
        };
        let unused = (rule.kind >= RuleKind::Cap || rule.first == 0) && (rule.kind == RuleKind::Pin || rule.item == 0);
        let of_item = rule.kind != RuleKind::Pin || rule.of == YES;
        of_kind && of_item && variable && unused && self.begins(rule.when) && self.begins(rule.of)
    }

    /// How many different hashes of words there are.
    pub fn n_words(&self) -> usize {
        self.words.len() / 8
    }

    /// A hash of a word. Panics past [`RuleBook::n_words`].
    pub fn word(&self, at: usize) -> u64 {
        u64_at(self.words, at)
    }

    /// The number of a hash, if a test asks for it. O(log words).
    pub fn find_word(&self, hash: u64) -> Option<i32> {
        let (mut low, mut high) = (0, self.n_words());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.word(middle) < hash {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.n_words() && self.word(low) == hash).then_some(low as i32)
    }

    /// How many rules there are.
    pub fn n_rules(&self) -> usize {
        self.rules.len() / RULE_LEN
    }

    /// A rule. Panics past [`RuleBook::n_rules`], or if the section was never [validated](RuleBook::validate).
    pub fn rule(&self, at: usize) -> Rule {
        read_rule(self.rules, at).unwrap_or_else(|| unreachable!("the rules were validated"))
    }

    /// How many tests all conditions have together.
    pub fn n_tests(&self) -> usize {
        self.tests.len() / TEST_LEN
    }

    /// A test. Panics past [`RuleBook::n_tests`], or if the section was never [validated](RuleBook::validate).
    pub fn test(&self, at: usize) -> Test {
        read_test(self.tests, at).unwrap_or_else(|| unreachable!("the rules were validated"))
    }

    /// How many variables there are.
    pub fn n_variables(&self) -> usize {
        self.variables.len() / VARIABLE_LEN
    }

    /// A variable. Panics past [`RuleBook::n_variables`], or if the section was never [validated](RuleBook::validate).
    pub fn variable(&self, at: usize) -> Variable<'a> {
        read_variable(self.variables, at).unwrap_or_else(|| unreachable!("the rules were validated"))
    }

    /// How many placements there are.
    pub fn n_placements(&self) -> usize {
        self.placements.len() / PLACEMENT_LEN
    }

    /// A placement. Panics past [`RuleBook::n_placements`], or if the section was never [validated](RuleBook::validate).
    pub fn placement_at(&self, at: usize) -> Placement<'a> {
        read_placement(self.placements, at).unwrap_or_else(|| unreachable!("the rules were validated"))
    }

    /// The placement with this name: the first if there are several.
    pub fn placement(&self, name: &str) -> Option<Placement<'a>> {
        let mut names = self.placements.chunks_exact(PLACEMENT_LEN).map(|placement| &placement[..MAX_PLACEMENT_LEN]);
        names.position(|known| padded(known) == Some(name)).map(|at| self.placement_at(at))
    }

    /// How many answers all questions have together.
    pub fn n_answers(&self) -> usize {
        self.answers.len() / ANSWER_LEN
    }

    /// An answer, those of a question one after the other. Panics past [`RuleBook::n_answers`], or if the section was
    /// never [validated](RuleBook::validate).
    pub fn answer(&self, at: usize) -> Answer<'a> {
        read_answer(self.answers, at).unwrap_or_else(|| unreachable!("the rules were validated"))
    }
}

fn read_rule(rules: &[u8], at: usize) -> Option<Rule> {
    let rule = &rules[RULE_LEN * at..][..RULE_LEN];
    let kind = *RuleKind::ALL.get(usize::from(rule[0]).checked_sub(1)?)?;
    let [when, of, reserved] = [1, 2, 3].map(|place| u16_at(rule, place));
    let (number, first, item) = (u32_at(rule, 2) as i32, u32_at(rule, 3), u64_at(rule, 2));
    (reserved == 0).then_some(Rule { kind, variable: rule[1], when, of, number, first, item })
}

fn read_test(tests: &[u8], at: usize) -> Option<Test> {
    let test = &tests[TEST_LEN * at..][..TEST_LEN];
    let operator = *Operator::ALL.get(usize::from(test[0]))?;
    let (low, high) = (u32_at(test, 2) as i32, u32_at(test, 3) as i32);
    let read = Test { operator, variable: test[1], yes: u16_at(test, 1), no: u16_at(test, 2), low, high };
    (u16_at(test, 3) == 0).then_some(read)
}

fn read_variable(variables: &[u8], at: usize) -> Option<Variable<'_>> {
    let (name, numbers) = variables[VARIABLE_LEN * at..][..VARIABLE_LEN].split_at(MAX_NAME_LEN);
    let kind = *VariableKind::ALL.get(usize::from(u16_at(numbers, 0)))?;
    let days = u16_at(numbers, 1);
    let has_name = matches!(kind, VariableKind::Attribute | VariableKind::Context);
    let sound = (days == 0 || kind as u16 >= VariableKind::Cart as u16) && (name[0] != 0) == has_name;
    padded(name).filter(|_| sound).map(|name| Variable { kind, name, days })
}

fn read_placement(placements: &[u8], at: usize) -> Option<Placement<'_>> {
    let (name, rest) = placements[PLACEMENT_LEN * at..][..PLACEMENT_LEN].split_at(MAX_PLACEMENT_LEN);
    let (surface, rest) = rest.split_at(MAX_LABEL_LEN);
    let (draw, numbers) = rest.split_at(MAX_DRAW);
    let (draw, after) = draw.split_at(draw.iter().position(|&basis| basis == 0).unwrap_or(MAX_DRAW));
    let [of, limit, strength, diversity, discovery, max_shift, keep_first, from_cart] =
        [0, 1, 2, 3, 4, 5, 6, 7].map(|place| u16_at(numbers, place));
    let is_share = |share: u16| share <= ONE as u16 || share == NONE;
    let sound = name[0] != 0
        && after.iter().all(|&byte| byte == 0)
        && limit <= MAX_LIMIT
        && is_share(strength)
        && is_share(diversity)
        && discovery <= DISCOVERY_MAX
        && from_cart <= 1;
    let given = |number: u16| (number != NONE).then_some(number);
    sound.then_some(Placement {
        name: padded(name)?,
        surface: padded(surface)?,
        draw,
        of,
        limit,
        strength: given(strength),
        diversity: given(diversity),
        discovery,
        max_shift: given(max_shift),
        keep_first,
        from_cart: from_cart == 1,
    })
}

fn read_answer(answers: &[u8], at: usize) -> Option<Answer<'_>> {
    let (question, rest) = answers[ANSWER_LEN * at..][..ANSWER_LEN].split_at(MAX_LABEL_LEN);
    let (answer, numbers) = rest.split_at(MAX_LABEL_LEN);
    let [of, by] = [0, 1].map(|place| u16_at(numbers, place));
    let sound = question[0] != 0 && answer[0] != 0 && i32::from(by) <= BOOST_MAX;
    sound.then_some(Answer { question: padded(question)?, answer: padded(answer)?, of, by })
}

/// What the section is made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Encoded<'a> {
    /// Hashes of words, ascending.
    pub words: &'a [u64],
    /// The rules, in the order of their kinds.
    pub rules: &'a [Rule],
    /// The tests of all conditions.
    pub tests: &'a [Test],
    /// What tests ask about.
    pub variables: &'a [Variable<'a>],
    /// The placements.
    pub placements: &'a [Placement<'a>],
    /// The answers, those of a question one after the other.
    pub answers: &'a [Answer<'a>],
}

/// Encodes the section.
///
/// # Errors
///
/// [`FormatError::Unsound`] if [`RuleBook::parse`] and [`RuleBook::validate`] would refuse the result, or a name is too
/// long.
pub fn write(content: &Encoded) -> Result<Vec<u8>, FormatError> {
    let Encoded { words, rules, tests, variables, placements, answers } = *content;
    let mut out = Vec::new();
    for count in [words.len(), rules.len(), tests.len(), variables.len(), placements.len(), answers.len()] {
        let count =
            u16::try_from(count).map_err(|_| FormatError::unsound(PART, "it is longer than 65536 bytes", &[]))?;
        out.extend(count.to_le_bytes());
    }
    out.extend([0; 4]);
    out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    for rule in rules {
        out.extend([rule.kind as u8, rule.variable]);
        push(&mut out, &[rule.when, rule.of, 0]);
        out.extend(rule.number.to_le_bytes());
        out.extend(rule.first.to_le_bytes());
        out.extend(rule.item.to_le_bytes());
    }
    for test in tests {
        out.extend([test.operator as u8, test.variable]);
        push(&mut out, &[test.yes, test.no, 0]);
        out.extend([test.low, test.high].iter().flat_map(|number| number.to_le_bytes()));
    }
    for variable in variables {
        push_text(&mut out, variable.name.as_bytes(), MAX_NAME_LEN)?;
        push(&mut out, &[variable.kind as u16, variable.days]);
    }
    for placement in placements {
        push_text(&mut out, placement.name.as_bytes(), MAX_PLACEMENT_LEN)?;
        push_text(&mut out, placement.surface.as_bytes(), MAX_LABEL_LEN)?;
        push_text(&mut out, placement.draw, MAX_DRAW)?;
        let Placement { of, limit, discovery, keep_first, .. } = *placement;
        let [strength, diversity, max_shift] =
            [placement.strength, placement.diversity, placement.max_shift].map(|number| number.unwrap_or(NONE));
        let from_cart = placement.from_cart.into();
        push(&mut out, &[of, limit, strength, diversity, discovery, max_shift, keep_first, from_cart]);
    }
    for answer in answers {
        push_text(&mut out, answer.question.as_bytes(), MAX_LABEL_LEN)?;
        push_text(&mut out, answer.answer.as_bytes(), MAX_LABEL_LEN)?;
        push(&mut out, &[answer.of, answer.by]);
    }
    RuleBook::parse(&out)?.validate()?;
    Ok(out)
}

fn push(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// Adds bytes, filled up with zeros to a width.
fn push_text(out: &mut Vec<u8>, bytes: &[u8], width: usize) -> Result<(), FormatError> {
    if bytes.len() > width {
        let name = String::from_utf8_lossy(bytes);
        return Err(FormatError::unsound_in(PART, "the name @ is longer than # bytes", &name, &[width as u64]));
    }
    out.extend(bytes);
    out.resize(out.len() + width - bytes.len(), 0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILTER: Rule =
        Rule { kind: RuleKind::Filter, variable: NO_VARIABLE, when: YES, of: 0, number: 0, first: 0, item: 0 };

    fn sample() -> (Vec<Rule>, Vec<Test>) {
        let test = Test { operator: Operator::Is, variable: 0, yes: 1, no: NO, low: 1, high: 0 };
        let last = Test { operator: Operator::Within, variable: 1, yes: YES, no: NO, low: -3, high: i32::MAX };
        let pin = Rule { kind: RuleKind::Pin, of: YES, number: 2, item: 9, ..FILTER };
        let cap = Rule { kind: RuleKind::Cap, variable: 1, number: 2, first: u32::MAX, ..FILTER };
        let quota = Rule { kind: RuleKind::Quota, number: 1, first: 4, ..FILTER };
        let boost = Rule { kind: RuleKind::Boost, variable: 1, number: -BOOST_MAX, first: 48, when: 1, ..FILTER };
        let among = Test { operator: Operator::Among, variable: 1, low: 2, ..test };
        let holds = Test { operator: Operator::Holds, variable: 2, yes: 3, ..test };
        let given = Test { operator: Operator::IsGiven, variable: 1, yes: 4, low: 0, ..test };
        let tests = vec![test, Test { yes: 2, ..among }, holds, given, last];
        (vec![FILTER, pin, cap, quota, boost], tests)
    }

    const VARIABLES: [Variable; 3] = [
        Variable { kind: VariableKind::Context, name: "surface", days: 0 },
        Variable { kind: VariableKind::Attribute, name: "sixteen_letters_", days: 0 },
        Variable { kind: VariableKind::Bought, name: "", days: 90 },
    ];

    const PLACEMENT: Placement = Placement {
        name: "home_feed",
        surface: "home",
        draw: &[1, 4],
        of: 1,
        limit: 12,
        strength: None,
        diversity: Some(300),
        discovery: DISCOVERY_MAX,
        max_shift: Some(0),
        keep_first: 2,
        from_cart: true,
    };

    const ANSWER: Answer = Answer { question: "for_whom", answer: "kids", of: NO, by: BOOST_MAX as u16 };

    fn encode(rules: &[Rule], tests: &[Test]) -> Result<Vec<u8>, FormatError> {
        encode_with(rules, tests, &PLACEMENT, &ANSWER)
    }

    fn encode_with(
        rules: &[Rule],
        tests: &[Test],
        placement: &Placement,
        answer: &Answer,
    ) -> Result<Vec<u8>, FormatError> {
        let (placements, answers) = (&[*placement], &[*answer]);
        write(&Encoded { words: &[3, 7], rules, tests, variables: &VARIABLES, placements, answers })
    }

    #[test]
    fn what_is_written_is_read() {
        let (rules, tests) = sample();
        let section = encode(&rules, &tests).unwrap();
        let book = RuleBook::parse(&section).unwrap();
        assert_eq!((0..book.n_rules()).map(|at| book.rule(at)).collect::<Vec<_>>(), rules);
        assert_eq!((0..book.n_tests()).map(|at| book.test(at)).collect::<Vec<_>>(), tests);
        assert_eq!((0..book.n_variables()).map(|at| book.variable(at)).collect::<Vec<_>>(), VARIABLES);
        assert_eq!(book.placement("home_feed"), Some(PLACEMENT));
        assert_eq!(book.placement("home"), None);
        assert_eq!((book.n_answers(), book.answer(0)), (1, ANSWER));
        assert_eq!([1, 3, 5, 7, 9].map(|hash| book.find_word(hash)), [None, Some(0), None, Some(1), None]);
    }

    #[test]
    fn unsound_rules_are_refused() {
        let check = |change: fn(&mut Vec<Rule>, &mut Vec<Test>)| {
            let (mut rules, mut tests) = sample();
            change(&mut rules, &mut tests);
            assert!(encode(&rules, &tests).is_err(), "{rules:?} {tests:?}");
        };
        check(|_, tests| tests[0].yes = 0);
        check(|_, tests| tests[4].no = 4);
        check(|_, tests| tests[0].no = 5);
        check(|_, tests| tests[0].low = 2);
        check(|_, tests| tests[0].low = -1);
        check(|_, tests| tests[0].variable = 2);
        check(|_, tests| tests[1].low = 0);
        check(|_, tests| tests[2].variable = 1);
        check(|_, tests| tests[3].low = 1);
        check(|_, tests| tests[3].low = 3);
        check(|_, tests| tests[4].variable = 3);
        check(|rules, _| rules[0].of = 5);
        check(|rules, _| rules[0].when = 5);
        check(|rules, _| rules[0].number = 1);
        check(|rules, _| rules[0].item = 1);
        check(|rules, _| rules[0].variable = 0);
        check(|rules, _| rules[1].of = 0);
        check(|rules, _| rules[1].number = -1);
        check(|rules, _| rules[1].number = MAX_SLOTS as i32);
        check(|rules, _| rules[1].first = 1);
        check(|rules, _| rules[2].variable = 3);
        check(|rules, _| rules[2].variable = 2);
        check(|rules, _| rules[2].number = 0);
        check(|rules, _| rules[2].first = 0);
        check(|rules, _| rules[3].number = 0);
        check(|rules, _| rules[3].first = 0);
        check(|rules, _| rules[3].variable = 0);
        check(|rules, _| drop(rules.splice(3..3, [rules[3]; MAX_QUOTAS])));
        check(|rules, _| rules[4].number = BOOST_MAX + 1);
        check(|rules, _| rules[4].variable = 3);
        check(|rules, _| rules.swap(0, 1));
        let (rules, tests) = sample();
        let placement = |placement: Placement| assert!(encode_with(&rules, &tests, &placement, &ANSWER).is_err());
        placement(Placement { name: "", ..PLACEMENT });
        placement(Placement { name: &"x".repeat(33), ..PLACEMENT });
        placement(Placement { surface: "ä", ..PLACEMENT });
        placement(Placement { draw: &[0, 1], ..PLACEMENT });
        placement(Placement { of: 5, ..PLACEMENT });
        placement(Placement { limit: MAX_LIMIT + 1, ..PLACEMENT });
        placement(Placement { strength: Some(1025), ..PLACEMENT });
        placement(Placement { diversity: Some(1025), ..PLACEMENT });
        placement(Placement { discovery: DISCOVERY_MAX + 1, ..PLACEMENT });
        let answer = |answer: Answer| assert!(encode_with(&rules, &tests, &PLACEMENT, &answer).is_err());
        answer(Answer { question: "", ..ANSWER });
        answer(Answer { answer: "", ..ANSWER });
        answer(Answer { of: 5, ..ANSWER });
        answer(Answer { by: 4097, ..ANSWER });
    }

    #[test]
    fn no_byte_makes_it_panic() {
        let (rules, tests) = sample();
        let section = encode(&rules, &tests).unwrap();
        for at in 0..section.len() {
            for byte in 0..=255 {
                let mut section = section.clone();
                section[at] = byte;
                if let Ok(book) = RuleBook::parse(&section)
                    && book.validate().is_ok()
                {
                    assert!((0..book.n_rules()).all(|at| book.rule(at).kind >= RuleKind::Filter));
                    assert!((0..book.n_variables()).all(|at| book.variable(at).name.len() <= MAX_NAME_LEN));
                    assert!((0..book.n_placements()).all(|at| book.placement_at(at).limit <= MAX_LIMIT));
                    assert!((0..book.n_answers()).all(|at| !book.answer(at).question.is_empty()));
                }
            }
            assert!(RuleBook::parse(&section[..at]).is_err());
        }
    }
}
