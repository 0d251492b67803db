//! Whether a new model may take the place of another: on the newest sessions it must not be worse than that, nor than
//! popularity.
//!
//! A model is not measured on sessions that it has learned from, and two models are held against each other only where
//! both have learned from the sessions or neither has. So what stands for the new model is a second one, learned in the
//! same way from the sessions before the newest. Where there are enough sessions since the previous model, those are the
//! ones, and neither has seen them. Where there are not, both have seen nearly all: then the new model itself is held
//! against the previous one on what both remember, which finds a broken model, though not a slightly worse one.

use std::fmt;

use serde::Serialize;

use super::baselines::Baseline;
use super::split::{newest, split};
use super::{Answers, Cases, Figures, History, Interval, Step, compare_ranks, leak};
use crate::model::Model;
use crate::train::{Catalog, Options, Sessions, TrainError, Watch, learn};

/// Share of the sessions, the newest, that are measured on at most.
const HELD_OUT: f64 = 0.1;
/// Fewest cases since the previous model with which the two are held against each other on them.
const MIN_CASES: usize = 200;

/// How a new model compares with something that it must not be worse than.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Verdict {
    /// What it is compared with.
    pub rival: Rival,
    /// Whether the cases are of sessions that both have learned from; else neither has.
    pub both_have_learned: bool,
    /// How many cases.
    pub cases: usize,
    /// Hit rate.
    pub hr: Difference,
    /// Mean reciprocal rank.
    pub mrr: Difference,
}

/// What a new model must not be worse than.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rival {
    /// The items with the most events.
    Popularity,
    /// The model that it would replace.
    Previous,
}

/// A figure of the new model beside its rival's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The new model's, or that of the model that stands for it.
    pub new: f64,
    /// The rival's.
    pub rival: f64,
    /// 95 % interval of the difference, new less rival.
    pub interval: Interval,
}

/// Why a new model may not take its place.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The previous model knows newer events.
    #[error(
        "the gate is closed: the new model is of {new}, and the one it would replace of {previous}, which is newer. Is the \
         log complete? Build without --gate to replace it nevertheless"
    )]
    Stale {
        /// The new model's time.
        new: String,
        /// The previous model's time.
        previous: String,
    },
    /// There is nothing to measure on.
    #[error(
        "the gate cannot be passed: {sessions} sessions are too few to hold out the newest with two items or more; give \
         more of the log, or build without --gate"
    )]
    TooFew {
        /// How many there are.
        sessions: usize,
    },
    /// It is worse.
    #[error("the gate is closed: the new model is {0}. Build without --gate to ship it nevertheless")]
    Worse(Verdict),
    /// The model that stands for the new one cannot be learned.
    #[error(transparent)]
    Learn(#[from] TrainError),
}

/// Measures a new model, learned from `sessions`, against popularity and the previous model; only against popularity where
/// there is no session since the previous model, and none before with two events or more.
///
/// # Errors
///
/// [`GateError`]; [`GateError::Worse`] where the whole 95 % interval of the difference in hit rate or in mean reciprocal
/// rank is below 0.
pub fn check(
    sessions: &Sessions,
    catalog: Option<&Catalog>,
    options: &Options,
    new: &Model,
    previous: Option<&Model>,
    watch: &dyn Watch,
) -> Result<Vec<Verdict>, GateError> {
    let created_ms = previous.map(|previous| previous.metadata().created_at_ms);
    let new_created_ms = new.metadata().created_at_ms;
    if let Some(created_ms) = created_ms.filter(|&created_ms| new_created_ms < created_ms) {
        let time = |timestamp_ms| leak::time(timestamp_ms, sessions.has_dates);
        return Err(GateError::Stale { new: time(new_created_ms), previous: time(created_ms) });
    }
    // Sessions are in the order of their ends: where those begin that the previous model cannot have learned from.
    let ends_after = |timestamp_ms| {
        let ends = sessions.iter().map(|session| session.last().map(|event| event.timestamp_ms));
        ends.take_while(|&end| end <= Some(timestamp_ms)).count()
    };
    let first_newest = newest(sessions, HELD_OUT);
    let first_fresh = created_ms.map_or(0, ends_after);
    let mut first = first_newest.max(first_fresh);
    let (mut older, mut cases) = split(sessions, first);
    cases.0.retain(|case| case.timestamp_ms > created_ms);
    let is_fresh = first_fresh == 0 || cases.0.len() >= MIN_CASES;
    if !is_fresh {
        first = first_newest;
        (older, cases) = split(sessions, first);
    }
    if first == 0 || cases.0.is_empty() {
        return Err(GateError::TooFew { sessions: sessions.len() });
    }
    let stand_in = Model::from_bytes(learn(&older, catalog, options, watch)?.bytes).map_err(TrainError::from)?;
    let answers = Answers::of_model(&stand_in, &cases);
    let steps = Step::of_cases(&cases, &stand_in);
    let popularity = Baseline::Popularity.answer(&History::new(&stand_in, &older), &steps, options.seed);
    let mut verdicts = vec![Verdict::of(Rival::Popularity, false, &cases, &answers, &popularity, options.seed)];
    if let Some(previous) = previous {
        if is_fresh {
            let theirs = Answers::of_model(previous, &cases);
            verdicts.push(Verdict::of(Rival::Previous, false, &cases, &answers, &theirs, options.seed));
        } else if let Some(cases) = known_to_both(sessions, first_fresh) {
            let (ours, theirs) = (Answers::of_model(new, &cases), Answers::of_model(previous, &cases));
            verdicts.push(Verdict::of(Rival::Previous, true, &cases, &ours, &theirs, options.seed));
        }
    }
    match verdicts.iter().find(|verdict| verdict.is_worse()) {
        Some(&worse) => Err(GateError::Worse(worse)),
        None => Ok(verdicts),
    }
}

/// The steps of the newest sessions that have any, of those that both models have learned from; none where there is no step.
fn known_to_both(sessions: &Sessions, first_fresh: usize) -> Option<Cases> {
    let with_steps: Vec<usize> = (0..first_fresh).filter(|&index| sessions.session(index).len() > 1).collect();
    let known = sessions.choose(&with_steps);
    let cases = Cases::of_sessions(&known.part(newest(&known, HELD_OUT)..known.len()));
    (!cases.0.is_empty()).then_some(cases)
}

impl Verdict {
    fn of(
        rival: Rival,
        both_have_learned: bool,
        cases: &Cases,
        ours: &Answers,
        theirs: &Answers,
        seed: u64,
    ) -> Verdict {
        let (new, other) = (Figures::of(ours), Figures::of(theirs));
        let [(_, hr), (_, mrr)] = compare_ranks(cases, ours, theirs, seed);
        Verdict {
            rival,
            both_have_learned,
            cases: cases.0.len(),
            hr: Difference { new: new.hr, rival: other.hr, interval: hr },
            mrr: Difference { new: new.mrr, rival: other.mrr, interval: mrr },
        }
    }

    /// Whether the new model is worse beyond chance.
    fn is_worse(&self) -> bool {
        [self.hr, self.mrr].iter().any(|difference| difference.interval.1 < 0.0)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_worse() { "worse than" } else { "not worse than" };
        let rival = match self.rival {
            Rival::Popularity => "popularity",
            Rival::Previous => "the model it would replace",
        };
        let footing = if self.both_have_learned { "both have" } else { "neither has" };
        write!(f, "{verdict} {rival} on {} cases that {footing} learned from", self.cases)?;
        for (name, Difference { new, rival, interval: Interval(low, high) }) in
            [("HR@20", self.hr), ("MRR@20", self.mrr)]
        {
            write!(f, "; {name} {new:.4} against {rival:.4}")?;
            if low.is_nan() {
                write!(f, ", of one visitor")?;
            } else {
                write!(f, ", difference {low:+.4} to {high:+.4}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Case;

    /// A hundred visitors with a case each; targets at rank 1, or not listed.
    #[test]
    fn worse_is_what_chance_does_not_explain() {
        let cases = Cases((0..100).map(|visitor| Case { visitor, ..Case::default() }).collect());
        let answers = |n_hits: u32| -> Answers {
            (0..100).map(|case| (u32::from(case < n_hits), vec![])).collect::<Vec<_>>().into()
        };
        let check = |ours: u32, theirs: u32, is_worse: bool| {
            let verdict = Verdict::of(Rival::Previous, false, &cases, &answers(ours), &answers(theirs), 1);
            assert_eq!(verdict.is_worse(), is_worse, "{verdict}");
            assert!((verdict.hr.new - f64::from(ours) / 100.0).abs() < 1e-9, "{verdict}");
        };
        check(50, 50, false);
        check(60, 50, false);
        // One case in a hundred less: in every third resample it is not drawn.
        check(49, 50, false);
        check(40, 50, true);
        check(0, 100, true);
    }

    #[test]
    fn a_verdict_says_on_what_it_rests() {
        let difference =
            |new, rival| Difference { new, rival, interval: Interval(new - rival - 0.01, new - rival + 0.01) };
        let verdict = Verdict {
            rival: Rival::Previous,
            both_have_learned: false,
            cases: 1234,
            hr: difference(0.5, 0.55),
            mrr: difference(0.25, 0.25),
        };
        assert_eq!(
            GateError::Worse(verdict).to_string(),
            "the gate is closed: the new model is worse than the model it would replace on 1234 cases that neither has \
             learned from; HR@20 0.5000 against 0.5500, difference -0.0600 to -0.0400; MRR@20 0.2500 against 0.2500, \
             difference -0.0100 to +0.0100. Build without --gate to ship it nevertheless"
        );
    }
}
