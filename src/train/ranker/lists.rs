//! Turns shown lists into what the booster learns from, with the features that the runtime computes.

use rayon::prelude::*;

use super::booster::{List, Lists};
use crate::model::Model;
use crate::rank::{Features, Page, RerankRequest, Scratch, UNKNOWN_ROW, features};
use crate::session::Session;
use crate::train::{ClickedList, Impressions};

/// A list as it is asked for: the session before it, and the candidates' rows.
pub(crate) struct Question<'a> {
    pub(crate) session: Session,
    pub(crate) rows: Vec<u32>,
    pub(crate) list: ClickedList<'a>,
}

impl<'a> Question<'a> {
    pub(crate) fn new(model: &Model, impressions: &Impressions, list: ClickedList<'a>) -> Question<'a> {
        let row = |&item: &u32| model.row(&impressions.item_ids[item as usize]).unwrap_or(UNKNOWN_ROW);
        let rows = list.shown.items.iter().map(row).collect();
        Question { session: list.session_before(&impressions.item_ids), rows, list }
    }

    pub(crate) fn request(&self) -> RerankRequest<'_> {
        RerankRequest {
            page: Page { surface: &self.list.shown.surface, ..Page::at(self.list.now_ms()) },
            rows: &self.rows,
            prices: &self.list.shown.prices,
            ..RerankRequest::default()
        }
    }
}

/// Appends lists with the features that a model gives them. The model must not have learned from their sessions: what it
/// says of them would be too good.
pub(super) fn append(lists: &mut Lists, model: &Model, impressions: &Impressions, clicked: &[ClickedList]) {
    let rows: Vec<Vec<Features>> = clicked
        .par_iter()
        .map_init(Scratch::default, |scratch, list| {
            let question = Question::new(model, impressions, *list);
            features(model, &question.session, &question.request(), scratch).expect("a logged list is a sound request")
        })
        .collect();
    for (rows, list) in rows.into_iter().zip(clicked) {
        let start = lists.rows.len();
        lists.rows.extend(rows);
        lists.lists.push(List { start, end: lists.rows.len(), clicked: list.clicked, weight: 1.0 });
    }
}
