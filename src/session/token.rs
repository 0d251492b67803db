//! The session as a short text for a first-party cookie: hashes of the newest items, what was done and how long ago.
//!
//! A token names items by hash, so it outlives a rebuild of the model; it holds no id of the shopper. Layout before
//! base64url: version (1 byte), time in minutes since the Unix epoch (4 bytes, little-endian), then per event the item's
//! hash (8 bytes, little-endian) and a 16-bit number: kind in the upper 4 bits, age in the lower 12, as
//! `encode_age` packs it.

use base64ct::{Base64UrlUnpadded, Encoding};

use super::{Event, EventKind, ItemKey, Lens, Session};

/// Most events in a token.
pub const MAX_TOKEN_EVENTS: usize = 8;
/// Longest token, in characters.
pub const MAX_TOKEN_LEN: usize = 120;
const VERSION: u8 = 1;
const HEADER_LEN: usize = 5;
const EVENT_LEN: usize = 10;
const MINUTE_MS: i64 = 60_000;

/// Why a text is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than a token can be, not base64url, or cut off.
    #[error("the token is damaged; start with an empty session")]
    Damaged,
    /// Written by a release whose tokens this one does not read.
    #[error("the token has version {found}; start with an empty session")]
    Version {
        /// The version it states.
        found: u8,
    },
}

/// Writes the newest item events of a session, impressions and what was done for a gift left out. Ages are kept to the minute up to 17 hours, and
/// to 3 % beyond.
pub fn encode(session: &Session) -> String {
    let newest_first =
        session.as_seen(Lens::default()).events().rev().filter(|event| event.kind != EventKind::Impression);
    let with_items = newest_first.filter_map(|event| Some((event, event.item.as_ref()?)));
    let newest: Vec<(&Event, &ItemKey)> = with_items.take(MAX_TOKEN_EVENTS).collect();
    let now_minutes = newest.first().map_or(0, |(event, _)| to_minutes(event.timestamp_ms));
    let mut bytes = vec![VERSION];
    bytes.extend(now_minutes.to_le_bytes());
    for (event, item) in newest {
        let age = encode_age(now_minutes - to_minutes(event.timestamp_ms));
        bytes.extend(item.hash.to_le_bytes());
        bytes.extend(((event.kind as u16) << 12 | age).to_le_bytes());
    }
    // Not `encode_string`, which would bring the formatting of errors into the WebAssembly.
    let mut text = [0; MAX_TOKEN_LEN];
    let Ok(text) = Base64UrlUnpadded::encode(&bytes, &mut text) else { unreachable!("eight events fit a token") };
    text.to_owned()
}

/// Reads a token back into a session, whatever text it is.
///
/// # Errors
///
/// [`TokenError`].
pub fn decode(token: &str) -> Result<Session, TokenError> {
    if token.len() > MAX_TOKEN_LEN {
        return Err(TokenError::Damaged);
    }
    let bytes = Base64UrlUnpadded::decode_vec(token).map_err(|_| TokenError::Damaged)?;
    match bytes.first() {
        Some(&VERSION) => {}
        Some(&found) => return Err(TokenError::Version { found }),
        None => return Err(TokenError::Damaged),
    }
    let (header, events) = bytes.split_at_checked(HEADER_LEN).ok_or(TokenError::Damaged)?;
    let now_minutes = u32::from_le_bytes(header[1..].try_into().expect("a header has four bytes behind the version"));
    let (events, []) = events.as_chunks::<EVENT_LEN>() else { return Err(TokenError::Damaged) };
    // Oldest first: events of one minute keep their order by order of arrival.
    events.iter().rev().map(|event| decode_event(event, now_minutes)).collect()
}

fn decode_event(bytes: &[u8; EVENT_LEN], now_minutes: u32) -> Result<Event, TokenError> {
    let (hash, rest) = bytes.split_first_chunk().expect("an event begins with eight bytes of hash");
    let packed = u16::from_le_bytes(rest.try_into().expect("an event ends with two bytes"));
    let kind = EventKind::from_number((packed >> 12) as u8).ok_or(TokenError::Damaged)?;
    let minutes = i64::from(now_minutes) - i64::from(decode_age(packed & 0xfff));
    let item = Some(ItemKey::from_hash(u64::from_le_bytes(*hash)));
    Ok(Event { kind, timestamp_ms: minutes * MINUTE_MS, item, query: None, quantity: 1, gift: false })
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn eight_events_fit() {
        let session: Session = (0..20).map(|n| Event::new(EventKind::View, format!("item {n}"), n * 90_000)).collect();
        let token = encode(&session);
        assert!(token.len() <= MAX_TOKEN_LEN, "{} characters", token.len());
        let decoded = decode(&token).unwrap();
        let hashes = |session: &Session, skip| {
            session.events().skip(skip).map(|event| event.item.as_ref().unwrap().hash).collect::<Vec<_>>()
        };
        assert_eq!(hashes(&decoded, 0), hashes(&session, 12));
        assert_eq!(encode(&decoded), token);
    }

    #[test]
    fn ages_come_back() {
        for minutes in (0..5000).chain([100_000, 1 << 20, u32::MAX]) {
            let decoded = decode_age(encode_age(minutes));
            assert!(decoded <= minutes && f64::from(minutes - decoded) <= f64::from(minutes) * 0.032);
            assert!(minutes >= 1024 || decoded == minutes);
            assert!(encode_age(minutes) < 1 << 12);
        }
    }

    #[test]
    fn foreign_texts_are_refused() {
        for text in ["", "AQ", "?", "AQAAAAAA", "🦀", &"A".repeat(121)] {
            assert_eq!(decode(text).unwrap_err(), TokenError::Damaged, "{text:?}");
        }
        assert_eq!(decode("AgAAAAA").unwrap_err(), TokenError::Version { found: 2 });
        assert!(decode("AQAAAAA").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100), text in ".{0,130}") {
            let _ = decode(&Base64UrlUnpadded::encode_string(&bytes));
            let _ = decode(&text);
        }
    }
}
