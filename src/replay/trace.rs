use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::State;

/// Everything that an answer came from, and the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// Version of this shape: 1.
    pub v: u32,
    /// Id of the model: 16 hexadecimal digits.
    pub model: String,
    /// Id of the rules that were given beside the model, as `reshelve rules compile` writes them; null if its own held.
    pub rules: Option<String>,
    /// The session.
    pub state: State,
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub order: Order,
    /// The scores of what was answered, in 1/1024 of a logit. Not compared where they are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<Vec<i32>>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Order {
    /// Of a rerank, the incoming index of every slot's candidate.
    Indices(Vec<usize>),
    /// Of a recommendation, the items' ids.
    Items(Vec<String>),
}

/// What was asked: `rerank` or `recommend`, and what both have. Options that were not given are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Request {
    /// The kind of page.
    #[serde(skip_serializing_if = "is_default")]
    pub surface: String,
    /// Name of the placement.
    #[serde(skip_serializing_if = "is_default")]
    pub placement: String,
    /// The time, in milliseconds since the Unix epoch.
    pub now: i64,
    /// Whether events for a gift counted, and no others.
    #[serde(skip_serializing_if = "is_default")]
    pub gift: bool,
    /// Events that were to count as never done: their places in the state, from 0.
    #[serde(skip_serializing_if = "is_default")]
    pub without: Vec<u32>,
    /// Variety against relevance, 0 to 1.
    #[serde(skip_serializing_if = "is_default")]
    pub diversity: Option<f64>,
    /// Share of the slots for something different, 0 to 0.3.
    #[serde(skip_serializing_if = "is_default")]
    pub discovery: Option<f64>,
    /// How much more of both the shopper wanted, 0 to 1.
    #[serde(skip_serializing_if = "is_default")]
    pub broaden: f64,
    /// What decided on discoveries, together with the week.
    #[serde(skip_serializing_if = "is_default")]
    pub seed: u32,
    /// What rules knew of the request.
    #[serde(skip_serializing_if = "is_default")]
    pub context: BTreeMap<String, String>,
    /// What rules knew of the items, beside the model's columns.
    #[serde(skip_serializing_if = "is_default")]
    pub overlays: BTreeMap<String, Numbers>,
    /// A list to order.
    #[serde(skip_serializing_if = "is_default")]
    pub rerank: Option<RerankRecord>,
    /// A block to fill.
    #[serde(skip_serializing_if = "is_default")]
    pub recommend: Option<RecommendRecord>,
}

/// The numbers of an overlay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Numbers {
    /// One for every candidate, null where it is not known.
    List(Vec<Option<i32>>),
    /// By item id.
    ByItem(BTreeMap<String, i32>),
}

/// A list to order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RerankRecord {
    /// The items' ids in incoming order.
    pub candidates: Vec<String>,
    /// The engine's own scores.
    #[serde(skip_serializing_if = "is_default")]
    pub base: Option<Vec<f64>>,
    /// The items' prices, null where one is not known.
    #[serde(skip_serializing_if = "is_default")]
    pub prices: Vec<Option<f64>>,
    /// From the store's order, 0, to the session's, 1.
    #[serde(skip_serializing_if = "is_default")]
    pub strength: Option<f64>,
    /// How many of the first candidates stayed where they were.
    #[serde(skip_serializing_if = "is_default")]
    pub keep_first: Option<usize>,
    /// The slots that candidates had to have, null for those that had none.
    #[serde(skip_serializing_if = "is_default")]
    pub pinned: Vec<Option<u32>>,
    /// Most slots that a candidate could move.
    #[serde(skip_serializing_if = "is_default")]
    pub max_shift: Option<usize>,
}

/// A block to fill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RecommendRecord {
    /// Most items.
    pub limit: usize,
    /// Items that it was for, in place of the session.
    #[serde(skip_serializing_if = "is_default")]
    pub seeds: Option<Vec<String>>,
    /// What items were to be found by.
    #[serde(skip_serializing_if = "is_default")]
    pub basis: Option<String>,
    /// Items that were not to be found.
    #[serde(skip_serializing_if = "is_default")]
    pub exclude: Vec<String>,
    /// Share of the best score that was asked of each, 0 to 1.
    #[serde(skip_serializing_if = "is_default")]
    pub threshold: f64,
}

impl Trace {
    /// The JSON Schema of a trace.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Trace).to_value()
    }

    /// The traces of a text: one JSON object behind the other, on lines of their own or not.
    ///
    /// # Errors
    ///
    /// Names line and column.
    pub fn read_all(text: &str) -> Result<Vec<Trace>, serde_json::Error> {
        serde_json::Deserializer::from_str(text).into_iter().collect()
    }
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
