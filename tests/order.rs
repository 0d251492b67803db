//! Categories, facets and banners: what is ordered by the session and is no item.

use reshelve::format::attributes::{self, BRAND, CATEGORY, FLAG_SENSITIVE, FLAGS, POPULARITY, PRICE_BAND};
use reshelve::format::container::{self, SectionKind};
use reshelve::format::ids;
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata};
use reshelve::model::Model;
use reshelve::rank::{Order, OrderRequest, ReasonCode, Tag, order};
use reshelve::session::{Event, EventKind, Lens, Session};

const NOW: i64 = 1_750_000_000_000;
const ITEMS: [&str; 6] = ["tent", "tarp", "stove", "mug", "novel", "pills"];

/// Tents of two kinds, two things for the kitchen, a novel that all read, and pills that nobody is told of.
fn model() -> Model {
    let metadata = Metadata {
        created_at_ms: NOW,
        decay: Decay {
            by_kind: [1024; EventKind::N_WEIGHED],
            by_age: vec![AgeWeight { max_age_minutes: 600, weight: 1024 }],
        },
        blends: vec![Blend { base_range: 4096, strength: 1024, ..Blend::default() }],
        ..Metadata::default()
    };
    let column = |name: &str, values: [u32; 6], words: &[&str]| attributes::Encoded {
        name: name.to_owned(),
        values: values.to_vec(),
        dictionary: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let columns = [
        column(BRAND, [1, 2, 1, 2, 0, 0], &["acme", "bora"]),
        column(CATEGORY, [2, 1, 3, 3, 4, 5], &["Camp", "Camp > Tents", "Camping kitchen", "Books", "Health"]),
        column(FLAGS, [0, 0, 0, 0, 0, FLAG_SENSITIVE], &[]),
        column(POPULARITY, [16, 16, 64, 64, 255, 0], &[]),
        column(PRICE_BAND, [5, 1, 3, 1, 1, 1], &[]),
    ];
    let bytes = container::write(&[
        (SectionKind::Metadata, metadata.write().unwrap()),
        (SectionKind::Ids, ids::write(&ITEMS.map(str::to_owned)).unwrap()),
        (SectionKind::Attributes, attributes::write(ITEMS.len(), &columns).unwrap()),
    ]);
    Model::from_bytes(bytes).unwrap()
}

/// Things are named by their tags, `column:value`, joined by semicolons.
fn ordered<'a>(viewed: &[&str], things: &[&'a str]) -> (Order, Vec<&'a str>) {
    let session: Session =
        viewed.iter().zip(0..).map(|(item, n)| Event::new(EventKind::View, *item, NOW - 1000 + n)).collect();
    let mut tags = Vec::new();
    let count = |thing: &&'a str| {
        let from = tags.len();
        let of_thing = thing.split(';').filter_map(|tag| tag.split_once(':'));
        tags.extend(of_thing.map(|(column, value)| Tag { column, value }));
        (tags.len() - from) as u32
    };
    let counts: Vec<u32> = things.iter().map(count).collect();
    let request = OrderRequest { things: &counts, tags: &tags, now_ms: NOW, lens: Lens::default() };
    let order = order(&model(), &session, &request);
    let names = order.things.iter().map(|thing| things[thing.from]).collect();
    (order, names)
}

fn check(viewed: &[&str], things: &[&str], expected: &[&str]) {
    assert_eq!(ordered(viewed, things).1, expected, "after {viewed:?}");
}

#[test]
fn things_follow_the_session() {
    const BOOKS: &str = "category:Books";
    const CAMP: &str = "category:Camp";
    const KITCHEN: &str = "category:Camping kitchen";
    const TENTS: &str = "category:Camp > Tents";
    check(&[], &[CAMP, BOOKS], &[CAMP, BOOKS]);
    check(&["unheard of"], &[CAMP, BOOKS], &[CAMP, BOOKS]);
    check(&["novel"], &[CAMP, BOOKS], &[BOOKS, CAMP]);
    // All of a category, and nothing whose name only begins like it.
    check(&["tent"], &[KITCHEN, CAMP], &[CAMP, KITCHEN]);
    check(&["stove"], &[CAMP, KITCHEN], &[KITCHEN, CAMP]);
    check(&["tarp"], &[TENTS, CAMP], &[CAMP, TENTS]);
    check(&["tent", "tarp"], &[TENTS, CAMP], &[CAMP, TENTS]);
    // Of what the session says nothing of, the more popular first; of equals the first.
    check(&["tent"], &[KITCHEN, BOOKS, TENTS], &[TENTS, BOOKS, KITCHEN]);
    check(&["novel"], &["brand:acme", "brand:bora", BOOKS], &[BOOKS, "brand:acme", "brand:bora"]);
    // Numbers, and several tags: their mean.
    check(&["tent"], &["price_band:1", "price_band:5"], &["price_band:5", "price_band:1"]);
    check(
        &["tent"],
        &["brand:acme;price_band:1", "brand:acme;price_band:5"],
        &["brand:acme;price_band:5", "brand:acme;price_band:1"],
    );
    // What nothing is known of stands still, and what is sensitive says nothing.
    check(&["novel"], &["color:red", "category:Shoes", "", BOOKS], &[BOOKS, "color:red", "category:Shoes", ""]);
    check(&["pills"], &[BOOKS, "category:Health"], &[BOOKS, "category:Health"]);
}

#[test]
fn parts_add_up_and_reasons_cite_an_event() {
    let (order, _) = ordered(&["tent", "stove"], &["category:Books", "brand:acme", "price_band:5"]);
    let by_index = |from: usize| *order.things.iter().find(|thing| thing.from == from).unwrap();
    // Two of two events, with one more to be sure: two thirds of four logits. One of two: a third.
    assert_eq!(by_index(1).parts.attributes, 4 * 1024 * 2 / 3);
    assert_eq!(by_index(2).parts.attributes, 4 * 1024 / 3);
    // One item of level 255: 15 octaves, an eighth of a logit each.
    assert_eq!(by_index(0).parts.popularity, 15 * 128);
    assert_eq!(by_index(2).parts.popularity, 128);
    assert_eq!(by_index(1).reason.event, Some((2, EventKind::View)), "the newest of equals");
    assert_eq!(by_index(2).reason.event, Some((0, EventKind::View)));
    assert_eq!(by_index(0).reason.code, ReasonCode::Popular);
    assert!(order.things.is_sorted_by(|a, b| a.parts.score() >= b.parts.score()));
}
