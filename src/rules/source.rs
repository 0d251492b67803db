//! The file that people write.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ExpressionError;

/// The rules of a store, in TOML or JSON.
///
/// Where rules are at odds, the kinds decide: filter before pin, pin before reserve, reserve before cap, cap before
/// boost; within a kind, the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleFile {
    /// Address of the JSON Schema, for editors. Not read.
    #[serde(rename = "$schema", skip_serializing)]
    pub schema: Option<String>,
    /// Numbers that come with every request, a whole number for each candidate: stock, a price in cents. A name that is
    /// also a column of the model takes the column's place where a request brings it.
    pub overlays: Vec<String>,
    /// What comes with a request, a word each: the shopper's own segment, a region. `surface` and `touched` are always
    /// there and need no mention.
    pub context: Vec<String>,
    /// What must not be shown.
    pub filter: Vec<Filter>,
    /// Items that have a place of their own.
    pub pin: Vec<Pin>,
    /// Places for the best of some items.
    pub reserve: Vec<Reserve>,
    /// Bounds on how many of a kind stand together.
    pub cap: Vec<Cap>,
    /// What stands further in front, or further back, than it would by itself.
    pub boost: Vec<Boost>,
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
    #[schemars(range(min = 1, max = 65536))]
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
    #[schemars(range(min = 1, max = 65536))]
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
    #[schemars(range(min = 1, max = 65536))]
    pub at_most: u32,
    /// Among so many first ones. Without it: in the whole block.
    #[schemars(range(min = 1, max = 65536))]
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

/// Adds to scores. All boosts of an item together are worth at most 4 logits, either way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Boost {
    /// Names the rule in findings. Each name once.
    pub name: String,
    /// A condition on the item.
    #[serde(rename = "where")]
    pub of: String,
    /// What is added, in thousandths of a logit; below 0, the item is buried. 693 doubles the odds that the item is the
    /// next one.
    #[schemars(range(min = -4000, max = 4000))]
    pub by: i32,
    /// A condition on the request. Without one: always.
    pub when: Option<String>,
    /// The surfaces that the rule is for. Without any: all.
    #[serde(default)]
    pub surfaces: Vec<String>,
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file cannot be read.
    #[error("cannot read the rules {file}: {source}. Check the path")]
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
        /// Line and column.
        place: String,
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
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line_start = text[..start].rfind('\n').map_or(0, |end| end + 1);
            let line = text[..start].matches('\n').count() + 1;
            let place = format!("line {line}, column {}", text[line_start..start].chars().count() + 1);
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
            let place = format!("line {}, column {}", error.line(), error.column());
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
        self.filter.len() + self.pin.len() + self.reserve.len() + self.cap.len() + self.boost.len()
    }
}
