use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Least and greatest ε of a report, as the package has them.
const EPSILONS: std::ops::RangeInclusive<f64> = 0.01..=16.0;
/// Longest name of an experiment or a placement, in UTF-16 units, as JavaScript counts.
const NAME_MAX: usize = 64;
/// Most placements of an experiment.
const PLACEMENTS_MAX: usize = 64;

/// What a device sends of a visit: `CountersReport` of `pkg-template/counters.d.ts`. Fields that are not listed, as the
/// store's server may add them, are left out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Report {
    /// How the bit was drawn.
    #[serde(flatten)]
    pub scheme: Scheme,
    /// The device's arm.
    pub arm: Arm,
    /// What was counted.
    pub cell: Cell,
    /// 0 or 1.
    pub bit: u8,
}

/// What two reports must have in common to be added up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scheme {
    /// The privacy of a report.
    pub epsilon: f64,
    /// What is counted.
    pub design: Design,
}

/// What an experiment counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// Its name.
    pub experiment: String,
    /// Share of the devices that see the store's own order, 0 to 1.
    pub holdout: f64,
    /// The placements that are counted, each once.
    pub placements: Vec<String>,
    /// Whether slots for something different are counted apart, too.
    pub discovered: bool,
    /// The most that a visit counts of each.
    pub caps: Caps,
}

/// The most that a visit counts of each: 1 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    exposures: u8,
    clicks: u8,
    purchases: u8,
}

impl Caps {
    /// Of one of them.
    pub fn of(self, counted: Counted) -> u8 {
        match counted {
            Counted::Exposures => self.exposures,
            Counted::Clicks => self.clicks,
            Counted::Purchases => self.purchases,
        }
    }
}

/// What a shopper sees: the store's own order, or theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The store's own order.
    Holdout,
    /// The shopper's.
    Personalized,
}

/// What a count is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Lists that were shown.
    Exposures,
    /// Slots that were clicked.
    Clicks,
    /// What was bought.
    Purchases,
}

impl Counted {
    /// All, in the order of tables.
    pub const ALL: [Counted; 3] = [Counted::Exposures, Counted::Clicks, Counted::Purchases];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Counted::Exposures => "exposures",
            Counted::Clicks => "clicks",
            Counted::Purchases => "purchases",
        }
    }
}

/// One of the things that are counted: a visit draws one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Which block of a page; none: the visit as a whole.
    pub placement: Option<String>,
    /// Slots for something different alone; otherwise all slots.
    pub discovered: bool,
    /// What of it.
    pub counted: Counted,
}

/// Why a line is left out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It is longer than any report.
    #[error("it is longer than 64 KiB. A report is some hundred bytes")]
    TooLong,
    /// It is no JSON, or not a report's.
    #[error("it is no report: {0}")]
    NoReport(String),
    /// Another release has written it.
    #[error("it is of version {0}; this command reads version 1. Use the release that the page uses")]
    Version(u64),
    /// Its bit was drawn in a way that is not known.
    #[error("its mechanism is `{0}`; this command knows `one_bit_mean`")]
    Mechanism(String),
    /// A number or a name that no device sends.
    #[error("{0}")]
    OutOfRange(&'static str),
}

impl Refusal {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::TooLong => "too_long",
            Refusal::NoReport(_) => "no_report",
            Refusal::Version(_) => "version",
            Refusal::Mechanism(_) => "mechanism",
            Refusal::OutOfRange(_) => "out_of_range",
        }
    }
}

/// What is looked at before the rest: another version may have another shape.
#[derive(Deserialize)]
struct Envelope {
    v: u64,
    mechanism: String,
}

impl Report {
    /// Reads a report that anyone may have sent.
    pub fn read(line: &[u8]) -> Result<Report, Refusal> {
        let no_report = |error: serde_json::Error| Refusal::NoReport(harmless(&error.to_string()));
        let Envelope { v, mechanism } = serde_json::from_slice(line).map_err(no_report)?;
        if v != 1 {
            return Err(Refusal::Version(v));
        }
        if mechanism != "one_bit_mean" {
            return Err(Refusal::Mechanism(harmless(&mechanism)));
        }
        let report: Report = serde_json::from_slice(line).map_err(no_report)?;
        report.check()?;
        Ok(report)
    }

    fn check(&self) -> Result<(), Refusal> {
        let Scheme { epsilon, design } = &self.scheme;
        let is_name = |name: &String| !name.is_empty() && name.encode_utf16().count() <= NAME_MAX;
        let different: BTreeSet<&String> = design.placements.iter().collect();
        let caps_hold = Counted::ALL.iter().all(|&counted| design.caps.of(counted) > 0);
        let checks = [
            (EPSILONS.contains(epsilon), "its `epsilon` is not within 0.01 and 16"),
            (is_name(&design.experiment), "its `experiment` is no name of 1 to 64 characters"),
            ((0.0..=1.0).contains(&design.holdout), "its `holdout` is not within 0 and 1"),
            (design.placements.len() <= PLACEMENTS_MAX, "it has more than 64 `placements`"),
            (design.placements.iter().all(is_name), "one of its `placements` is no name of 1 to 64 characters"),
            (different.len() == design.placements.len(), "it names one of its `placements` twice"),
            (caps_hold, "one of its `caps` is 0"),
            (design.counts(&self.cell), "its `cell` is not one of its own design"),
            (self.bit <= 1, "its `bit` is neither 0 nor 1"),
        ];
        let failed = checks.into_iter().find(|(holds, _)| !holds);
        failed.map_or(Ok(()), |(_, problem)| Err(Refusal::OutOfRange(problem)))
    }
}

/// What others have written, fit for a terminal: short, and without control characters.
fn harmless(text: &str) -> String {
    text.chars().take(160).map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

impl Design {
    /// Everything that is counted, in the order of tables: placement by placement, the visit as a whole last.
    pub fn cells(&self) -> Vec<Cell> {
        let parts: &[bool] = if self.discovered { &[false, true] } else { &[false] };
        let mut cells = Vec::new();
        for placement in &self.placements {
            for &discovered in parts {
                cells.extend(Counted::ALL.map(|counted| Cell {
                    placement: Some(placement.clone()),
                    discovered,
                    counted,
                }));
            }
        }
        cells.push(Cell { placement: None, discovered: false, counted: Counted::Purchases });
        cells
    }

    /// Whether the cell is one of [`Design::cells`].
    fn counts(&self, cell: &Cell) -> bool {
        match &cell.placement {
            None => !cell.discovered && cell.counted == Counted::Purchases,
            Some(placement) => self.placements.contains(placement) && (self.discovered || !cell.discovered),
        }
    }
}
