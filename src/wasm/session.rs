use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint32Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::answer::{Explained, Explanation, Found, FoundItem, RecordedEvent, outcome_number, to_js};
use super::failure::Failure;
use super::model::Shared;
use crate::format::ids::MAX_ID_LEN;
use crate::format::message::sentence;
use crate::rank::{
    self, Basis, ContextWord, OrderRequest, Overlay, RecommendRequest, RerankRequest, Share, Tag, UNKNOWN_ROW,
};
use crate::session::token::{self, Lost};
use crate::session::{Event, EventId, EventKind, ItemKey, Lens, Profile, Segment, Session, TurnedDown, affinities};

/// Times that JavaScript's `Date` can hold lie within this many milliseconds of the Unix epoch.
const MAX_TIME_MS: f64 = 8.64e15;

/// One visitor's session with one model.
#[wasm_bindgen]
pub struct SessionHandle {
    shared: Rc<Shared>,
    session: RefCell<Session>,
    lost: Option<Lost>,
}

impl SessionHandle {
    /// `lost`: why something of what it was to be made from is not in it.
    pub(super) fn new(shared: Rc<Shared>, session: Session, lost: Option<Lost>) -> SessionHandle {
        SessionHandle { shared, session: RefCell::new(session), lost }
    }
}

#[wasm_bindgen]
impl SessionHandle {
    /// Why something of the token that it was made from is not in it, as a number: a place in the list in `session.js`.
    pub fn lost(&self) -> u32 {
        self.lost.map_or(0, |lost| lost as u32)
    }

    /// Whether it holds anything that could change an order; nothing does without the model.
    #[wasm_bindgen(js_name = isPersonal)]
    pub fn is_personal(&self) -> bool {
        self.shared.with(|model| Ok(self.session.borrow().is_personal(model))).unwrap_or(false)
    }

    /// Adds an event and returns its id: −1 where it is one with another or too old, −2 where it is sensitive.
    pub fn record(
        &self,
        kind: &str,
        item_id: Option<String>,
        query: Option<String>,
        timestamp_ms: f64,
        quantity: f64,
        gift: bool,
    ) -> Result<f64, JsValue> {
        let Some(kind) = EventKind::from_name(kind) else {
            return Err(Failure::invalid(["`", kind, "` is no type of event"].concat()));
        };
        if !kind.has_item() && query.is_none() {
            return Err(Failure::invalid("a search needs its `query`, an answer `question/answer` for one"));
        }
        if kind.has_item() && item_id.as_ref().is_none_or(|id| id.is_empty() || id.len() > MAX_ID_LEN) {
            let needs = sentence(" needs an `itemId` of 1 to # bytes", "", &[MAX_ID_LEN as u64]);
            return Err(Failure::invalid(["a ", kind.name(), &needs].concat()));
        }
        if !(1.0..=65_535.0).contains(&quantity) || quantity.fract() != 0.0 {
            return Err(Failure::invalid("the `quantity` must be a whole number from 1 to 65535"));
        }
        if timestamp_ms.is_nan() || timestamp_ms.abs() > MAX_TIME_MS {
            return Err(Failure::invalid("the `timestamp` is not in milliseconds since the Unix epoch"));
        }
        let timestamp_ms = timestamp_ms as i64;
        let item = item_id.filter(|_| kind.has_item()).map(ItemKey::new);
        // Through a constructor that bounds the query's length.
        let query = query.and_then(|query| Event::of_words(kind, query, timestamp_ms).query);
        let event = Event { kind, timestamp_ms, item, query, quantity: quantity as u16, gift };
        self.shared.with(|model| {
            Ok(match self.session.borrow_mut().record(model, event) {
                Ok(id) => id.0.into(),
                Err(TurnedDown::Repeat | TurnedDown::TooOld) => -1.0,
                Err(TurnedDown::Sensitive) => -2.0,
            })
        })
    }

    /// The events, oldest first.
    pub fn events(&self) -> JsValue {
        to_js(&self.session.borrow().log().iter().map(RecordedEvent::new).collect::<Vec<_>>())
    }

    /// Deletes an event; false if it is not there.
    pub fn forget(&self, event_id: u32) -> bool {
        self.session.borrow_mut().forget(EventId(event_id))
    }

    /// Deletes all events.
    pub fn clear(&self) {
        self.session.borrow_mut().clear();
    }

    /// The events that say most as a text for a cookie; empty without the model.
    pub fn token(&self) -> String {
        self.shared.with(|model| Ok(token::encode(model, &self.session.borrow()))).unwrap_or_default()
    }

    /// Orders candidates. `names`: surface and placement, with a NUL between as in all lists of texts; `rows`: `u32::MAX`
    /// where unknown; `base`: empty for the incoming order; `prices`: empty where none is known, NaN for those that are
    /// not; `pinned`: empty if none is, NaN for those that are not; `settings`: as [`Settings`] reads them; `without`:
    /// ids of events; `context`: names and words in turn; `overlays`: their names, and in `values` all numbers of the
    /// first one, then of the next.
    /// Returns a typed array, the outcome's number, how many are barred, and then the incoming index of each slot, with
    /// the highest bit set where it is for something different; with `explain`, a record.
    #[expect(
        clippy::too_many_arguments,
        reason = "scalars and typed arrays cross the boundary cheaply, records do not"
    )]
    pub fn rerank(
        &self,
        names: &str,
        rows: &[u32],
        base: &[f64],
        prices: &[f64],
        pinned: &[f64],
        settings: &[f64],
        without: &[u32],
        context: &str,
        overlays: &str,
        values: &[i32],
    ) -> Result<JsValue, JsValue> {
        let pinned: Vec<Option<u32>> = pinned.iter().map(|&slot| to_slot(slot)).collect::<Result<_, _>>()?;
        let (settings, without) = (Settings(settings), to_events(without));
        let explain = settings.is_set(Settings::EXPLAIN);
        let [surface, placement] = to_names(names);
        let rules = self.shared.rules.borrow();
        let request = RerankRequest {
            surface,
            placement,
            rows,
            base: Some(base).filter(|base| !base.is_empty()),
            prices,
            strength: settings.share(Settings::STRENGTH, "strength")?,
            diversity: settings.share(Settings::DIVERSITY, "diversity")?,
            discovery: settings.share(Settings::DISCOVERY, "discovery")?,
            broaden: settings.share(Settings::BROADEN, "broaden")?.unwrap_or_default(),
            seed: settings.count(Settings::SEED, "seed")?.unwrap_or(0) as u32,
            keep_first: settings.count(Settings::KEEP_FIRST, "keepFirst")?,
            pinned: &pinned,
            max_shift: settings.count(Settings::MAX_SHIFT, "maxShift")?,
            now_ms: settings.now()?,
            lens: settings.lens(&without),
            rules: rules.as_ref(),
            context: &to_context(context),
            overlays: &to_overlays(overlays, values),
        };
        self.shared.with(|model| {
            let (session, mut scratch) = (self.session.borrow(), self.shared.scratch.borrow_mut());
            let ranking = rank::rerank(model, &session, &request, explain, &mut scratch);
            let ranking = ranking.map_err(|error| Failure::request(&error))?;
            let outcome = outcome_number(ranking.outcome);
            let n_barred = ranking.placed.iter().filter(|placed| placed.barred).count() as u32;
            if explain {
                let rules = request.rules.or(model.rules());
                let explanation = |placed: &rank::Placed| {
                    Explanation::of_placed(model, rules, placed, rows[placed.from] != UNKNOWN_ROW)
                };
                let explanations = ranking.placed.iter().map(explanation).collect();
                return Ok(to_js(&Explained(outcome, n_barred, explanations)));
            }
            let placed = ranking.placed.iter().map(|placed| placed.from as u32 | u32::from(placed.discovered) << 31);
            let order: Vec<u32> = [outcome, n_barred].into_iter().chain(placed).collect();
            Ok(Uint32Array::from(order.as_slice()).into())
        })
    }

    /// Finds items. `seeds`: none to recommend from the session; `basis`: empty for the default; the rest as for
    /// [`SessionHandle::rerank`], overlays with a number for every row. Returns a record.
    #[expect(
        clippy::too_many_arguments,
        reason = "scalars and typed arrays cross the boundary cheaply, records do not"
    )]
    pub fn recommend(
        &self,
        names: &str,
        seeds: Option<Vec<u32>>,
        basis: &str,
        exclude: &[u32],
        settings: &[f64],
        without: &[u32],
        context: &str,
        overlays: &str,
        values: &[i32],
    ) -> Result<JsValue, JsValue> {
        let known = Basis::from_name(basis);
        if known.is_none() && !basis.is_empty() {
            return Err(Failure::refused("basis", ["`", basis, "` is no basis"].concat()));
        }
        let (settings, without) = (Settings(settings), to_events(without));
        let explain = settings.is_set(Settings::EXPLAIN);
        let [surface, placement] = to_names(names);
        let rules = self.shared.rules.borrow();
        let request = RecommendRequest {
            surface,
            placement,
            limit: settings.count(Settings::LIMIT, "limit")?.unwrap_or(0),
            seeds: seeds.as_deref(),
            basis: known,
            exclude,
            threshold: settings.share(Settings::THRESHOLD, "threshold")?.unwrap_or_default(),
            diversity: settings.share(Settings::DIVERSITY, "diversity")?,
            discovery: settings.share(Settings::DISCOVERY, "discovery")?,
            broaden: settings.share(Settings::BROADEN, "broaden")?.unwrap_or_default(),
            seed: settings.count(Settings::SEED, "seed")?.unwrap_or(0) as u32,
            now_ms: settings.now()?,
            lens: settings.lens(&without),
            rules: rules.as_ref(),
            context: &to_context(context),
            overlays: &to_overlays(overlays, values),
        };
        self.shared.with(|model| {
            let (session, mut scratch) = (self.session.borrow(), self.shared.scratch.borrow_mut());
            let found = rank::recommend(model, &session, &request, explain, &mut scratch);
            let found = found.map_err(|error| Failure::request(&error))?;
            let items = found.items.iter().map(|item| FoundItem::new(model, item)).collect();
            let rules = request.rules.or(model.rules());
            let explanations =
                explain.then(|| found.items.iter().map(|item| Explanation::of_found(model, rules, item)).collect());
            Ok(to_js(&Found(outcome_number(found.outcome), items, explanations)))
        })
    }

    /// Orders things that are no items. `tags`: columns and values in turn; `counts`: how many tags each thing has;
    /// `settings` and `without` as for [`SessionHandle::rerank`]. Returns the outcome's number, and then the incoming
    /// index of each slot.
    pub fn order(&self, tags: &str, counts: &[u32], settings: &[f64], without: &[u32]) -> Result<Vec<u32>, JsValue> {
        let (settings, without) = (Settings(settings), to_events(without));
        let mut tags = to_context(tags).into_iter().map(|(column, value)| Tag { column, value });
        let things: Vec<Vec<Tag>> = counts.iter().map(|&count| tags.by_ref().take(count as usize).collect()).collect();
        let request = OrderRequest { things: &things, now_ms: settings.now()?, lens: settings.lens(&without) };
        self.shared.with(|model| {
            let order = rank::order(model, &self.session.borrow(), &request);
            Ok([outcome_number(order.outcome)].into_iter().chain(order.things.iter().map(|t| t.from as u32)).collect())
        })
    }

    /// What the shopper keeps coming back to, and their segment. `settings` and `without` as for
    /// [`SessionHandle::rerank`]. Returns a record.
    pub fn about(&self, settings: &[f64], without: &[u32]) -> Result<JsValue, JsValue> {
        let (settings, without) = (Settings(settings), to_events(without));
        let now_ms = settings.now()?;
        self.shared.with(|model| {
            let session = self.session.borrow();
            let seen = session.as_seen(settings.lens(&without));
            let profile = Profile::of_session(model, seen, now_ms);
            let affinities = affinities(model, &profile);
            let affinities = affinities.iter().map(|one| (one.column, one.word, one.value, one.n_events, one.weight));
            Ok(to_js(&(Segment::of(seen, now_ms).name(), affinities.collect::<Vec<_>>())))
        })
    }
}

/// What a request asks for in numbers: one in every place, NaN where nothing is said.
#[derive(Clone, Copy)]
struct Settings<'a>(&'a [f64]);

impl<'a> Settings<'a> {
    const NOW: usize = 0;
    const EXPLAIN: usize = 1;
    const GIFT: usize = 2;
    const DIVERSITY: usize = 3;
    const DISCOVERY: usize = 4;
    const BROADEN: usize = 5;
    const SEED: usize = 6;
    const STRENGTH: usize = 7;
    const MAX_SHIFT: usize = 8;
    const KEEP_FIRST: usize = 9;
    const THRESHOLD: usize = 7;
    const LIMIT: usize = 8;

    fn get(self, place: usize) -> Option<f64> {
        self.0.get(place).copied().filter(|value| !value.is_nan())
    }

    fn is_set(self, place: usize) -> bool {
        self.get(place) == Some(1.0)
    }

    fn share(self, place: usize, option: &'static str) -> Result<Option<Share>, JsValue> {
        self.get(place).map(|value| to_share(value, option)).transpose()
    }

    fn count(self, place: usize, option: &'static str) -> Result<Option<usize>, JsValue> {
        self.get(place).map(|value| to_count(value, option)).transpose()
    }

    fn now(self) -> Result<i64, JsValue> {
        to_time(self.get(Settings::NOW).unwrap_or(f64::INFINITY), "now")
    }

    fn lens<'b>(self, without: &'b [EventId]) -> Lens<'b> {
        Lens { gift: self.is_set(Settings::GIFT), without }
    }
}

fn to_events(ids: &[u32]) -> Vec<EventId> {
    ids.iter().map(|&id| EventId(id)).collect()
}

fn to_names(joined: &str) -> [&str; 2] {
    let names = texts(joined);
    [0, 1].map(|place| names.get(place).copied().unwrap_or_default())
}

/// Texts that cross as one, with a NUL between.
#[inline(never)]
fn texts(joined: &str) -> Vec<&str> {
    joined.as_bytes().split(|&byte| byte == 0).map(|text| str::from_utf8(text).unwrap_or_default()).collect()
}

fn to_context(joined: &str) -> Vec<ContextWord<'_>> {
    texts(joined).as_chunks().0.iter().map(|&[name, word]| (name, word)).collect()
}

/// Overlays of the same length each.
fn to_overlays<'a>(names: &'a str, values: &'a [i32]) -> Vec<Overlay<'a>> {
    let names = texts(names);
    let len = (values.len() / names.len()).max(1);
    names.into_iter().zip(values.chunks(len)).map(|(name, values)| Overlay { name, values }).collect()
}

fn to_share(value: f64, option: &'static str) -> Result<Share, JsValue> {
    Share::new(value).ok_or_else(|| Failure::refused(option, ["`", option, "` must be a number from 0 to 1"].concat()))
}

/// A whole number from 0; infinity becomes the largest.
fn to_count(value: f64, option: &'static str) -> Result<usize, JsValue> {
    if value >= 0.0 && (value.fract() == 0.0 || value.is_infinite()) {
        return Ok(value as usize);
    }
    Err(Failure::refused(option, ["`", option, "` must be a whole number from 0"].concat()))
}

fn to_slot(value: f64) -> Result<Option<u32>, JsValue> {
    if value.is_nan() {
        return Ok(None);
    }
    to_count(value, "pinned").map(|slot| Some(slot as u32))
}

fn to_time(value: f64, option: &'static str) -> Result<i64, JsValue> {
    if value.abs() <= MAX_TIME_MS {
        return Ok(value as i64);
    }
    Err(Failure::refused(option, ["`", option, "` must be in milliseconds since the Unix epoch"].concat()))
}
