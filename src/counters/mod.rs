//! Numbers for a store whose shoppers agreed to them: randomized reports in, means per visit with intervals out.
//!
//! A [`Report`] is what `reshelve/counters` sends of a visit: which of many counts it is about, and one random bit.
//! [`OneBit`] is the mechanism that drew the bit, [`Tally`] adds the bits up by arm and cell, [`Estimate`] takes the noise
//! out again. `docs/COUNTERS.md` describes all of it for the people who wire it.

mod estimate;
mod intervals;
mod mechanism;
mod report;
mod tally;

pub use estimate::{ArmFigure, Difference, Estimate, Figure, ShareCheck};
pub use intervals::{difference_interval, two_sided_quantile, wilson_interval};
pub use mechanism::OneBit;
pub use report::{Arm, Caps, Cell, Counted, Design, Refusal, Report, Scheme};
pub use tally::{Bits, Outsiders, Refused, Tally};
