//! The file that people write.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ExpressionError, Place};
use crate::format::rules::{MAX_DRAW, MAX_LABEL_LEN, MAX_LIMIT, MAX_PLACEMENT_LEN, MAX_SLOTS};

/// Thousandths of a logit that the whole of [`BOOST_MAX`](crate::format::rules::BOOST_MAX) is.
pub(super) const BOOST_MAX_THOUSANDTHS: i32 = 4000;
/// More questions than these keep shoppers from answering any.
pub(super) const MAX_QUESTIONS: usize = 3;
/// Most items that bar one another: a comparison is needed for every two, and the runtime takes some 4,000.
pub(super) const MAX_INCOMPATIBLE: usize = 60;

/// The rules of a store, the placements of its pages, and what it asks new shoppers, in TOML or JSON.
///
/// Where rules are at odds, the kinds decide: filter before pin, pin before reserve, reserve before cap, cap before
/// quota, quota before boost; within a kind, the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleFile {
    /// Address of the JSON Schema, for editors. Not read.
    #[serde(rename = "$schema", skip_serializing)]
    pub schema: Option<String>,
    /// Numbers that come with every request, a whole number for each candidate: stock, a price in cents. A name that is
    /// also a column of the model takes the column's place where a request brings it.
    pub overlays: Vec<String>,
    /// What comes with a request, a word each: a region, the category that a campaign leads to. `surface`, `placement`,
    /// `segment` and `touched` are always there and need no mention.
    pub context: Vec<String>,
    /// What must not be shown.
    pub filter: Vec<Filter>,
    /// Items that have a place of their own.
    pub pin: Vec<Pin>,
    /// Places for the best of some items.
    pub reserve: Vec<Reserve>,
    /// Bounds on how many of a kind stand together.
    pub cap: Vec<Cap>,
    /// Places that some items have at least.
    pub quota: Vec<Quota>,
    /// What stands further in front, or further back, than it would by itself.
    pub boost: Vec<Boost>,
    /// Items that do not go together.
    pub incompatible: Vec<Incompatible>,
    /// The blocks of the store's pages.
    pub placement: Vec<Placement>,
    /// What new shoppers may be asked: at most 3 questions.
    #[schemars(length(max = MAX_QUESTIONS))]
    pub question: Vec<Question>,
}

/// Keeps items out. Give either `keep` or `drop`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Names the rule in findings. Each name once.
    pub name: String,
    /// A condition on the item: those for which it does not hold are barred.
    pub keep: Option<String>,
    /// A condition on the item: those for which it holds are barred.
    pub drop: Option<String>,
    /// A condition on the request. Without one: always.
    pub when: Option<String>,
    /// The surfaces that the rule is for. Without any: all.
    #[serde(default)]
    pub surfaces: Vec<String>,
}

/// Gives an item a rank. Without effect where the item is not among the candidates, or is barred.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Names the rule in findings. Each name once.
    pub name: String,
    /// The item's id.
    pub item: String,
    /// Its rank: 1 is the first.
    #[schemars(range(min = 1, max = MAX_SLOTS))]
    pub rank: u32,
    /// A condition on the request. Without one: always.
    pub when: Option<String>,
    /// The surfaces that the rule is for. Without any: all.
    #[serde(default)]
    pub surfaces: Vec<String>,
}

/// Gives a rank to the best item for which a condition holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    /// Names the rule in findings. Each name once.
    pub name: String,
    /// The rank: 1 is the first.
    #[schemars(range(min = 1, max = MAX_SLOTS))]
    pub rank: u32,
    /// A condition on the item.
    #[serde(rename = "where")]
    pub of: String,
    /// A condition on the request. Without one: always.
    pub when: Option<String>,
    /// The surfaces that the rule is for. Without any: all.
    #[serde(default)]
    pub surfaces: Vec<String>,
}

/// Bounds how many items of a kind stand together. Give `per`, `where` or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Names the rule in findings. Each name once.
    pub name: String,
    /// Most items.
    #[schemars(range(min = 1, max = MAX_SLOTS))]
    pub at_most: u32,
    /// Among so many first ones. Without it: in the whole block.
    #[schemars(range(min = 1, max = MAX_SLOTS))]
    pub first: Option<u32>,
    /// Items with the same value of this attribute are counted together. Items without one are not counted.
    pub per: Option<String>,
    /// A condition on the item: only those are counted for which it holds.
    #[serde(rename = "where")]
    pub of: Option<String>,
    /// A condition on the request. Without one: always.
    pub when: Option<String>,
    /// The surfaces that the rule is for. Without any: all.
    #[serde(default)]
    pub surfaces: Vec<String>,
}

/// Gives some items a share of the first ranks: as long as there are such items, and filters, pins, reserved ranks and
/// caps allow it. Quotas that concern no item in common are all met where that is possible.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Names the rule in findings. Each name once.
    pub name: String,
    /// Fewest items.
    #[schemars(range(min = 1, max = MAX_SLOTS))]
    pub at_least: u32,
    /// Among so many first ones.
    #[schemars(range(min = 1, max = MAX_SLOTS))]
    pub first: u32,
    /// A condition on the item.
    #[serde(rename = "where")]
    pub of: String,
    /// A condition on the request. Without one: always.
    pub when: Option<String>,
    /// The surfaces that the rule is for. Without any: all.
    #[serde(default)]
    pub surfaces: Vec<String>,
}

/// Adds to scores. All boosts of an item together are worth at most 4 logits, either way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Boost {
    /// Names the rule in findings. Each name once.
    pub name: String,
    /// A condition on the item.
    #[serde(rename = "where")]
    pub of: Option<String>,
    /// A column or overlay of numbers: `by` is added as many times as this says. Without it: once.
    pub per: Option<String>,
    /// What is added, in thousandths of a logit; below 0, the item is buried. 693 doubles the odds that the item is the
    /// next one.
    #[schemars(range(min = -BOOST_MAX_THOUSANDTHS, max = BOOST_MAX_THOUSANDTHS))]
    pub by: i32,
    /// Only for items that are, without boosts, among so many first ones: what is less relevant is left alone.
    #[schemars(range(min = 1, max = MAX_SLOTS))]
    pub among: Option<u32>,
    /// A condition on the request. Without one: always.
    pub when: Option<String>,
    /// The surfaces that the rule is for. Without any: all.
    #[serde(default)]
    pub surfaces: Vec<String>,
}

/// Items that do not go together: while one of them is in the cart, the others are barred.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incompatible {
    /// Names the rule in findings. Each name once.
    pub name: String,
    /// The items' ids, 2 to 60.
    #[schemars(length(min = 2, max = MAX_INCOMPATIBLE))]
    pub items: Vec<String>,
}

/// A block of a page, and how it is filled. What a request says itself goes before what its placement says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Placement {
    /// What pages call it: at most 32 visible ASCII characters. Each name once.
    #[schemars(length(min = 1, max = MAX_PLACEMENT_LEN))]
    pub name: String,
    /// The kind of page, which chooses the blend and the rules: at most 16 visible ASCII characters.
    #[schemars(length(max = MAX_LABEL_LEN))]
    pub surface: String,
    /// What items are found by, in order: each step fills up what those before it leave free. Without it: items come
    /// from the page and are only ordered, or are found by what the page asks for.
    #[schemars(length(max = MAX_DRAW))]
    pub draw: Vec<String>,
    /// `cart`: items are found from those in the cart. Without it: from the page's seeds, or the session.
    pub from: Option<Start>,
    /// A condition on the items that may be shown.
    #[serde(rename = "where")]
    pub of: Option<String>,
    /// Most items. Without it: as many as the page asks for.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    pub limit: Option<u32>,
    /// How much the shopper's events count against the incoming order. Without it: what was learned.
    #[schemars(range(min = 0, max = 1))]
    pub strength: Option<f64>,
    /// Weight of variety against relevance.
    #[schemars(range(min = 0, max = 1))]
    pub diversity: Option<f64>,
    /// Share of discoveries. Without it: 0.2 where `draw` begins with `session`, else 0.
    #[schemars(range(min = 0, max = 0.3))]
    pub discovery: Option<f64>,
    /// Most ranks that a candidate may move.
    #[schemars(range(min = 0, max = 65534))]
    pub max_shift: Option<u32>,
    /// How many of the first candidates keep their ranks.
    #[schemars(range(min = 0, max = 65535))]
    pub keep_first: u32,
}

/// What a placement's items are found from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// The items in the cart.
    Cart,
}

/// Something that new shoppers may be asked. Pages put it into words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What pages call it: at most 16 visible ASCII characters, no slash. Each name once.
    #[schemars(length(min = 1, max = MAX_LABEL_LEN))]
    pub name: String,
    /// What shoppers may answer.
    #[serde(default)]
    pub answer: Vec<Answer>,
}

/// An answer, and what it says of items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What pages call it: at most 16 visible ASCII characters, no slash. Each name once in its question.
    #[schemars(length(min = 1, max = MAX_LABEL_LEN))]
    pub name: String,
    /// A condition on the items that are meant.
    #[serde(rename = "where")]
    pub of: String,
    /// What it adds to their scores, in thousandths of a logit. Without it: 1000.
    #[schemars(range(min = 0, max = BOOST_MAX_THOUSANDTHS))]
    pub by: Option<u32>,
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file cannot be read.
    #[error("cannot read the rules {file}; check the path")]
    Read {
        /// The path as it was given.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file has not the shape of a rule file.
    #[error("{file}, {place}: {problem}. `reshelve rules schema` prints what can stand there")]
    Shape {
        /// The path as it was given.
        file: String,
        /// Where.
        place: Place,
        /// What is wrong.
        problem: String,
    },
    /// A condition cannot be read.
    #[error("{rule}, `{field}`, {error}")]
    Expression {
        /// The rule's kind and name.
        rule: String,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        error: ExpressionError,
    },
    /// A value cannot be what it is.
    #[error("{rule}, `{field}`: {problem}")]
    Value {
        /// The rule's kind and name.
        rule: String,
        /// The field.
        field: &'static str,
        /// What is wrong, with the value, and what to write.
        problem: String,
    },
    /// All rules together are more than the runtime takes.
    #[error(
        "the rules take more than {} bytes once compiled; drop some, or shorten lists of words",
        crate::format::rules::MAX_LEN
    )]
    Size,
}

impl RulesError {
    pub(super) fn value(rule: &str, field: &'static str, problem: String) -> RulesError {
        RulesError::Value { rule: rule.to_owned(), field, problem }
    }
}

impl RuleFile {
    /// Reads a file: JSON if its name ends in `.json`, else TOML.
    ///
    /// # Errors
    ///
    /// [`RulesError::Read`], [`RulesError::Shape`].
    pub fn load(path: &Path) -> Result<RuleFile, RulesError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| RulesError::Read { file: file.clone(), source })?;
        match path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
            true => RuleFile::from_json(&file, &text),
            false => RuleFile::from_toml(&file, &text),
        }
    }

    /// Reads TOML; `file` is the name for messages.
    ///
    /// # Errors
    ///
    /// [`RulesError::Shape`].
    pub fn from_toml(file: &str, text: &str) -> Result<RuleFile, RulesError> {
        toml::from_str(text).map_err(|error| {
            let place = Place::of_byte(text, error.span().map_or(0, |span| span.start));
            RulesError::Shape { file: file.to_owned(), place, problem: error.message().trim_end().replace('\n', "; ") }
        })
    }

    /// Reads JSON; `file` is the name for messages.
    ///
    /// # Errors
    ///
    /// [`RulesError::Shape`].
    pub fn from_json(file: &str, text: &str) -> Result<RuleFile, RulesError> {
        serde_json::from_str(text).map_err(|error| {
            let place = Place { line: error.line(), column: error.column() };
            let problem = error.to_string();
            // The place is said once.
            let problem = problem.split(" at line ").next().unwrap_or_default().to_owned();
            RulesError::Shape { file: file.to_owned(), place, problem }
        })
    }

    /// The JSON Schema of such a file.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(RuleFile).to_value()
    }

    /// How many rules there are.
    pub fn n_rules(&self) -> usize {
        let bounds = self.cap.len() + self.quota.len();
        self.filter.len() + self.incompatible.len() + self.pin.len() + self.reserve.len() + bounds + self.boost.len()
    }
}
