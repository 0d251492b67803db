use super::diversify::{Choice, diversify};
use super::place::{fix, place};
use super::score::Scorer;
use super::{Outcome, Parts, Reason, RequestError, Scratch, Share, UNKNOWN_ROW, Unchanged, base};
use crate::kernels::Top;
use crate::model::Model;
use crate::session::{Profile, Session};

/// A list to order. Candidates are named by their index in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct RerankRequest<'a> {
    /// The kind of page, which chooses the blend.
    pub surface: &'a str,
    /// The candidates' rows in incoming order, [`UNKNOWN_ROW`] for those that the model does not know.
    pub rows: &'a [u32],
    /// The engine's own scores, higher is better; from the incoming rank where there are none.
    pub base: Option<&'a [f64]>,
    /// How much the session counts against the incoming order. Default: the blend's.
    pub strength: Option<Share>,
    /// Weight of variety against relevance. Default 0.
    pub diversity: Share,
    /// For each candidate the slot it must have, if any. Empty: none has.
    pub pinned: &'a [Option<u32>],
    /// Most slots that a candidate may move, unless pinned. Default: no limit.
    pub max_shift: Option<usize>,
    /// The time, in milliseconds since the Unix epoch: events age.
    pub now_ms: i64,
}

/// An ordered list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// What became of the request.
    pub outcome: Outcome,
    /// The candidates in their new order: a permutation of the incoming ones.
    pub placed: Vec<Placed>,
}

/// A candidate in its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Its incoming index.
    pub from: usize,
    /// The parts of its score; all 0 if the model does not know it.
    pub parts: Parts,
    /// What its similarity to better candidates took off its worth.
    pub penalty: i32,
    /// Whether it stands where it stands because it was pinned or is unknown.
    pub fixed: bool,
    /// Why it stands there; computed on request only.
    pub reason: Reason,
}

/// Orders candidates for a session.
///
/// A candidate that the model does not know keeps its slot, unless another one is pinned to it. Equal scores keep their
/// incoming order. O(candidates · (dimensions + log candidates)), with diversity O(candidates² · dimensions); `explain`
/// adds O(candidates · events · dimensions).
///
/// # Errors
///
/// [`RequestError`], before anything is done.
pub fn rerank(
    model: &Model,
    session: &Session,
    request: &RerankRequest,
    explain: bool,
    scratch: &mut Scratch,
) -> Result<Ranking, RequestError> {
    let n_candidates = request.rows.len();
    check(model, request)?;
    let blend = model.metadata().blend(request.surface);
    let base = match request.base {
        Some(scores) => base::by_score(scores, i32::from(blend.base_range))?,
        None => base::by_rank(n_candidates, i32::from(blend.base_range)),
    };
    let is_unknown = |index: usize| request.rows[index] == UNKNOWN_ROW;
    let (fixed, displaced) = fix(request.pinned, is_unknown, n_candidates)?;

    let profile = Profile::of_session(model, session, request.now_ms);
    let strength = request.strength.unwrap_or(Share::from_parts(blend.strength));
    let outcome = outcome(session, &profile, request.rows, strength);
    let strength = if outcome == Outcome::Personalized { strength } else { Share::default() };

    let scorer = Scorer::new(model, &profile, blend, scratch);
    let mut placed: Vec<Placed> = (0..n_candidates)
        .map(|from| {
            let row = request.rows[from];
            let parts =
                if row == UNKNOWN_ROW { Parts::default() } else { scorer.parts(row).blended(base[from], strength) };
            Placed { from, parts, penalty: 0, fixed: fixed[from].is_some(), reason: Reason::STORE_ORDER }
        })
        .collect();

    let mut by_score: Vec<usize> =
        (0..n_candidates).filter(|&index| fixed[index].is_none() && !is_unknown(index)).collect();
    if outcome == Outcome::Personalized {
        let mut top = Top::new(by_score.len());
        for index in by_score.drain(..) {
            top.offer(placed[index].parts.score(), index as u32);
        }
        let best_first = top.into_sorted();
        by_score.extend(best_first.iter().map(|&(_, index)| index as usize));
        let choices: Vec<Choice> =
            best_first.iter().map(|&(score, index)| Choice { row: request.rows[index as usize], score }).collect();
        let (order, penalties) = diversify(&choices, model.embeddings(), request.diversity);
        for (&index, penalty) in by_score.iter().zip(penalties) {
            placed[index].penalty = penalty;
        }
        by_score = order.into_iter().map(|choice| by_score[choice]).collect();
    }
    for index in displaced {
        by_score.insert(index.min(by_score.len()), index);
    }
    if explain && outcome == Outcome::Personalized {
        for candidate in placed.iter_mut().filter(|candidate| !is_unknown(candidate.from)) {
            candidate.reason = Reason::of(&scorer, model, request.rows[candidate.from], &candidate.parts);
        }
    }
    let slots = place(&by_score, &fixed, request.max_shift.unwrap_or(usize::MAX));
    Ok(Ranking { outcome, placed: slots.into_iter().map(|index| placed[index]).collect() })
}

fn outcome(session: &Session, profile: &Profile, rows: &[u32], strength: Share) -> Outcome {
    if strength == Share::default() {
        Outcome::Unchanged(Unchanged::StrengthZero)
    } else if session.events().all(|event| event.item.is_none()) {
        Outcome::Unchanged(Unchanged::EmptySession)
    } else if profile.touches().is_empty() || rows.iter().all(|&row| row == UNKNOWN_ROW) {
        Outcome::Unchanged(Unchanged::UnknownItems)
    } else {
        Outcome::Personalized
    }
}

fn check(model: &Model, request: &RerankRequest) -> Result<(), RequestError> {
    let expected = request.rows.len();
    let n_items = model.n_items();
    if let Some(&row) = request.rows.iter().find(|&&row| row != UNKNOWN_ROW && row as usize >= n_items) {
        return Err(RequestError::Row { row, n_items });
    }
    if let Some(found) = request.base.map(<[f64]>::len).filter(|&found| found != expected) {
        return Err(RequestError::Length { what: "base", found, expected });
    }
    if !request.pinned.is_empty() && request.pinned.len() != expected {
        return Err(RequestError::Length { what: "pinned", found: request.pinned.len(), expected });
    }
    Ok(())
}
