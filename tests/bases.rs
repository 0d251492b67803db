//! What recommendations are found by, from a log to the answer.
#![cfg(feature = "train")]

use reshelve::format::attributes::{REPURCHASE_DAYS, TRENDING};
use reshelve::model::Model;
use reshelve::rank::{Basis, Page, RecommendRequest, Scratch, Share, recommend};
use reshelve::session::{DAY_MS, Event, EventKind, Session};
use reshelve::train::{Interaction, Options, Privacy, Sessions, Unwatched, learn};

/// The day on which the log ends.
const TODAY: i64 = 100;
const ITEMS: [&str; 4] = ["boots", "coffee", "lamp", "tent"];

/// Six visitors buy coffee every ten days, and one buys a tent every five; all look at boots in the beginning, and one at a
/// lamp in the end.
fn model() -> Model {
    let mut days: Vec<(i64, u32, &str, EventKind)> = Vec::new();
    for visitor in 0..6 {
        days.push((1, visitor, "boots", EventKind::View));
        days.push((2, visitor, "boots", EventKind::View));
        days.extend([60, 70, 80].map(|day| (day, visitor, "coffee", EventKind::Purchase)));
    }
    days.extend([60, 65].map(|day| (day, 0, "tent", EventKind::Purchase)));
    days.extend([99, 100].map(|day| (day, 0, "lamp", EventKind::View)));
    days.sort_by_key(|&(day, visitor, ..)| (day, visitor));
    let item = |name: &str| ITEMS.iter().position(|known| *known == name).unwrap() as u32;
    let events =
        days.iter().map(|&(day, _, name, kind)| Interaction { item: item(name), kind, timestamp_ms: day * DAY_MS });
    let sessions = Sessions {
        item_ids: ITEMS.map(str::to_owned).to_vec(),
        events: events.collect(),
        starts: (0..=days.len()).collect(),
        visitors: days.iter().map(|&(_, visitor, ..)| visitor).collect(),
        contexts: Vec::new(),
        has_dates: true,
    };
    // So few visitors are enough here.
    let options = Options { privacy: Privacy::NONE, ..Options::default() };
    Model::from_bytes(learn(&sessions, None, &options, &Unwatched).unwrap().bytes).unwrap()
}

fn numbers(model: &Model, column: &str) -> Vec<u32> {
    let column = model.attributes().unwrap().column(column).unwrap();
    ITEMS.iter().map(|id| column.value(model.row(id).unwrap())).collect()
}

#[test]
fn the_builder_knows_what_is_trending_and_when_it_is_bought_again() {
    let model = model();
    assert_eq!(numbers(&model, REPURCHASE_DAYS), [0, 10, 0, 0], "one visitor is no habit, and a view no purchase");
    let trending = numbers(&model, TRENDING);
    assert_eq!(trending[2], 255, "the lamp is what is looked at now");
    assert!(trending[1] > trending[3] && trending[3] > trending[0], "{trending:?}");
}

fn check(events: &[(i64, &str, EventKind)], basis: Basis, threshold: f64, expected: &[(&str, Basis)]) {
    let model = model();
    let event = |&(day, id, kind): &(i64, &str, EventKind)| Event::new(kind, id, day * DAY_MS);
    let session: Session = events.iter().map(event).collect();
    let request = RecommendRequest {
        page: Page::at(TODAY * DAY_MS),
        limit: 4,
        basis: Some(basis),
        threshold: Share::new(threshold).unwrap(),
        ..RecommendRequest::default()
    };
    let found = recommend(&model, &session, &request, true, &mut Scratch::default()).unwrap();
    let found: Vec<(String, Basis)> = found.items.iter().map(|item| (model.ids().id(item.row), item.basis)).collect();
    let found: Vec<(&str, Basis)> = found.iter().map(|(id, basis)| (id.as_str(), *basis)).collect();
    assert_eq!(found, expected, "{basis:?} after {events:?}");
}

#[test]
fn everyone_gets_what_is_popular_and_what_is_trending() {
    use Basis::{Popular, Trending};
    let popular = [("coffee", Popular), ("boots", Popular), ("lamp", Popular), ("tent", Popular)];
    check(&[], Popular, 0.0, &popular);
    check(&[(99, "tent", EventKind::View)], Popular, 0.0, &popular);
    check(&[], Basis::Session, 0.0, &popular);
    let tired = [("coffee", Popular), ("boots", Popular), ("tent", Popular), ("lamp", Popular)];
    check(&[(99, "lamp", EventKind::Impression); 10], Popular, 0.0, &tired);
    check(&[], Basis::Recent, 0.0, &popular);
    check(&[], Trending, 0.0, &[("lamp", Trending), ("coffee", Trending), ("tent", Trending), ("boots", Popular)]);
}

#[test]
fn the_shopper_finds_back_what_was_touched_last() {
    let events = [(90, "tent", EventKind::View), (95, "boots", EventKind::Click), (99, "tent", EventKind::AddToCart)];
    check(&events, Basis::Recent, 0.01, &[("tent", Basis::Recent), ("boots", Basis::Recent)]);
    let all = [("tent", Basis::Recent), ("boots", Basis::Recent), ("coffee", Basis::Session), ("lamp", Basis::Session)];
    check(&events, Basis::Recent, 0.0, &all);
}

#[test]
fn what_was_bought_is_offered_again_when_it_is_due() {
    let bought = |day| [(day, "coffee", EventKind::Purchase), (50, "tent", EventKind::Purchase)];
    check(&bought(93), Basis::Again, 0.01, &[]);
    check(&bought(92), Basis::Again, 0.01, &[("coffee", Basis::Again)]);
    check(&bought(20), Basis::Again, 0.01, &[("coffee", Basis::Again)]);
    check(&[(80, "coffee", EventKind::View)], Basis::Again, 0.01, &[]);
    let again = [(80, "coffee", EventKind::Purchase), (99, "coffee", EventKind::Purchase)];
    check(&again, Basis::Again, 0.01, &[]);
    let sent_back = [(20, "coffee", EventKind::Purchase), (25, "coffee", EventKind::Return)];
    check(&sent_back, Basis::Again, 0.01, &[]);
}

/// What comes after an item by the transition of a model is no part of being like it.
#[test]
fn what_is_alike_is_found_without_what_comes_next() {
    let model = Model::from_bytes(std::fs::read("tests/golden/wide.shelf").unwrap()).unwrap();
    let embeddings = model.embeddings().unwrap();
    let n_items = model.n_items() as u32;
    let first = |row: u32, basis: Basis| {
        let seeds = [row];
        let request =
            RecommendRequest { limit: 1, seeds: Some(&seeds), basis: Some(basis), ..RecommendRequest::default() };
        let found = recommend(&model, &Session::default(), &request, false, &mut Scratch::default()).unwrap();
        found.items[0].row
    };
    let likeness = |a: u32, b: u32| {
        let products =
            embeddings.vector(a).iter().zip(embeddings.vector(b)).map(|(&x, &y)| i32::from(x) * i32::from(y));
        products.sum::<i32>()
    };
    let nearest =
        |row: u32| (0..n_items).filter(|&other| other != row).max_by_key(|&other| likeness(row, other)).unwrap();
    let agreeing = |basis: Basis| (0..n_items).filter(|&row| first(row, basis) == nearest(row)).count();
    // But for what the session vector loses by rounding.
    assert!(agreeing(Basis::Similar) * 10 >= model.n_items() * 9, "{} of {n_items}", agreeing(Basis::Similar));
    assert!(agreeing(Basis::Session) * 2 < model.n_items(), "{} of {n_items}", agreeing(Basis::Session));
}
