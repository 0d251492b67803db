//! Rankings that were written down: the same answer once more, and the answer that other rules would have given.
//!
//! A [`Trace`] holds everything that an answer came from, as `docs/REPLAY.md` has it: ids of model and rules, the state
//! of the session, the request. [`answer`] puts that before the runtime again, [`verify`] holds the result against the
//! order that was written down, and [`Differences`] counts what a change of rules would have done.

mod answer;
mod difference;
mod record;
mod recorded;
mod state;
mod trace;

pub use answer::{ReplayError, Slot, Verdict, answer, verify};
pub use difference::{BlockDifference, Differences, Named, RuleDifference};
pub use recorded::{Recorded, of_sessions};
pub use state::{State, StateEvent};
pub use trace::{Numbers, Order, RecommendRecord, Request, RerankRecord, Trace};
