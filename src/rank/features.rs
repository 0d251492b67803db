//! What is known of the candidates of a list, in whole numbers: the input of the learned ranker.

use alloc::vec;
use alloc::vec::Vec;

use super::UNKNOWN_ROW;
use super::score::Parts;
use crate::format::attributes::{AGE_DAYS, BRAND, CATEGORY, CLICK_RATE, POPULARITY, PRICE_BAND};
use crate::format::features::{FAR, Feature, N_FEATURES, NONE};
use crate::kernels::sorted;
use crate::lists::{Gather, has};
use crate::model::Model;
use crate::session::{EventKind, Seen};

/// The features of one candidate, by number.
pub type Features = [i16; N_FEATURES];

/// The usual surfaces; the number of one is its place here, from 1.
const SURFACES: [&str; 5] = ["search", "category", "product", "cart", "home"];
/// One, in shares and ratios.
const WHOLE: i64 = 256;

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
    let mut out = vec![[0; N_FEATURES]; list.rows.len()];
    let history = History::of(model, session, list);
    history.describe(&mut out);
    describe_list(list, &mut out);
    describe_prices(list, &history, &mut out);
    describe_items(model, list.rows, &history, &mut out);
    out
}

/// What the session holds about one candidate.
#[derive(Clone, Copy)]
struct Own {
    /// The touch features, by what they are called there.
    since_touch: i16,
    rank: i16,
    rank_in_list: i16,
    seconds: i16,
    since_first: i16,
    touches: i16,
    by_kind: [i16; EventKind::N_WEIGHED],
    kind: i16,
    since_click: i16,
    searches: i16,
    seen: i16,
}

const NEVER: Own = Own {
    since_touch: FAR,
    rank: FAR,
    rank_in_list: FAR,
    seconds: FAR,
    since_first: FAR,
    touches: 0,
    by_kind: [0; EventKind::N_WEIGHED],
    kind: NONE,
    since_click: FAR,
    searches: FAR,
    seen: 0,
};

/// The session as one list sees it.
struct History {
    own: Vec<Own>,
    /// Hashes of the different items touched, newest first.
    items: Vec<u64>,
    /// The rows of those that the model knows.
    rows: Vec<u32>,
    touches: i16,
    clicks: i16,
    searches: i16,
    since_search: i16,
    since_click: i16,
    last_kind: i16,
    newest_seconds: i16,
    oldest_seconds: i16,
    /// Slots of the candidates touched last and clicked last.
    last: Option<usize>,
    last_click: Option<usize>,
}

impl History {
    fn of(model: &Model, session: Seen, list: &Listing) -> History {
        let ids = model.ids();
        let n = list.rows.len();
        let by_row = sorted(list.rows.iter().map(|&row| row as i32).zip(0..));
        // The first slot of a row: events are counted there, and copied where a candidate stands twice.
        let slot_of = |row: u32| {
            let place = by_row.partition_point(|known| known.0 < row as i32);
            let found = by_row.get(place).filter(|known| known.0 == row as i32 && row != UNKNOWN_ROW);
            found.map(|found| found.1 as usize)
        };
        let mut history = History {
            own: vec![NEVER; n],
            items: Vec::new(),
            rows: Vec::new(),
            touches: 0,
            clicks: 0,
            searches: 0,
            since_search: FAR,
            since_click: FAR,
            last_kind: NONE,
            newest_seconds: FAR,
            oldest_seconds: 0,
            last: None,
            last_click: None,
        };
        // Rows of the different items met, so that each is looked up once.
        let mut known: Vec<(u64, Option<usize>)> = Vec::new();
        let mut ranks_in_list = 0;
        for event in session.events().rev().filter(|event| !event.kind.is_aversion()) {
            let seconds = small((list.now_ms.saturating_sub(event.timestamp_ms)).max(0) / 1000);
            let Some(item) = &event.item else {
                if event.kind != EventKind::Search {
                    continue;
                }
                if history.searches == 0 {
                    history.since_search = history.touches;
                }
                history.searches += 1;
                continue;
            };
            let is_shown = event.kind == EventKind::Impression;
            let met = known.iter().find(|(hash, _)| *hash == item.hash).map(|&(_, slot)| slot);
            let slot = met.unwrap_or_else(|| {
                let row = ids.row(item.hash);
                let slot = row.and_then(slot_of);
                known.push((item.hash, slot));
                slot
            });
            if is_shown {
                if let Some(slot) = slot {
                    history.own[slot].seen += 1;
                }
                continue;
            }
            if history.touches == 0 {
                history.newest_seconds = seconds;
                history.last_kind = event.kind as i16;
            }
            history.oldest_seconds = seconds;
            let rank = history.items.len() as i16;
            if !has(&history.items, &item.hash) {
                history.items.push(item.hash);
                history.rows.extend(ids.row(item.hash));
            }
            if let Some(slot) = slot {
                let own = &mut history.own[slot];
                if own.touches == 0 {
                    own.since_touch = history.touches;
                    own.rank = rank;
                    own.rank_in_list = ranks_in_list;
                    own.seconds = seconds;
                    own.kind = event.kind as i16;
                    own.searches = history.searches;
                    ranks_in_list += 1;
                    history.last = history.last.or(Some(slot));
                }
                own.since_first = history.touches;
                own.touches += 1;
                own.by_kind[event.kind as usize] += 1;
                if event.kind == EventKind::Click {
                    own.since_click = own.since_click.min(history.touches);
                    if history.clicks == 0 {
                        history.last_click = Some(slot);
                    }
                }
            }
            if event.kind == EventKind::Click {
                if history.clicks == 0 {
                    history.since_click = history.touches;
                }
                history.clicks += 1;
            }
            history.touches += 1;
        }
        for slot in 0..n {
            if let Some(first) = slot_of(list.rows[slot]) {
                history.own[slot] = history.own[first];
            }
        }
        history
    }

    fn describe(&self, out: &mut [Features]) {
        let is_touched = |slot: &usize| self.own[*slot].touches > 0;
        let n = out.len();
        let highest = (0..n).find(is_touched);
        let lowest = (0..n).rfind(is_touched);
        let n_touched = (0..n).filter(is_touched).count() as i16;
        let seen = share(self.own.iter().filter(|own| own.seen > 0).count() as i64, n as i64);
        let mut touched_above = 0;
        for (slot, (out, own)) in out.iter_mut().zip(&self.own).enumerate() {
            use Feature as F;
            let below = |other: Option<usize>| other.map_or(FAR, |other| small(slot as i64 - other as i64));
            let by_kind = |kind: EventKind| own.by_kind[kind as usize];
            set(out, F::TouchedCandidates, n_touched);
            set(out, F::SeenShare, seen);
            set(out, F::SessionTouches, self.touches);
            set(out, F::SessionItems, self.items.len() as i16);
            set(out, F::SessionClicks, self.clicks);
            set(out, F::SessionSearches, self.searches);
            set(out, F::SessionSeconds, self.oldest_seconds);
            set(out, F::SecondsSinceTouchOfAny, self.newest_seconds);
            set(out, F::SinceSearch, self.since_search);
            set(out, F::SinceClick, self.since_click);
            set(out, F::LastKind, self.last_kind);
            set(out, F::SinceTouch, own.since_touch);
            set(out, F::TouchRank, own.rank);
            set(out, F::TouchRankInList, own.rank_in_list);
            set(out, F::SecondsSinceTouch, own.seconds);
            set(out, F::SinceFirstTouch, own.since_first);
            set(out, F::Touches, own.touches);
            set(out, F::TouchShare, share(own.touches.into(), self.touches.into()));
            set(out, F::Views, by_kind(EventKind::View));
            set(out, F::Clicks, by_kind(EventKind::Click));
            set(out, F::AddsToCart, by_kind(EventKind::AddToCart));
            set(out, F::Wishlists, by_kind(EventKind::Wishlist));
            set(out, F::Purchases, by_kind(EventKind::Purchase));
            set(out, F::TouchKind, own.kind);
            set(out, F::SinceOwnClick, own.since_click);
            set(out, F::SearchesSinceTouch, own.searches);
            set(out, F::Seen, own.seen);
            set(out, F::BelowLast, below(self.last));
            set(out, F::BelowLastClick, below(self.last_click));
            set(out, F::BelowHighest, below(highest));
            set(out, F::BelowLowest, below(lowest));
            set(out, F::TouchedAbove, touched_above);
            set(out, F::UntouchedAbove, small(slot as i64 - i64::from(touched_above)));
            touched_above += i16::from(own.touches > 0);
        }
    }
}

fn describe_list(list: &Listing, out: &mut [Features]) {
    use Feature as F;
    let n = small(out.len() as i64);
    let best = |part: fn(&Parts) -> i32| list.parts.iter().map(part).max().unwrap_or(0);
    let (best_embedding, best_neighbors) = (best(|parts| parts.embedding), best(|parts| parts.neighbors));
    let surface = SURFACES.iter().position(|known| *known == list.surface).map_or(0, |place| place as i16 + 1);
    for (slot, out) in out.iter_mut().enumerate() {
        let parts = &list.parts[slot];
        let eighth = |score: i32| small(i64::from(score) >> 3);
        set(out, F::Position, small(slot as i64));
        set(out, F::BaseScore, eighth(list.base[slot]));
        set(out, F::Candidates, n);
        set(out, F::Surface, surface);
        set(out, F::Embedding, eighth(parts.embedding));
        set(out, F::EmbeddingGap, eighth(best_embedding - parts.embedding));
        set(out, F::Neighbors, eighth(parts.neighbors));
        set(out, F::NeighborsGap, eighth(best_neighbors - parts.neighbors));
    }
}

/// Prices against the list and against what the shopper has touched of it. Each is a ratio of two prices of one moment:
/// no feature holds a price.
fn describe_prices(list: &Listing, history: &History, out: &mut [Features]) {
    use Feature as F;
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
    let touched = prices.iter().zip(&history.own).filter(|(price, own)| own.touches > 0 && **price > 0.0);
    let (n_touched, sum) = touched.fold((0.0, 0.0), |(n, sum), (price, _)| (n + 1.0, sum + price));
    let ascending = prices.windows(2).filter(|pair| pair[1] >= pair[0]).count();
    let ascending = if sorted.is_empty() { NONE } else { share(ascending as i64, out.len() as i64 - 1) };
    let mut cheapest = f64::INFINITY;
    for (slot, out) in out.iter_mut().enumerate() {
        let own = prices[slot];
        if own > 0.0 {
            cheapest = cheapest.min(own);
        }
        let rank = sorted.partition_point(|other| other.0 < bits(own)) as i64;
        set(out, F::AscendingPrices, ascending);
        set(out, F::PriceRank, if own > 0.0 { share(rank, sorted.len() as i64) } else { NONE });
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
            set(out, feature, if own > 0.0 && other > 0.0 { ratio } else { NONE });
        }
    }
}

/// What the model's attributes say of the candidates, some of it against the items touched.
fn describe_items(model: &Model, rows: &[u32], history: &History, out: &mut [Features]) {
    use Feature as F;
    let Some(attributes) = model.attributes() else { return };
    let touched = history.rows.len() as i64;
    for (name, feature, gain) in [
        (POPULARITY, F::Popularity, Some(F::PopularityGain)),
        (CLICK_RATE, F::ClickRate, Some(F::ClickRateGain)),
        (AGE_DAYS, F::AgeDays, None),
        (PRICE_BAND, F::PriceBand, None),
    ] {
        let Some(column) = attributes.column(name) else { continue };
        let value = |row: u32| if row == UNKNOWN_ROW { 0 } else { i64::from(column.value(row)) };
        let sum: i64 = rows.iter().map(|&row| value(row)).sum();
        for (out, &row) in out.iter_mut().zip(rows) {
            out[feature as usize] = small(value(row));
            if let Some(gain) = gain {
                out[gain as usize] = small(value(row) - sum / rows.len() as i64);
            }
        }
    }
    for (name, feature) in [(BRAND, F::BrandShare), (CATEGORY, F::CategoryShare), (PRICE_BAND, F::PriceBandShare)] {
        let Some(column) = attributes.column(name) else { continue };
        for (out, &row) in out.iter_mut().zip(rows).filter(|(_, row)| **row != UNKNOWN_ROW) {
            let value = column.value(row);
            let alike = history.rows.iter().filter(|&&other| value != 0 && column.value(other) == value).count();
            out[feature as usize] = share(alike as i64, touched);
        }
    }
}

/// Always in place: the number of the feature is known there, and nothing is left of this but the writing.
#[inline(always)]
fn set(out: &mut Features, feature: Feature, value: i16) {
    out[feature as usize] = value;
}

/// A share in 1/256; 0 of nothing.
fn share(part: i64, whole: i64) -> i16 {
    if whole > 0 { (part * WHOLE / whole) as i16 } else { 0 }
}

/// Bounds a number, within what is neither [`NONE`] nor [`FAR`].
fn small(value: i64) -> i16 {
    value.clamp(i64::from(NONE) + 1, i64::from(FAR) - 1) as i16
}
