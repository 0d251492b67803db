//! The shape of `cases.json`, which `run.mjs` reads too.

use std::collections::BTreeMap;

use reshelve::session::EventKind;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Golden {
    /// Name to file.
    pub(crate) models: BTreeMap<String, String>,
    pub(crate) cases: Vec<Case>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) model: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) events: Vec<EventShape>,
    /// The session instead of `events`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rerank: Option<Rerank>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recommend: Option<Recommend>,
    pub(crate) expect: Option<Expect>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventShape {
    #[serde(rename = "type")]
    pub(crate) kind: EventKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) item_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) query: Option<String>,
    pub(crate) timestamp: i64,
}

/// What every request says of its page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PageShape {
    pub(crate) surface: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) diversity: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) discovery: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) broaden: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) placement: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) context: BTreeMap<String, String>,
    pub(crate) now: i64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rerank {
    #[serde(flatten)]
    pub(crate) page: PageShape,
    pub(crate) candidates: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<Vec<f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prices: Option<Vec<Option<f64>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) strength: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pinned: Option<Vec<Option<u32>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_shift: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep_first: Option<usize>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recommend {
    #[serde(flatten)]
    pub(crate) page: PageShape,
    pub(crate) limit: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seeds: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exclude: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) threshold: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Expect {
    pub(crate) outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Incoming indices in their new order, of a rerank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<Vec<usize>>,
    /// Item ids, of a recommendation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) items: Option<Vec<String>>,
    /// What each of those was found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bases: Option<Vec<String>>,
    /// By the order of `Parts::NAMES`, in result order.
    pub(crate) parts: Vec<[i32; 10]>,
    pub(crate) penalties: Vec<i32>,
    /// What became of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) restored: Option<Restored>,
    pub(crate) reasons: Vec<ReasonShape>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restored {
    pub(crate) outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) events: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReasonShape {
    pub(crate) code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) item_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) event_type: Option<EventKind>,
}
