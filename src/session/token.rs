//! The session as a short text for a first-party cookie: hashes of the items that say most, what was done and how long
//! ago.
//!
//! A token names items by hash, so it outlives a rebuild of the model; it holds no id of the shopper. Layout before
//! base64url: version (1 byte), checksum (4 bytes: the lower half of the XXH64 of all that follows, seed 0), time in
//! minutes since the Unix epoch (4 bytes), then per event, the newest first, the item's hash (8 bytes) and a 16-bit
//! number: kind in the upper 4 bits, age in the lower 12, as `encode_age` packs it. All little-endian.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use twox_hash::XxHash64;

use super::profile::weight;
use super::{Event, EventKind, Lens, Session, TurnedDown, base64};
use crate::kernels::Top;
use crate::lists::Gather;
use crate::model::Model;

/// Most events in a token.
pub const MAX_TOKEN_EVENTS: usize = 8;
/// Longest token, in characters.
pub const MAX_TOKEN_LEN: usize = 120;
/// Age at which a token is no longer read, unless another is asked for: 30 days.
pub const MAX_AGE_MS: u64 = 30 * 24 * 60 * MINUTE_MS as u64;
const VERSION: u8 = 2;
/// Version and checksum.
const SEAL_LEN: usize = 5;
const EVENT_LEN: usize = 10;
const MINUTE_MS: i64 = 60_000;

/// Why a token, or a part of it, was not taken over. The numbers are known to JavaScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It is longer than a token can be, not base64url, cut off, or changed.
    Damaged = 1,
    /// It was written by a release whose tokens this one does not read.
    Version,
    /// Its newest event is too old, or as far in the future.
    Expired,
    /// The model does not know the item.
    Foreign,
    /// The model marks the item as sensitive.
    Sensitive,
}

impl Lost {
    /// The reason's name in the JavaScript API and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Lost::Damaged => "damaged",
            Lost::Version => "version",
            Lost::Expired => "expired",
            Lost::Foreign => "foreign",
            Lost::Sensitive => "sensitive",
        }
    }
}

/// Writes the events that say most, each item once: those of the greatest weight by kind and age, as the model weighs
/// them and aversions like its weightiest kind, the newest of equals. Of an item that is not wanted that is what is told.
/// What a newer event undoes is left out (a cart that the item left or was bought from, a purchase that was sent back),
/// and so are impressions, words, and what was done for a gift. Ages count from the newest event, are kept to the minute up to 17 hours, and to 3 % beyond. O(events²).
pub fn encode(model: &Model, session: &Session) -> String {
    let newest_first = session.as_seen(Lens::default()).events().rev().filter(|event| is_told(event.kind));
    let newest_first: Vec<(&Event, u64)> =
        newest_first.filter_map(|event| Some((event, event.item.as_ref()?.hash))).gather();
    let newest_ms = newest_first.first().map_or(0, |(event, _)| event.timestamp_ms);
    let mut strongest = Top::new(newest_first.len());
    for (place, (event, hash)) in newest_first.iter().enumerate() {
        let mut others = newest_first.iter().enumerate().filter(|(_, (_, of))| of == hash);
        if !others.any(|(other, (by, _))| overrules(by.kind, event.kind, other < place)) {
            let age_ms = newest_ms.saturating_sub(event.timestamp_ms);
            strongest.offer(weight(&model.metadata().decay, event.kind, age_ms).into(), place as u32);
        }
    }
    let mut told: Vec<(u64, u32)> = Vec::new();
    for (_, place) in strongest.into_sorted() {
        let hash = newest_first[place as usize].1;
        if told.len() < MAX_TOKEN_EVENTS && told.iter().all(|&(other, _)| other != hash) {
            told.push((hash, place));
        }
    }
    let told = newest_first.iter().zip(0..).filter(|&(&(_, hash), place)| told.contains(&(hash, place)));
    let told = told.map(|((event, hash), _)| (to_minutes(event.timestamp_ms), event.kind, hash)).gather();
    let newest_minutes = told.first().map_or(0, |&(minutes, ..)| minutes);
    let mut bytes = vec![VERSION, 0, 0, 0, 0];
    bytes.extend(newest_minutes.to_le_bytes());
    for (minutes, kind, hash) in told {
        bytes.extend(hash.to_le_bytes());
        bytes.extend(((kind as u16) << 12 | encode_age(newest_minutes - minutes)).to_le_bytes());
    }
    let checksum = checksum(&bytes[SEAL_LEN..]);
    bytes[1..SEAL_LEN].copy_from_slice(&checksum);
    base64::encode(&bytes)
}

/// Reads a token, whatever text it is, and says why something of it was lost, the first reason if there are more: the
/// session is empty where nothing is left. `max_age_ms`: how old its newest event may be.
pub fn decode(model: &Model, token: &str, now_ms: i64, max_age_ms: u64) -> (Session, Option<Lost>) {
    read(model, token, now_ms, max_age_ms).unwrap_or_else(|lost| (Session::default(), Some(lost)))
}

/// A part may be lost (`Ok`), or all of it (`Err`).
fn read(model: &Model, token: &str, now_ms: i64, max_age_ms: u64) -> Result<(Session, Option<Lost>), Lost> {
    let bytes =
        Some(token).filter(|token| token.len() <= MAX_TOKEN_LEN).and_then(base64::decode).ok_or(Lost::Damaged)?;
    match bytes.first() {
        Some(&VERSION) => {}
        Some(_) => return Err(Lost::Version),
        None => return Err(Lost::Damaged),
    }
    let (seal, content) = bytes.split_at_checked(SEAL_LEN).ok_or(Lost::Damaged)?;
    let (minutes, events) = content.split_first_chunk().ok_or(Lost::Damaged)?;
    let (events, []) = events.as_chunks::<EVENT_LEN>() else { return Err(Lost::Damaged) };
    if seal[1..] != checksum(content) {
        return Err(Lost::Damaged);
    }
    let now_minutes = u32::from_le_bytes(*minutes);
    if !events.is_empty() && (i64::from(now_minutes) * MINUTE_MS).abs_diff(now_ms) > max_age_ms {
        return Err(Lost::Expired);
    }
    let (mut session, mut lost) = (Session::default(), None);
    // Oldest first: events of one minute keep their order by order of arrival.
    for event in events.iter().rev() {
        let (hash, kind, timestamp_ms) = decode_event(event, now_minutes).ok_or(Lost::Damaged)?;
        let why = match model.ids().row(hash) {
            Some(row) => match session.record(model, Event::new(kind, model.ids().id(row), timestamp_ms)) {
                Err(TurnedDown::Sensitive) => Some(Lost::Sensitive),
                _ => None,
            },
            None => Some(Lost::Foreign),
        };
        lost = lost.or(why);
    }
    Ok((session, lost))
}

fn decode_event(bytes: &[u8; EVENT_LEN], now_minutes: u32) -> Option<(u64, EventKind, i64)> {
    let (hash, rest) = bytes.split_first_chunk()?;
    let packed = u16::from_le_bytes(rest.try_into().ok()?);
    let kind = EventKind::from_number((packed >> 12) as u8).filter(|&kind| is_told(kind) && kind.has_item())?;
    let minutes = i64::from(now_minutes) - i64::from(decode_age(packed & 0xfff));
    Some((u64::from_le_bytes(*hash), kind, minutes * MINUTE_MS))
}

/// Whether tokens have events of this kind, with an item.
fn is_told(kind: EventKind) -> bool {
    kind != EventKind::Impression
}

/// Whether an event says that another with the same item no longer counts.
fn overrules(kind: EventKind, of: EventKind, is_newer: bool) -> bool {
    use EventKind::{AddToCart, Purchase, RemoveFromCart, Return};
    match (kind, of) {
        (RemoveFromCart | Purchase, AddToCart) | (Return, Purchase) => is_newer,
        _ => kind.is_aversion() && !of.is_aversion(),
    }
}

fn checksum(content: &[u8]) -> [u8; 4] {
    (XxHash64::oneshot(0, content) as u32).to_le_bytes()
}

fn to_minutes(timestamp_ms: i64) -> u32 {
    (timestamp_ms / MINUTE_MS).clamp(0, i64::from(u32::MAX)) as u32
}

/// Packs minutes into 12 bits: up to 1,023 as they are, beyond as a float of 5 bits exponent and 5 bits mantissa.
fn encode_age(minutes: u32) -> u16 {
    if minutes < 1024 {
        return minutes as u16;
    }
    let exponent = 31 - minutes.leading_zeros();
    let mantissa = minutes >> (exponent - 5) & 0x1f;
    (1024 + (exponent - 10) * 32 + mantissa) as u16
}

/// What [`encode_age`] packed, rounded down.
fn decode_age(packed: u16) -> u32 {
    let packed = u32::from(packed);
    if packed < 1024 {
        return packed;
    }
    let exponent = (10 + (packed - 1024) / 32).min(31);
    (32 + (packed - 1024) % 32) << (exponent - 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_come_back() {
        for minutes in (0..5000).chain([100_000, 1 << 20, u32::MAX]) {
            let decoded = decode_age(encode_age(minutes));
            assert!(decoded <= minutes && f64::from(minutes - decoded) <= f64::from(minutes) * 0.032);
            assert!(minutes >= 1024 || decoded == minutes);
            assert!(encode_age(minutes) < 1 << 12);
        }
    }
}
