//! Whether the intervals of `reshelve estimate` hold what they say, over stores whose true figures are known.

use std::num::NonZeroU32;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reshelve::counters::{
    Arm, ArmFigure, Cell, Counted, Design, Estimate, OneBit, Report, Scheme, Tally, difference_interval,
    two_sided_quantile, wilson_interval,
};
use reshelve::eval::Interval;
use serde_json::json;
use statrs::distribution::{Binomial, Discrete, DiscreteCDF, Poisson};

const ARMS: [Arm; 2] = [Arm::Holdout, Arm::Personalized];

fn scheme(epsilon: f64) -> Scheme {
    let design = json!({
        "experiment": "simulated", "holdout": 0.3, "placements": ["search", "home.for_you"], "discovered": false,
        "caps": { "exposures": 8, "clicks": 4, "purchases": 1 },
    });
    Scheme { epsilon, design: serde_json::from_value(design).expect("it is a design") }
}

/// How likely each clipped count of a cell is: a Poisson distribution, all of whose end lies on the cap.
fn distribution(design: &Design, arm: Arm, cell: &Cell) -> Vec<f64> {
    let usual = match cell.counted {
        Counted::Exposures => 3.0,
        Counted::Clicks => 0.5,
        Counted::Purchases => 0.04,
    };
    let more = if arm == Arm::Personalized { 1.3 } else { 1.0 };
    let counts = Poisson::new(usual * more).expect("the mean is above 0");
    let cap = u64::from(design.caps.of(cell.counted));
    let mut shares: Vec<f64> = (0..cap).map(|count| counts.pmf(count)).collect();
    shares.push(1.0 - shares.iter().sum::<f64>());
    shares
}

fn mean(shares: &[f64]) -> f64 {
    shares.iter().zip(0u32..).map(|(share, count)| share * f64::from(count)).sum()
}

/// The reports of so many visits: arm, cell, count and bit each drawn as a device draws them.
fn reports(scheme: &Scheme, visits: usize, rng: &mut ChaCha8Rng) -> Vec<Report> {
    let cells = scheme.design.cells();
    let drawn = (0..visits).map(|_| {
        let arm = if rng.random_bool(scheme.design.holdout) { Arm::Holdout } else { Arm::Personalized };
        let cell = cells[rng.random_range(0..cells.len())].clone();
        let mut left: f64 = rng.random();
        let shares = distribution(&scheme.design, arm, &cell);
        let mut above = |share: &f64| {
            left -= share;
            left >= 0.0
        };
        let cap = scheme.design.caps.of(cell.counted);
        let count =
            u8::try_from(shares.iter().take_while(|share| above(share)).count()).expect("caps are small").min(cap);
        let bit = u8::from(rng.random_bool(OneBit::new(cap, scheme.epsilon).probability(count)));
        Report { scheme: scheme.clone(), arm, cell, bit }
    });
    drawn.collect()
}

/// How many intervals hold the truth, and how many there are: of means, and of differences.
#[derive(Debug, Default)]
struct Coverage {
    means: [u64; 2],
    differences: [u64; 2],
}

fn coverage(drawn: &Scheme, believed: &Scheme, visits: usize, stores: u64, confidence: f64) -> Coverage {
    let mut coverage = Coverage::default();
    let holds = |Interval(low, high): Interval, truth: f64| u64::from(low <= truth && truth <= high);
    for store in 0..stores {
        let mut tally = Tally::default();
        for mut report in reports(drawn, visits, &mut ChaCha8Rng::seed_from_u64(store)) {
            report.scheme = believed.clone();
            tally.push(report);
        }
        let estimate = Estimate::of(&tally, None, None, confidence, NonZeroU32::MIN).expect("there are reports");
        for figure in estimate.figures {
            let [holdout, personalized] = ARMS.map(|arm| mean(&distribution(&drawn.design, arm, &figure.cell)));
            for (ArmFigure { interval, .. }, truth) in [(figure.holdout, holdout), (figure.personalized, personalized)]
            {
                let Some(interval) = interval else { continue };
                coverage.means[0] += holds(interval, truth);
                coverage.means[1] += 1;
            }
            let Some(difference) = figure.difference else { continue };
            coverage.differences[0] += holds(difference.interval, personalized - holdout);
            coverage.differences[1] += 1;
        }
    }
    coverage
}

/// Whether so many would be likely if each interval held the truth with this probability: all but 1 in 10,000 on each side.
fn is_likely([covered, of]: [u64; 2], confidence: f64) -> bool {
    let binomial = Binomial::new(confidence, of).expect("it is a probability");
    let p = binomial.cdf(covered).min(binomial.sf(covered.saturating_sub(1)));
    println!("{covered} of {of} intervals of {confidence} hold the truth: p = {p:.4}");
    p > 1e-4
}

#[test]
fn intervals_cover_as_often_as_they_say() {
    for (epsilon, visits, confidence) in [(1.0, 2000, 0.95), (4.0, 2000, 0.95), (0.5, 2000, 0.8), (1.0, 200, 0.95)] {
        let scheme = scheme(epsilon);
        let Coverage { means, differences } = coverage(&scheme, &scheme, visits, 150, confidence);
        assert!(is_likely(means, confidence), "means at ε {epsilon} of {visits} visits: {means:?}");
        assert!(is_likely(differences, confidence), "differences at ε {epsilon} of {visits} visits: {differences:?}");
    }
}

/// The same test finds an estimator that takes the bits for more precise than they are, or less.
#[test]
fn intervals_of_a_wrong_model_do_not_cover() {
    for believed in [0.9, 1.1] {
        let Coverage { means, .. } = coverage(&scheme(1.0), &scheme(believed), 4000, 150, 0.95);
        assert!(!is_likely(means, 0.95), "ε {believed}: {means:?}");
    }
}

/// One store with many visits: every figure is near the truth, and the arms have the shares that were drawn.
#[test]
fn many_visits_find_the_figures() {
    let scheme = scheme(2.0);
    let mut tally = Tally::default();
    reports(&scheme, 400_000, &mut ChaCha8Rng::seed_from_u64(7)).into_iter().for_each(|report| tally.push(report));
    let estimate =
        Estimate::of(&tally, Some("simulated"), Some(2.0), 0.95, NonZeroU32::MIN).expect("there are reports");
    assert!(estimate.shares.holds && estimate.visits == 400_000, "{:?}", estimate.shares);
    for figure in &estimate.figures {
        let truth = |arm| mean(&distribution(&scheme.design, arm, &figure.cell));
        let off = (figure.personalized.mean.unwrap() - truth(Arm::Personalized)).abs() / f64::from(figure.cap);
        assert!(off < 0.02, "{figure:?}");
        let of_all = figure.personalized.reports + figure.holdout.reports;
        assert!(of_all.abs_diff(400_000 / 7) < 1000, "{of_all} visits drew {:?}", figure.cell);
    }
    assert_eq!(Estimate::of(&tally, Some("another"), None, 0.95, NonZeroU32::MIN), None);
}

/// Devices that send eight reports each, all of one arm: chance takes their shares far more often than the same number of
/// visits, each with an arm of its own.
#[test]
fn shares_are_those_of_devices() {
    let scheme = scheme(1.0);
    let cell = &scheme.design.cells()[0];
    let n_doubted = |per_device: u32| {
        let doubted = (0..200).filter(|&store| {
            let rng = &mut ChaCha8Rng::seed_from_u64(store);
            let mut tally = Tally::default();
            for _ in 0..300 {
                let arm = if rng.random_bool(scheme.design.holdout) { Arm::Holdout } else { Arm::Personalized };
                for _ in 0..8 {
                    tally.push(Report { scheme: scheme.clone(), arm, cell: cell.clone(), bit: 0 });
                }
            }
            let per_device = NonZeroU32::new(per_device).unwrap();
            !Estimate::of(&tally, None, None, 0.95, per_device).unwrap().shares.holds
        });
        doubted.count()
    };
    // One in a thousand of 200 each: five and more in one of 300,000 runs.
    assert!(n_doubted(8) < 5);
    assert!(n_doubted(1) > 20);
}

/// How far the ends of the interval for a difference lie from it, if the bits fall as they are expected to: of a store
/// with so many visits, a tenth of them in the holdout, and so many cells, for a count with this cap and mean.
fn half_width(epsilon: f64, visits: f64, cells: f64, counted: (u8, f64)) -> f64 {
    let (cap, mean) = counted;
    let mechanism = OneBit::new(cap, epsilon);
    let share = mechanism.probability(0) + mean / mechanism.slope();
    let z = two_sided_quantile(0.95);
    let [holdout, personalized] = [0.1, 0.9].map(|arm| {
        let of = (visits * arm / cells).round();
        let Interval(low, high) = wilson_interval((of * share).round() as u64, of as u64, z);
        (mean, Interval(mechanism.mean(low), mechanism.mean(high)))
    });
    let Interval(low, high) = difference_interval(personalized, holdout);
    (high - low) / 2.0
}

/// The table of `docs/COUNTERS.md`: `cargo test --release --test counters how_wide -- --nocapture`.
#[test]
fn how_wide_intervals_are() {
    let mut before = f64::INFINITY;
    for visits in [10_000.0, 100_000.0, 1_000_000.0, 10_000_000.0] {
        let of = |counted| [1.0, 2.0, 4.0].map(|epsilon| half_width(epsilon, visits, 4.0, counted));
        let (clicks, purchases) = (of((4, 0.5)), of((1, 0.03)));
        println!("| {visits:>10} | {clicks:>6.3?} | {purchases:>6.4?} |");
        // Ten times the visits, a root of ten less; and less privacy, more precision.
        assert!((before / clicks[0] - 10f64.sqrt()).abs() < 0.1 || before.is_infinite());
        assert!(clicks[0] > clicks[1] && clicks[1] > clicks[2] && purchases[0] > purchases[1]);
        before = clicks[0];
    }
}
