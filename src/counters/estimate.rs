use std::num::NonZeroU32;

use serde::Serialize;

use super::intervals::{difference_interval, two_sided_p, two_sided_quantile, wilson_interval};
use super::mechanism::OneBit;
use super::report::{Arm, Cell, Scheme};
use super::tally::{Bits, Outsiders, Tally};
use crate::eval::Interval;

/// Below this the arms do not have the shares that they were drawn with: the usual threshold of the check.
const SHARE_P_MIN: f64 = 0.001;

/// What reports say once the noise is taken out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// How the reports were drawn.
    #[serde(flatten)]
    pub scheme: Scheme,
    /// Share of all intervals that hold the true figure.
    pub confidence: f64,
    /// Visits, one report each.
    pub visits: u64,
    /// Whether the arms have the shares that they were drawn with.
    pub shares: ShareCheck,
    /// One for each cell of the design, in its order.
    pub figures: Vec<Figure>,
    /// Reports of other schemes: left out.
    pub outsiders: Option<Outsiders>,
}

/// How many visits each arm has, and how likely that is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShareCheck {
    /// Visits of the holdout.
    pub holdout: u64,
    /// Visits of the others.
    pub personalized: u64,
    /// How likely chance alone takes the holdout's share at least so far from what was drawn, at most: by the binomial
    /// distribution, as if each device had sent as many reports as it may have.
    pub p: f64,
    /// Whether that is likely enough. If not, one arm's reports get lost more often than the other's, or somebody forges
    /// them, and no figure is to be trusted: Fabijan et al., "Diagnosing Sample Ratio Mismatch in Online Controlled
    /// Experiments" (KDD 2019).
    pub holds: bool,
}

/// A mean per visit, in both arms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What was counted.
    #[serde(flatten)]
    pub cell: Cell,
    /// The most that a visit counts of it.
    pub cap: u8,
    /// Visits that saw the store's own order.
    pub holdout: ArmFigure,
    /// Visits that saw the shopper's.
    pub personalized: ArmFigure,
    /// Personalized less holdout; none unless both have reports.
    pub difference: Option<Difference>,
}

/// A mean per visit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ArmFigure {
    /// Visits that drew this cell: the figure comes from these alone.
    pub reports: u64,
    /// The mean of the counts, each clipped at the cap; none without a report. Unbiased, so that noise may take it below
    /// 0 or above the cap.
    pub mean: Option<f64>,
    /// Where the mean lies with the confidence asked for.
    pub interval: Option<Interval>,
}

/// How far two means are apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The difference.
    pub mean: f64,
    /// Where it lies with the confidence asked for.
    pub interval: Interval,
}

impl Estimate {
    /// Of the scheme that most reports have, of those with the name and the ε asked for. None if there is no such report.
    /// `confidence` lies between 0 and 1. A device, which draws its arm once, has sent at most `reports_per_device` of them.
    ///
    /// The bits of an arm and a cell are throws of a coin that falls on 1 with the mean of the mechanism's probabilities.
    /// So the interval is that of a binomial proportion (Wilson), taken to counts by the linear [`OneBit::mean`], and that of
    /// the difference follows by Newcombe's rule.
    pub fn of(
        tally: &Tally,
        experiment: Option<&str>,
        epsilon: Option<f64>,
        confidence: f64,
        reports_per_device: NonZeroU32,
    ) -> Option<Estimate> {
        let (group, outsiders) = tally.choose(experiment, epsilon)?;
        let z = two_sided_quantile(confidence);
        let design = &group.scheme.design;
        let figures = design.cells().into_iter().map(|cell| {
            let cap = design.caps.of(cell.counted);
            let mechanism = OneBit::new(cap, group.scheme.epsilon);
            let [holdout, personalized] = [Arm::Holdout, Arm::Personalized].map(|arm| {
                let bits = group.bits.get(&(arm, cell.clone())).copied().unwrap_or_default();
                ArmFigure::of(bits, mechanism, z)
            });
            let difference = personalized.parts().zip(holdout.parts()).map(|(personalized, holdout)| Difference {
                mean: personalized.0 - holdout.0,
                interval: difference_interval(personalized, holdout),
            });
            Figure { cell, cap, holdout, personalized, difference }
        });
        let of_holdout = group.bits.iter().filter(|((arm, _), _)| *arm == Arm::Holdout).map(|(_, bits)| bits.of).sum();
        Some(Estimate {
            scheme: group.scheme.clone(),
            confidence,
            visits: group.reports,
            shares: ShareCheck::of(of_holdout, group.reports, design.holdout, reports_per_device),
            figures: figures.collect(),
            outsiders,
        })
    }
}

impl ArmFigure {
    fn of(Bits { ones, of }: Bits, mechanism: OneBit, z: f64) -> ArmFigure {
        if of == 0 {
            return ArmFigure { reports: 0, mean: None, interval: None };
        }
        let Interval(low, high) = wilson_interval(ones, of, z);
        ArmFigure {
            reports: of,
            mean: Some(mechanism.mean(ones as f64 / of as f64)),
            interval: Some(Interval(mechanism.mean(low), mechanism.mean(high))),
        }
    }

    fn parts(self) -> Option<(f64, Interval)> {
        self.mean.zip(self.interval)
    }
}

impl ShareCheck {
    fn of(holdout: u64, visits: u64, share: f64, reports_per_device: NonZeroU32) -> ShareCheck {
        // Arms are drawn by device: only of so many draws it is certain that they are independent.
        let draws = visits.div_ceil(reports_per_device.get().into());
        let p = two_sided_p(holdout as f64 * draws as f64 / visits as f64, draws, share);
        ShareCheck { holdout, personalized: visits - holdout, p, holds: p >= SHARE_P_MIN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_by_hand() {
        // 100 of 1,000 at a tenth, deviation 9.49: exact; 130 is 3.16 deviations off; 140 is 4.2.
        let check = |holdout, share, per_device| {
            ShareCheck::of(holdout, 1000, share, NonZeroU32::new(per_device).unwrap()).holds
        };
        assert!(check(100, 0.1, 1) && check(130, 0.1, 1) && !check(140, 0.1, 1) && !check(60, 0.1, 1));
        assert!(check(140, 0.1, 8) && !check(250, 0.1, 8));
        assert!(check(0, 0.0, 1) && !check(8, 0.0, 1) && check(1000, 1.0, 1) && !check(992, 1.0, 1));
    }
}
