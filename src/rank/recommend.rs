use super::discovery::{Horizon, REACH, slots};
use super::diversify::{Choice, OVERFETCH, diversify};
use super::fatigue::fatigue;
use super::priors::Tilt;
use super::quota::Quotas;
use super::rules::{ActiveRules, Candidate, Circumstances, ContextWord, Floors, Overlay, Tally};
use super::score::{BLOCK, POPULARITY_LEVEL, Scorer};
use super::variety::Variety;
use super::{Outcome, Parts, Reason, RequestError, Scratch, Share, Unchanged, placement};
use crate::format::attributes::{POPULARITY, REPURCHASE_DAYS, TRENDING};
use crate::format::metadata::{Blend, ONE};
use crate::format::rules::RuleKind;
use crate::kernels::{Top, sorted};
use crate::model::{Model, Rules};
use crate::session::{EventKind, ItemSet, Lens, Profile, Seen, Session};

/// Most items that one answer may hold.
pub const MAX_LIMIT: usize = 1000;
/// How many of the first items variety is for.
const MAX_VARIED: usize = 96;
const DAY_MS: i64 = 86_400_000;

/// What items are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// All terms of the score, as the surface's blend mixes them.
    #[default]
    Session,
    /// Nearness of embeddings alone: "more like this".
    Similar,
    /// Neighbor rows alone: "goes with".
    Together,
    /// What most shoppers choose.
    Popular,
    /// What most shoppers choose of late.
    Trending,
    /// What the shopper has touched, the newest first: "recently viewed".
    Recent,
    /// What the shopper has bought, once it is about time to buy it again: the longest overdue first, by the item's usual
    /// interval. An item counts from three quarters of it.
    Again,
    /// What is near to what the shopper came for, of categories that they have not met.
    Discovery,
}

impl Basis {
    /// All of them.
    pub const ALL: [Basis; 8] = [
        Basis::Session,
        Basis::Similar,
        Basis::Together,
        Basis::Popular,
        Basis::Trending,
        Basis::Recent,
        Basis::Again,
        Basis::Discovery,
    ];

    /// The name that the JavaScript API and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Session => "session",
            Basis::Similar => "similar",
            Basis::Together => "together",
            Basis::Popular => "popular",
            Basis::Trending => "trending",
            Basis::Recent => "recent",
            Basis::Again => "again",
            Basis::Discovery => "discovery",
        }
    }

    /// The basis with this name.
    pub fn from_name(name: &str) -> Option<Basis> {
        Basis::ALL.into_iter().find(|basis| basis.name() == name)
    }

    /// Itself, then what fills up where it has too little to say.
    pub(super) fn chain(self) -> &'static [Basis] {
        match self {
            Basis::Session => &[Basis::Session, Basis::Popular],
            Basis::Similar => &[Basis::Similar, Basis::Popular],
            Basis::Together => &[Basis::Together, Basis::Similar, Basis::Popular],
            Basis::Popular => &[Basis::Popular],
            Basis::Trending => &[Basis::Trending, Basis::Popular],
            Basis::Recent => &[Basis::Recent, Basis::Session, Basis::Popular],
            Basis::Again => &[Basis::Again, Basis::Session, Basis::Popular],
            Basis::Discovery => &[Basis::Discovery, Basis::Session, Basis::Popular],
        }
    }

    /// Whether it is the same for every shopper.
    fn is_common(self) -> bool {
        matches!(self, Basis::Popular | Basis::Trending)
    }

    fn common_reason(self) -> Reason {
        if self == Basis::Trending { Reason::TRENDING } else { Reason::POPULAR }
    }

    /// Whether an item must have something that speaks for it, or may come with a score of 0 or less.
    fn needs_worth(self) -> bool {
        !matches!(self, Basis::Session | Basis::Popular)
    }
}

/// What to recommend.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecommendRequest<'a> {
    /// The kind of page, which chooses the blend. Default: the placement's.
    pub surface: &'a str,
    /// Name of the store's placement, which says what the request does not. Empty: none.
    pub placement: &'a str,
    /// Most items to return, 1 to [`MAX_LIMIT`]; 0: as many as the placement says.
    pub limit: usize,
    /// Recommend as if these rows had just been viewed, the newest last, instead of from the session. Never returned.
    pub seeds: Option<&'a [u32]>,
    /// What they are found by. Default: what the placement draws from, or the session.
    pub basis: Option<Basis>,
    /// Rows never to return.
    pub exclude: &'a [u32],
    /// Drop items that score below this share of the best, where the best is above 0.
    pub threshold: Share,
    /// Weight of variety against relevance among the first 96. Default 0.
    pub diversity: Option<Share>,
    /// Share of the slots that is for [`Basis::Discovery`], at most 0.3. Default 0.
    pub discovery: Option<Share>,
    /// How much more variety and discovery the shopper wants: 1 for as much as there can be.
    pub broaden: Share,
    /// Decides what is discovered, together with the week.
    pub seed: u32,
    /// The time, in milliseconds since the Unix epoch: events age.
    pub now_ms: i64,
    /// Which of the session's events count.
    pub lens: Lens<'a>,
    /// The rules that hold. Default: the model's.
    pub rules: Option<&'a Rules>,
    /// What rules may know of the request, beside its surface.
    pub context: &'a [ContextWord<'a>],
    /// What rules may know of the items, beside the model's columns: a number for every row.
    pub overlays: &'a [Overlay<'a>],
}

/// Items found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendations {
    /// What became of the request.
    pub outcome: Outcome,
    /// The items, best first.
    pub items: Vec<Recommended>,
}

/// An item found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recommended {
    /// Its row.
    pub row: u32,
    /// What it was found by: what was asked for, or what filled up.
    pub basis: Basis,
    /// The parts of its score; `base` is 0.
    pub parts: Parts,
    /// What its similarity to better items took off its worth.
    pub penalty: i32,
    /// Number of the rule that gave it its slot.
    pub rule: Option<u16>,
    /// Why it stands there; computed on request only.
    pub reason: Reason,
}

/// Finds the best items of the whole catalog for a session, or for seeds. Equal scores: the lower row first.
///
/// Where a basis has less to say than is asked for, others fill up, popularity at the end: [`Recommended::basis`] says
/// which found an item. So the answer has `limit` items whenever the catalog, `exclude` and rules leave as many. A `threshold`
/// switches that off: then fewer, even no items are what was asked for.
/// O(items · dimensions), once more for every group that a cap fills and every reserved slot; `explain` adds O(limit ·
/// events · dimensions).
///
/// # Errors
///
/// [`RequestError::Limit`], [`RequestError::Row`], [`RequestError::Length`] of an overlay, [`RequestError::Rules`].
pub fn recommend(
    model: &Model,
    session: &Session,
    request: &RecommendRequest,
    explain: bool,
    scratch: &mut Scratch,
) -> Result<Recommendations, RequestError> {
    let session = session.as_seen(request.lens);
    let placement::Found { request, chain, from_cart } = placement::of_recommend(model, request)?;
    let (limit, n_items) = (request.limit, model.n_items());
    if limit == 0 || limit > MAX_LIMIT {
        return Err(RequestError::Limit { limit });
    }
    let in_cart: Option<Vec<u32>> = from_cart.then(|| {
        let hashes: Vec<u64> = ItemSet::Cart.of(session.events(), request.now_ms, 0).collect();
        // The newest last.
        hashes.into_iter().rev().filter_map(|hash| model.ids().row(hash)).collect()
    });
    let in_cart = in_cart.filter(|rows| !rows.is_empty());
    let request = RecommendRequest { seeds: request.seeds.or(in_cart.as_deref()), ..request };
    let seeds = request.seeds.unwrap_or_default();
    if let Some(&row) = seeds.iter().chain(request.exclude).find(|&&row| row as usize >= n_items) {
        return Err(RequestError::Row { row, n_items });
    }
    let RecommendRequest { rules, surface, placement, context, overlays, now_ms, .. } = request;
    let now = Circumstances { rules, surface, placement, seeds, now_ms, context, overlays, n_values: n_items };
    let rules = ActiveRules::new(model, session, &now)?;
    let profile = match request.seeds {
        Some(seeds) => Profile::of_rows(model, seeds),
        None => Profile::of_session(model, session, request.now_ms),
    };
    let variety = Variety::new(request.diversity, request.discovery, request.broaden);
    let discovered: Vec<usize> = match chain.first() {
        _ if request.threshold > Share::default() => Vec::new(),
        Some(Basis::Discovery) => (0..limit).collect(),
        _ => slots(limit, variety.discovery).collect(),
    };
    let tired = fatigue(model, session);
    let mut compose = |discovered: &[usize]| {
        let mut block = Block {
            model,
            request: &request,
            rules: rules.as_ref(),
            excluded: seeds.iter().chain(request.exclude).copied().collect(),
            held: Vec::new(),
            items: Vec::new(),
            tally: Tally::default(),
            quotas: None,
            floor: None,
        };
        let mut steps = Vec::new();
        if rules.as_ref().is_some_and(ActiveRules::hold_slots) {
            // By the score of the session, whatever the basis.
            steps.push((if profile.touches().is_empty() { Basis::Popular } else { Basis::Session }, Step::Hold));
        }
        if !discovered.is_empty() {
            steps.push((Basis::Discovery, Step::Discover));
        }
        steps.extend(chain.iter().filter(|&&basis| basis != Basis::Discovery).map(|&basis| (basis, Step::Fill)));
        for (basis, step) in steps {
            let mut find = |score: &dyn Fn(u32, &mut [Parts]), reason: &dyn Fn(u32, &Parts) -> Reason| match step {
                Step::Hold => block.hold(basis, score, reason),
                Step::Discover => {
                    let horizon = Horizon::new(model, &profile, request.seed, request.now_ms);
                    block.discover(discovered, score, &horizon);
                }
                Step::Fill => block.fill(basis, variety.diversity, score, reason),
            };
            if basis.is_common() {
                find(&by_popularity(model, basis, context), &|_, _| basis.common_reason());
            } else if !profile.touches().is_empty() {
                let blend = basis.blend(model.metadata().blend(request.surface));
                let scorer = Scorer::new(model, &profile, &blend, tired.clone(), scratch);
                let scorer = scorer.in_context(model, context);
                let reason = |row, parts: &Parts| match explain {
                    true => Reason::of(&scorer, model, row, parts),
                    false => Reason::STORE_ORDER,
                };
                match basis {
                    Basis::Recent => find(&by_row(&recent(&profile)), &reason),
                    Basis::Again => find(&by_row(&due(model, session, &request)), &reason),
                    _ => find(&|first, block| scorer.parts_of_block(first, block), &reason),
                }
            }
        }
        block
    };
    let mut block = compose(&discovered);
    if block.has_gaps() {
        // Caps and quotas have counted what is different in its slot alone: it cannot move up.
        block = compose(&[]);
    }
    let items = block.finish();
    let outcome = if items.iter().any(|item| !item.basis.is_common() || item.parts.answers > 0) {
        Outcome::Personalized
    } else if request.seeds.is_none() && session.events().all(|event| event.item.is_none()) {
        Outcome::Popular(Unchanged::EmptySession)
    } else {
        Outcome::Popular(Unchanged::UnknownItems)
    };
    Ok(Recommendations { outcome, items })
}

/// What is done with the items that a basis finds.
enum Step {
    /// They take the slots that rules give.
    Hold,
    /// They take the slots that are for something different.
    Discover,
    /// They take the slots that are left.
    Fill,
}

/// Parts by how often items are chosen, in such a context more or less, or how often of late.
fn by_popularity<'a>(model: &'a Model, basis: Basis, context: &[ContextWord]) -> impl Fn(u32, &mut [Parts]) + 'a {
    let (name, tilt) = match basis {
        Basis::Trending => (TRENDING, None),
        _ => (POPULARITY, Tilt::new(model, context, |priors| priors.popular_weight())),
    };
    let column = model.attributes().and_then(|attributes| attributes.column(name));
    move |first, block| {
        for (row, parts) in (first..).zip(block) {
            let level = column.map_or(0, |column| column.value(row).min(255) as i32);
            let tilt = tilt.as_ref().map_or(0, |tilt| tilt.of(row));
            *parts = Parts { popularity: level * POPULARITY_LEVEL + tilt, ..Parts::default() };
        }
    }
}

/// Parts of the shopper's own items: rows with their scores, ascending. Of the scores of a row the greatest counts.
fn by_row(scores: &[(i32, u32)]) -> impl Fn(u32, &mut [Parts]) {
    move |first, block| {
        for (row, parts) in (first as i32..).zip(block) {
            let end = scores.partition_point(|&(known, _)| known <= row);
            let score = scores[..end].last().filter(|&&(known, _)| known == row);
            *parts = Parts { history: score.map_or(0, |&(_, score)| score as i32), ..Parts::default() };
        }
    }
}

/// What the shopper has touched: a logit more than the one before, from the oldest. Ascending.
fn recent(profile: &Profile) -> Vec<(i32, u32)> {
    sorted(profile.touches().iter().rev().zip(1..).map(|(touch, place)| (touch.row as i32, place * ONE as u32)))
}

/// What the shopper has bought and may need again: the time since, in its usual interval, a logit each, at most four.
/// Ascending.
fn due(model: &Model, session: Seen, request: &RecommendRequest) -> Vec<(i32, u32)> {
    let usual = model.attributes().and_then(|attributes| attributes.column(REPURCHASE_DAYS));
    let (Some(usual), None) = (usual, request.seeds) else { return Vec::new() };
    let mut due: Vec<(i32, u32)> = Vec::new();
    for event in session.events().rev().filter(|event| event.kind == EventKind::Purchase) {
        let Some(row) = event.item.as_ref().and_then(|item| model.ids().row(item.hash)) else { continue };
        // The newest purchase of an item counts.
        if due.iter().all(|&(known, _)| known != row as i32) {
            let interval = i64::from(usual.value(row)) * DAY_MS;
            let age = request.now_ms.saturating_sub(event.timestamp_ms).clamp(0, 4 * interval);
            let is_due = interval > 0 && 4 * age >= 3 * interval;
            due.push((row as i32, if is_due { (age * i64::from(ONE) / interval) as u32 } else { 0 }));
        }
    }
    sorted(due.into_iter())
}

impl Basis {
    /// The surface's blend with only this basis' terms left.
    fn blend(self, blend: &Blend) -> Blend {
        let only = |embedding: u16, neighbors: u16| Blend {
            embedding,
            neighbors,
            bias: 0,
            popularity: 0,
            history_by_place: Vec::new(),
            history_by_kind: Default::default(),
            ..blend.clone()
        };
        match self {
            Basis::Similar => only(ONE as u16, 0),
            Basis::Together => only(0, ONE as u16),
            _ => blend.clone(),
        }
    }
}

/// An answer in the making.
struct Block<'a> {
    model: &'a Model,
    request: &'a RecommendRequest<'a>,
    rules: Option<&'a ActiveRules<'a>>,
    /// Rows not to be found: not asked for, or found already.
    excluded: Vec<u32>,
    /// Items that rules give a slot, by slot.
    held: Vec<(usize, Recommended)>,
    /// The others, in the order of their slots.
    items: Vec<Recommended>,
    tally: Tally,
    /// None before slots are filled, and with a threshold, which asks for fewer items rather than for others.
    quotas: Option<Quotas>,
    /// The least score, once the best is known.
    floor: Option<i32>,
}

impl Block<'_> {
    /// Looks for the items that rules give a slot.
    fn hold(&mut self, basis: Basis, score: &dyn Fn(u32, &mut [Parts]), reason: &dyn Fn(u32, &Parts) -> Reason) {
        let floors = self.floors(score, false);
        for kind in [RuleKind::Pin, RuleKind::Reserve] {
            let Some(rules) = self.rules else { break };
            for (number, rule) in rules.of_kind(kind) {
                let slot = rule.number as usize;
                let place = self.held.partition_point(|&(other, _)| other < slot);
                if slot >= self.request.limit || self.held.get(place).is_some_and(|&(other, _)| other == slot) {
                    continue;
                }
                let (needs_worth, diversity) = (false, Share::default());
                let find = Retrieval { block: self, basis, floors: &floors, limit: 1, needs_worth, diversity };
                let found = match kind {
                    RuleKind::Pin => self
                        .model
                        .ids()
                        .row(rule.item)
                        .filter(|row| !self.excluded.contains(row) && !find.is_barred(*row))
                        .map(|row| find.item(score, row)),
                    _ => find.run(score, |row| rules.holds(rule.of, of_row(row))).0.pop(),
                };
                let Some(mut item) = found else { continue };
                item.rule = Some(number);
                item.reason = self.reason(&item, reason);
                self.excluded.push(item.row);
                self.tally.add(&rules.counted(of_row(item.row)), slot);
                self.held.insert(place, (slot, item));
            }
        }
    }

    /// Looks for items that are different, and near enough, for these slots.
    fn discover(&mut self, slots: &[usize], score: &dyn Fn(u32, &mut [Parts]), horizon: &Horizon) {
        let (basis, limit, needs_worth) = (Basis::Discovery, REACH * self.request.limit, true);
        let floors = self.floors(score, false);
        let find = Retrieval { block: self, basis, floors: &floors, limit, needs_worth, diversity: Share::default() };
        // The best of all will be found without this.
        let found = find.run(score, |_| true).0.into_iter().skip(self.request.limit - slots.len());
        let related: Vec<Recommended> = found.filter(|item| item.parts.embedding > 0).collect();
        let beyond = horizon.beyond(&related.iter().map(|item| item.row).collect::<Vec<_>>());
        let mut beyond: Vec<Recommended> = beyond.into_iter().map(|place| related[place]).collect();
        for &slot in slots {
            let place = self.held.partition_point(|&(other, _)| other < slot);
            if self.held.get(place).is_some_and(|&(other, _)| other == slot) {
                continue;
            }
            let counted =
                |item: &Recommended| self.rules.map_or_else(Vec::new, |rules| rules.counted(of_row(item.row)));
            // What is different must not stand in the way of a quota.
            let is_free =
                |item: &Recommended| self.rules.is_none_or(|rules| rules.serves_quotas(of_row(item.row), slot));
            let fits = |item: &Recommended| is_free(item) && self.tally.refuses(&counted(item), slot).is_none();
            let Some(choice) = beyond.iter().position(fits) else { continue };
            let item = beyond.remove(choice);
            self.tally.add(&counted(&item), slot);
            self.excluded.push(item.row);
            self.held.insert(place, (slot, Recommended { reason: Reason::DIFFERENT, ..item }));
        }
    }

    /// Fills the slots that are left, as far as there are items that nothing speaks against.
    fn fill(
        &mut self,
        basis: Basis,
        diversity: Share,
        score: &dyn Fn(u32, &mut [Parts]),
        reason: &dyn Fn(u32, &Parts) -> Reason,
    ) {
        let floors = self.floors(score, basis.needs_worth());
        self.quotas = self.quotas.take().or_else(|| self.quotas());
        loop {
            let limit = self.request.limit - self.held.len() - self.items.len();
            if limit == 0 {
                return;
            }
            let slot = self.next_slot();
            let needs_worth = basis.needs_worth();
            let find = Retrieval { block: self, basis, floors: &floors, limit, needs_worth, diversity };
            let (found, floor) = match self.find_urgent(&find, score, slot) {
                Some(found) => (vec![found], self.floor),
                None => find.run(score, |row| !self.refuses(row, slot)),
            };
            self.floor = floor;
            if found.is_empty() {
                return;
            }
            // The first fits. What a cap refuses by now may fit further back: it is looked for once more.
            for (at, item) in found.into_iter().enumerate() {
                let slot = self.next_slot();
                let served = self.served_by(item.row);
                let urgent = self.quotas.as_ref().map_or(0, |quotas| quotas.urgent(slot, 0));
                if at > 0 && urgent != 0 && served & urgent == 0 {
                    break;
                }
                if !self.refuses(item.row, slot) {
                    if let Some(rules) = self.rules {
                        self.tally.add(&rules.counted(of_row(item.row)), slot);
                    }
                    if let Some(quotas) = &mut self.quotas {
                        quotas.add(served, slot);
                    }
                    self.excluded.push(item.row);
                    let why = |row, parts: &Parts| match item.basis == basis {
                        true => reason(row, parts),
                        false => item.basis.common_reason(),
                    };
                    self.items.push(Recommended { reason: self.reason(&item, &why), ..item });
                }
            }
            if !self.rules.is_some_and(ActiveRules::has_bounds) {
                return;
            }
        }
    }

    /// The best item for a slot that quotas need: by what is asked for, or else by popularity.
    fn find_urgent(&self, find: &Retrieval, score: &dyn Fn(u32, &mut [Parts]), slot: usize) -> Option<Recommended> {
        let quotas = self.quotas.as_ref()?;
        let mut hopeless = 0;
        loop {
            let urgent = quotas.urgent(slot, hopeless);
            if urgent == 0 {
                return None;
            }
            let fits = |row| self.served_by(row) & urgent != 0 && !self.refuses(row, slot);
            let (limit, diversity) = (1, Share::default());
            let mut found = Retrieval { limit, diversity, ..*find }.run(score, fits).0;
            if found.is_empty() {
                let score = &by_popularity(self.model, Basis::Popular, self.request.context);
                let (floors, basis, needs_worth) = (&self.floors(score, false), Basis::Popular, false);
                found = Retrieval { block: self, basis, floors, limit, needs_worth, diversity }.run(score, fits).0;
            }
            if let Some(item) = found.pop() {
                return Some(Recommended { rule: quotas.rule(self.served_by(item.row) & urgent), ..item });
            }
            // Caps refuse all that would do.
            hopeless |= urgent;
        }
    }

    /// The quotas of the slots that are left.
    fn quotas(&self) -> Option<Quotas> {
        let rules = self.rules.filter(|_| self.request.threshold == Share::default())?;
        let held: Vec<(usize, Candidate)> = self.held.iter().map(|(slot, item)| (*slot, of_row(item.row))).collect();
        let free =
            (0..self.model.n_items() as u32).filter(|row| !self.excluded.contains(row) && !is_barred(rules, *row));
        Some(Quotas::new(rules, self.request.limit, &held, free.map(of_row)))
    }

    fn served_by(&self, row: u32) -> u32 {
        self.rules.zip(self.quotas.as_ref()).map_or(0, |(rules, quotas)| quotas.served_by(rules, of_row(row)))
    }

    /// Whether a cap refuses an item a slot.
    fn refuses(&self, row: u32, slot: usize) -> bool {
        self.rules.is_some_and(|rules| self.tally.refuses(&rules.counted(of_row(row)), slot).is_some())
    }

    /// The best scores that boosts go by: those of all items that this request may show.
    fn floors(&self, score: &dyn Fn(u32, &mut [Parts]), needs_worth: bool) -> Floors {
        let Some(rules) = self.rules.filter(|rules| rules.n_among() > 0) else { return Floors::default() };
        let mut top = Top::new(rules.n_among());
        let RecommendRequest { seeds, exclude, .. } = *self.request;
        each_score(self.model, score, |row, score| {
            let is_excluded = || exclude.contains(&row) || seeds.is_some_and(|seeds| seeds.contains(&row));
            let speaks = !needs_worth || score > 0;
            let score = score + rules.answers(of_row(row));
            if speaks && top.wants(score, row) && !is_excluded() && !is_barred(rules, row) {
                top.offer(score, row);
            }
        });
        Floors(top.into_sorted())
    }

    /// Why an item is shown.
    fn reason(&self, item: &Recommended, reason: &dyn Fn(u32, &Parts) -> Reason) -> Reason {
        let answer = self.rules.and_then(|rules| rules.answer(of_row(item.row)));
        reason(item.row, &item.parts).or_answer(&item.parts, answer)
    }

    /// The first slot that has no item yet.
    fn next_slot(&self) -> usize {
        self.held.iter().fold(self.items.len(), |slot, &(held, _)| slot + usize::from(held <= slot))
    }

    /// Whether items that were discovered are to move up although rules bound what stands where.
    fn has_gaps(&self) -> bool {
        let is_off =
            |&(slot, ref item): &(usize, Recommended)| item.basis == Basis::Discovery && slot > self.next_slot();
        self.rules.is_some_and(ActiveRules::has_bounds) && self.held.iter().any(is_off)
    }

    /// The items in their slots; where there are too few, those behind move up.
    fn finish(self) -> Vec<Recommended> {
        let mut items = self.items;
        for (slot, item) in self.held {
            items.insert(slot.min(items.len()), item);
        }
        items
    }
}

fn of_row(row: u32) -> Candidate {
    Candidate { index: row as usize, row }
}

fn is_barred(rules: &ActiveRules, row: u32) -> bool {
    !rules.in_placement(of_row(row)) || rules.barred_by(of_row(row)).is_some()
}

/// Goes through the scores of all rows.
fn each_score(model: &Model, score: &dyn Fn(u32, &mut [Parts]), mut see: impl FnMut(u32, i32)) {
    let mut block = [Parts::default(); BLOCK];
    for first in (0..model.n_items()).step_by(BLOCK) {
        let block = &mut block[..BLOCK.min(model.n_items() - first)];
        score(first as u32, block);
        for (row, parts) in (first as u32..).zip(block) {
            see(row, parts.score());
        }
    }
}

/// The finding of the best items by their parts.
struct Retrieval<'a> {
    block: &'a Block<'a>,
    basis: Basis,
    floors: &'a Floors,
    limit: usize,
    /// Whether an item must have something that speaks for it.
    needs_worth: bool,
    diversity: Share,
}

impl Retrieval<'_> {
    /// What rules, and the shopper's answers, add to an item's score.
    fn added(&self, row: u32, score: i32) -> (i32, i32) {
        let Some(rules) = self.block.rules else { return (0, 0) };
        let answers = rules.answers(of_row(row));
        (rules.boost(of_row(row), score + answers, self.floors), answers)
    }

    fn is_barred(&self, row: u32) -> bool {
        self.block.rules.is_some_and(|rules| is_barred(rules, row))
    }

    fn item(&self, score: &dyn Fn(u32, &mut [Parts]), row: u32) -> Recommended {
        let mut parts = [Parts::default()];
        score(row, &mut parts);
        let (boost, answers) = self.added(row, parts[0].score());
        let parts = Parts { boost, answers, ..parts[0] };
        Recommended { row, basis: self.basis, parts, penalty: 0, rule: None, reason: Reason::STORE_ORDER }
    }

    /// Goes through all rows, block by block, then diversifies and cuts. `score` fills in the parts of a block's rows.
    /// Returns the items, best first, and the least score that was asked of them.
    fn run(&self, score: &dyn Fn(u32, &mut [Parts]), fits: impl Fn(u32) -> bool) -> (Vec<Recommended>, Option<i32>) {
        let Block { model, request, rules, .. } = *self.block;
        let excluded = sorted(self.block.excluded.iter().map(|&row| (row as i32, 0)));
        let most = rules.map_or(0, |rules| rules.greatest_boost() + rules.greatest_answers());
        let diversity = self.diversity;
        let mut top = Top::new(if diversity > Share::default() { self.limit * OVERFETCH } else { self.limit });
        each_score(model, score, |row, score| {
            let speaks = !self.needs_worth || score > 0;
            // Rules are asked last, and of few.
            if speaks && top.wants(score + most, row) && excluded.binary_search(&(row as i32, 0)).is_err() {
                let (boost, answers) = self.added(row, score);
                let score = score + boost + answers;
                if top.wants(score, row) && fits(row) && !self.is_barred(row) {
                    top.offer(score, row);
                }
            }
        });
        let best_first = top.into_sorted();
        let choices: Vec<Choice> = best_first.iter().map(|&(score, row)| Choice { row, score }).collect();
        let best = choices.first().map(|best| request.threshold.of(best.score.max(0)));
        let floor = self.block.floor.or(best);
        let (order, penalties) = diversify(model, &choices, diversity, self.limit.min(MAX_VARIED));
        let passes = |&index: &usize| floor.is_none_or(|floor| floor == 0 || choices[index].score >= floor);
        let items = order.into_iter().filter(passes).take(self.limit);
        let items =
            items.map(|index| Recommended { penalty: penalties[index], ..self.item(score, choices[index].row) });
        (items.collect(), floor)
    }
}
