use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::report::{Arm, Cell, Refusal, Report, Scheme};

/// How many bits were sent, and how many of them are 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bits {
    /// How many are 1.
    pub ones: u64,
    /// How many there are.
    pub of: u64,
}

/// Reports, added up: a set of bits for each scheme, arm and cell.
#[derive(Debug, Default)]
pub struct Tally {
    groups: Vec<Group>,
    /// Where in `groups` a scheme stands, by its JSON.
    places: HashMap<String, usize>,
    refused: BTreeMap<&'static str, Refused>,
}

/// The reports of one scheme.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) scheme: Scheme,
    pub(super) reports: u64,
    pub(super) bits: BTreeMap<(Arm, Cell), Bits>,
}

/// Lines that are left out for one reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refused {
    /// [`Refusal::code`].
    pub reason: &'static str,
    /// How many.
    pub lines: u64,
    /// The file of the first.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
}

/// Reports that were drawn by another scheme than the one that is estimated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outsiders {
    /// How many there are.
    pub reports: u64,
    /// Of how many schemes.
    pub schemes: usize,
    /// The one that most of them have.
    pub largest: Scheme,
    /// How many have it.
    pub largest_reports: u64,
}

impl Tally {
    /// Adds the report of a line, or counts it among the refused.
    pub fn read(&mut self, file: &str, line: u64, text: &[u8]) {
        match Report::read(text) {
            Ok(report) => self.push(report),
            Err(refusal) => self.refuse(file, line, &refusal),
        }
    }

    /// Counts a line that is left out.
    pub fn refuse(&mut self, file: &str, line: u64, refusal: &Refusal) {
        let reason = refusal.code();
        let first = || Refused { reason, lines: 0, file: file.to_owned(), line, problem: refusal.to_string() };
        self.refused.entry(reason).or_insert_with(first).lines += 1;
    }

    /// Adds a report.
    pub fn push(&mut self, Report { scheme, arm, cell, bit }: Report) {
        let key = serde_json::to_string(&scheme).expect("names and numbers can be written");
        let place = *self.places.entry(key).or_insert(self.groups.len());
        if place == self.groups.len() {
            self.groups.push(Group { scheme, reports: 0, bits: BTreeMap::new() });
        }
        let group = &mut self.groups[place];
        group.reports += 1;
        let bits = group.bits.entry((arm, cell)).or_default();
        bits.of += 1;
        bits.ones += u64::from(bit);
    }

    /// What is left out, by reason.
    pub fn refused(&self) -> Vec<Refused> {
        self.refused.values().cloned().collect()
    }

    /// How many reports have been added.
    pub fn reports(&self) -> u64 {
        self.groups.iter().map(|group| group.reports).sum()
    }

    /// The scheme that most reports have, of those with the name and the ε asked for; and what is of other schemes. A
    /// few forged reports do not decide what is estimated.
    pub(super) fn choose(&self, experiment: Option<&str>, epsilon: Option<f64>) -> Option<(&Group, Option<Outsiders>)> {
        let asked = |group: &&Group| {
            experiment.is_none_or(|name| group.scheme.design.experiment == name)
                && epsilon.is_none_or(|epsilon| group.scheme.epsilon == epsilon)
        };
        // From the last to the first, as of several with the same number the last one is taken.
        let largest = |a: &&Group, b: &&Group| a.reports.cmp(&b.reports);
        let chosen = self.groups.iter().rev().filter(asked).max_by(largest)?;
        let others = || self.groups.iter().rev().filter(|group| !std::ptr::eq(*group, chosen));
        let outsiders = others().max_by(largest).map(|group| Outsiders {
            reports: others().map(|group| group.reports).sum(),
            schemes: others().count(),
            largest: group.scheme.clone(),
            largest_reports: group.reports,
        });
        Some((chosen, outsiders))
    }
}
