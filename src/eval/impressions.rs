//! Measures a ranker on shown lists: where does the clicked item stand?

use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use crate::model::Model;
use crate::rank::{Scratch, rerank};
use crate::train::ranker::lists::Question;
use crate::train::{ClickedList, Impressions};

/// Lists of a fold that are timed one by one.
const TIMED: usize = 400;

/// How good orders of shown lists are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ListFigures {
    /// Mean reciprocal rank of the clicked item.
    pub mrr: f64,
    /// Normalized discounted cumulative gain: the mean of 1/log2(rank + 1).
    pub ndcg: f64,
}

/// The ranks of one clicked item, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListRanks {
    /// In the model's order.
    pub model: usize,
    /// In the order shown.
    pub shown: usize,
    /// By the recency rule: what the session touched comes first, the newest touch first, then the order shown.
    pub recency: usize,
}

impl ListFigures {
    /// The figures of some ranks, each with its weight.
    pub fn of(ranks: impl Iterator<Item = (usize, f64)>) -> ListFigures {
        let (mut sum, mut mrr, mut ndcg) = (0.0, 0.0, 0.0);
        for (rank, weight) in ranks {
            sum += weight;
            mrr += weight / rank as f64;
            ndcg += weight / ((rank + 1) as f64).log2();
        }
        let mean = |total: f64| if sum > 0.0 { total / sum } else { 0.0 };
        ListFigures { mrr: mean(mrr), ndcg: mean(ndcg) }
    }
}

/// Orders lists with the runtime as shipped and finds what was clicked. In the order of the lists.
pub fn rank_lists(model: &Model, impressions: &Impressions, lists: &[ClickedList]) -> Vec<ListRanks> {
    let ranks = |scratch: &mut Scratch, list: &ClickedList| {
        let question = Question::new(model, impressions, *list);
        let ranking = rerank(model, &question.session, &question.request(), false, scratch)
            .expect("a logged list is a sound request");
        let model = ranking.placed.iter().position(|placed| placed.from == list.clicked);
        ListRanks {
            model: model.expect("a ranking is a permutation") + 1,
            shown: list.clicked + 1,
            recency: recency_rank(list),
        }
    };
    lists.par_iter().map_init(Scratch::default, ranks).collect()
}

/// How long single lists take on one thread, in microseconds; of a sample of the lists.
pub fn measure_times(model: &Model, impressions: &Impressions, lists: &[ClickedList]) -> Vec<f64> {
    let mut scratch = Scratch::default();
    let step = lists.len().div_ceil(TIMED).max(1);
    let time = |list: &ClickedList| {
        let question = Question::new(model, impressions, *list);
        let start = Instant::now();
        let ranking = rerank(model, &question.session, &question.request(), false, &mut scratch);
        let time = start.elapsed().as_secs_f64() * 1e6;
        ranking.map(|_| time).expect("a logged list is a sound request")
    };
    lists.iter().step_by(step).map(time).collect()
}

fn recency_rank(list: &ClickedList) -> usize {
    let mut touched = Vec::new();
    for event in list.session.events[..list.at].iter().rev() {
        if let Some(item) = event.item.filter(|item| list.shown.items.contains(item) && !touched.contains(item)) {
            touched.push(item);
        }
    }
    let clicked = list.shown.items[list.clicked];
    let among = |item: &u32| touched.contains(item);
    match touched.iter().position(|&item| item == clicked) {
        Some(place) => place + 1,
        None => {
            list.clicked + 1 + touched.len()
                - list.shown.items[..list.clicked].iter().filter(|item| among(item)).count()
        }
    }
}
