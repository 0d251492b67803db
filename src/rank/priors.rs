//! What is known of a request before its shopper: season, time of day, device. It tilts what is popular.

use alloc::vec;
use alloc::vec::Vec;

use super::ContextWord;
use crate::format::attributes::{CATEGORY, Column};
use crate::format::priors::{Priors, TILT};
use crate::model::Model;

/// Bound of the tilts of all words of a request together, so that no product overflows: 64 logits.
const SUM_MAX: i32 = 4096;

/// What a request's context adds to the popularity of items.
pub(super) struct Tilt<'a> {
    category: Column<'a>,
    /// By value of the column, in 1/1024 of a logit.
    by_category: Vec<i32>,
}

impl<'a> Tilt<'a> {
    /// None where the model knows nothing of the context's words, or they are given no weight.
    pub(super) fn new(model: &'a Model, context: &[ContextWord], weight: fn(Priors) -> u16) -> Option<Tilt<'a>> {
        let priors = model.priors()?;
        let category = model.column(CATEGORY)?;
        let weight = i32::from(weight(priors));
        let mut by_category = vec![0; priors.n_categories() + 1];
        for (name, word) in context {
            // 0 stands for no category.
            for (sum, &tilt) in by_category.iter_mut().skip(1).zip(priors.tilts(name, word).unwrap_or_default()) {
                *sum = (*sum + i32::from(tilt as i8)).clamp(-SUM_MAX, SUM_MAX);
            }
        }
        by_category.iter_mut().for_each(|sum| *sum = (*sum * weight) >> (10 - TILT.ilog2()));
        by_category.iter().any(|&tilt| tilt != 0).then_some(Tilt { category, by_category })
    }

    /// The most that it adds to any item.
    pub(super) fn most(&self) -> i32 {
        self.by_category.iter().fold(0, |most, &tilt| most.max(tilt))
    }

    /// What it adds to an item. Panics if the row is not below the number of items.
    pub(super) fn of(&self, row: u32) -> i32 {
        self.by_category.get(self.category.value(row) as usize).copied().unwrap_or(0)
    }
}
