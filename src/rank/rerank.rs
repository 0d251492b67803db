use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;

use super::aversion::Aversion;
use super::bounds::arrange;
use super::discovery::{Horizon, REACH, slots};
use super::diversify::{Choice, diversify};
use super::fatigue::Fatigue;
use super::features::{self, Features, Listing};
use super::place::{fix, place};
use super::ranker::{self, Contributions};
use super::rules::{ActiveRules, Candidate, Circumstances, Floors};
use super::score::{Scorer, Scores};
use super::variety::Variety;
use super::{Outcome, Page, Parts, Reason, RequestError, Scratch, Share, UNKNOWN_ROW, Unchanged, base, placement};
use crate::format::metadata::{Blend, ONE};
use crate::format::rules::{Rule, RuleKind};
use crate::kernels::{Top, sorted};
use crate::lists::{Gather, has};
use crate::model::Model;
use crate::session::{Profile, Seen, Session};

/// How many of the first candidates variety and discovery are for: what a shopper looks at before the next page.
const FIRST: usize = 24;

/// A list to order. Candidates are named by their index in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct RerankRequest<'a> {
    /// The page that it is for.
    pub page: Page<'a>,
    /// The candidates' rows in incoming order, [`UNKNOWN_ROW`] for those that the model does not know.
    pub rows: &'a [u32],
    /// The engine's own scores, higher is better; from the incoming rank where there are none.
    pub base: Option<&'a [f64]>,
    /// What the candidates cost, each the same for every shopper; anything but a number over 0: not known. Read by a
    /// learned ranker alone. Empty: none is known.
    pub prices: &'a [f64],
    /// How much the session counts against the incoming order. Default: the blend's.
    pub strength: Option<Share>,
    /// How many of the first candidates stay where they are.
    pub keep_first: Option<usize>,
    /// For each candidate the slot it must have, if any. Empty: none has.
    pub pinned: &'a [Option<u32>],
    /// Most slots that a candidate may move, unless pinned. Default: no limit.
    pub max_shift: Option<usize>,
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
    /// Whether it stands where it stands because it was pinned, is barred, or is unknown.
    pub fixed: bool,
    /// Number of the rule that bars it, gave it its slot, kept it from standing further in front, or brought it forward.
    pub rule: Option<u16>,
    /// Whether a filter bars it: it stands behind all that may be shown, and a page does well to leave it out.
    pub barred: bool,
    /// Whether it was given a slot that is for something different, and `max_shift` has let it get there.
    pub discovered: bool,
    /// Where it stood after each stage; computed on request only.
    pub path: Path,
    /// Why it stands there; computed on request only.
    pub reason: Reason,
}

impl Placed {
    /// A candidate in its incoming slot, with nothing that speaks for it.
    fn unmoved(from: usize) -> Placed {
        Placed {
            from,
            parts: Parts::default(),
            penalty: 0,
            fixed: false,
            rule: None,
            barred: false,
            discovered: false,
            path: Path { score: from, variety: from, place: from },
            reason: Reason::STORE_ORDER,
        }
    }
}

/// Slots of a candidate on its way from the incoming order to its place, counted with those that filters bar in theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Path {
    /// By score alone.
    pub score: usize,
    /// After diversity and discovery.
    pub variety: usize,
    /// After pins, reserved slots and `max_shift`; filters, caps and quotas come behind.
    pub place: usize,
}

/// Orders candidates for a session.
///
/// A candidate that the model does not know keeps its slot, unless another one is pinned to it or rules ask for it.
/// Equal scores keep their incoming order. What filters bar stands behind everything else and has no say in its order.
/// O(candidates · (dimensions + log candidates)), with diversity and discovery as much again; `explain` adds
/// O(candidates · events · dimensions), rules add O(candidates · tests).
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
    let session = session.as_seen(request.page.lens);
    let n_candidates = request.rows.len();
    fix(request.pinned, |_| false, n_candidates)?;
    let mut request = *request;
    placement::settle_rerank(model, &mut request)?;
    let now = Circumstances { page: &request.page, seeds: &[], n_values: n_candidates };
    let Some(rules) = ActiveRules::new(model, session, &now)? else {
        return order(model, session, &request, None, explain, scratch);
    };
    let candidate = |index: usize| Candidate { index, row: request.rows[index] };
    let barred_by: Vec<Option<u16>> = (0..n_candidates).map(|index| rules.barred_by(candidate(index))).gather();
    let is_barred = |&index: &usize| barred_by[index].is_some() || !rules.in_placement(candidate(index));
    let (barred, allowed): (Vec<usize>, Vec<usize>) = (0..n_candidates).partition(is_barred);
    let rows: Vec<u32> = allowed.iter().map(|&index| request.rows[index]).gather();
    let base: Option<Vec<f64>> = request.base.map(|base| allowed.iter().map(|&index| base[index]).gather());
    // Either list may be empty.
    let prices: Vec<f64> = allowed.iter().filter_map(|&index| request.prices.get(index).copied()).gather();
    let slot = |index: usize| request.pinned.get(index).copied().flatten();
    let in_list = |&slot: &u32| (slot as usize) < rows.len();
    let pinned: Vec<Option<u32>> = allowed.iter().map(|&index| slot(index).filter(in_list)).gather();
    let left = RerankRequest { rows: &rows, base: base.as_deref(), prices: &prices, pinned: &pinned, ..request };
    let list = RuledList { rules: &rules, candidates: allowed.iter().map(|&index| candidate(index)).gather() };
    let mut ranking = order(model, session, &left, Some(&list), explain, scratch)?;
    for placed in &mut ranking.placed {
        let Path { score, variety, place } = placed.path;
        // Those behind are where they are until the barred ones are taken out.
        placed.path = Path { score: allowed[score], variety: allowed[variety], place: allowed[place] };
        placed.from = allowed[placed.from];
    }
    for from in barred {
        ranking.placed.push(Placed { fixed: true, rule: barred_by[from], barred: true, ..Placed::unmoved(from) });
    }
    Ok(ranking)
}

/// The candidates that no filter bars, as the rules see them.
struct RuledList<'a> {
    rules: &'a ActiveRules<'a>,
    candidates: Vec<Candidate>,
}

/// Orders candidates that may be shown, by all rules but the filters.
fn order(
    model: &Model,
    session: Seen,
    request: &RerankRequest,
    ruled: Option<&RuledList>,
    explain: bool,
    scratch: &mut Scratch,
) -> Result<Ranking, RequestError> {
    let n_candidates = request.rows.len();
    let blend = model.metadata().blend(request.page.surface);
    let base = base_scores(request, blend)?;
    let mut pins = Pins::new(request.pinned, n_candidates);
    if let Some(ruled) = ruled {
        pins.pin(model, request.rows, ruled.rules);
    }
    pins.keep(request.keep_first.unwrap_or(0));

    let profile = &Profile::of_session(model, session, request.page.now_ms);
    let aversion = &Aversion::new(model, session);
    let fatigue = &Fatigue::new(model, session);
    let scorer = Scorer::new(model, profile, blend, fatigue, scratch);
    let scorer = &scorer.in_context(model, request.page.context);
    let list = List { model, session, request, ruled, blend, profile, aversion, scorer };
    let (outcome, mut placed) = list.scored(base, linear_parts(scorer, request.rows));
    let is_ordered = !matches!(outcome, Outcome::Unchanged(_));
    let is_unknown = |index: usize| list.is_unknown(index);

    let mut by_score = Vec::with_capacity(n_candidates);
    by_score.extend((0..n_candidates).filter(|&index| !is_unknown(index)));
    if is_ordered || placed.iter().any(|candidate| candidate.parts.boost != 0) {
        // Of all bits turned over the greatest score comes first.
        let best_first = sorted(by_score.iter().map(|&index| (!placed[index].parts.score(), index as u32)));
        by_score = best_first.into_iter().map(|(_, index)| index as usize).collect();
    }
    if explain {
        let stay: Vec<Option<usize>> = (0..n_candidates).map(|index| is_unknown(index).then_some(index)).gather();
        note(&mut placed, &place(&by_score, &stay, usize::MAX), |path| &mut path.score);
    }
    pins.take(&mut by_score);
    if is_ordered && cfg!(feature = "variety") {
        list.vary(&mut by_score, &mut placed);
    }
    if explain {
        let own =
            |index: usize| is_unknown(index).then_some(index).or(pins.slots[index].map(|_| placed[index].path.score));
        let stay: Vec<Option<usize>> = (0..n_candidates).map(own).gather();
        note(&mut placed, &place(&by_score, &stay, usize::MAX), |path| &mut path.variety);
    }

    if let Some(ruled) = ruled {
        pins.reserve(&by_score, ruled);
        pins.take(&mut by_score);
    }
    let (fixed, displaced) = fix(&pins.slots, is_unknown, n_candidates)?;
    for index in displaced {
        by_score.insert(index.min(by_score.len()), index);
    }
    for candidate in &mut placed {
        candidate.fixed = fixed[candidate.from].is_some();
        candidate.rule = pins.rules[candidate.from];
    }
    let mut slots = place(&by_score, &fixed, usize::MAX);
    if let Some(max_shift) = request.max_shift {
        let meant = core::mem::replace(&mut slots, place(&by_score, &fixed, max_shift));
        for (&index, &meant) in slots.iter().zip(&meant) {
            placed[index].discovered &= index == meant;
        }
    }
    if explain {
        note(&mut placed, &slots, |path| &mut path.place);
        for candidate in placed.iter_mut().filter(|candidate| is_ordered && !is_unknown(candidate.from)) {
            candidate.reason = list.reason(candidate);
        }
    }
    if let Some(ruled) = ruled {
        let is_pinned = |index: usize| pins.slots[index].is_some();
        let arranged = arrange(ruled.rules, &slots, is_pinned, |index| ruled.candidates[index]);
        for (slot, (index, cap)) in slots.iter_mut().zip(arranged) {
            placed[index].rule = placed[index].rule.or(cap);
            placed[index].fixed &= *slot == index;
            *slot = index;
        }
    }
    Ok(Ranking { outcome, placed: slots.into_iter().map(|index| placed[index]).collect() })
}

/// A list with what its scores come from.
struct List<'a> {
    model: &'a Model,
    session: Seen<'a>,
    request: &'a RerankRequest<'a>,
    ruled: Option<&'a RuledList<'a>>,
    blend: &'a Blend,
    profile: &'a Profile,
    aversion: &'a Aversion<'a>,
    scorer: &'a Scorer<'a>,
}

impl List<'_> {
    fn is_unknown(&self, index: usize) -> bool {
        self.request.rows[index] == UNKNOWN_ROW
    }

    /// What becomes of the request, and all candidates with their scores, in incoming order, from the incoming order's scores
    /// and the linear parts.
    fn scored(&self, mut base: Vec<i32>, mut parts: Vec<Parts>) -> (Outcome, Vec<Placed>) {
        let List { model, session, request, ruled, blend, profile, aversion, .. } = *self;
        let n_candidates = request.rows.len();
        let strength = request.strength.unwrap_or(Share::from_parts(blend.strength));
        let answer = |index: usize| ruled.map_or(0, |list| strength.of(list.rules.answers(list.candidates[index])));
        // In full, however few events there are: the shopper has said so.
        let averse = |index: usize| match self.is_unknown(index) {
            true => 0,
            false => strength.of(aversion.of(request.rows[index])),
        };
        let said: Vec<(i32, i32)> = (0..n_candidates).map(|index| (answer(index), averse(index))).collect();
        let outcome = match outcome(model, session, profile, request.rows, strength) {
            _ if said.iter().any(|&said| said != (0, 0)) => Outcome::Personalized,
            outcome => outcome,
        };
        let is_ordered = !matches!(outcome, Outcome::Unchanged(_));

        let strength = if !is_ordered {
            Share::default()
        } else if let Some(ranker) = model.ranker() {
            let features = features::features(model, session, &listing(request, &base, &parts));
            parts = features.iter().map(|features| ranker::parts(&ranker::contributions(ranker, features))).gather();
            strength
        } else {
            strength.min(confidence(profile, &parts, blend))
        };
        for (parts, said) in parts.iter_mut().zip(said) {
            (parts.answers, parts.aversion) = said;
        }
        if !is_ordered && ruled.is_some_and(|list| !list.rules.of_kind(RuleKind::Boost).is_empty()) {
            // The order that boosts start from is the incoming one, whatever the engine's scores are.
            base = base::by_rank(n_candidates, i32::from(blend.base_range));
        }
        let boosts = boosts(request.rows, &parts, &base, strength, ruled);
        let placed = |from: usize| {
            let parts = Parts { boost: boosts[from], ..parts[from] };
            let parts = if self.is_unknown(from) { Parts::default() } else { parts.blended(base[from], strength) };
            Placed { parts, ..Placed::unmoved(from) }
        };
        (outcome, (0..n_candidates).map(placed).collect())
    }

    /// Brings diversity and discovery into the order by score. What is not wanted stands last there, and stays.
    fn vary(&self, by_score: &mut Vec<usize>, placed: &mut [Placed]) {
        let List { model, request, profile, aversion, .. } = *self;
        let is_refused = |index: &&usize| has(&aversion.refused, &request.rows[**index]);
        let n_refused = by_score.iter().rev().take_while(is_refused).count();
        let refused = by_score.split_off(by_score.len() - n_refused);
        let variety = Variety::new(&request.page);
        if variety.diversity > Share::default() {
            let choices =
                by_score.iter().map(|&index| Choice { row: request.rows[index], score: placed[index].parts.score() });
            let (order, penalties) = diversify(model, &choices.gather(), variety.diversity, FIRST);
            for (&index, penalty) in by_score.iter().zip(penalties) {
                placed[index].penalty = penalty;
            }
            *by_score = order.into_iter().map(|choice| by_score[choice]).gather();
        }
        if variety.discovery > Share::default() {
            let horizon = Horizon::new(model, profile, request.page.seed, request.page.now_ms);
            discover(by_score, placed, request.rows, &horizon, variety.discovery);
        }
        by_score.extend(refused);
    }

    /// Why a candidate stands where it stands.
    fn reason(&self, candidate: &Placed) -> Reason {
        let (row, parts) = (self.request.rows[candidate.from], &candidate.parts);
        let answer = self.ruled.and_then(|list| list.rules.answer(list.candidates[candidate.from]));
        let reason = match candidate.discovered {
            true => Reason::DIFFERENT,
            false => Reason::of(self.scorer, self.model, row, parts),
        };
        reason.or_answer(parts, answer).or_aversion(parts, self.aversion, row)
    }
}

/// Writes down where every candidate stands after a stage.
fn note(placed: &mut [Placed], slots: &[usize], stage: fn(&mut Path) -> &mut usize) {
    for (slot, &index) in slots.iter().enumerate() {
        *stage(&mut placed[index].path) = slot;
    }
}

/// Moves candidates that are different, and near enough, into the slots that are for them.
fn discover(by_score: &mut Vec<usize>, placed: &mut [Placed], rows: &[u32], horizon: &Horizon, share: Share) {
    let first = FIRST.min(by_score.len() / 2);
    let related = |index: &&usize| placed[**index].parts.embedding > 0;
    let pool: Vec<usize> = by_score.iter().take(REACH * first).skip(first).filter(related).copied().gather();
    let beyond = horizon.beyond(&pool.iter().map(|&index| rows[index]).gather());
    for (slot, place) in slots(first, share).zip(beyond) {
        let index = pool[place];
        let place = by_score.iter().position(|&other| other == index).expect("the pool is of these");
        by_score.remove(place);
        by_score.insert(slot, index);
        placed[index].discovered = true;
    }
}

/// Who must stand where, by candidate.
struct Pins {
    slots: Vec<Option<u32>>,
    /// The rule that says so, if it is one.
    rules: Vec<Option<u16>>,
}

impl Pins {
    /// Those of a request, which go before those of rules.
    fn new(pinned: &[Option<u32>], n_candidates: usize) -> Pins {
        let slots = if pinned.is_empty() { vec![None; n_candidates] } else { pinned.to_vec() };
        Pins { slots, rules: vec![None; n_candidates] }
    }

    /// The first ones that may be shown stay, unless another is pinned to their slot.
    fn keep(&mut self, first: usize) {
        let first = first.min(self.slots.len());
        let mut is_taken = vec![false; first];
        for &slot in self.slots.iter().flatten().filter(|&&slot| (slot as usize) < first) {
            is_taken[slot as usize] = true;
        }
        for index in (0..first).filter(|&index| !is_taken[index]) {
            self.slots[index] = self.slots[index].or(Some(index as u32));
        }
    }

    /// Takes those that have a slot out of the others.
    #[inline(never)]
    fn take(&self, candidates: &mut Vec<usize>) {
        candidates.retain(|&index| self.slots[index].is_none());
    }

    /// Those of pinning rules: the first candidate that is the item, where it is free and the slot is.
    fn pin(&mut self, model: &Model, rows: &[u32], rules: &ActiveRules) {
        for &(number, ref rule) in rules.of_kind(RuleKind::Pin) {
            let row = model.ids().row(rule.item);
            let index = rows.iter().position(|&candidate| Some(candidate) == row);
            self.give(index.filter(|&index| self.slots[index].is_none()), number, rule);
        }
    }

    /// Those of reserving rules: the first that its condition holds for, by score, then of those without one.
    fn reserve(&mut self, by_score: &[usize], list: &RuledList) {
        for &(number, ref rule) in list.rules.of_kind(RuleKind::Reserve) {
            let fits =
                |&index: &usize| self.slots[index].is_none() && list.rules.holds(rule.of, list.candidates[index]);
            let index = by_score.iter().copied().chain(0..self.slots.len()).find(fits);
            self.give(index, number, rule);
        }
    }

    fn give(&mut self, index: Option<usize>, number: u16, rule: &Rule) {
        let slot = rule.number as u32;
        let is_free = (slot as usize) < self.slots.len() && !has(&self.slots, &Some(slot));
        if let Some(index) = index.filter(|_| is_free) {
            self.slots[index] = Some(slot);
            self.rules[index] = Some(number);
        }
    }
}

/// What rules add to the scores.
fn boosts(rows: &[u32], parts: &[Parts], base: &[i32], strength: Share, ruled: Option<&RuledList>) -> Vec<i32> {
    let Some(RuledList { rules, candidates }) = ruled else { return vec![0; rows.len()] };
    let score = |index: usize| parts[index].blended(base[index], strength).score();
    let n_among = rules.n_among();
    let mut top = Top::new(n_among);
    for (index, _) in rows.iter().enumerate().filter(|(_, row)| n_among > 0 && **row != UNKNOWN_ROW) {
        top.offer(score(index), index as u32);
    }
    let floors = Floors(top.into_sorted());
    candidates.iter().enumerate().map(|(index, candidate)| rules.boost(*candidate, score(index), &floors)).gather()
}

/// What a learned ranker reads of every candidate, in incoming order; the model need not have one yet. Rules bar none here.
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
    let mut request = *request;
    placement::settle_rerank(model, &mut request)?;
    let session = session.as_seen(request.page.lens);
    let blend = model.metadata().blend(request.page.surface);
    let base = base_scores(&request, blend)?;
    let profile = Profile::of_session(model, session, request.page.now_ms);
    let scorer = Scorer::new(model, &profile, blend, Fatigue::NONE, scratch).in_context(model, request.page.context);
    let parts = linear_parts(&scorer, request.rows);
    Ok(features::features(model, session, &listing(&request, &base, &parts)))
}

/// What every feature adds to the learned ranker's score of every candidate, in incoming order: they add up to the
/// score at strength 1, where no rules bar other candidates. None where the model has no ranker.
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
    Ok(features.iter().map(|features| ranker::contributions(ranker, features)).gather())
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
    let RerankRequest { page: Page { surface, now_ms, .. }, rows, prices, .. } = *request;
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
    let affinities = parts.iter().map(Parts::affinity);
    let (least, most) =
        affinities.fold((i32::MAX, i32::MIN), |(least, most), affinity| (least.min(affinity), most.max(affinity)));
    let spread = (i64::from(most) - i64::from(least)).max(0);
    let evidence = n * i64::from(blend.base_range);
    // Less one, for what rounding each part down can add to a difference.
    let share = evidence * one / (evidence + spread * one).max(1) - 1;
    Share::from_parts(share.max(0) as u16)
}

fn outcome(model: &Model, session: Seen, profile: &Profile, rows: &[u32], strength: Share) -> Outcome {
    let is_unknown = !rows.is_empty() && rows.iter().all(|&row| row == UNKNOWN_ROW);
    if strength == Share::default() {
        return Outcome::Unchanged(Unchanged::StrengthZero);
    }
    if !profile.touches().is_empty() && !is_unknown {
        return Outcome::Personalized;
    }
    let reason = Unchanged::of(session);
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
