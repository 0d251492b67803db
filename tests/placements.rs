//! What a store's placements and questions say of a request, from the file of rules to the answer.
#![cfg(feature = "train")]

use reshelve::format::attributes::{self, CATEGORY, PARENT, POPULARITY};
use reshelve::format::container::{self, SectionKind};
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata};
use reshelve::format::{ids, neighbors};
use reshelve::model::{Model, Rules};
use reshelve::rank::{
    Basis, Page, Path, ReasonCode, RecommendRequest, RequestError, RerankRequest, Scratch, Share, recommend, rerank,
};
use reshelve::rules::{RuleFile, compile};
use reshelve::session::{Event, EventKind, Lens, Session};

const NOW: i64 = 1_780_000_000_000;
/// Two categories by turns; each item goes with the next two.
const ITEMS: usize = 20;

const FILE: &str = r#"
[[pin]]
name = "campaign"
item = "item 03"
rank = 1
surfaces = ["campaign"]

[[placement]]
name = "cart.cross_sell"
surface = "cart"
draw = ["together"]
from = "cart"
where = "not category in cart"
limit = 3

[[placement]]
name = "product.alternatives"
draw = ["popular"]
where = "category in seeds"
limit = 4

[[placement]]
name = "search.results"
surface = "search"
strength = 1.0
keep_first = 2

[[placement]]
name = "home.for_you"
draw = ["session"]
limit = 10

[[question]]
name = "activity"
answer = [{ name = "walk", where = "category == 'shoes'", by = 3000 }, { name = "hide", where = "category == 'hats'" }]
"#;

fn model() -> Model {
    let blend = Blend {
        neighbors: 1024,
        neighbors_by_place: vec![1024, 512, 256, 128],
        popularity: 4,
        history_by_place: vec![0],
        base_range: 4096,
        ..Blend::default()
    };
    let metadata = Metadata {
        created_at_ms: NOW,
        decay: Decay {
            by_kind: [1024; EventKind::N_WEIGHED],
            by_age: vec![AgeWeight { max_age_minutes: 600, weight: 1024 }],
        },
        blends: vec![blend.clone(), Blend { surface: "search".to_owned(), ..blend }],
        ..Metadata::default()
    };
    let rows: Vec<Vec<neighbors::Entry>> = (0..ITEMS as u32)
        .map(|row| (row + 1..row + 3).filter(|&next| next < ITEMS as u32).map(|next| (next, 200)).collect())
        .collect();
    let weights = std::array::from_fn(|level| 40 * level as u16);
    let column = |name: &str, value: &dyn Fn(usize) -> u32, words: &[&str]| attributes::Encoded {
        name: name.to_owned(),
        values: (0..ITEMS).map(value).collect(),
        dictionary: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let columns = [
        column(CATEGORY, &|item| 1 + item as u32 % 2, &["hats", "shoes"]),
        column(PARENT, &|item| u32::from(item == 12 || item == 13), &[]),
        column(POPULARITY, &|item| 200 - 10 * item as u32, &[]),
    ];
    let bytes = container::write(&[
        (SectionKind::Metadata, metadata.write().unwrap()),
        (SectionKind::Ids, ids::write(&(0..ITEMS).map(id).collect::<Vec<_>>()).unwrap()),
        (SectionKind::Neighbors, neighbors::write(&weights, &rows).unwrap()),
        (SectionKind::Attributes, attributes::write(ITEMS, &columns).unwrap()),
    ]);
    Model::from_bytes(bytes).unwrap()
}

fn rules(model: &Model) -> Rules {
    compiled(model, FILE)
}

fn compiled(model: &Model, file: &str) -> Rules {
    Rules::from_bytes(model, &compile(&RuleFile::from_toml("test", file).unwrap()).unwrap().to_file()).unwrap()
}

fn id(item: usize) -> String {
    format!("item {item:02}")
}

fn session(events: &[(EventKind, usize)]) -> Session {
    events.iter().map(|&(kind, item)| Event::new(kind, id(item), NOW - 60_000)).collect()
}

/// Rows and bases of what a placement finds.
fn found(placement: &str, session: &Session, change: impl FnOnce(&mut RecommendRequest)) -> Vec<(u32, Basis)> {
    let model = model();
    let rules = rules(&model);
    let page = Page { placement, rules: Some(&rules), ..Page::at(NOW) };
    let mut request = RecommendRequest { page, ..RecommendRequest::default() };
    change(&mut request);
    let found = recommend(&model, session, &request, true, &mut Scratch::default()).unwrap();
    found.items.iter().map(|item| (item.row, item.basis)).collect()
}

#[test]
fn the_cart_is_cited_as_the_cart() {
    let (model, carted) = (model(), session(&[(EventKind::AddToCart, 0), (EventKind::AddToCart, 4)]));
    let rules = rules(&model);
    let page = Page { placement: "cart.cross_sell", rules: Some(&rules), ..Page::at(NOW) };
    let request = RecommendRequest { page, ..RecommendRequest::default() };
    let found = recommend(&model, &carted, &request, true, &mut Scratch::default()).unwrap();
    let reasons: Vec<_> = found.items[..2].iter().map(|item| (item.reason.code, item.reason.event)).collect();
    let because = |row| (ReasonCode::GoesWith, Some((row, EventKind::AddToCart)));
    assert_eq!(reasons, [because(0), because(4)]);
}

#[test]
fn what_filters_take_out_moves_others_by_rules_alone() {
    let model = model();
    let rules = compiled(&model, "[[filter]]\nname = 'a'\ndrop = \"item in ['item 00', 'item 02']\"");
    let page = Page { rules: Some(&rules), ..Page::at(NOW) };
    let request = RerankRequest { page, rows: &[0, 1, 2, 3], ..RerankRequest::default() };
    let placed = rerank(&model, &Session::default(), &request, true, &mut Scratch::default()).unwrap().placed;
    let paths: Vec<_> = placed.iter().map(|placed| (placed.from, placed.path)).collect();
    let unmoved = |from| (from, Path { score: from, variety: from, place: from });
    assert_eq!(paths, [1, 3, 0, 2].map(unmoved));
}

#[test]
fn a_placement_says_what_a_request_does_not() {
    use EventKind::{AddToCart, RemoveFromCart, View};
    let carted = session(&[(AddToCart, 0), (AddToCart, 4), (AddToCart, 8), (RemoveFromCart, 8), (View, 12)]);
    let items = found("cart.cross_sell", &carted, |_| ());
    assert_eq!(
        items[..2],
        [(1, Basis::Together), (5, Basis::Together)],
        "what goes with the cart, of other categories"
    );
    assert_eq!(items.len(), 3, "filled to the placement's length");
    assert!(items.iter().all(|&(row, _)| row % 2 == 1), "{items:?}");
    assert_eq!(found("cart.cross_sell", &carted, |request| request.limit = 5).len(), 5, "the request goes first");
    let from_seeds = found("cart.cross_sell", &carted, |request| request.seeds = Some(&[6]));
    assert_eq!(from_seeds[0], (7, Basis::Together), "seeds go before the cart");

    let of_variant = found("cart.cross_sell", &Session::default(), |request| request.seeds = Some(&[12]));
    assert_eq!(of_variant[0], (14, Basis::Together), "the other variant of a product does not go with it");
    assert!(of_variant.len() == 3 && of_variant.iter().all(|&(row, _)| row != 13), "{of_variant:?}");

    let alternatives = found("product.alternatives", &carted, |request| request.seeds = Some(&[3]));
    assert_eq!(alternatives, [1, 5, 7, 9].map(|row| (row, Basis::Popular)));
    let by_basis = found("product.alternatives", &carted, |request| {
        request.seeds = Some(&[3]);
        request.basis = Some(Basis::Together);
    });
    assert_eq!(by_basis[0], (5, Basis::Together), "of what goes with the seed, the one of its category");
}

#[test]
fn a_placement_orders_a_list() {
    let model = model();
    let rules = rules(&model);
    let rows: Vec<u32> = (0..8).rev().collect();
    let session = session(&[(EventKind::View, 0)]);
    let order = |change: fn(&mut RerankRequest)| {
        let mut request = RerankRequest {
            page: Page { placement: "search.results", rules: Some(&rules), ..Page::at(NOW) },
            rows: &rows,
            ..RerankRequest::default()
        };
        change(&mut request);
        let ranking = rerank(&model, &session, &request, false, &mut Scratch::default()).unwrap();
        ranking.placed.iter().map(|placed| rows[placed.from]).collect::<Vec<_>>()
    };
    let placed = order(|_| ());
    assert_eq!(placed[..2], [7, 6], "the first two are left alone");
    assert_ne!(placed, rows, "the placement's strength goes before the blend's, which is 0");
    assert_ne!(order(|request| request.keep_first = Some(0))[..2], [7, 6]);
    assert_eq!(order(|request| request.strength = Some(Share::default())), rows);
    let pinned =
        order(|request| (request.page.placement, request.page.surface, request.keep_first) = ("", "campaign", Some(3)));
    assert_eq!(
        (pinned[0], &pinned[1..3]),
        (3, &[6, 5][..]),
        "the campaign has the first slot, and the next two are left alone"
    );
}

#[test]
fn what_a_cap_keeps_back_comes_where_it_ends() {
    let model = model();
    let rules = compiled(
        &model,
        "[[cap]]\nname = 'one'\nat_most = 1\nfirst = 2\nwhere = \"item == 'item 00' or item == 'item 01'\"",
    );
    for limit in 3..8 {
        let page = Page { rules: Some(&rules), ..Page::at(NOW) };
        let request = RecommendRequest { page, limit, basis: Some(Basis::Popular), ..RecommendRequest::default() };
        let found = recommend(&model, &Session::default(), &request, false, &mut Scratch::default()).unwrap();
        let rows: Vec<u32> = found.items.iter().map(|item| item.row).collect();
        assert_eq!((rows.len(), &rows[..3]), (limit, &[0, 2, 1][..]));
    }
}

#[test]
fn an_unknown_placement_is_an_error() {
    let model = model();
    let rules = rules(&model);
    for rules in [None, Some(&rules)] {
        let page = Page { placement: "home.for_me", rules, ..Page::default() };
        let request = RecommendRequest { page, limit: 3, ..RecommendRequest::default() };
        let error = recommend(&model, &Session::default(), &request, false, &mut Scratch::default()).unwrap_err();
        assert_eq!(error, RequestError::Placement);
        let request = RerankRequest { page, ..RerankRequest::default() };
        let error = rerank(&model, &Session::default(), &request, false, &mut Scratch::default()).unwrap_err();
        assert_eq!(error, RequestError::Placement);
    }
}

fn answer(query: &str, minutes_ago: i64) -> Event {
    Event {
        kind: EventKind::Answer,
        item: None,
        query: Some(query.to_owned()),
        ..Event::search("", NOW - minutes_ago * 60_000)
    }
}

#[test]
fn answers_order_what_a_newcomer_sees() {
    let model = model();
    let rules = rules(&model);
    let check = |events: &[(&str, i64)], expected: Option<u32>, answered: i32| {
        let session: Session = events.iter().map(|&(query, minutes_ago)| answer(query, minutes_ago)).collect();
        let page = Page { rules: Some(&rules), ..Page::at(NOW) };
        let request = RecommendRequest { page, limit: 6, ..RecommendRequest::default() };
        let found = recommend(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        let first = found.items[0];
        assert_eq!(
            (first.parts.answers, first.reason.answer),
            (answered, expected.map(|number| number as u16)),
            "{events:?}"
        );
        assert_eq!(found.outcome.name(), if expected.is_some() { "personalized" } else { "popular" });
        assert_eq!(first.reason.code == ReasonCode::Chosen, expected.is_some());

        let rows: Vec<u32> = (0..6).collect();
        let request = RerankRequest { page, rows: &rows, strength: Some(Share::ONE), ..RerankRequest::default() };
        let ranking = rerank(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        let with_answers =
            ranking.placed.iter().filter(|placed| placed.parts.answers == answered && answered > 0).count();
        assert_eq!(with_answers, if expected.is_some() { 3 } else { 0 });
        let unmoved = RerankRequest { strength: Some(Share::default()), ..request };
        let ranking = rerank(&model, &session, &unmoved, false, &mut Scratch::default()).unwrap();
        assert!(
            ranking.placed.iter().enumerate().all(|(slot, placed)| slot == placed.from),
            "strength 0 is strength 0"
        );
    };
    check(&[], None, 0);
    check(&[("activity/walk", 5)], Some(0), 3072);
    check(&[("activity/hide", 5)], Some(1), 1024);
    check(&[("activity/hide", 5), ("activity/walk", 3)], Some(0), 3072);
    check(&[("activity/walk", 5), ("activity/hide", 3)], Some(1), 1024);
    check(&[("activity/walk", 5), ("activity/none", 3)], None, 0);
    check(&[("weather/rain", 5)], None, 0);
}

#[test]
fn an_answer_for_a_gift_is_for_gifts_alone() {
    let model = model();
    let rules = rules(&model);
    let session: Session = [Event { gift: true, ..answer("activity/walk", 5) }].into_iter().collect();
    for gift in [false, true] {
        let lens = Lens { gift, ..Lens::default() };
        let page = Page { rules: Some(&rules), lens, ..Page::at(NOW) };
        let request = RecommendRequest { page, limit: 6, ..RecommendRequest::default() };
        let found = recommend(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        assert_eq!(found.items[0].parts.answers > 0, gift);
    }
}
