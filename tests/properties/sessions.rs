//! What a session keeps, and what it never keeps. The rules of admission are read here once more.

use proptest::prelude::*;
use reshelve::model::Model;
use reshelve::rank::{Basis, Page, Reason, RecommendRequest, RerankRequest, Scratch, Share, recommend, rerank};
use reshelve::replay::State;
use reshelve::session::token::{self, Lost};
use reshelve::session::{Event, EventKind, Lens, MAX_EVENTS, MAX_IMPRESSIONS, Profile, Session, affinities};

use super::models::{N_ITEMS, NOW, event, events, item_id, model_bytes, rows, session, share};

/// Histories with repeats: of some events there is another one nearby in time, with or without something changed.
pub(crate) fn history() -> impl Strategy<Value = Vec<Event>> {
    let again = (event(), prop::option::of((-40_000..40_000i64, 0..4)));
    prop::collection::vec(again, 1..40).prop_map(|events| {
        let mut history: Vec<Event> = Vec::new();
        for (other, again) in events {
            let Some((later_ms, change)) = again.filter(|_| !history.is_empty()) else {
                history.push(other);
                continue;
            };
            let mut event = history[history.len() / 2].clone();
            event.timestamp_ms = event.timestamp_ms.saturating_add(later_ms);
            event.gift ^= change == 1;
            if change == 2 && event.kind.has_item() == other.kind.has_item() {
                event.kind = other.kind;
            }
            history.push(event);
        }
        history
    })
}

/// Whether an event within half a minute of one that is held is taken for the same.
pub(crate) fn is_repeat(held: &Event, event: &Event) -> bool {
    use EventKind::{Click, LessLikeThis, NotInterested, Purchase, Return, Search, View, Wishlist};
    let counts_once =
        [View, Click, Search, Wishlist, Purchase, Return, NotInterested, LessLikeThis].contains(&held.kind);
    let same = |event: &Event| (event.kind, event.gift, event.item.clone(), event.query.clone());
    let near = i128::from(held.timestamp_ms) - i128::from(event.timestamp_ms);
    counts_once && same(held) == same(event) && near.abs() <= 30_000
}

/// Rows that the shopper is not interested in.
pub(crate) fn unwanted(model: &Model, session: &Session) -> Vec<u32> {
    let events = session.events().filter(|event| event.kind == EventKind::NotInterested && !event.gift);
    events.filter_map(|event| model.row(&event.item.as_ref()?.id)).collect()
}

fn is_sensitive(model: &Model, row: u32) -> bool {
    model.attributes().and_then(|columns| columns.column("flags")).is_some_and(|flags| flags.value(row) & 2 != 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn what_is_held_is_what_was_done_once(bytes in model_bytes(), history in history()) {
        let model = Model::from_bytes(bytes).unwrap();
        let mut session = Session::default();
        let mut held: Vec<Event> = Vec::new();
        let keeps_words = (0..N_ITEMS as u32).all(|row| !is_sensitive(&model, row));
        for event in history {
            let row = event.item.as_ref().and_then(|item| model.row(&item.id));
            let words = event.query.clone().filter(|_| keeps_words || event.kind == EventKind::Answer);
            let kept = Event { query: words.or(event.query.clone().map(|_| String::new())), ..event.clone() };
            // Nothing tells searches without words apart.
            let is_nameless = event.kind == EventKind::Search && kept.query.as_deref() == Some("");
            let repeats = !is_nameless && held.iter().any(|held| is_repeat(held, &kept));
            let is_held = !repeats && row.is_none_or(|row| !is_sensitive(&model, row));
            prop_assert_eq!(session.record(&model, event).is_ok(), is_held);
            if is_held {
                held.push(kept);
            }
        }
        let mut log: Vec<Event> = session.events().cloned().collect();
        prop_assert!(log.is_sorted_by_key(|event| event.timestamp_ms));
        held.sort_by_key(|event| event.timestamp_ms);
        prop_assert_eq!(&log, &held);
        let ids: std::collections::BTreeSet<u32> = session.log().iter().map(|(id, _)| id.0).collect();
        prop_assert!(ids.into_iter().eq(0..log.len() as u32), "what is turned down takes no id");
        // A state is the same session.
        let (restored, turned_down) = State::of(&session).session(&model);
        log = restored.events().cloned().collect();
        prop_assert_eq!((log, turned_down.len()), (held, 0));
    }

    /// In a full log, "never" reaches as far back as the log does.
    #[test]
    fn a_full_log_forgets_as_far_as_it_reaches(
        bytes in model_bytes(), times in prop::collection::vec((0..2_000i64, 0..3u8), 350..420),
        at in any::<prop::sample::Index>(),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        // Of unknown items, so that nothing is turned down but for its age.
        let event = |(n, &(time, kind)): (usize, &(i64, u8))| {
            let kind = if kind == 0 { EventKind::Impression } else { EventKind::View };
            Event::new(kind, format!("new {n}"), time * 60_000)
        };
        let events: Vec<Event> = times.iter().enumerate().map(event).collect();
        let at = at.index(events.len());
        let mut full = Session::default();
        let names: Vec<_> = events.iter().map(|event| full.record(&model, event.clone())).collect();
        let newest = |events: &mut dyn Iterator<Item = Event>| {
            let mut all: Vec<Event> = events.collect();
            all.sort_by_key(|event| event.timestamp_ms);
            let mut room = [MAX_EVENTS, MAX_IMPRESSIONS];
            all.reverse();
            all.retain(|event| {
                let room = &mut room[usize::from(event.kind == EventKind::Impression)];
                let is_held = *room > 0;
                *room -= usize::from(is_held);
                is_held
            });
            all.reverse();
            all
        };
        let held: Vec<Event> = full.events().cloned().collect();
        prop_assert_eq!(&held, &newest(&mut events.iter().cloned()));
        let forgotten = names[at].is_ok_and(|name| full.forget(name));
        prop_assert_eq!(forgotten, held.contains(&events[at]));
        let never: Vec<Event> = held.into_iter().filter(|event| *event != events[at]).collect();
        prop_assert!(full.events().eq(&never));
    }

    #[test]
    fn what_is_not_personal_changes_nothing(bytes in model_bytes(), events in prop::collection::vec(event(), 0..3)) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, events);
        if !session.is_personal(&model) {
            let lens = Lens::default();
            prop_assert_eq!(super::answers(&model, &session, lens), super::answers(&model, &Session::default(), lens));
        }
    }

    /// Whatever door it comes by: an event, a state, a token, the log of another model, the seeds of a request.
    #[test]
    fn nothing_sensitive_comes_out(
        bytes in model_bytes(), events in events(), gift in any::<bool>(),
        seeds in prop::option::of(prop::collection::vec(0..N_ITEMS as u32, 1..4)),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let raw: Session = events.iter().cloned().collect();
        let forged = token::encode(&model, &raw);
        let sessions = [
            session(&model, events),
            State::of(&raw).session(&model).0,
            token::decode(&model, &forged, NOW, u64::MAX).0,
        ];
        let hidden: Vec<u32> = (0..N_ITEMS as u32).filter(|&row| is_sensitive(&model, row)).collect();
        let ids: Vec<String> = hidden.iter().map(|&row| item_id(row as usize)).collect();
        for session in &sessions {
            for event in session.events() {
                prop_assert!(event.item.as_ref().is_none_or(|item| !ids.contains(&item.id)));
                let words = event.query.as_deref().filter(|_| event.kind != EventKind::Answer).unwrap_or_default();
                prop_assert!(hidden.is_empty() || words.is_empty());
            }
            let state = serde_json::to_value(State::of(session)).unwrap();
            for event in state["events"].as_array().unwrap() {
                prop_assert!(!ids.iter().any(|id| event["itemId"] == id.as_str()));
            }
            let (told, lost) = token::decode(&model, &token::encode(&model, session), NOW, u64::MAX);
            prop_assert_eq!(lost.filter(|lost| *lost != Lost::Foreign), None, "there is nothing to turn down");
            prop_assert!(told.events().all(|event| !ids.contains(&event.item.as_ref().unwrap().id)));
            let lens = Lens { gift, without: &[] };
            let profile = Profile::of_session(&model, session.as_seen(lens), NOW);
            let counted: u32 = affinities(&model, &profile).iter().filter(|one| one.column == "brand").map(|one| one.n_events).sum();
            let touches = profile.touches().iter().filter(|touch| !hidden.contains(&touch.row));
            prop_assert!(counted as usize <= touches.count());
            let all: Vec<u32> = (0..N_ITEMS as u32).collect();
            let page = Page { lens, ..Page::at(NOW) };
            let request = RerankRequest { page, rows: &all, ..RerankRequest::default() };
            let ranking = rerank(&model, session, &request, true, &mut Scratch::default()).unwrap();
            let mut reasons: Vec<Reason> = ranking.placed.iter().map(|placed| placed.reason).collect();
            for basis in [Basis::Session, Basis::Similar, Basis::Together] {
                let request = RecommendRequest {
                    page, limit: 8, basis: Some(basis), seeds: seeds.as_deref(), ..RecommendRequest::default()
                };
                let found = recommend(&model, session, &request, true, &mut Scratch::default()).unwrap();
                reasons.extend(found.items.iter().map(|item| item.reason));
            }
            for (row, _) in reasons.iter().filter_map(|reason| reason.event) {
                prop_assert!(!hidden.contains(&row), "a reason cites it");
            }
        }
    }

    /// What is not wanted stands last, is never recommended, and takes nothing from what is known of the shopper.
    #[test]
    fn aversions_are_no_interest(
        bytes in model_bytes(), events in events(), rows in rows(), strength in share(), diversity in share(),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, events);
        let liked: Session = session.events().filter(|event| !event.kind.is_aversion()).cloned().collect();
        let [profile, of_liked] =
            [&session, &liked].map(|session| Profile::of_session(&model, session.as_seen(Lens::default()), NOW));
        prop_assert_eq!(profile, of_liked);
        let refused = unwanted(&model, &session);
        let page = Page { diversity: Some(diversity), ..Page::at(NOW) };
        let request = RerankRequest { page, rows: &rows, strength: Some(strength), ..RerankRequest::default() };
        let ranking = rerank(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        let order: Vec<u32> = ranking.placed.iter().map(|placed| rows[placed.from]).filter(|row| (*row as usize) < N_ITEMS).collect();
        if strength > Share::default() {
            prop_assert!(order.iter().map(|row| refused.contains(row)).is_sorted(), "what is not wanted stands last");
        }
        for placed in &ranking.placed {
            let row = rows[placed.from];
            let most = if refused.contains(&row) { 1 << 30 } else { 8192 };
            prop_assert!((-most..=0).contains(&placed.parts.aversion));
            prop_assert!(strength > Share::default() || placed.parts.aversion == 0);
        }
        for basis in Basis::ALL {
            let request = RecommendRequest { page: Page::at(NOW), limit: N_ITEMS, basis: Some(basis), ..RecommendRequest::default() };
            let found = recommend(&model, &session, &request, false, &mut Scratch::default()).unwrap();
            prop_assert!(found.items.iter().all(|item| !refused.contains(&item.row)));
            let averse = session.events().any(|event| event.kind.is_aversion() && !event.gift && event.item.as_ref().is_some_and(|item| model.row(&item.id).is_some()));
            prop_assert!(!averse || found.outcome.name() == "personalized");
        }
    }

    #[test]
    fn tokens_hold_what_says_most(bytes in model_bytes(), history in history(), cut in any::<prop::sample::Index>(), bit in 0..8) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, history);
        let text = token::encode(&model, &session);
        prop_assert!(text.len() <= token::MAX_TOKEN_LEN);
        let told = |event: &&Event| event.kind.has_item() && event.kind != EventKind::Impression && !event.gift;
        let mut items: Vec<&str> = session.events().filter(told).map(|event| event.item.as_ref().unwrap().id.as_str()).collect();
        items.sort_unstable();
        items.dedup();
        let (read, lost) = token::decode(&model, &text, NOW, u64::MAX);
        prop_assert!(lost.is_none() || items.iter().any(|id| model.row(id).is_none()));
        for event in read.events() {
            let of = |other: &&Event| other.item == event.item && told(other);
            prop_assert!(session.events().filter(of).any(|other| other.kind == event.kind));
            let is_averse = session.events().filter(of).any(|other| other.kind.is_aversion());
            prop_assert_eq!(event.kind.is_aversion(), is_averse);
        }
        let known: Vec<&&str> = items.iter().filter(|id| model.row(id).is_some()).collect();
        let mut of_token: Vec<&str> = read.events().map(|event| event.item.as_ref().unwrap().id.as_str()).collect();
        of_token.sort_unstable();
        prop_assert!(of_token.windows(2).all(|pair| pair[0] != pair[1]), "each item once");
        if items.len() <= token::MAX_TOKEN_EVENTS {
            prop_assert_eq!(of_token.len(), known.len());
        }
        // Read and written once more it is the same, where nothing was lost on the way.
        if lost.is_none() {
            prop_assert_eq!(token::encode(&model, &read), text.clone());
        }
        // A cut or changed token is no token; neither panics.
        if !read.is_empty() {
            let cut = cut.index(text.len());
            let (none, lost) = token::decode(&model, &text[..cut], NOW, u64::MAX);
            prop_assert!(none.is_empty() && matches!(lost, Some(Lost::Damaged)), "{} {:?}", &text[..cut], lost);
            let mut bytes = text.clone().into_bytes();
            bytes[cut] ^= 1u8 << bit;
            if let Ok(changed) = String::from_utf8(bytes) {
                let (none, lost) = token::decode(&model, &changed, NOW, u64::MAX);
                prop_assert!(none.is_empty() && matches!(lost, Some(Lost::Damaged | Lost::Version)));
            }
        }
    }

    #[test]
    fn no_text_makes_a_token_panic(bytes in model_bytes(), text in "[A-Za-z0-9_-]{0,130}|.{0,60}", age in any::<u64>()) {
        let model = Model::from_bytes(bytes).unwrap();
        let (session, lost) = token::decode(&model, &text, NOW, age);
        prop_assert!(session.is_empty() && lost.is_some());
    }
}
