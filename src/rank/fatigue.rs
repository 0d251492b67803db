//! What was shown often and never touched sinks.

use alloc::vec::Vec;

use crate::kernels::sorted;
use crate::lists::has;
use crate::model::Model;
use crate::session::{EventKind, Seen};

/// So many impressions cost nothing.
const FREE: u32 = 2;
/// What each further one costs, in 1/1024 of a logit.
const STEP: u32 = 128;
/// Most that they cost together: one logit.
const MOST: u32 = 1024;

/// Rows that were shown too often since the shopper last touched them, ascending, with what that costs.
pub(super) struct Fatigue(Vec<(i32, u32)>);

impl Fatigue {
    /// Nothing was.
    pub(super) const NONE: &Fatigue = &Fatigue(Vec::new());

    pub(super) fn new(model: &Model, session: Seen) -> Fatigue {
        Fatigue(costs(model, session))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|&(row, _)| row as u32)
    }

    /// What it adds to an item's score: 0 or less.
    pub(super) fn of(&self, row: u32) -> i32 {
        let place = self.0.binary_search_by_key(&(row as i32), |&(row, _)| row);
        place.map_or(0, |place| -(self.0[place].1 as i32))
    }
}

fn costs(model: &Model, session: Seen) -> Vec<(i32, u32)> {
    let mut touched: Vec<u64> = Vec::new();
    let mut shown: Vec<(u64, u32)> = Vec::new();
    for event in session.events().rev() {
        let Some(hash) = event.item.as_ref().map(|item| item.hash) else { continue };
        if event.kind.may_interest() {
            touched.push(hash);
        } else if event.kind == EventKind::Impression && !has(&touched, &hash) {
            match shown.iter_mut().find(|(known, _)| *known == hash) {
                Some((_, times)) => *times += 1,
                None => shown.push((hash, 1)),
            }
        }
    }
    let costs = shown.into_iter().filter(|&(_, times)| times > FREE);
    sorted(costs.filter_map(|(hash, times)| {
        let row = model.ids().row(hash)?;
        Some((row as i32, ((times - FREE) * STEP).min(MOST)))
    }))
}
