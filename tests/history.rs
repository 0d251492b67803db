//! What the shopper's own events with an item make of its score.

use reshelve::format::container::{self, SectionKind};
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata};
use reshelve::format::{embeddings, ids};
use reshelve::model::Model;
use reshelve::rank::{Page, Parts, RecommendRequest, Scratch, recommend};
use reshelve::session::{Event, EventKind, Session};

const NOW: i64 = 1_750_000_000_000;
const ITEMS: [&str; 4] = ["kettle", "mug", "stove", "tent"];

/// All vectors are the same.
fn model(blend: Blend) -> Model {
    let metadata = Metadata {
        created_at_ms: NOW,
        decay: Decay {
            by_kind: [1024; EventKind::N_WEIGHED],
            by_age: vec![AgeWeight { max_age_minutes: 600, weight: 1024 }],
        },
        blends: vec![blend],
        ..Metadata::default()
    };
    let encoder = embeddings::Encoder {
        dimensions: 16,
        norm: 40,
        temperature: 2048,
        by_place: vec![1024; 8],
        ..embeddings::Encoder::default()
    };
    let encoded = embeddings::Encoded { encoder, biases: vec![0; ITEMS.len()], vectors: vec![10; 16 * ITEMS.len()] };
    let bytes = container::write(&[
        (SectionKind::Metadata, metadata.write().unwrap()),
        (SectionKind::Ids, ids::write(&ITEMS.map(str::to_owned)).unwrap()),
        (SectionKind::Embeddings, embeddings::write(&encoded).unwrap()),
    ]);
    Model::from_bytes(bytes).unwrap()
}

/// The parts of every item's score after these views, oldest first.
fn parts(blend: Blend, viewed: &[&str]) -> [Parts; ITEMS.len()] {
    let model = model(blend);
    let session: Session =
        viewed.iter().zip(0..).map(|(item, n)| Event::new(EventKind::View, *item, NOW - 1000 + n)).collect();
    let request = RecommendRequest {
        limit: ITEMS.len(),
        page: Page { now_ms: NOW, ..Page::default() },
        ..RecommendRequest::default()
    };
    let found = recommend(&model, &session, &request, true, &mut Scratch::default()).unwrap();
    let of = |item| found.items.iter().find(|found| model.ids().id(found.row) == item).expect("all are found").parts;
    ITEMS.map(of)
}

#[test]
fn how_often_an_item_was_met_counts_beside_how_long_ago() {
    let blend =
        Blend { history_by_place: vec![50, 40, 30, 20, 10], history_by_times: vec![0, 200, 500], ..Blend::default() };
    let viewed = ["tent", "stove", "mug", "stove", "mug", "mug"];
    let history = parts(blend.clone(), &viewed).map(|parts| parts.history);
    // The tent stands beyond the last place, where the last entry is for it.
    assert_eq!(history, [0, 50 + 500, 30 + 200, 10]);
    // What is beyond the last place adds nothing to how often.
    let viewed = ["stove", "stove", "mug", "mug", "mug", "mug", "tent", "stove"];
    assert_eq!(parts(blend, &viewed).map(|parts| parts.history), [0, 30 + 500, 50, 40]);
}

#[test]
fn how_many_items_there_are_counts_for_the_last_one() {
    let blend = Blend { history_by_place: vec![50, 40, 30], history_of_last: vec![900, 500, 100], ..Blend::default() };
    let history = |viewed: &[&str]| parts(blend.clone(), viewed).map(|parts| parts.history);
    assert_eq!(history(&["mug"]), [0, 50 + 900, 0, 0]);
    assert_eq!(history(&["mug", "stove", "stove"]), [0, 30, 50 + 500, 0]);
    // The tent stands beyond the last place.
    assert_eq!(history(&["tent", "mug", "mug", "stove"]), [0, 40, 50 + 500, 30]);
}

#[test]
fn nearness_of_an_item_to_itself_has_a_weight_of_its_own() {
    let blend = Blend { embedding: 1024, embedding_of_known: 256, ..Blend::default() };
    let embedding = parts(blend, &["mug"]).map(|parts| parts.embedding);
    assert!(embedding[0] > 2000, "near: {embedding:?}");
    assert_eq!(embedding, [embedding[0], embedding[0] / 4, embedding[0], embedding[0]]);
}
