//! Measures a model: cases in, figures out, by the protocol of `docs/EVALUATION.md`.
//!
//! [`Cases`] say what is asked, [`Answers`] what a model or a [`baselines::Baseline`] listed, [`metrics`] what that is
//! worth, [`Bootstrap`] how sure that is. [`evaluate`] puts it all together; [`leak`] says whether it may; [`gate`]
//! decides on it. [`measure`] is the short way, for learning to be steered by.

mod answers;
pub mod baselines;
mod bootstrap;
mod cases;
pub mod cold;
pub mod context;
mod evaluation;
pub mod gate;
mod history;
pub mod impressions;
pub mod leak;
pub mod levels;
mod measure;
pub mod metrics;
mod parts;
pub mod privacy_cost;
pub mod renewal;
mod slices;
mod split;
mod vsknn;

pub(crate) use answers::session_of;
pub use answers::{Answers, Step};
pub use bootstrap::{Bootstrap, Interval};
pub use cases::{Case, CaseError, Cases};
pub use evaluation::{Compared, Evaluation, Judged, Slice, compare_ranks, evaluate};
pub use history::{FirstMet, History};
pub use measure::{Timing, measure, time};
pub use metrics::{Figures, Metric};
pub use parts::{Parts, Worth, measure_parts};
pub use slices::Dimension;
pub use split::{newest, split};
pub use vsknn::Vsknn;

/// Length of the lists that are judged.
pub const K: usize = 20;
