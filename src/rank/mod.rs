//! Orders candidates, and finds new ones.
//!
//! [`rerank`] goes through gather → `score` (and, in a model that has one, the learned `ranker` over `features`) →
//! `diversify` → `place` → `rules`: the last stages hold what must hold, whatever the model says. [`recommend`] retrieves from the whole catalog by the same scores. Everything is
//! integer arithmetic on the same inputs that [`Parts`] and [`Reason`] show, so that an explanation is the computation.

mod aversion;
mod base;
mod basis;
mod block;
mod bounds;
mod discovery;
mod diversify;
mod fatigue;
mod features;
mod order;
mod page;
mod place;
mod placement;
mod priors;
mod quota;
mod ranker;
mod reason;
mod recommend;
mod rerank;
mod rules;
mod score;
mod variety;

pub use basis::Basis;
pub use discovery::MAX_DISCOVERY;
pub use features::Features;
pub use order::{Order, OrderRequest, Tag, Thing, order};
pub use page::Page;
pub use ranker::Contributions;
pub use reason::{Reason, ReasonCode};
pub use recommend::{MAX_LIMIT, RecommendRequest, Recommendations, Recommended, recommend};
pub use rerank::{Path, Placed, Ranking, RerankRequest, contributions, features, rerank};
#[cfg(feature = "rules")]
pub use rules::rows_where;
pub use rules::{ContextWord, Overlay, PLACEMENT, SEGMENT, SURFACE};
pub use score::{Parts, Scratch};
#[cfg(feature = "train")]
pub(crate) use score::{best_by_session, lists_by_session};

use alloc::string::String;

use serde::Serialize;

use base::rounded;

use crate::format::message::sentence;
use crate::format::metadata::ONE;
use crate::session::Seen;

/// Stands for a candidate that the model does not know, in lists of rows.
pub const UNKNOWN_ROW: u32 = u32::MAX;

/// A share from 0 to 1, in 1/1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Share(u16);

impl Share {
    /// All of it.
    pub const ONE: Share = Share(ONE as u16);

    /// The nearest share to a number from 0 to 1; none for any other number.
    pub fn new(value: f64) -> Option<Share> {
        (0.0..=1.0).contains(&value).then(|| Share(rounded(value * f64::from(ONE)) as u16))
    }

    /// The number from 0 to 1.
    #[cfg(feature = "train")]
    pub fn value(self) -> f64 {
        f64::from(self.0) / f64::from(ONE)
    }

    /// So many 1/1024, at most all.
    fn from_parts(parts: u16) -> Share {
        Share(parts.min(Share::ONE.0))
    }

    /// This share of a score, rounded down.
    fn of(self, score: i32) -> i32 {
        ((i64::from(score) * i64::from(self.0)) >> 10) as i32
    }

    fn rest(self) -> Share {
        Share(Share::ONE.0 - self.0)
    }
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The session had its say.
    Personalized,
    /// The incoming order stands.
    Unchanged(Unchanged),
    /// What is popular with everyone, for want of a session.
    Popular(Unchanged),
}

impl Outcome {
    /// The name that the JavaScript API and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Personalized => "personalized",
            Outcome::Unchanged(_) => "unchanged",
            Outcome::Popular(_) => "popular",
        }
    }

    /// Why nothing was personalized, if nothing was.
    pub fn unchanged(self) -> Option<Unchanged> {
        match self {
            Outcome::Personalized => None,
            Outcome::Unchanged(reason) | Outcome::Popular(reason) => Some(reason),
        }
    }
}

/// Why nothing was personalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unchanged {
    /// The session holds no event with an item that may tell of interest, and nothing is unwanted.
    EmptySession,
    /// The model knows none of the session's items, or none of the candidates.
    UnknownItems,
    /// Strength 0 was asked for.
    StrengthZero,
}

impl Unchanged {
    /// Why a session that was to say something says nothing.
    fn of(session: Seen) -> Unchanged {
        if session.tells() { Unchanged::UnknownItems } else { Unchanged::EmptySession }
    }

    /// The name that the JavaScript API and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Unchanged::EmptySession => "empty_session",
            Unchanged::UnknownItems => "unknown_items",
            Unchanged::StrengthZero => "strength_zero",
        }
    }
}

/// Why a request cannot be answered. The incoming order stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum RequestError {
    /// The lists that describe the candidates differ in length.
    Length {
        /// Which list.
        what: &'static str,
        /// Entries found.
        found: usize,
        /// Candidates.
        expected: usize,
    },
    /// A base score is not a finite number.
    BaseScore {
        /// The candidate.
        index: usize,
    },
    /// A candidate is pinned to a slot that does not exist, or that another one has.
    Pin {
        /// The candidate.
        index: usize,
        /// The slot asked for.
        slot: u32,
        /// Candidates, and so slots.
        n_candidates: usize,
    },
    /// A row is not one of the model's.
    Row {
        /// The row.
        row: u32,
        /// Items of the model.
        n_items: usize,
    },
    /// The rules in force have no placement of the name that was asked for.
    Placement,
    /// The rules were bound to another model: their words would be taken for others.
    Rules,
    /// More is asked for than an answer may hold.
    Limit {
        /// The limit asked for.
        limit: usize,
    },
}

impl RequestError {
    /// What is wrong, and what to do.
    pub fn message(&self) -> String {
        let (template, what, numbers): (_, _, &[u64]) = match *self {
            RequestError::Length { what, found, expected } => {
                (" has # entries for # candidates; give one each", what, &[found as u64, expected as u64])
            }
            RequestError::BaseScore { index } => {
                let template = "the base score of candidate # is not finite; leave `baseScore` out or return a number";
                (template, "", &[index as u64])
            }
            RequestError::Pin { index, slot, n_candidates } => {
                let template = "candidate # is pinned to slot #, which is taken or not below #";
                (template, "", &[index as u64, u64::from(slot), n_candidates as u64])
            }
            RequestError::Row { row, n_items } => {
                ("row # is not below the model's # items", "", &[u64::from(row), n_items as u64])
            }
            RequestError::Placement => {
                ("the rules have no such placement; check its name, or give a `surface`", "", &[])
            }
            RequestError::Rules => ("the rules were read for another model; read them again for this one", "", &[]),
            RequestError::Limit { limit } => ("the limit is #; ask for 1 to #", "", &[limit as u64, MAX_LIMIT as u64]),
        };
        [what, &sentence(template, "", numbers)].concat()
    }
}
