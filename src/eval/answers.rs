use std::iter::repeat;

use rayon::prelude::*;

use super::{Case, Cases, K};
use crate::model::Model;
use crate::rank::{ContextWord, RecommendRequest, Scratch, recommend};
use crate::session::{Event, EventKind, Session};

/// Time between the events of a case, where what counts is their order.
const STEP_MS: i64 = 1000;
/// Cases that a thread works on at a time.
const PART: usize = 64;
/// Stands in a list where there is no item.
const NONE: u32 = u32::MAX;

/// A case in the rows of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The items so far that the model knows, oldest first.
    pub prefix: Vec<u32>,
    /// The next item; none where the model does not know it.
    pub target: Option<u32>,
    /// The next item and all after it that the model knows, each once, ascending.
    pub remaining: Vec<u32>,
    /// How many different items that is, with those that the model does not know.
    pub n_remaining: usize,
}

impl Step {
    /// Looks up a case's items.
    pub fn of(case: &Case, model: &Model) -> Step {
        let mut remaining: Vec<&String> = case.rest.iter().chain([&case.target]).collect();
        remaining.sort_unstable();
        remaining.dedup();
        let mut rows: Vec<u32> = remaining.iter().filter_map(|id| model.row(id)).collect();
        rows.sort_unstable();
        Step {
            prefix: case.prefix.iter().filter_map(|id| model.row(id)).collect(),
            target: model.row(&case.target),
            remaining: rows,
            n_remaining: remaining.len(),
        }
    }
}

/// What a ranker answered: for every case its list of at most [`K`] rows, and where the target stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// One entry a case: the target's rank from 1; 0 where it is not among the first [`K`].
    ranks: Vec<u32>,
    /// [`K`] entries a case, filled up with [`NONE`].
    lists: Vec<u32>,
}

impl Answers {
    /// Asks the shipped runtime, on all cores: the whole catalog is ranked for each prefix.
    ///
    /// Items of the prefix may be recommended again. A target that the model does not know is not listed. Where scores
    /// tie, the target counts as the last of its equals.
    pub fn of_model(model: &Model, cases: &Cases) -> Answers {
        let ask = |scratch: &mut Scratch, case: &Case| answer(model, case, scratch);
        cases.0.par_iter().with_min_len(PART).map_init(Scratch::default, ask).collect::<Vec<_>>().into()
    }

    /// Asks a function for the list of every step, on all cores. It is told the step's index too.
    pub fn of_steps(steps: &[Step], list: impl Fn(usize, &Step) -> Vec<u32> + Sync) -> Answers {
        let ask = |(index, step): (usize, &Step)| {
            let mut list = list(index, step);
            list.truncate(K);
            let rank = step.target.and_then(|target| list.iter().position(|&row| row == target));
            (rank.map_or(0, |index| index as u32 + 1), list)
        };
        steps.par_iter().enumerate().with_min_len(PART).map(ask).collect::<Vec<_>>().into()
    }

    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.ranks.len()
    }

    /// Whether there is no case.
    pub fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }

    /// The rank of a case's target, from 1, if it is listed. Panics past [`Answers::len`].
    pub fn rank(&self, case: usize) -> Option<u32> {
        Some(self.ranks[case]).filter(|&rank| rank > 0)
    }

    /// The rows listed for a case, best first. Panics past [`Answers::len`].
    pub fn list(&self, case: usize) -> &[u32] {
        let list = &self.lists[case * K..(case + 1) * K];
        &list[..list.iter().position(|&row| row == NONE).unwrap_or(K)]
    }
}

impl From<Vec<(u32, Vec<u32>)>> for Answers {
    /// From each case's rank and list.
    fn from(answers: Vec<(u32, Vec<u32>)>) -> Answers {
        let mut all = Answers::default();
        for (rank, list) in answers {
            all.ranks.push(rank);
            all.lists.extend(&list);
            all.lists.resize(all.ranks.len() * K, NONE);
        }
        all
    }
}

/// The answer of the shipped runtime to one case: the target's rank, 0 where it is not listed, and the list.
pub(super) fn answer(model: &Model, case: &Case, scratch: &mut Scratch) -> (u32, Vec<u32>) {
    let (session, now_ms) = session_of(case);
    // One more than is judged: equals of the target beyond the list must be seen to push it out.
    let context: Vec<ContextWord> =
        case.context.iter().flat_map(|words| words.iter()).map(|(name, word)| (name.as_str(), word.as_str())).collect();
    let request = RecommendRequest { limit: K + 1, now_ms, context: &context, ..RecommendRequest::default() };
    let found = recommend(model, &session, &request, false, scratch).expect("K is a limit that may be asked for").items;
    let target = model.row(&case.target);
    let target = found.iter().find(|item| Some(item.row) == target);
    let last_equal =
        target.and_then(|target| found.iter().rposition(|item| item.parts.score() == target.parts.score()));
    let rank = last_equal.map(|index| index + 1).filter(|&rank| rank <= K).unwrap_or(0);
    (rank as u32, found.iter().take(K).map(|item| item.row).collect())
}

/// The session of a shopper who has done what a case says, and the time after it.
pub(crate) fn session_of(case: &Case) -> (Session, i64) {
    let kinds = case.kinds.iter().copied().chain(repeat(EventKind::View));
    let events = case.prefix.iter().zip(kinds).zip(0..);
    let events = events.map(|((id, kind), n)| Event::new(kind, id.as_str(), n * STEP_MS));
    (events.collect(), case.prefix.len() as i64 * STEP_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_kept_as_given() {
        let step = |target| Step { prefix: vec![], target, remaining: vec![], n_remaining: 1 };
        let steps = [step(Some(5)), step(Some(9)), step(None)];
        let lists = [vec![4, 5], (0..30).rev().collect(), vec![]];
        let answers = Answers::of_steps(&steps, |index, _| lists[index].clone());
        assert_eq!((answers.len(), answers.rank(0), answers.rank(1), answers.rank(2)), (3, Some(2), None, None));
        assert_eq!(answers.list(0), [4, 5]);
        assert_eq!(answers.list(1), (10..30).rev().collect::<Vec<u32>>());
        assert!(answers.list(2).is_empty());
    }
}
