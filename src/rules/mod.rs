//! The rules of a merchandiser: from a file that people write to the bytes that the runtime evaluates, and what is wrong
//! with them. `docs/RULES.md` is for its readers.
//!
//! A [`RuleFile`] is TOML or JSON. Its conditions are [`Expression`]s, which [`compile`] turns into the section of
//! [`crate::format::rules`]. [`check`] says what will not do what was meant, and [`Places`] where it stands.

mod check;
mod compile;
mod expression;
mod finding;
mod names;
mod parts;
mod places;
mod program;
mod quotas;
mod requests;
mod source;

pub use check::check;
pub use compile::{Compiled, compile};
pub use expression::{Comparison, Expression, ExpressionError, ItemSet, Relation};
pub use finding::{Finding, Severity};
pub use names::is_of_request;
pub use places::{Place, Places};
pub use source::{
    Answer, Boost, Cap, Filter, Incompatible, Pin, Placement, Question, Quota, Reserve, RuleFile, RulesError, Start,
};
