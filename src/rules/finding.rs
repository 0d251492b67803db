//! What checks of rules find.

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A rule cannot do what it says.
    Error,
    /// A rule may not do what was meant.
    Warning,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The rule's kind and name; none if it is about all of them.
    pub rule: Option<String>,
    /// What is the matter, and what to do.
    pub message: String,
}
