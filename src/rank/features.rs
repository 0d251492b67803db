//! What is known of the candidates of a list, in whole numbers: the input of the learned ranker.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::UNKNOWN_ROW;
use super::score::Parts;
use crate::format::attributes::{AGE_DAYS, BRAND, CATEGORY, CLICK_RATE, POPULARITY, PRICE_BAND};
use crate::format::features::{FAR, Feature as F, N_FEATURES, NONE};
use crate::kernels::sorted;
use crate::lists::Gather;
use crate::model::Model;
use crate::session::{EventKind, Seen};

/// The features of one candidate, by number.
pub type Features = [i16; N_FEATURES];

/// The usual surfaces; the number of one is its place here, from 1.
const SURFACES: [&str; 5] = ["search", "category", "product", "cart", "home"];
/// One, in shares and ratios.
const WHOLE: i64 = 256;

/// The kinds of events that are counted each by itself.
const COUNTED: [(EventKind, F); 5] = [
    (EventKind::View, F::Views),
    (EventKind::Click, F::Clicks),
    (EventKind::AddToCart, F::AddsToCart),
    (EventKind::Wishlist, F::Wishlists),
    (EventKind::Purchase, F::Purchases),
];
/// The features of a candidate of which nothing is known.
const BLANK: Features = {
    let mut blank = [0; N_FEATURES];
    blank[F::SecondsSinceTouchOfAny as usize] = FAR;
    blank[F::SinceSearch as usize] = FAR;
    blank[F::SinceClick as usize] = FAR;
    blank[F::LastKind as usize] = NONE;
    blank[F::SinceTouch as usize] = FAR;
    blank[F::TouchRank as usize] = FAR;
    blank[F::TouchRankInList as usize] = FAR;
    blank[F::SecondsSinceTouch as usize] = FAR;
    blank[F::SinceFirstTouch as usize] = FAR;
    blank[F::TouchKind as usize] = NONE;
    blank[F::SinceOwnClick as usize] = FAR;
    blank[F::SearchesSinceTouch as usize] = FAR;
    blank
};
/// The features that all candidates share: those of the list and of the session as a whole stand together.
const SHARED: Range<usize> = F::Candidates as usize..F::Embedding as usize;

/// A list as the features see it.
pub(super) struct Listing<'a> {
    pub(super) surface: &'a str,
    /// Rows in incoming order.
    pub(super) rows: &'a [u32],
    /// Base scores.
    pub(super) base: &'a [i32],
    /// The parts of the linear blend; all 0 where the model does not know the candidate.
    pub(super) parts: &'a [Parts],
    /// Prices; empty where there are none.
    pub(super) prices: &'a [f64],
    pub(super) now_ms: i64,
}

/// The features of every candidate. O(events · (events + log items) + candidates · (events + log candidates)).
pub(super) fn features(model: &Model, session: Seen, list: &Listing) -> Vec<Features> {
    let mut out = vec![BLANK; list.rows.len()];
    let mut history = History::of(model, session, list, &mut out);
    history.describe(&mut out);
    describe_list(list, &mut history.shared, &mut out);
    describe_prices(list, &mut history, &mut out);
    describe_items(model, list.rows, &history.rows, &mut out);
    for out in &mut out {
        out[SHARED].copy_from_slice(&history.shared[SHARED]);
    }
    out
}

/// The session as one list sees it.
struct History {
    /// What all candidates share.
    shared: Features,
    /// The rows of the different items touched that the model knows.
    rows: Vec<u32>,
    /// Touches of the session.
    touches: i16,
    /// How many different candidates were touched.
    n_touched: i16,
    /// Slots of the candidate touched last, and of the one that the session's last click was on, if it was on one.
    last: Option<usize>,
    last_click: Option<usize>,
}

/// An item that events were with.
struct Met {
    hash: u64,
    row: Option<u32>,
    slot: Option<usize>,
    is_touched: bool,
}

impl History {
    /// Counts the events, the newest first, among the features of the candidates that they are with.
    fn of(model: &Model, session: Seen, list: &Listing, out: &mut [Features]) -> History {
        let ids = model.ids();
        let by_row = sorted(list.rows.iter().map(|&row| row as i32).zip(0..));
        // The first slot of a row: events are counted there, and copied where a candidate stands twice.
        let slot_of = |row: u32| {
            let place = by_row.partition_point(|known| known.0 < row as i32);
            let found = by_row.get(place).filter(|known| known.0 == row as i32 && row != UNKNOWN_ROW);
            found.map(|found| found.1 as usize)
        };
        let mut history =
            History { shared: BLANK, rows: Vec::new(), touches: 0, n_touched: 0, last: None, last_click: None };
        // Each item is looked up once.
        let mut met: Vec<Met> = Vec::new();
        for event in session.events().rev().filter(|event| !event.kind.is_aversion()) {
            let Some(item) = &event.item else {
                history.count_words(event.kind);
                continue;
            };
            let place = met.iter().position(|met| met.hash == item.hash).unwrap_or_else(|| {
                let row = ids.row(item.hash);
                met.push(Met { hash: item.hash, row, slot: row.and_then(slot_of), is_touched: false });
                met.len() - 1
            });
            let seconds = small((list.now_ms.saturating_sub(event.timestamp_ms)).max(0) / 1000);
            history.count(&mut met[place], event.kind, seconds, out);
        }
        for slot in 0..out.len() {
            if let Some(first) = slot_of(list.rows[slot]).filter(|&first| first < slot) {
                out[slot] = out[first];
            }
        }
        history
    }

    /// Counts an event without an item.
    fn count_words(&mut self, kind: EventKind) {
        if kind == EventKind::Search {
            let since = &mut self.shared[F::SinceSearch as usize];
            *since = self.touches.min(*since);
            self.shared[F::SessionSearches as usize] += 1;
        }
    }

    /// Counts an event with an item.
    fn count(&mut self, item: &mut Met, kind: EventKind, seconds: i16, out: &mut [Features]) {
        if kind == EventKind::Impression {
            if let Some(slot) = item.slot {
                out[slot][F::Seen as usize] += 1;
            }
            return;
        }
        if let Some(slot) = item.slot {
            self.count_own(&mut out[slot], slot, kind, seconds);
        }
        let shared = &mut self.shared;
        if self.touches == 0 {
            shared[F::SecondsSinceTouchOfAny as usize] = seconds;
            shared[F::LastKind as usize] = kind as i16;
        }
        shared[F::SessionSeconds as usize] = seconds;
        if !item.is_touched {
            item.is_touched = true;
            shared[F::SessionItems as usize] += 1;
            self.rows.extend(item.row);
        }
        if kind == EventKind::Click {
            shared[F::SinceClick as usize] = self.touches.min(shared[F::SinceClick as usize]);
            shared[F::SessionClicks as usize] += 1;
        }
        self.touches += 1;
    }

    /// Counts a touch of a candidate, before the session's own counts.
    fn count_own(&mut self, own: &mut Features, slot: usize, kind: EventKind, seconds: i16) {
        let shared = &self.shared;
        if own[F::Touches as usize] == 0 {
            own[F::SinceTouch as usize] = self.touches;
            own[F::TouchRank as usize] = shared[F::SessionItems as usize];
            own[F::TouchRankInList as usize] = self.n_touched;
            own[F::SecondsSinceTouch as usize] = seconds;
            own[F::TouchKind as usize] = kind as i16;
            own[F::SearchesSinceTouch as usize] = shared[F::SessionSearches as usize];
            self.n_touched += 1;
            self.last = self.last.or(Some(slot));
        }
        own[F::SinceFirstTouch as usize] = self.touches;
        own[F::Touches as usize] += 1;
        if let Some((_, counter)) = COUNTED.iter().find(|(counted, _)| *counted == kind) {
            own[*counter as usize] += 1;
        }
        if kind == EventKind::Click {
            own[F::SinceOwnClick as usize] = self.touches.min(own[F::SinceOwnClick as usize]);
            if shared[F::SessionClicks as usize] == 0 {
                self.last_click = Some(slot);
            }
        }
    }

    /// What follows from the counts.
    fn describe(&mut self, out: &mut [Features]) {
        let is_touched = |out: &Features| out[F::Touches as usize] > 0;
        let highest = out.iter().position(is_touched);
        let lowest = out.iter().rposition(is_touched);
        let n_seen = out.iter().filter(|out| out[F::Seen as usize] > 0).count();
        let mut touched_above = 0i64;
        self.shared[F::SeenShare as usize] = share(n_seen as i64, out.len() as i64);
        for (slot, out) in out.iter_mut().enumerate() {
            let below = |other: Option<usize>| other.map_or(FAR, |other| small(slot as i64 - other as i64));
            out[F::TouchShare as usize] = share(out[F::Touches as usize].into(), self.touches.into());
            out[F::BelowLast as usize] = below(self.last);
            out[F::BelowLastClick as usize] = below(self.last_click);
            out[F::BelowHighest as usize] = below(highest);
            out[F::BelowLowest as usize] = below(lowest);
            out[F::TouchedAbove as usize] = small(touched_above);
            out[F::UntouchedAbove as usize] = small(slot as i64 - touched_above);
            touched_above += i64::from(is_touched(out));
        }
        self.shared[F::TouchedCandidates as usize] = small(touched_above);
        self.shared[F::SessionTouches as usize] = self.touches;
    }
}

fn describe_list(list: &Listing, shared: &mut Features, out: &mut [Features]) {
    let best = |part: fn(&Parts) -> i32| list.parts.iter().map(part).max().unwrap_or(0);
    let (best_embedding, best_neighbors) = (best(|parts| parts.embedding), best(|parts| parts.neighbors));
    let surface = SURFACES.iter().position(|known| *known == list.surface);
    shared[F::Candidates as usize] = small(out.len() as i64);
    shared[F::Surface as usize] = surface.map_or(0, |place| place as i16 + 1);
    for (slot, out) in out.iter_mut().enumerate() {
        let parts = &list.parts[slot];
        let eighth = |score: i32| small(i64::from(score) >> 3);
        out[F::Position as usize] = small(slot as i64);
        out[F::BaseScore as usize] = eighth(list.base[slot]);
        out[F::Embedding as usize] = eighth(parts.embedding);
        out[F::EmbeddingGap as usize] = eighth(best_embedding - parts.embedding);
        out[F::Neighbors as usize] = eighth(parts.neighbors);
        out[F::NeighborsGap as usize] = eighth(best_neighbors - parts.neighbors);
    }
}

/// Prices against the list and against what the shopper has touched of it. Each is a ratio of two prices of one moment:
/// no feature holds a price.
fn describe_prices(list: &Listing, history: &mut History, out: &mut [Features]) {
    // 0 where it is not known.
    let prices = (0..out.len()).map(|slot| list.prices.get(slot).copied().unwrap_or(0.0));
    let prices = prices.map(|price| if price.is_finite() && price > 0.0 { price } else { 0.0 }).gather();
    let price = |slot: usize| prices.get(slot).copied().unwrap_or(0.0);
    let of_slot = |slot: Option<usize>| slot.map_or(0.0, price);
    // Positive numbers are in the order of their bits; single precision tells prices apart.
    let bits = |price: f64| (price as f32).to_bits() as i32;
    let sorted = sorted(prices.iter().filter(|&&price| price > 0.0).map(|&price| bits(price)).zip(0..));
    let at = |place: usize| sorted.get(place).map_or(0.0, |&(bits, _)| f64::from(f32::from_bits(bits as u32)));
    let (cheapest_of_all, median) = (at(0), at(sorted.len() / 2));
    let touched = prices.iter().zip(&*out).filter(|(price, out)| out[F::Touches as usize] > 0 && **price > 0.0);
    let (n_touched, sum) = touched.fold((0.0, 0.0), |(n, sum), (price, _)| (n + 1.0, sum + price));
    let ascending = prices.windows(2).filter(|pair| pair[1] >= pair[0]).count();
    let ascending = if sorted.is_empty() { NONE } else { share(ascending as i64, out.len() as i64 - 1) };
    history.shared[F::AscendingPrices as usize] = ascending;
    let mut cheapest = f64::INFINITY;
    for (slot, out) in out.iter_mut().enumerate() {
        let own = prices[slot];
        if own > 0.0 {
            cheapest = cheapest.min(own);
        }
        let rank = sorted.partition_point(|other| other.0 < bits(own)) as i64;
        out[F::PriceRank as usize] = if own > 0.0 { share(rank, sorted.len() as i64) } else { NONE };
        for (feature, other) in [
            (F::PriceOfMedian, median),
            // Not a number where none was touched.
            (F::PriceOfTouched, sum / n_touched),
            (F::PriceOfLast, of_slot(history.last)),
            (F::PriceOfLastClick, of_slot(history.last_click)),
            (F::PriceOfAbove, of_slot(slot.checked_sub(1))),
            (F::PriceOfBelow, price(slot + 1)),
            (F::PriceOfCheapestAbove, cheapest),
            (F::PriceOfCheapest, cheapest_of_all),
        ] {
            // Saturates; exact IEEE steps, the same on every machine.
            let ratio = (own / other * WHOLE as f64) as i16;
            out[feature as usize] = if own > 0.0 && other > 0.0 { ratio } else { NONE };
        }
    }
}

/// What the model's attributes say of the candidates, some of it against the items touched.
fn describe_items(model: &Model, rows: &[u32], touched: &[u32], out: &mut [Features]) {
    let Some(attributes) = model.attributes() else { return };
    // The value, what it has over the mean, and the share of the items touched that have the same.
    for (name, own, gain, alike) in [
        (POPULARITY, Some(F::Popularity), Some(F::PopularityGain), None),
        (CLICK_RATE, Some(F::ClickRate), Some(F::ClickRateGain), None),
        (AGE_DAYS, Some(F::AgeDays), None, None),
        (PRICE_BAND, Some(F::PriceBand), None, Some(F::PriceBandShare)),
        (BRAND, None, None, Some(F::BrandShare)),
        (CATEGORY, None, None, Some(F::CategoryShare)),
    ] {
        let Some(column) = attributes.column(name) else { continue };
        let value = |row: u32| if row == UNKNOWN_ROW { 0 } else { column.value(row) };
        let sum: i64 = rows.iter().filter(|_| gain.is_some()).map(|&row| i64::from(value(row))).sum();
        let mean = sum / rows.len().max(1) as i64;
        for (out, value) in out.iter_mut().zip(rows.iter().map(|&row| value(row))) {
            if let Some(own) = own {
                out[own as usize] = small(value.into());
            }
            if let Some(gain) = gain {
                out[gain as usize] = small(i64::from(value) - mean);
            }
            if let Some(alike) = alike.filter(|_| value != 0) {
                let n_alike = touched.iter().filter(|&&other| column.value(other) == value).count();
                out[alike as usize] = share(n_alike as i64, touched.len() as i64);
            }
        }
    }
}

/// A share in 1/256; 0 of nothing.
fn share(part: i64, whole: i64) -> i16 {
    if whole > 0 { (part * WHOLE / whole) as i16 } else { 0 }
}

/// Bounds a number, within what is neither [`NONE`] nor [`FAR`].
fn small(value: i64) -> i16 {
    value.clamp(i64::from(NONE) + 1, i64::from(FAR) - 1) as i16
}
