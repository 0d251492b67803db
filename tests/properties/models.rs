//! Models of any content, and what is asked of them.

use proptest::prelude::*;
use reshelve::format::container::{self, SectionKind};
use reshelve::format::features::N_FEATURES;
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata};
use reshelve::format::ranker::{self, Node, VALUE_MAX};
use reshelve::format::{attributes, embeddings, ids, index, neighbors, priors};
use reshelve::model::Model;
use reshelve::rank::{Share, UNKNOWN_ROW};
use reshelve::session::{Event, EventKind, Session};

pub(crate) const NOW: i64 = 1_780_000_000_000;
pub(crate) const N_ITEMS: usize = 24;
/// As many as there can be.
const DIMENSIONS: usize = 256;

prop_compose! {
    /// Any weights, the largest included: what a writer with bad intentions could sign with a sound checksum.
    fn blend(surface: &'static str)(
        numbers in prop::array::uniform6(any::<u16>()),
        by_place in prop::collection::vec(any::<u16>(), 0..8),
        history_by_place in prop::collection::vec(any::<i16>(), 0..8),
        history_by_times in prop::collection::vec(any::<i16>(), 0..4),
        history_of_last in prop::collection::vec(any::<i16>(), 0..4),
        history_by_kind in prop::array::uniform10(any::<i16>()),
        strength in 0u16..=1024,
    ) -> Blend {
        let [embedding, embedding_of_known, neighbors, bias, popularity, base_range] = numbers;
        Blend {
            surface: surface.to_owned(),
            embedding,
            embedding_of_known,
            neighbors,
            neighbors_by_place: by_place,
            bias,
            popularity,
            history_by_place,
            history_by_times,
            history_of_last,
            history_by_kind,
            base_range,
            strength,
        }
    }
}

/// Any numbers, the largest all over included.
fn vector() -> impl Strategy<Value = Vec<i8>> {
    let all = |value: i8| Just(vec![value; DIMENSIONS]);
    prop_oneof![4 => prop::collection::vec(any::<i8>(), DIMENSIONS), 1 => all(i8::MIN), 1 => all(0)]
}

/// One matrix, or two side by side.
fn transition() -> impl Strategy<Value = Vec<Vec<i8>>> {
    let squares = |n_squares: usize| prop::collection::vec(vector(), n_squares * DIMENSIONS);
    prop_oneof![squares(1), squares(2)]
}

prop_compose! {
    fn embedding_section()(
        norm in prop_oneof![Just(1), 1u16..],
        temperature in any::<u16>(),
        by_place in prop::collection::vec(any::<u16>(), 1..10),
        biases in prop::collection::vec(any::<i16>(), N_ITEMS),
        vectors in prop::collection::vec(vector(), N_ITEMS),
        transition in prop::option::of((transition(), 1u16..)),
    ) -> Vec<u8> {
        let (transition, transition_scale) = transition.unwrap_or_default();
        let transition = transition.concat();
        let dimensions = DIMENSIONS;
        let encoder = embeddings::Encoder { dimensions, norm, temperature, by_place, transition, transition_scale };
        embeddings::write(&embeddings::Encoded { encoder, biases, vectors: vectors.concat() }).unwrap()
    }
}

prop_compose! {
    fn neighbor_section()(
        weights in prop::collection::vec(any::<u16>(), neighbors::LEVELS),
        rows in prop::collection::vec(prop::collection::btree_map(0..N_ITEMS as u32, any::<u8>(), 0..8), N_ITEMS),
    ) -> Vec<u8> {
        let rows: Vec<Vec<neighbors::Entry>> = (0..).zip(rows)
            .map(|(row, entries)| entries.into_iter().filter(|&(neighbor, _)| neighbor != row).collect())
            .collect();
        neighbors::write(&weights.try_into().unwrap(), &rows).unwrap()
    }
}

prop_compose! {
    /// Lists that cut the rows anywhere, and have nothing to do with them.
    pub(crate) fn index_section()(
        mut ends in prop::collection::vec(0..=N_ITEMS as u32, 0..9),
        probes in any::<prop::sample::Index>(),
        biases in prop::collection::vec(any::<i16>(), 10),
        centers in prop::collection::vec(any::<i8>(), 10 * DIMENSIONS),
    ) -> Vec<u8> {
        ends.push(N_ITEMS as u32);
        ends.sort_unstable();
        let n_lists = ends.len();
        index::write(&index::Encoded {
            dimensions: DIMENSIONS,
            probes: probes.index(n_lists) as u16 + 1,
            recall: 1000,
            ends,
            biases: biases[..n_lists].to_vec(),
            centers: centers[..n_lists * DIMENSIONS].to_vec(),
        }).unwrap()
    }
}

/// A tree in pre-order whose children lie where its splits say.
fn tree() -> impl Strategy<Value = Vec<Node>> {
    let value = -VALUE_MAX..=VALUE_MAX;
    let leaf = value.clone().prop_map(|value| vec![Node { feature: 0, skip: 0, threshold: 0, value }]);
    let tree = leaf.prop_recursive(5, 60, 2, move |branch| {
        (0..N_FEATURES as u8, any::<i16>(), value.clone(), branch.clone(), branch).prop_map(
            |(feature, threshold, value, lower, upper)| {
                let skip = lower.len() as u8 + 1;
                [vec![Node { feature, skip, threshold, value }], lower, upper].concat()
            },
        )
    });
    tree.prop_map(|mut nodes| {
        nodes[0].value = 0;
        nodes
    })
}

prop_compose! {
    pub(crate) fn ranker_section()(trees in prop::collection::vec(tree(), 0..6)) -> Vec<u8> {
        ranker::write(N_FEATURES, &trees).unwrap()
    }
}

/// The words of the columns, some of which no rule names.
pub(crate) const BRANDS: [&str; 4] = ["acme", "bora", "Čapek", "d"];
pub(crate) const CATEGORIES: [&str; 4] = ["shoes", "shoes > boots", "shoes > boots > hiking", "shoestrings > boots"];

/// What models with priors know of requests.
pub(crate) const CONTEXT: [(&str, &str); 2] = [("device", "mobile"), ("season", "q1")];

/// Any of the columns that rules can ask for, in order.
fn columns() -> impl Strategy<Value = Vec<attributes::Encoded>> {
    let column = |name: &'static str, words: &'static [&'static str], last: u32| {
        prop::option::weighted(0.8, prop::collection::vec(0..=last, N_ITEMS)).prop_map(move |values| {
            let dictionary = words.iter().map(|word| (*word).to_owned()).collect();
            values.map(|values| attributes::Encoded { name: name.to_owned(), values, dictionary })
        })
    };
    let columns = (
        column("brand", &BRANDS, 4),
        column("category", &CATEGORIES, 4),
        column("flags", &[], 3),
        column("popularity", &[], 255),
        column("price_band", &[], 5),
        column("repurchase_days", &[], u32::MAX),
    );
    columns.prop_map(|(brand, category, flags, popularity, price_band, repurchase_days)| {
        [brand, category, flags, popularity, price_band, repurchase_days].into_iter().flatten().collect()
    })
}

prop_compose! {
    pub(crate) fn model_bytes()(
        blends in (blend(""), blend("cart")),
        by_kind in prop::array::uniform10(any::<u16>()),
        weight in any::<u16>(),
        embedding in prop::option::of(embedding_section()),
        neighbors in prop::option::of(neighbor_section()),
        columns in columns(),
        ranker in prop::option::of(ranker_section()),
        priors in prop::option::of((any::<u16>(), any::<u16>(), prop::collection::vec(any::<i8>(), 2 * CATEGORIES.len()))),
    ) -> Vec<u8> {
        let by_age = vec![AgeWeight { max_age_minutes: 60, weight }, AgeWeight { max_age_minutes: u32::MAX, weight: 7 }];
        let metadata = Metadata {
            created_at_ms: NOW,
            decay: Decay { by_kind, by_age },
            blends: vec![blends.0, blends.1],
            ..Metadata::default()
        };
        let item_ids: Vec<String> = (0..N_ITEMS).map(item_id).collect();
        let mut sections = vec![
            (SectionKind::Metadata, metadata.write().unwrap()),
            (SectionKind::Ids, ids::write(&item_ids).unwrap()),
        ];
        sections.extend(embedding.map(|section| (SectionKind::Embeddings, section)));
        sections.extend(neighbors.map(|section| (SectionKind::Neighbors, section)));
        if !columns.is_empty() {
            sections.push((SectionKind::Attributes, attributes::write(N_ITEMS, &columns).unwrap()));
        }
        let has_categories = columns.iter().any(|column| column.name == "category");
        if let Some((popular, session, tilts)) = priors.filter(|_| has_categories) {
            let (n_categories, mut tilts) = (CATEGORIES.len(), tilts.chunks(CATEGORIES.len()).map(<[i8]>::to_vec));
            let contexts = CONTEXT.map(|(name, word)| ((name.to_owned(), word.to_owned()), tilts.next().unwrap()));
            let priors = priors::Encoded { n_categories, popular, session, contexts: contexts.to_vec() };
            sections.push((SectionKind::Priors, priors::write(&priors).unwrap()));
        }
        sections.extend(ranker.map(|section| (SectionKind::Ranker, section)));
        container::write(&sections)
    }
}

pub(crate) fn item_id(number: usize) -> String {
    format!("item {number}")
}

/// The session of a shopper who did these things, as the model lets it be.
pub(crate) fn session(model: &Model, events: impl IntoIterator<Item = Event>) -> Session {
    let mut session = Session::default();
    for event in events {
        let _ = session.record(model, event);
    }
    session
}

/// Known and unknown items, searches, the distant past and the future.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    let timestamp = prop_oneof![NOW - 10_000_000..NOW + 1_000_000, any::<i64>()];
    let gift = prop::bool::weighted(0.2);
    let event =
        (0..EventKind::COUNT, 0..N_ITEMS + 4, timestamp).prop_map(|(kind, item, timestamp)| {
            match EventKind::ALL[kind] {
                kind if !kind.has_item() => {
                    Event::of_words(kind, ["what/ever", "what/never", "what/else", "what"][item % 4], timestamp)
                }
                kind => Event::new(kind, item_id(item), timestamp),
            }
        });
    (event, gift).prop_map(|(event, gift)| Event { gift, ..event })
}

pub(crate) fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(event(), 0..40)
}

pub(crate) fn share() -> impl Strategy<Value = Share> {
    (0.0..=1.0).prop_map(|value| Share::new(value).unwrap())
}

pub(crate) fn rows() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![4 => 0..N_ITEMS as u32, 1 => Just(UNKNOWN_ROW)], 0..50)
}
