//! What has a condition on items and is no rule: placements, and the answers to questions.

use std::collections::BTreeSet;

use super::names::Names;
use super::source::{Answer, BOOST_MAX_THOUSANDTHS, MAX_QUESTIONS, Placement};
use super::{Expression, RuleFile, RulesError};
use crate::format::metadata::ONE;
use crate::format::rules::{
    self, BOOST_MAX, DISCOVERY_MAX, MAX_DRAW, MAX_LABEL_LEN, MAX_LIMIT, MAX_PLACEMENT_LEN, YES,
};
use crate::rank::Basis;

/// What an answer adds if it does not say, in thousandths of a logit.
const ANSWER_THOUSANDTHS: u32 = 1000;
/// Share of discoveries in what is drawn by the session, in 1/1024: a fifth.
const DISCOVERY: u16 = 205;

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

/// A placement as it was read.
pub(super) struct PlacementPart<'a> {
    pub(super) part: Part,
    draw: Vec<u8>,
    /// Without what the other fields say.
    record: rules::Placement<'a>,
}

/// An answer as it was read.
pub(super) struct AnswerPart<'a> {
    pub(super) part: Part,
    /// Without where its condition begins.
    record: rules::Answer<'a>,
}

impl PlacementPart<'_> {
    /// As it stands in the section.
    pub(super) fn record(&self) -> rules::Placement<'_> {
        rules::Placement { of: self.part.begin, draw: &self.draw, ..self.record }
    }
}

impl AnswerPart<'_> {
    /// As it stands in the section.
    pub(super) fn record(&self) -> rules::Answer<'_> {
        rules::Answer { of: self.part.begin, ..self.record }
    }
}

impl Part {
    /// Reads the condition; where its walk begins is not known yet.
    fn read(label: String, of: Option<&str>, names: &Names) -> Result<Part, RulesError> {
        Ok(Part { of: names.read(&label, "where", of)?, label, begin: YES })
    }
}

pub(super) fn placements<'a>(file: &'a RuleFile, names: &Names) -> Result<Vec<PlacementPart<'a>>, RulesError> {
    let mut seen = BTreeSet::new();
    let read = |placement: &'a Placement| read_placement(placement, seen.insert(&placement.name), names);
    file.placement.iter().map(read).collect()
}

fn read_placement<'a>(placement: &'a Placement, is_new: bool, names: &Names) -> Result<PlacementPart<'a>, RulesError> {
    let Placement { name, surface, .. } = placement;
    let label = format!("placement {name:?}");
    let wrong = |field, problem| RulesError::value(&label, field, problem);
    if !is_label(name, MAX_PLACEMENT_LEN) || !is_new {
        let problem =
            format!("{name:?} is taken, or not 1 to {MAX_PLACEMENT_LEN} visible ASCII characters without a slash");
        return Err(wrong("name", problem));
    }
    if !surface.is_empty() && !is_label(surface, MAX_LABEL_LEN) {
        let problem = format!("{surface:?} is not up to {MAX_LABEL_LEN} visible ASCII characters without a slash");
        return Err(wrong("surface", problem));
    }
    if placement.draw.len() > MAX_DRAW {
        return Err(wrong("draw", format!("{} steps are more than {MAX_DRAW}", placement.draw.len())));
    }
    let drawn = |name: &String| {
        let known = || Basis::ALL.map(Basis::name).join(", ");
        let unknown = || wrong("draw", format!("nothing is found by {name:?}; there are: {}", known()));
        Basis::from_name(name).map(Basis::number).ok_or_else(unknown)
    };
    let draw = placement.draw.iter().map(drawn).collect::<Result<_, _>>()?;
    if let Some(limit) = placement.limit.filter(|&limit| limit == 0 || limit > MAX_LIMIT.into()) {
        return Err(wrong("limit", format!("{limit} is not from 1 to {MAX_LIMIT}")));
    }
    let share = |field, value: Option<f64>, most: u16| {
        let (whole, most) = (f64::from(ONE), f64::from(most));
        let within = |value: f64| match (0.0..=most).contains(&(value * whole).floor()) {
            true => Ok((value * whole).round().min(most) as u16),
            false => Err(wrong(field, format!("{value} is not from 0 to {:.1}", most / whole))),
        };
        value.map(within).transpose()
    };
    let number = |field, value: u32, most: u16| match u16::try_from(value) {
        Ok(value) if value <= most => Ok(value),
        _ => Err(wrong(field, format!("{value} is not from 0 to {most}"))),
    };
    let by_session = placement.draw.first().is_some_and(|name| name == Basis::Session.name());
    let max_shift = placement.max_shift.map(|shift| number("max_shift", shift, u16::MAX - 1)).transpose()?;
    let discovery = if by_session { DISCOVERY } else { 0 };
    let record = rules::Placement {
        name,
        surface,
        draw: &[],
        of: YES,
        limit: placement.limit.unwrap_or(0) as u16,
        strength: share("strength", placement.strength, ONE as u16)?,
        diversity: share("diversity", placement.diversity, ONE as u16)?,
        discovery: share("discovery", placement.discovery, DISCOVERY_MAX)?.unwrap_or(discovery),
        max_shift,
        keep_first: number("keep_first", placement.keep_first, u16::MAX)?,
        from_cart: placement.from.is_some(),
    };
    Ok(PlacementPart { part: Part::read(label, placement.of.as_deref(), names)?, draw, record })
}

pub(super) fn answers<'a>(file: &'a RuleFile, names: &Names) -> Result<Vec<AnswerPart<'a>>, RulesError> {
    let mut answers = Vec::new();
    let mut seen = BTreeSet::new();
    let no_label =
        |name| format!("{name:?} is taken, or not 1 to {MAX_LABEL_LEN} visible ASCII characters without a slash");
    if file.question.len() > MAX_QUESTIONS {
        let problem = format!("{} are more than {MAX_QUESTIONS}: shoppers answer few", file.question.len());
        return Err(RulesError::value("the file", "question", problem));
    }
    for question in &file.question {
        let label = format!("question {:?}", question.name);
        if !is_label(&question.name, MAX_LABEL_LEN) || !seen.insert((&question.name, "")) {
            return Err(RulesError::value(&label, "name", no_label(&question.name)));
        }
        if question.answer.is_empty() {
            return Err(RulesError::value(&label, "answer", "give it answers".to_owned()));
        }
        for Answer { name, of, by } in &question.answer {
            let label = format!("answer {:?}", format!("{}/{name}", question.name));
            if !is_label(name, MAX_LABEL_LEN) || !seen.insert((&question.name, name)) {
                return Err(RulesError::value(&label, "name", no_label(name)));
            }
            let by = by.unwrap_or(ANSWER_THOUSANDTHS);
            if by > BOOST_MAX_THOUSANDTHS as u32 {
                let problem = format!("{by} is not from 0 to {BOOST_MAX_THOUSANDTHS}");
                return Err(RulesError::value(&label, "by", problem));
            }
            let by = (by * BOOST_MAX as u32 / BOOST_MAX_THOUSANDTHS as u32) as u16;
            let record = rules::Answer { question: &question.name, answer: name, of: YES, by };
            answers.push(AnswerPart { part: Part::read(label, Some(of), names)?, record });
        }
    }
    Ok(answers)
}

fn is_label(name: &str, most: usize) -> bool {
    let is_part = |byte: u8| byte.is_ascii_graphic() && byte != b'/';
    (1..=most).contains(&name.len()) && name.bytes().all(is_part)
}
