use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::{IntoIter, Vec};
use core::cell::RefCell;

use js_sys::Uint32Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::answer::{Fields, outcome_number};
use super::failure;
use super::model::Shared;
use crate::format::ids::MAX_ID_LEN;
use crate::format::message::sentence;
use crate::lists::Gather;
use crate::model::Rules;
use crate::rank::{
    self, Basis, ContextWord, OrderRequest, Overlay, Page, RecommendRequest, RerankRequest, Share, Tag, UNKNOWN_ROW,
};
use crate::session::token::{self, Lost};
use crate::session::{Event, EventId, EventKind, ItemKey, Lens, Profile, Segment, Session, TurnedDown, affinities};

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
    /// `timestamp_ms` and `quantity` are in their ranges.
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
            return Err(failure::invalid(&["`", kind, "` is no type of event"].concat()));
        };
        if !kind.has_item() && query.is_none() {
            return Err(failure::invalid("a search needs its `query`, an answer `question/answer` for one"));
        }
        if kind.has_item() && item_id.as_ref().is_none_or(|id| id.is_empty() || id.len() > MAX_ID_LEN) {
            let needs = sentence(" needs an `itemId` of 1 to # bytes", "", &[MAX_ID_LEN as u64]);
            return Err(failure::invalid(&["`", kind.name(), "`", &needs].concat()));
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

    /// The events, oldest first: records.
    pub fn events(&self) -> Fields {
        let fields = Fields::new();
        self.session.borrow().log().iter().for_each(|entry| fields.event(entry));
        fields
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

    /// Orders candidates. Behind what all requests have in front, lists: rows (`u32::MAX` where unknown), and slots of
    /// those that are pinned (`u32::MAX` for none; empty if none is); numbers: base scores, as many as there are rows, or
    /// none for the incoming order, then prices, NaN where not known, or none.
    /// Returns a typed array, the outcome's number, how many are barred, and then the incoming index of each slot, with
    /// the highest bit set where it is for something different; with `explain`, the two numbers and records.
    pub fn rerank(&self, texts: &str, numbers: &[f64], lists: &[u32]) -> Result<JsValue, JsValue> {
        let mut asked = Asked::new(texts, numbers, lists);
        let settings = asked.settings;
        if settings.ask_for_what_is_left_out() {
            return Err(failure::left_out());
        }
        let explain = settings.explain();
        let (without, rows) = (asked.events(), asked.list().unwrap_or_default());
        let pinned = asked.list().unwrap_or_default().iter().map(|&slot| (slot != u32::MAX).then_some(slot));
        let pinned: Vec<Option<u32>> = pinned.collect();
        let (base, prices) = asked.numbers.split_at(if settings.is_set(Settings::BASE) { rows.len() } else { 0 });
        let (rules, context, overlays) = (self.shared.rules.borrow(), asked.context(), asked.overlays());
        let request = RerankRequest {
            page: asked.page(rules.as_ref(), &without, &context, &overlays),
            rows,
            base: Some(base).filter(|base| !base.is_empty()),
            prices,
            strength: settings.share(Settings::STRENGTH),
            keep_first: settings.count(Settings::KEEP_FIRST),
            pinned: &pinned,
            max_shift: settings.count(Settings::MAX_SHIFT),
        };
        if !cfg!(feature = "merchandising") && !context.is_empty() {
            return Err(failure::left_out());
        }
        self.shared.with(|model| {
            let (session, mut scratch) = (self.session.borrow(), self.shared.scratch.borrow_mut());
            let ranking = rank::rerank(model, &session, &request, explain, &mut scratch);
            let ranking = ranking.map_err(|error| failure::request(&error))?;
            let n_barred = ranking.placed.iter().filter(|placed| placed.barred).count() as u32;
            if explain {
                let rules = request.page.rules.or(model.rules());
                let fields = Fields::of(ranking.outcome);
                fields.number(n_barred.into());
                for placed in &ranking.placed {
                    fields.placed(model, rules, placed, rows[placed.from] != UNKNOWN_ROW);
                }
                return Ok(fields.into());
            }
            let mut order = Vec::with_capacity(2 + rows.len());
            order.extend([outcome_number(ranking.outcome), n_barred]);
            order.extend(ranking.placed.iter().map(|placed| placed.from as u32 | u32::from(placed.discovered) << 31));
            Ok(Uint32Array::from(order.as_slice()).into())
        })
    }

    /// Finds items. Behind what all requests have in front, lists: seeds, none to recommend from the session, and rows not
    /// to be found; text: the basis, empty for the default. Overlays have a number for every row. Returns the outcome's
    /// number, records, each with its explanation behind it where that was asked for, and all ids as one text.
    pub fn recommend(&self, texts: &str, numbers: &[f64], lists: &[u32]) -> Result<Fields, JsValue> {
        if !cfg!(feature = "recommend") {
            return Err(failure::left_out());
        }
        let mut asked = Asked::new(texts, numbers, lists);
        let settings = asked.settings;
        let explain = settings.explain();
        let (without, seeds, exclude) = (asked.events(), asked.list(), asked.list().unwrap_or_default());
        let basis = asked.text();
        let known = Basis::from_name(basis);
        if known.is_none() && !basis.is_empty() {
            return Err(failure::refused("basis", &["`", basis, "` is no basis"].concat()));
        }
        let (rules, context, overlays) = (self.shared.rules.borrow(), asked.context(), asked.overlays());
        let request = RecommendRequest {
            page: asked.page(rules.as_ref(), &without, &context, &overlays),
            limit: settings.count(Settings::LIMIT).unwrap_or(0),
            seeds,
            basis: known,
            exclude,
            threshold: settings.share(Settings::THRESHOLD).unwrap_or_default(),
        };
        self.shared.with(|model| {
            let (session, mut scratch) = (self.session.borrow(), self.shared.scratch.borrow_mut());
            let found = rank::recommend(model, &session, &request, explain, &mut scratch);
            let found = found.map_err(|error| failure::request(&error))?;
            let rules = request.page.rules.or(model.rules());
            let fields = Fields::of(found.outcome);
            let (ids, mut joined) = (model.ids(), String::new());
            for item in &found.items {
                let id = ids.id(item.row);
                fields.found(&id, item);
                joined.push_str(&id);
                if explain {
                    fields.why_found(model, rules, item);
                }
            }
            fields.text(Some(&joined));
            Ok(fields)
        })
    }

    /// Orders things that are no items. Behind what all requests have in front, list: how many tags each thing has; texts:
    /// their columns and values in turn. Returns the outcome's number, and then the incoming index of each slot.
    pub fn order(&self, texts: &str, numbers: &[f64], lists: &[u32]) -> Result<Vec<u32>, JsValue> {
        if !cfg!(feature = "recommend") {
            return Err(failure::left_out());
        }
        let mut asked = Asked::new(texts, numbers, lists);
        let (settings, without, things) = (asked.settings, asked.events(), asked.list().unwrap_or_default());
        let tags = asked.texts.as_slice().as_chunks().0.iter().map(|&[column, value]| Tag { column, value }).gather();
        let request = OrderRequest { things, tags: &tags, now_ms: settings.now(), lens: settings.lens(&without) };
        self.shared.with(|model| {
            let order = rank::order(model, &self.session.borrow(), &request);
            Ok([outcome_number(order.outcome)].into_iter().chain(order.things.iter().map(|t| t.from as u32)).gather())
        })
    }

    /// The shopper's segment, and records of what they keep coming back to.
    pub fn about(&self, numbers: &[f64], lists: &[u32]) -> Result<Fields, JsValue> {
        if !cfg!(feature = "recommend") {
            return Err(failure::left_out());
        }
        let mut asked = Asked::new("", numbers, lists);
        let (settings, without) = (asked.settings, asked.events());
        let now_ms = settings.now();
        self.shared.with(|model| {
            let session = self.session.borrow();
            let seen = session.as_seen(settings.lens(&without));
            let profile = Profile::of_session(model, seen, now_ms);
            let fields = Fields::new();
            fields.text(Some(Segment::of(seen, now_ms).name()));
            affinities(model, &profile).iter().for_each(|affinity| fields.affinity(affinity));
            Ok(fields)
        })
    }
}

/// A request as it crosses: texts with a NUL between, numbers, and lists of whole numbers with their length in front, each
/// read from its beginning. All have in front: surface and placement; the settings; ids of events to leave out.
struct Asked<'a> {
    texts: IntoIter<&'a str>,
    /// Those behind the settings.
    numbers: &'a [f64],
    lists: &'a [u32],
    settings: Settings<'a>,
    surface: &'a str,
    placement: &'a str,
}

impl<'a> Asked<'a> {
    fn new(texts: &'a str, numbers: &'a [f64], lists: &'a [u32]) -> Asked<'a> {
        let texts = texts.as_bytes().split(|&byte| byte == 0).map(|text| str::from_utf8(text).unwrap_or_default());
        let texts: Vec<&str> = texts.gather();
        let (settings, numbers) = numbers.split_at(Settings::COUNT.min(numbers.len()));
        let settings = Settings(settings);
        let mut asked = Asked { texts: texts.into_iter(), numbers, lists, settings, surface: "", placement: "" };
        (asked.surface, asked.placement) = (asked.text(), asked.text());
        asked
    }

    fn text(&mut self) -> &'a str {
        self.texts.next().unwrap_or_default()
    }

    /// None where the length is `u32::MAX`.
    fn list(&mut self) -> Option<&'a [u32]> {
        let (&len, lists) = self.lists.split_first()?;
        let len = if len == u32::MAX { None } else { Some(len as usize) };
        let (list, rest) = lists.split_at_checked(len.unwrap_or(0))?;
        self.lists = rest;
        len.map(|_| list)
    }

    fn events(&mut self) -> Vec<EventId> {
        self.list().unwrap_or_default().iter().map(|&id| EventId(id)).gather()
    }

    /// The page that asks, with what else was read of it.
    fn page(
        &self,
        rules: Option<&'a Rules>,
        without: &'a [EventId],
        context: &'a [ContextWord<'a>],
        overlays: &'a [Overlay<'a>],
    ) -> Page<'a> {
        let Asked { settings, surface, placement, .. } = *self;
        Page {
            surface,
            placement,
            diversity: settings.share(Settings::DIVERSITY),
            discovery: settings.share(Settings::DISCOVERY),
            broaden: settings.share(Settings::BROADEN).unwrap_or_default(),
            seed: settings.seed(),
            now_ms: settings.now(),
            lens: settings.lens(without),
            rules,
            context,
            overlays,
        }
    }

    /// Names and words in turn, up to an empty name.
    fn context(&mut self) -> Vec<ContextWord<'a>> {
        let mut context = Vec::new();
        loop {
            let name = self.text();
            if name.is_empty() {
                return context;
            }
            context.push((name, self.text()));
        }
    }

    /// What is left: their names, and all numbers of the first one, then of the next.
    fn overlays(&mut self) -> Vec<Overlay<'a>> {
        let len = (self.lists.len() / self.texts.len().max(1)).max(1);
        let values = bytemuck::cast_slice(self.lists).chunks(len);
        self.texts.by_ref().zip(values).map(|(name, values)| Overlay { name, values }).gather()
    }
}

/// What a request asks for in numbers: one in every place, NaN where nothing is said. JavaScript has looked at their ranges.
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
    /// Whether there are base scores.
    const BASE: usize = 10;
    const THRESHOLD: usize = 7;
    const LIMIT: usize = 8;
    const COUNT: usize = 11;

    fn get(self, place: usize) -> f64 {
        self.0.get(place).copied().unwrap_or(f64::NAN)
    }

    fn is_set(self, place: usize) -> bool {
        self.get(place) == 1.0
    }

    /// Always false in a full build.
    fn ask_for_what_is_left_out(self) -> bool {
        let varies = |place: usize| self.get(place) > 0.0;
        !cfg!(feature = "explain") && self.is_set(Settings::EXPLAIN)
            || !cfg!(feature = "variety")
                && (varies(Settings::DIVERSITY) || varies(Settings::DISCOVERY) || varies(Settings::BROADEN))
    }

    fn explain(self) -> bool {
        cfg!(feature = "explain") && self.is_set(Settings::EXPLAIN)
    }

    fn share(self, place: usize) -> Option<Share> {
        Share::new(self.get(place))
    }

    fn count(self, place: usize) -> Option<usize> {
        to_count(self.get(place))
    }

    /// Seeds are any whole numbers: the lower bits count. NaN, for none, becomes 0.
    fn seed(self) -> u32 {
        self.get(Settings::SEED) as u64 as u32
    }

    fn now(self) -> i64 {
        self.get(Settings::NOW) as i64
    }

    fn lens<'b>(self, without: &'b [EventId]) -> Lens<'b> {
        Lens { gift: self.is_set(Settings::GIFT), without }
    }
}

/// A whole number, infinity being the largest; none of NaN.
fn to_count(value: f64) -> Option<usize> {
    (!value.is_nan()).then_some(value as usize)
}
