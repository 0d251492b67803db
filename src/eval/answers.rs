use std::collections::BTreeMap;
use std::iter::repeat;
use std::sync::Arc;

use rayon::prelude::*;

use super::{Case, Cases, K};
use crate::model::Model;
use crate::rank::{ContextWord, Page, RecommendRequest, Scratch, recommend};
use crate::session::{Event, EventKind, MAX_EVENTS, Session};

/// Time between the events of a case, where what counts is their order.
const STEP_MS: i64 = 1000;
/// Cases that a thread works on at a time.
const PART: usize = 64;
/// Stands in a list where there is no item.
const NONE: u32 = u32::MAX;

/// A case in the rows of a model.
#[derive(Debug, Clone)]
pub struct Step {
    session: Arc<SessionRows>,
    /// Index of the next item in the session.
    place: usize,
}

/// A session in the rows of a model; the steps of it share one.
#[derive(Debug, Default)]
struct SessionRows {
    /// The row of every item; none where the model does not know it.
    rows: Vec<Option<u32>>,
    /// The rows that there are.
    known: Vec<u32>,
    /// For every place how many of those come before it.
    n_known: Vec<usize>,
    /// For every place how many different items stand there and behind it.
    n_remaining: Vec<usize>,
    /// Each row once, ascending, with the place of its last item.
    last_places: Vec<(u32, usize)>,
}

impl SessionRows {
    fn of<T: Ord>(items: &[T], row: impl Fn(&T) -> Option<u32>) -> SessionRows {
        let mut session = SessionRows { n_remaining: vec![0; items.len()], ..SessionRows::default() };
        for row in items.iter().map(row) {
            session.n_known.push(session.known.len());
            session.rows.push(row);
            session.known.extend(row);
        }
        let last_places: BTreeMap<&T, usize> = items.iter().zip(0..).collect();
        let mut n_remaining = 0;
        for (place, item) in items.iter().enumerate().rev() {
            n_remaining += usize::from(last_places[item] == place);
            session.n_remaining[place] = n_remaining;
        }
        session.last_places = last_places.values().filter_map(|&place| Some((session.rows[place]?, place))).collect();
        session.last_places.sort_unstable();
        session
    }
}

impl Step {
    /// Looks up the items of cases. Those of one session are looked up once if they follow one another.
    pub fn of_cases(cases: &Cases, model: &Model) -> Vec<Step> {
        let of_one_session = cases.0.chunk_by(|a, b| Arc::ptr_eq(&a.items, &b.items));
        let steps = of_one_session.flat_map(|cases| {
            let session = Arc::new(SessionRows::of(&cases[0].items, |id| model.row(id)));
            cases.iter().map(move |case| Step { session: session.clone(), place: case.place })
        });
        steps.collect()
    }

    /// A step of rows; those that the model does not know are one item.
    #[cfg(test)]
    pub(super) fn of_rows(prefix: &[u32], target: Option<u32>, rest: &[Option<u32>]) -> Step {
        let rows: Vec<Option<u32>> =
            prefix.iter().map(|&row| Some(row)).chain([target]).chain(rest.iter().copied()).collect();
        Step { session: Arc::new(SessionRows::of(&rows, |&row| row)), place: prefix.len() }
    }

    /// The items so far that the model knows, oldest first.
    pub fn prefix(&self) -> &[u32] {
        &self.session.known[..self.session.n_known[self.place]]
    }

    /// The next item; none where the model does not know it.
    pub fn target(&self) -> Option<u32> {
        self.session.rows[self.place]
    }

    /// Whether a row is that of the next item or of one after it.
    pub fn is_to_come(&self, row: u32) -> bool {
        let last_places = &self.session.last_places;
        let found = last_places.binary_search_by_key(&row, |&(known, _)| known);
        found.is_ok_and(|found| last_places[found].1 >= self.place)
    }

    /// How many different items the next one and those after it are, with those that the model does not know.
    pub fn n_remaining(&self) -> usize {
        self.session.n_remaining[self.place]
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
            let rank = step.target().and_then(|target| list.iter().position(|&row| row == target));
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
    let page = Page { context: &context, ..Page::at(now_ms) };
    let request = RecommendRequest { page, limit: K + 1, ..RecommendRequest::default() };
    let found = recommend(model, &session, &request, false, scratch).expect("K is a limit that may be asked for").items;
    let target = model.row(case.target());
    let target = found.iter().find(|item| Some(item.row) == target);
    let last_equal =
        target.and_then(|target| found.iter().rposition(|item| item.parts.score() == target.parts.score()));
    let rank = last_equal.map(|index| index + 1).filter(|&rank| rank <= K).unwrap_or(0);
    (rank as u32, found.iter().take(K).map(|item| item.row).collect())
}

/// The session of a shopper who has done what a case says, as much of it as a device holds, and the time after it.
pub(crate) fn session_of(case: &Case) -> (Session, i64) {
    let kinds = case.kinds().iter().copied().chain(repeat(EventKind::View));
    let events = case.prefix().iter().zip(kinds).zip(0..).skip(case.place.saturating_sub(MAX_EVENTS));
    let events = events.map(|((id, kind), n)| Event::new(kind, id.as_str(), n * STEP_MS));
    (events.collect(), case.place as i64 * STEP_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_kept_as_given() {
        let step = |target| Step::of_rows(&[], target, &[]);
        let steps = [step(Some(5)), step(Some(9)), step(None)];
        let lists = [vec![4, 5], (0..30).rev().collect(), vec![]];
        let answers = Answers::of_steps(&steps, |index, _| lists[index].clone());
        assert_eq!((answers.len(), answers.rank(0), answers.rank(1), answers.rank(2)), (3, Some(2), None, None));
        assert_eq!(answers.list(0), [4, 5]);
        assert_eq!(answers.list(1), (10..30).rev().collect::<Vec<u32>>());
        assert!(answers.list(2).is_empty());
    }

    /// Items 0 to 6, of which 0 to 4 are known, in a session that comes back to some.
    #[test]
    fn steps_of_a_session_are_looked_up_together() {
        let items = [3, 5, 0, 3, 6, 1, 0, 5, 4];
        let row = |item: u32| Some(item).filter(|&row| row < 5);
        let session = Arc::new(SessionRows::of(&items, |&item| row(item)));
        for place in 0..items.len() {
            let step = Step { session: session.clone(), place };
            let (before, remaining) = items.split_at(place);
            assert_eq!(step.prefix(), before.iter().filter_map(|&item| row(item)).collect::<Vec<u32>>());
            assert_eq!(step.target(), row(remaining[0]));
            assert_eq!(step.n_remaining(), (0..7).filter(|item| remaining.contains(item)).count());
            for item in 0..7 {
                assert_eq!(step.is_to_come(item), remaining.contains(&item) && item < 5, "{item} at {place}");
            }
        }
    }

    #[test]
    fn only_what_a_session_holds_is_put_into_it() {
        let items = (0..1000).map(|item| item.to_string()).collect();
        let (session, now_ms) = session_of(&Case { items, place: 900, ..Case::default() });
        let held: Vec<(u32, String)> =
            session.log().iter().map(|(id, event)| (id.0, event.item.clone().unwrap().id)).collect();
        let expected: Vec<(u32, String)> =
            (0..).zip(900 - MAX_EVENTS..900).map(|(n, item)| (n, item.to_string())).collect();
        assert_eq!((held, now_ms), (expected, 900_000));
    }
}
