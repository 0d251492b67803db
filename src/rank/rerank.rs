use super::diversify::{Choice, diversify};
use super::features::{self, Features, Listing};
use super::place::{fix, place};
use super::ranker::{self, Contributions};
use super::score::Scorer;
use super::{Outcome, Parts, Reason, RequestError, Scratch, Share, UNKNOWN_ROW, Unchanged, base};
use crate::format::metadata::{Blend, ONE};
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
    /// What the candidates cost, each the same for every shopper; anything but a number over 0: not known. Read by a
    /// learned ranker alone. Empty: none is known.
    pub prices: &'a [f64],
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
    check(model, request)?;
    let n_candidates = request.rows.len();
    let blend = model.metadata().blend(request.surface);
    let base = base_scores(request, blend)?;
    let is_unknown = |index: usize| request.rows[index] == UNKNOWN_ROW;
    let (fixed, displaced) = fix(request.pinned, is_unknown, n_candidates)?;

    let profile = Profile::of_session(model, session, request.now_ms);
    let strength = request.strength.unwrap_or(Share::from_parts(blend.strength));
    let outcome = outcome(model, session, &profile, request.rows, strength);
    let is_ordered = !matches!(outcome, Outcome::Unchanged(_));

    let scorer = Scorer::new(model, &profile, blend, scratch);
    let mut parts = linear_parts(&scorer, request.rows);
    let strength = if !is_ordered {
        Share::default()
    } else if let Some(ranker) = model.ranker() {
        let features = features::features(model, session, &listing(request, &base, &parts));
        parts = features.iter().map(|features| ranker::parts(&ranker::contributions(ranker, features))).collect();
        strength
    } else {
        strength.min(confidence(&profile, &parts, blend))
    };
    let place_of = |from: usize| {
        let parts = if is_unknown(from) { Parts::default() } else { parts[from].blended(base[from], strength) };
        Placed { from, parts, penalty: 0, fixed: fixed[from].is_some(), reason: Reason::STORE_ORDER }
    };
    let mut placed: Vec<Placed> = (0..n_candidates).map(place_of).collect();

    let mut by_score: Vec<usize> =
        (0..n_candidates).filter(|&index| fixed[index].is_none() && !is_unknown(index)).collect();
    if is_ordered {
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
    if explain && is_ordered {
        for candidate in placed.iter_mut().filter(|candidate| !is_unknown(candidate.from)) {
            candidate.reason = Reason::of(&scorer, model, request.rows[candidate.from], &candidate.parts);
        }
    }
    let slots = place(&by_score, &fixed, request.max_shift.unwrap_or(usize::MAX));
    Ok(Ranking { outcome, placed: slots.into_iter().map(|index| placed[index]).collect() })
}

/// What a learned ranker reads of every candidate, in incoming order; the model need not have one yet.
///
/// # Errors
///
/// As [`rerank`].
pub fn features(
    model: &Model,
    session: &Session,
    request: &RerankRequest,
    scratch: &mut Scratch,
) -> Result<Vec<Features>, RequestError> {
    check(model, request)?;
    let blend = model.metadata().blend(request.surface);
    let base = base_scores(request, blend)?;
    let profile = Profile::of_session(model, session, request.now_ms);
    let parts = linear_parts(&Scorer::new(model, &profile, blend, scratch), request.rows);
    Ok(features::features(model, session, &listing(request, &base, &parts)))
}

/// What every feature adds to the learned ranker's score of every candidate, in incoming order: they add up to the
/// score at strength 1. None where the model has no ranker.
///
/// # Errors
///
/// As [`rerank`].
pub fn contributions(
    model: &Model,
    session: &Session,
    request: &RerankRequest,
    scratch: &mut Scratch,
) -> Result<Vec<Contributions>, RequestError> {
    let Some(ranker) = model.ranker() else { return Ok(Vec::new()) };
    let features = features(model, session, request, scratch)?;
    Ok(features.iter().map(|features| ranker::contributions(ranker, features)).collect())
}

fn base_scores(request: &RerankRequest, blend: &Blend) -> Result<Vec<i32>, RequestError> {
    match request.base {
        Some(scores) => base::by_score(scores, i32::from(blend.base_range)),
        None => Ok(base::by_rank(request.rows.len(), i32::from(blend.base_range))),
    }
}

/// The parts of the linear blend, all 0 where the model does not know a candidate.
fn linear_parts(scorer: &Scorer, rows: &[u32]) -> Vec<Parts> {
    rows.iter().map(|&row| if row == UNKNOWN_ROW { Parts::default() } else { scorer.parts(row) }).collect()
}

fn listing<'a>(request: &RerankRequest<'a>, base: &'a [i32], parts: &'a [Parts]) -> Listing<'a> {
    let RerankRequest { surface, rows, prices, now_ms, .. } = *request;
    Listing { surface, rows, base, parts, prices, now_ms }
}

/// The greatest strength that the evidence bears: n / (n + spread / range), where n is the weight of the session's
/// events, none counting for more than one, spread the distance of the greatest and the least affinity in the list, and
/// range that of the base scores.
///
/// So after one event the affinities, all together, weigh no more than the incoming order: they can bring any candidate
/// forward, but not the last one past the first. With every further event they may weigh that much more.
fn confidence(profile: &Profile, parts: &[Parts], blend: &Blend) -> Share {
    let one = i64::from(ONE);
    let n: i64 = profile.touches().iter().map(|touch| i64::from(touch.weight).min(one)).sum();
    let affinities = || parts.iter().map(Parts::affinity);
    let spread = i64::from(affinities().max().unwrap_or(0) - affinities().min().unwrap_or(0));
    let evidence = n * i64::from(blend.base_range);
    // Less one, for what rounding each part down can add to a difference.
    let share = evidence * one / (evidence + spread * one).max(1) - 1;
    Share::from_parts(share.max(0) as u16)
}

fn outcome(model: &Model, session: &Session, profile: &Profile, rows: &[u32], strength: Share) -> Outcome {
    let is_unknown = rows.iter().all(|&row| row == UNKNOWN_ROW);
    let reason = if strength == Share::default() {
        return Outcome::Unchanged(Unchanged::StrengthZero);
    } else if session.events().all(|event| event.item.is_none()) {
        Unchanged::EmptySession
    } else if profile.touches().is_empty() || is_unknown {
        Unchanged::UnknownItems
    } else {
        return Outcome::Personalized;
    };
    // A learned ranker has something to say without knowing the shopper: of prices, of what is popular.
    if model.ranker().is_some() && !is_unknown { Outcome::Popular(reason) } else { Outcome::Unchanged(reason) }
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
    for (what, found) in [("pinned", request.pinned.len()), ("prices", request.prices.len())] {
        if found != 0 && found != expected {
            return Err(RequestError::Length { what, found, expected });
        }
    }
    Ok(())
}
