use alloc::vec;

use serde::Serialize;

use super::Parts;
use super::aversion::Aversion;
use super::score::Scorer;
use crate::format::metadata::ONE;
use crate::kernels;
use crate::model::Model;
use crate::session::{EventKind, Touch, telling};

/// Levels of popularity from which an item is said to be popular.
pub(super) const POPULAR_LEVEL: i32 = 128;

/// Why an item stands where it stands, in words fit for the shopper. It can cite only the shopper's own events or plain
/// popularity: there is no place in it for anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The kind of reason.
    pub code: ReasonCode,
    /// The shopper's event behind it: the item's row and what was done with it.
    pub event: Option<(u32, EventKind)>,
    /// The shopper's answer behind it: its number in the rules.
    pub answer: Option<u16>,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The shopper touched this very item.
    SeenBefore,
    /// It goes together with an item that the shopper touched.
    GoesWith,
    /// It resembles an item that the shopper touched.
    SimilarTo,
    /// Many shoppers choose it.
    Popular,
    /// Many shoppers choose it of late.
    Trending,
    /// The shopper asked for such items, in answer to a question of the store.
    Chosen,
    /// It is of a category that the shopper has not met.
    Different,
    /// The shopper does not want it, or wants less of such items.
    Unwanted,
    /// The store's own order.
    StoreOrder,
}

impl ReasonCode {
    /// The name that the JavaScript API and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            ReasonCode::SeenBefore => "seen_before",
            ReasonCode::GoesWith => "goes_with",
            ReasonCode::SimilarTo => "similar_to",
            ReasonCode::Popular => "popular",
            ReasonCode::Trending => "trending",
            ReasonCode::Chosen => "chosen",
            ReasonCode::Different => "different",
            ReasonCode::Unwanted => "unwanted",
            ReasonCode::StoreOrder => "store_order",
        }
    }
}

impl Reason {
    /// The reason of a candidate that the model has no say about.
    pub(super) const STORE_ORDER: Reason = Reason::plain(ReasonCode::StoreOrder);
    pub(super) const POPULAR: Reason = Reason::plain(ReasonCode::Popular);
    pub(super) const TRENDING: Reason = Reason::plain(ReasonCode::Trending);
    pub(super) const DIFFERENT: Reason = Reason::plain(ReasonCode::Different);

    /// That the shopper touched this very item, in an event of this kind.
    pub(super) fn seen_before(touch: &Touch) -> Reason {
        Reason { event: Some((touch.row, touch.kind)), ..Reason::plain(ReasonCode::SeenBefore) }
    }

    const fn plain(code: ReasonCode) -> Reason {
        Reason { code, event: None, answer: None }
    }

    /// The shopper's answer, where that says more than anything else of the item.
    pub(super) fn or_answer(self, parts: &Parts, answer: Option<u16>) -> Reason {
        match answer {
            Some(_) if parts.answers > parts.speaks() => Reason { code: ReasonCode::Chosen, event: None, answer },
            _ => self,
        }
    }

    /// The shopper's aversion, where that says more than anything else of the item.
    pub(super) fn or_aversion(self, parts: &Parts, aversion: &Aversion, row: u32) -> Reason {
        match aversion.event(row) {
            event @ Some(_) if -parts.aversion > parts.speaks().max(parts.answers) => {
                Reason { code: ReasonCode::Unwanted, event, answer: None }
            }
            _ => self,
        }
    }

    /// The reason of a scored item: the largest of what its neighbors' rows and its embedding add, and the event that
    /// adds most of that. O(events · dimensions).
    pub(super) fn of(scorer: &Scorer, model: &Model, row: u32, parts: &Parts) -> Reason {
        if let Some((touch, _)) = scorer.newest_touch(row) {
            return Reason::seen_before(touch);
        }
        let strongest = |contribution: &dyn Fn(&Touch) -> i64| {
            let weighed = telling(model, scorer.profile()).map(|touch| (contribution(&touch), touch));
            // The newest of equals: touches come newest first.
            let best = weighed.rev().max_by_key(|&(contribution, _)| contribution);
            best.filter(|&(contribution, _)| contribution > 0).map(|(_, touch)| (touch.row, touch.kind))
        };
        if parts.neighbors > 0 && parts.neighbors >= parts.embedding {
            let neighbors = model.neighbors();
            let contribution = |touch: &Touch| {
                let entry = neighbors.and_then(|neighbors| neighbors.row(touch.row).find(|&(target, _)| target == row));
                entry.map_or(0, |(_, strength)| i64::from(strength) * i64::from(scorer.neighbors_weight(touch)))
            };
            if let event @ Some(_) = strongest(&contribution) {
                return Reason { event, ..Reason::plain(ReasonCode::GoesWith) };
            }
        }
        if parts.embedding >= ONE && parts.embedding >= parts.popularity {
            let embeddings = model.embeddings();
            let contribution = |touch: &Touch| {
                embeddings.map_or(0, |embeddings| {
                    let dot = kernels::dot(&kernels::widened(embeddings.vector(touch.row)), embeddings.vector(row));
                    i64::from(dot) * i64::from(embeddings.place_weight(touch.place)) * i64::from(touch.weight)
                })
            };
            if let event @ Some(_) = strongest(&contribution) {
                return Reason { event, ..Reason::plain(ReasonCode::SimilarTo) };
            }
            // Like none of them: it may be what tends to come after the newest.
            let comes_after = |touch: &Touch| {
                embeddings.is_some_and(|embeddings| {
                    let mut next = vec![0; embeddings.dimensions()];
                    embeddings.add_transition(touch.row, touch.kind.is_choice(), 1, &mut next);
                    next.iter().zip(embeddings.vector(row)).map(|(next, &x)| next * i64::from(x)).sum::<i64>() > 0
                })
            };
            let mut newest = telling(model, scorer.profile()).filter(Touch::is_newest);
            let newest = newest.find(comes_after);
            if let Some(touch) = newest {
                return Reason { event: Some((touch.row, touch.kind)), ..Reason::plain(ReasonCode::GoesWith) };
            }
        }
        if scorer.level(row) >= POPULAR_LEVEL { Reason::POPULAR } else { Reason::STORE_ORDER }
    }
}
