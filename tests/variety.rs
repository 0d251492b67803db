//! What is put in front although something else scores higher: variety, something different, what is not yet too often seen.

use std::collections::BTreeSet;

use reshelve::format::attributes::{self, BRAND, CATEGORY};
use reshelve::format::container::{self, SectionKind};
use reshelve::format::embeddings;
use reshelve::format::ids;
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata};
use reshelve::model::{Model, Rules};
use reshelve::rank::{
    Basis, Page, Placed, Ranking, ReasonCode, RecommendRequest, Recommended, RerankRequest, Scratch, Share, recommend,
    rerank,
};
use reshelve::rules::{RuleFile, compile};
use reshelve::session::{DAY_MS, Event, EventKind, Session};

const WEEK_MS: i64 = 7 * DAY_MS;
const NOW: i64 = 2900 * WEEK_MS;
const CATEGORIES: usize = 12;
const PER_CATEGORY: usize = 8;
const ITEMS: usize = CATEGORIES * PER_CATEGORY;
const DIMENSIONS: usize = 16;

/// Items of a category lie close together, and all of them on one side of the origin but those of the last category. An
/// item in four is of the brand acme.
fn model() -> Model {
    let metadata = Metadata {
        created_at_ms: NOW,
        decay: Decay {
            by_kind: [1024; EventKind::N_WEIGHED],
            by_age: vec![AgeWeight { max_age_minutes: 600, weight: 1024 }],
        },
        blends: vec![Blend {
            embedding: 1024,
            embedding_of_known: 1024,
            history_by_place: vec![0],
            base_range: 4096,
            strength: 1024,
            ..Blend::default()
        }],
        ..Metadata::default()
    };
    let vector = |item: usize| {
        let category = item / PER_CATEGORY;
        let side = if category == CATEGORIES - 1 { -60 } else { 60 };
        (0..DIMENSIONS).map(move |dimension| match dimension {
            0 => side,
            d if d == category + 1 => 70,
            13 => item as i8 % 8,
            _ => 0,
        })
    };
    let encoder = embeddings::Encoder {
        dimensions: DIMENSIONS,
        norm: 93,
        temperature: 12_000,
        by_place: vec![1024, 1024],
        ..embeddings::Encoder::default()
    };
    let embeddings =
        embeddings::Encoded { encoder, biases: vec![0; ITEMS], vectors: (0..ITEMS).flat_map(vector).collect() };
    let column = |name: &str, value: &dyn Fn(usize) -> usize, words: Vec<String>| attributes::Encoded {
        name: name.to_owned(),
        values: (0..ITEMS).map(|item| value(item) as u32).collect(),
        dictionary: words,
    };
    let categories = (0..CATEGORIES).map(|category| format!("category {category:02}")).collect();
    let columns = [
        column(BRAND, &|item| usize::from(item % 4 == 0), vec!["acme".to_owned()]),
        column(CATEGORY, &|item| item / PER_CATEGORY + 1, categories),
    ];
    let bytes = container::write(&[
        (SectionKind::Metadata, metadata.write().unwrap()),
        (SectionKind::Ids, ids::write(&(0..ITEMS).map(id).collect::<Vec<_>>()).unwrap()),
        (SectionKind::Embeddings, embeddings::write(&embeddings).unwrap()),
        (SectionKind::Attributes, attributes::write(ITEMS, &columns).unwrap()),
    ]);
    Model::from_bytes(bytes).unwrap()
}

fn id(item: usize) -> String {
    format!("item {item:02}")
}

fn category(row: u32) -> usize {
    row as usize / PER_CATEGORY
}

/// Someone who has viewed two items of the first category.
fn session() -> Session {
    [0, 1].map(|item| Event::new(EventKind::View, id(item), NOW - 60_000)).into_iter().collect()
}

fn found(model: &Model, request: &RecommendRequest) -> Vec<Recommended> {
    recommend(model, &session(), request, true, &mut Scratch::default()).unwrap().items
}

fn ordered(model: &Model, session: &Session, request: &RerankRequest) -> Ranking {
    rerank(model, session, request, true, &mut Scratch::default()).unwrap()
}

fn share(value: f64) -> Option<Share> {
    Share::new(value)
}

fn discovered(items: &[Recommended]) -> Vec<(usize, u32)> {
    let discovered = items.iter().enumerate().filter(|(_, item)| item.basis == Basis::Discovery);
    discovered.map(|(slot, item)| (slot, item.row)).collect()
}

#[test]
fn a_share_of_a_block_is_for_something_different() {
    let model = model();
    let page = Page { discovery: share(0.2), ..Page::at(NOW) };
    let request = RecommendRequest { page, limit: 10, ..RecommendRequest::default() };
    let items = found(&model, &request);
    let different = discovered(&items);
    assert_eq!(different.iter().map(|&(slot, _)| slot).collect::<Vec<_>>(), [4, 9]);
    let categories: BTreeSet<usize> = different.iter().map(|&(_, row)| category(row)).collect();
    assert_eq!(categories.len(), 2, "one of each category");
    assert!(!categories.contains(&0), "the shopper has met the first");
    assert!(!categories.contains(&(CATEGORIES - 1)), "the last is not related");
    assert!(items.iter().all(|item| (item.basis == Basis::Discovery) == (item.reason.code == ReasonCode::Different)));
    assert_eq!(found(&model, &request), items, "chance repeats itself");

    let on = |page| RecommendRequest { page, ..request };
    let by_seed: BTreeSet<_> = (0..8).map(|seed| discovered(&found(&model, &on(Page { seed, ..page })))).collect();
    assert!(by_seed.len() > 1, "another seed, another choice");

    let page = Page { discovery: None, ..page };
    assert!(discovered(&found(&model, &on(page))).is_empty());
    let broad = on(Page { broaden: Share::ONE, ..page });
    assert_eq!(discovered(&found(&model, &broad)).len(), 3, "the shopper may ask for the most there is");
    let all = RecommendRequest { basis: Some(Basis::Discovery), ..on(page) };
    assert_eq!(
        discovered(&found(&model, &all)).len(),
        CATEGORIES - 2,
        "one of each category that is related and not met"
    );
}

#[test]
fn what_is_different_stands_beside_caps_and_quotas() {
    let model = model();
    let file = "[[cap]]\nname = 'a'\nper = 'category'\nat_most = 8\n[[quota]]\nname = 'b'\nwhere = \"brand == 'acme'\"\n\
                at_least = 2\nfirst = 4\n";
    let compiled = compile(&RuleFile::from_toml("test", file).unwrap()).unwrap();
    let rules = Rules::from_bytes(&model, &compiled.to_file()).unwrap();
    let page = Page { discovery: share(0.2), rules: Some(&rules), ..Page::at(NOW) };
    let items = found(&model, &RecommendRequest { page, limit: 10, ..RecommendRequest::default() });
    assert_eq!(items.len(), 10);
    assert!(!discovered(&items).is_empty());
    assert!(items[..4].iter().filter(|item| item.row % 4 == 0).count() >= 2, "{items:?}");
    assert!(items.iter().filter(|item| category(item.row) == 0).count() <= 8);
}

#[test]
fn what_is_different_has_a_threshold_of_its_own() {
    let request = RecommendRequest {
        page: Page::at(NOW),
        limit: 4,
        basis: Some(Basis::Discovery),
        threshold: share(0.01).unwrap(),
        ..RecommendRequest::default()
    };
    let items = found(&model(), &request);
    assert!(!items.is_empty());
    assert!(items.iter().all(|item| item.basis == Basis::Discovery));
}

#[test]
fn what_is_discovered_turns_every_week() {
    let model = model();
    let of_week = |week: i64| {
        let now_ms = NOW + week * WEEK_MS;
        let session: Session = [Event::new(EventKind::View, id(0), now_ms - 60_000)].into_iter().collect();
        let page = Page { discovery: share(0.2), ..Page::at(now_ms) };
        let request = RecommendRequest { page, limit: 10, ..RecommendRequest::default() };
        discovered(&recommend(&model, &session, &request, false, &mut Scratch::default()).unwrap().items)
    };
    let weeks: BTreeSet<_> = (0..6).map(of_week).collect();
    assert!(weeks.len() > 3, "{weeks:?}");
    assert_eq!(of_week(0), of_week(0));
}

#[test]
fn a_list_leaves_slots_for_something_different() {
    let model = model();
    let rows: Vec<u32> = (0..ITEMS as u32).collect();
    let page = Page { discovery: share(0.25), ..Page::at(NOW) };
    let request = RerankRequest { page, rows: &rows, ..RerankRequest::default() };
    let ranking = ordered(&model, &session(), &request);
    let slots: Vec<usize> = (0..ITEMS).filter(|&slot| ranking.placed[slot].discovered).collect();
    assert!(slots.iter().all(|slot| slot % 4 == 3) && !slots.is_empty(), "{slots:?}");
    let different: BTreeSet<usize> = slots.iter().map(|&slot| category(rows[ranking.placed[slot].from])).collect();
    assert_eq!(different.len(), slots.len());
    assert!(!different.contains(&0) && !different.contains(&(CATEGORIES - 1)));
    for (slot, placed) in ranking.placed.iter().enumerate() {
        assert_eq!(placed.path.place, slot);
        assert!(placed.discovered <= (placed.path.variety < placed.path.score), "it has moved forward there");
    }
    // Backwards, so that what is discovered comes from far behind.
    let backwards: Vec<u32> = (0..ITEMS as u32).rev().collect();
    let kept = RerankRequest { rows: &backwards, max_shift: Some(0), ..request };
    let is_different = |placed: &Placed| placed.discovered || placed.reason.code == ReasonCode::Different;
    assert!(!ordered(&model, &session(), &kept).placed.iter().any(is_different), "nothing got to its slot");
    let plain = ordered(&model, &session(), &RerankRequest { page: Page::at(NOW), ..request });
    assert!(plain.placed.iter().all(|placed| !placed.discovered && placed.path.variety == placed.path.score));
}

#[test]
fn what_was_shown_often_and_never_touched_sinks() {
    let model = model();
    let check = |impressions: usize, touched: bool, expected: i32| {
        let mut session = session();
        for _ in 0..impressions {
            session.record(&model, Event::new(EventKind::Impression, id(9), NOW - 50_000)).unwrap();
        }
        if touched {
            session.record(&model, Event::new(EventKind::Click, id(9), NOW - 40_000)).unwrap();
        }
        let request = RerankRequest { page: Page::at(NOW), rows: &[8, 9], ..RerankRequest::default() };
        let ranking = ordered(&model, &session, &request);
        let of = |from| ranking.placed.iter().find(|placed| placed.from == from).unwrap().parts.fatigue;
        assert_eq!(
            (of(0), of(1) >= expected && of(1) <= expected / 2),
            (0, true),
            "{impressions} {touched}: {}",
            of(1)
        );
        let request = RecommendRequest { page: Page::at(NOW), limit: ITEMS, ..RecommendRequest::default() };
        let found = recommend(&model, &session, &request, false, &mut Scratch::default()).unwrap();
        let fatigue = found.items.iter().find(|item| item.row == 9).unwrap().parts.fatigue;
        assert_eq!(fatigue, expected, "{impressions} {touched}");
    };
    check(0, false, 0);
    check(2, false, 0);
    check(3, false, -128);
    check(6, false, -512);
    check(100, false, -1024);
    check(6, true, 0);
}

#[test]
fn the_first_ones_can_be_left_alone() {
    let model = model();
    let rows: Vec<u32> = (0..40).rev().collect();
    for keep_first in [0, 3, 100] {
        let page = Page::at(NOW);
        let request = RerankRequest { page, rows: &rows, keep_first: Some(keep_first), ..RerankRequest::default() };
        let order: Vec<usize> = ordered(&model, &session(), &request).placed.iter().map(|placed| placed.from).collect();
        let kept = order.iter().enumerate().take_while(|&(slot, &from)| slot == from).count();
        assert_eq!(kept, keep_first.min(rows.len()));
    }
}

/// Of the first `n` items found how many are of the most frequent of brand or category.
fn greatest(items: &[Recommended], n: usize, value: fn(u32) -> usize) -> usize {
    let values: Vec<usize> = items.iter().take(n).map(|item| value(item.row)).collect();
    values.iter().map(|value| values.iter().filter(|&other| other == value).count()).max().unwrap_or(0)
}

#[test]
fn diversity_mixes_categories() {
    let model = model();
    let request = RecommendRequest { page: Page::at(NOW), limit: 8, ..RecommendRequest::default() };
    let plain = found(&model, &request);
    let on = |page| RecommendRequest { page, ..request };
    let mixed = found(&model, &on(Page { diversity: share(0.7), ..request.page }));
    assert!(greatest(&mixed, 8, category) < greatest(&plain, 8, category));
    assert!(mixed.iter().any(|item| item.penalty > 0) && plain.iter().all(|item| item.penalty == 0));
    let broad = found(&model, &on(Page { broaden: Share::ONE, ..request.page }));
    assert!(greatest(&broad, 8, category) < greatest(&plain, 8, category));
}

/// Without embeddings, brand and category are what items have in common.
#[test]
fn diversity_knows_brands_and_categories_alone() {
    let whole = model();
    let metadata = whole.metadata().clone();
    let blends =
        metadata.blends.iter().map(|blend| Blend { popularity: 4, history_by_place: vec![4000], ..blend.clone() });
    let metadata = Metadata { blends: blends.collect(), ..metadata.clone() };
    let sections: Vec<(SectionKind, Vec<u8>)> = whole
        .sections()
        .iter()
        .map(|section| (section.kind.unwrap(), whole.to_bytes()[section.range.clone()].to_vec()))
        .filter(|(kind, _)| *kind != SectionKind::Embeddings)
        .map(
            |(kind, bytes)| {
                if kind == SectionKind::Metadata { (kind, metadata.write().unwrap()) } else { (kind, bytes) }
            },
        )
        .collect();
    let model = Model::from_bytes(container::write(&sections)).unwrap();
    // The shopper has met two of the first category and one of the second, which makes them equal in score.
    let session: Session =
        [1, 2, 9].map(|item| Event::new(EventKind::View, id(item), NOW - 60_000)).into_iter().collect();
    let order = |diversity| {
        let request = RerankRequest {
            page: Page { diversity: share(diversity), ..Page::at(NOW) },
            rows: &[1, 2, 9, 20],
            strength: Some(Share::ONE),
            ..RerankRequest::default()
        };
        ordered(&model, &session, &request).placed.iter().map(|placed| placed.from).collect::<Vec<_>>()
    };
    assert_eq!(order(0.0)[..3], [0, 1, 2]);
    assert_eq!(order(0.5)[..3], [0, 2, 1], "the second of a category waits");
}
