//! No text is a token that makes the reader panic, and no history leaves a session that cannot be asked, written and read.
//!
//! Almost every mutation breaks the checksum, so the bytes are tried twice: as they are, and sealed. The same bytes are
//! also taken for a history: what enters, what is deleted again, and what comes out.

#![no_main]

use std::sync::LazyLock;

use base64ct::{Base64UrlUnpadded, Encoding};
use libfuzzer_sys::fuzz_target;
use reshelve::model::Model;
use reshelve::rank::{Page, RecommendRequest, RerankRequest, Scratch, recommend, rerank};
use reshelve::session::{Event, EventKind, ItemKey, Session, token};
use twox_hash::XxHash64;

/// The time at which everything is asked, milliseconds since the Unix epoch.
const NOW_MS: i64 = 1_780_000_000_000;
/// Bytes of an event: kind, item, whether it is deleted, and time.
const EVENT_LEN: usize = 8;
/// Most bytes that are looked at: few events, to try many inputs.
const MOST_BYTES: usize = EVENT_LEN * 32;
/// Candidates asked about: few enough to try many inputs.
const MOST_ROWS: u32 = 8;

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let bytes = include_bytes!("../../tests/golden/ruled.shelf");
    Model::from_bytes(bytes.to_vec()).expect("golden models are sound")
});

fuzz_target!(|bytes: &[u8]| {
    let bytes = &bytes[..bytes.len().min(MOST_BYTES)];
    if let Ok(text) = str::from_utf8(bytes) {
        read(text);
    }
    let mut sealed = bytes.to_vec();
    if let Some((seal, content)) = sealed.split_at_mut_checked(5) {
        seal[0] = 2;
        seal[1..].copy_from_slice(&(XxHash64::oneshot(0, content) as u32).to_le_bytes());
        read(&Base64UrlUnpadded::encode_string(&sealed));
    }
    live(bytes);
});

/// Reads a token, whatever it is.
fn read(text: &str) {
    let (session, lost) = token::decode(&MODEL, text, NOW_MS, u64::MAX);
    assert!(!session.is_empty() || lost.is_some() || text.len() <= 12, "nothing was lost, and nothing is there");
    assert!(session.events().len() <= token::MAX_TOKEN_EVENTS);
    ask(&session);
}

/// Lives through a history.
fn live(bytes: &[u8]) {
    let mut session = Session::default();
    for event in bytes.as_chunks::<EVENT_LEN>().0 {
        let [kind, item, deletes, time @ ..] = *event;
        let Some(kind) = EventKind::from_number(kind % EventKind::COUNT as u8) else { continue };
        let seconds = i64::from(u16::from_le_bytes([time[0], time[1]]));
        let timestamp_ms = if time[2] == 255 { i64::MIN + seconds } else { NOW_MS - seconds * 10_000 };
        let item = kind.has_item().then(|| ItemKey::new(format!("item-{item:03}")));
        let query = (!kind.has_item() || time[3] % 2 == 1).then(|| "for_whom/kids".to_owned());
        let event = Event { kind, timestamp_ms, item, query, quantity: 1, gift: time[4] % 4 == 0 };
        let before = session.events().len();
        match session.record(&MODEL, event) {
            Ok(id) if deletes % 8 == 0 => assert!(session.forget(id)),
            Ok(_) => {}
            Err(_) => assert_eq!(session.events().len(), before),
        }
    }
    assert!(
        session
            .events()
            .all(|event| event.kind == EventKind::Answer || event.query.as_deref().is_none_or(str::is_empty))
    );
    let text = token::encode(&MODEL, &session);
    assert!(text.len() <= token::MAX_TOKEN_LEN);
    let (told, _) = token::decode(&MODEL, &text, NOW_MS, u64::MAX);
    let known = told.events().all(|event| event.item.as_ref().is_some_and(|item| MODEL.row(&item.id).is_some()));
    assert!(known, "what is not known is left out");
    ask(&session);
}

/// Asks for everything that a session has a say in.
fn ask(session: &Session) {
    let mut scratch = Scratch::default();
    let rows: Vec<u32> = (0..MOST_ROWS).collect();
    let request =
        RerankRequest { page: Page { surface: "search", ..Page::at(NOW_MS) }, rows: &rows, ..RerankRequest::default() };
    let ranking = rerank(&MODEL, session, &request, true, &mut scratch).expect("the request is sound");
    assert_eq!(ranking.placed.len(), rows.len());
    let request = RecommendRequest {
        page: Page { surface: "home", ..Page::at(NOW_MS) },
        limit: 3,
        ..RecommendRequest::default()
    };
    recommend(&MODEL, session, &request, true, &mut scratch).expect("the request is sound");
}
