//! Section 8, rules: what the store's merchandisers say must and must not happen, compiled.
//!
//! A condition is a walk over tests: each asks one thing and names where to go on, always further on in the list or to
//! one of two ends. So no bytes make a walk loop, and there is nothing to parse or to recurse into at run time. Words
//! are kept as their hashes: the same rules mean the same with every model of the store.

use super::FormatError;
use super::attributes::MAX_NAME_LEN;
use super::bytes::{Fields, u16_at, u32_at, u64_at};

/// Most bytes that the section may have.
pub const MAX_LEN: usize = 64 * 1024;
/// The end of a walk where the condition does not hold. As the beginning of one: it never holds.
pub const NO: u16 = 0xfffe;
/// The end of a walk where the condition holds. As the beginning of one: it always holds.
pub const YES: u16 = 0xffff;
/// In place of a variable: none.
pub const NO_VARIABLE: u8 = 0xff;
/// Most that all boosts together move a score, either way: 4 logits, in 1/1024.
pub const BOOST_MAX: i32 = 4 * 1024;
/// Slots that rules can name are below it.
pub const MAX_SLOTS: u32 = 1 << 16;

const TEST_LEN: usize = 16;
const RULE_LEN: usize = 24;
const VARIABLE_LEN: usize = MAX_NAME_LEN + 4;
const PART: &str = "rules";

/// Where the value of a variable comes from. The numbers are part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum VariableKind {
    /// A number given with the request for every candidate, or else a column of the model.
    Attribute = 0,
    /// A word given with the request.
    Context = 1,
    /// How many of the session's events are with an item, impressions left out.
    Touched = 2,
    /// The item itself.
    Item = 3,
}

/// Something that tests ask about: its name has at most [`MAX_NAME_LEN`] ASCII bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Where its value comes from.
    pub kind: VariableKind,
    /// The column's or the context's name; empty for the other kinds.
    pub name: &'a str,
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
    /// The least number, the bits, or the number of a hash.
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
    /// Adds to scores.
    Boost = 5,
}

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What it does.
    pub kind: RuleKind,
    /// Of a cap: candidates with the same value of this variable are counted together, those without one not at all.
    /// [`NO_VARIABLE`]: all are counted together.
    pub variable: u8,
    /// Beginning of the condition on the request.
    pub when: u16,
    /// Beginning of the condition on a candidate; [`YES`] of a pin.
    pub of: u16,
    /// Of a pin or a reserve the slot, of a cap the most candidates, of a boost what it adds, in 1/1024 of a logit.
    pub number: i32,
    /// Of a cap: how many slots it is for, `u32::MAX` for all. Else 0.
    pub first: u32,
    /// Of a pin: hash of the item's id. Else 0.
    pub item: u64,
}

/// A view of the section.
#[derive(Debug, Clone, Copy)]
pub struct RuleBook<'a> {
    words: &'a [u8],
    rules: &'a [u8],
    tests: &'a [u8],
    variables: &'a [u8],
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
        let n_words = fields.u16()?;
        let n_rules = fields.u16()?;
        let n_tests = fields.u16()?;
        let n_variables = fields.u16()?;
        fields.reserved(8)?;
        let words = fields.array(n_words.into(), 8)?;
        let rules = fields.array(n_rules.into(), RULE_LEN)?;
        let tests = fields.array(n_tests.into(), TEST_LEN)?;
        let variables = fields.array(n_variables.into(), VARIABLE_LEN)?;
        fields.end()?;
        Ok(RuleBook { words, rules, tests, variables })
    }

    /// Walks the section once: what the accessors rely on, and that every walk ends.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        let hashes_ascend = (1..self.n_words()).all(|word| self.word(word - 1) < self.word(word));
        let variables = (0..self.n_variables()).all(|at| read_variable(self.variables, at).is_some());
        let tests = (0..self.n_tests()).all(|at| self.is_sound_test(at));
        let mut before = RuleKind::Filter;
        let rules = (0..self.n_rules()).all(|at| {
            let rule = read_rule(self.rules, at).filter(|rule| rule.kind >= before && self.is_sound_rule(rule));
            before = rule.map_or(before, |rule| rule.kind);
            rule.is_some()
        });
        // The last number is none's.
        if hashes_ascend && variables && tests && rules && self.n_variables() < usize::from(NO_VARIABLE) {
            return Ok(());
        }
        Err(FormatError::unsound(PART, "its rules do not hold together", &[]))
    }

    fn is_sound_test(&self, at: usize) -> bool {
        let goes_on = |to: u16| to >= NO || (usize::from(to) > at && usize::from(to) < self.n_tests());
        read_test(self.tests, at).is_some_and(|test| {
            let is_of_word = matches!(test.operator, Operator::Is | Operator::IsOther | Operator::Under);
            let is_known = usize::from(test.variable) < self.n_variables();
            is_known && goes_on(test.yes) && goes_on(test.no) && (!is_of_word || (test.low as usize) < self.n_words())
        })
    }

    fn is_sound_rule(&self, rule: &Rule) -> bool {
        let begins = |at: u16| at >= NO || usize::from(at) < self.n_tests();
        let of_kind = match rule.kind {
            RuleKind::Filter => rule.number == 0,
            RuleKind::Pin | RuleKind::Reserve => (0..MAX_SLOTS as i32).contains(&rule.number),
            RuleKind::Cap => rule.number > 0 && rule.first > 0,
            RuleKind::Boost => (-BOOST_MAX..=BOOST_MAX).contains(&rule.number),
        };
        let is_cap = rule.kind == RuleKind::Cap;
        let variable = if is_cap && rule.variable != NO_VARIABLE {
            usize::from(rule.variable) < self.n_variables()
        } else {
            rule.variable == NO_VARIABLE
        };
        let unused = (is_cap || rule.first == 0) && (rule.kind == RuleKind::Pin || rule.item == 0);
        let of_item = rule.kind != RuleKind::Pin || rule.of == YES;
        of_kind && of_item && variable && unused && begins(rule.when) && begins(rule.of)
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
}

fn read_rule(rules: &[u8], at: usize) -> Option<Rule> {
    let rule = &rules[RULE_LEN * at..][..RULE_LEN];
    let kind = match rule[0] {
        1 => RuleKind::Filter,
        2 => RuleKind::Pin,
        3 => RuleKind::Reserve,
        4 => RuleKind::Cap,
        5 => RuleKind::Boost,
        _ => return None,
    };
    let [when, of, reserved] = [1, 2, 3].map(|place| u16_at(rule, place));
    let (number, first, item) = (u32_at(rule, 2) as i32, u32_at(rule, 3), u64_at(rule, 2));
    (reserved == 0).then_some(Rule { kind, variable: rule[1], when, of, number, first, item })
}

fn read_test(tests: &[u8], at: usize) -> Option<Test> {
    let test = &tests[TEST_LEN * at..][..TEST_LEN];
    let operator = match test[0] {
        0 => Operator::Within,
        1 => Operator::Outside,
        2 => Operator::HasBit,
        3 => Operator::Is,
        4 => Operator::IsOther,
        5 => Operator::Under,
        _ => return None,
    };
    let (low, high) = (u32_at(test, 2) as i32, u32_at(test, 3) as i32);
    let read = Test { operator, variable: test[1], yes: u16_at(test, 1), no: u16_at(test, 2), low, high };
    (u16_at(test, 3) == 0).then_some(read)
}

fn read_variable(variables: &[u8], at: usize) -> Option<Variable<'_>> {
    let (name, kind) = variables[VARIABLE_LEN * at..][..VARIABLE_LEN].split_at(MAX_NAME_LEN);
    let kind = match u32_at(kind, 0) {
        0 => VariableKind::Attribute,
        1 => VariableKind::Context,
        2 => VariableKind::Touched,
        3 => VariableKind::Item,
        _ => return None,
    };
    let (name, rest) = name.split_at(name.iter().position(|&byte| byte == 0).unwrap_or(MAX_NAME_LEN));
    let has_name = matches!(kind, VariableKind::Attribute | VariableKind::Context);
    let sound = name.is_ascii() && rest.iter().all(|&byte| byte == 0) && name.is_empty() != has_name;
    core::str::from_utf8(name).ok().filter(|_| sound).map(|name| Variable { kind, name })
}

/// Encodes the section. Hashes must ascend; rules must come in the order of their kinds.
///
/// # Errors
///
/// [`FormatError::Unsound`] if [`RuleBook::parse`] and [`RuleBook::validate`] would refuse the result.
pub fn write(
    words: &[u64],
    rules: &[Rule],
    tests: &[Test],
    variables: &[(VariableKind, String)],
) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    for count in [words.len(), rules.len(), tests.len(), variables.len()] {
        let count =
            u16::try_from(count).map_err(|_| FormatError::unsound(PART, "it is longer than 65536 bytes", &[]))?;
        out.extend(count.to_le_bytes());
    }
    out.extend([0; 8]);
    out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    for rule in rules {
        out.extend([rule.kind as u8, rule.variable]);
        out.extend([rule.when, rule.of, 0].iter().flat_map(|number| number.to_le_bytes()));
        out.extend(rule.number.to_le_bytes());
        out.extend(rule.first.to_le_bytes());
        out.extend(rule.item.to_le_bytes());
    }
    for test in tests {
        out.extend([test.operator as u8, test.variable]);
        out.extend([test.yes, test.no, 0].iter().flat_map(|number| number.to_le_bytes()));
        out.extend([test.low, test.high].iter().flat_map(|number| number.to_le_bytes()));
    }
    for (kind, name) in variables {
        if name.len() > MAX_NAME_LEN {
            return Err(FormatError::unsound_in(
                PART,
                "the name @ is longer than # bytes",
                name,
                &[MAX_NAME_LEN as u64],
            ));
        }
        let mut name = name.clone().into_bytes();
        name.resize(MAX_NAME_LEN, 0);
        out.extend(name);
        out.extend((*kind as u32).to_le_bytes());
    }
    RuleBook::parse(&out)?.validate()?;
    Ok(out)
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
        let boost = Rule { kind: RuleKind::Boost, number: -BOOST_MAX, when: 1, ..FILTER };
        (vec![FILTER, pin, cap, boost], vec![test, last])
    }

    fn encode(rules: &[Rule], tests: &[Test]) -> Result<Vec<u8>, FormatError> {
        let variables = [(VariableKind::Context, "surface".to_owned()), (VariableKind::Attribute, "x".repeat(16))];
        write(&[3, 7], rules, tests, &variables)
    }

    #[test]
    fn what_is_written_is_read() {
        let (rules, tests) = sample();
        let section = encode(&rules, &tests).unwrap();
        let book = RuleBook::parse(&section).unwrap();
        assert_eq!((0..book.n_rules()).map(|at| book.rule(at)).collect::<Vec<_>>(), rules);
        assert_eq!((0..book.n_tests()).map(|at| book.test(at)).collect::<Vec<_>>(), tests);
        assert_eq!(book.variable(0), Variable { kind: VariableKind::Context, name: "surface" });
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
        check(|_, tests| tests[1].no = 1);
        check(|_, tests| tests[0].no = 2);
        check(|_, tests| tests[0].low = 2);
        check(|_, tests| tests[0].low = -1);
        check(|_, tests| tests[1].variable = 2);
        check(|rules, _| rules[0].of = 2);
        check(|rules, _| rules[0].when = 2);
        check(|rules, _| rules[0].number = 1);
        check(|rules, _| rules[0].item = 1);
        check(|rules, _| rules[0].variable = 0);
        check(|rules, _| rules[1].of = 0);
        check(|rules, _| rules[1].number = -1);
        check(|rules, _| rules[1].number = MAX_SLOTS as i32);
        check(|rules, _| rules[2].variable = 2);
        check(|rules, _| rules[2].number = 0);
        check(|rules, _| rules[2].first = 0);
        check(|rules, _| rules[3].number = BOOST_MAX + 1);
        check(|rules, _| rules[3].first = 1);
        check(|rules, _| rules.swap(0, 1));
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
                }
            }
            assert!(RuleBook::parse(&section[..at]).is_err());
        }
    }
}
