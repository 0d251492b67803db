//! Puts what was learned into the sections of a `.shelf` file.

use super::embedding::{Embedding, History, NO_HISTORY, PLACES, Rounded, TIMES};
use super::neighbors;
use super::neighbors::Leads;
use super::privacy::Protection;
use super::universe::Universe;
use crate::format::container::{self, SectionKind};
use crate::format::metadata::{AgeWeight, Blend, Decay, Metadata, ONE};
use crate::format::neighbors::Entry;
use crate::format::privacy::{Noise, Privacy};
use crate::format::{FormatError, attributes as attribute_section, embeddings, ids, neighbors as neighbors_section};
use crate::session::EventKind;

/// What the scorer's numbers that are not learned yet are set to, and what is passed through.
pub(super) struct Header {
    pub(super) created_at_ms: i64,
    pub(super) seed: u64,
    /// Weight of the neighbor rows in the default blend, in 1/1024.
    pub(super) neighbors_weight: u16,
    /// What the neighbor rows say the next item of.
    pub(super) leads: Leads,
    /// What tells events apart by what was done.
    pub(super) kinds: Kinds,
    /// What a level of popularity counts where no bias was learned, in 1/1024 of a logit.
    pub(super) popularity: u16,
    /// Logits of an item that stands in the session, where no embedding was learned.
    pub(super) history: History,
    /// Whether lists keep the store's order, unless asked otherwise.
    pub(super) keeps_order: bool,
}

impl Default for Header {
    /// Of no time, and without neighbor rows.
    fn default() -> Header {
        Header {
            created_at_ms: 0,
            seed: 0,
            neighbors_weight: 0,
            leads: Leads::Session,
            kinds: Kinds::default(),
            popularity: POPULARITY,
            history: NO_HISTORY,
            keeps_order: false,
        }
    }
}

/// What tells events apart by what was done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kinds {
    /// How much an event says of what the shopper came for, in 1/1024.
    pub(super) weights: [u16; EventKind::N_WEIGHED],
    /// Added to the score of an item that it was done with, in 1/1024 of a logit.
    pub(super) history: [i16; EventKind::N_WEIGHED],
}

impl Default for Kinds {
    /// What is taken where nothing tells better.
    fn default() -> Kinds {
        let mut weights = [0; EventKind::N_WEIGHED];
        for (kind, weight) in [
            (EventKind::View, 1024),
            (EventKind::Click, 1024),
            (EventKind::AddToCart, 2048),
            (EventKind::Wishlist, 1536),
            (EventKind::Purchase, 1024),
        ] {
            weights[kind as usize] = weight;
        }
        Kinds { weights, history: [0; EventKind::N_WEIGHED] }
    }
}

/// What the first of the incoming candidates has over the last: 8 logits, about what separates a likely from an unlikely
/// next item.
const BASE_RANGE: u16 = 8 * 1024;
/// Half the session, half the store's order.
pub(super) const STRENGTH: u16 = 512;
/// What a level of popularity counts where neither a bias nor this was learned, in 1/1024 of a logit.
pub(super) const POPULARITY: u16 = 16;
/// What keeps an item that is in the cart or was bought from being offered in the cart: 16 logits.
const IN_CART: i16 = -16 * 1024;

/// Encodes everything into the bytes of a file, with the columns that [`columns`](super::attributes::columns) makes of the universe.
/// An embedding comes with its vectors rounded.
pub(super) fn encode(
    universe: &Universe,
    columns: &[attribute_section::Encoded],
    embedding: Option<(&Embedding, &Rounded)>,
    rows: &[Vec<Entry>],
    header: &Header,
) -> Result<Vec<u8>, FormatError> {
    let metadata = Metadata {
        builder: builder(),
        created_at_ms: header.created_at_ms,
        n_sessions: about(universe.sessions.len()),
        n_events: about(universe.sessions.events.len()),
        seed: header.seed,
        decay: Decay { by_kind: header.kinds.weights, by_age: by_age() },
        blends: blends(embedding.map(|(embedding, _)| embedding), header),
    };
    let embedding = embedding.map(|(embedding, rounded)| rounded.encode(embedding));
    put_together(universe, &metadata, embedding.as_ref(), rows, columns, &universe.protection)
}

/// Encodes what is rounded already.
pub(super) fn put_together(
    universe: &Universe,
    metadata: &Metadata,
    embedding: Option<&embeddings::Encoded>,
    rows: &[Vec<Entry>],
    columns: &[attribute_section::Encoded],
    protection: &Protection,
) -> Result<Vec<u8>, FormatError> {
    let sessions = &universe.sessions;
    let mut sections =
        vec![(SectionKind::Metadata, metadata.write()?), (SectionKind::Ids, ids::write(&sessions.item_ids)?)];
    if let Some(embedding) = embedding {
        sections.push((SectionKind::Embeddings, embeddings::write(embedding)?));
    }
    if rows.iter().any(|row| !row.is_empty()) {
        sections.push((SectionKind::Neighbors, neighbors_section::write(&neighbors::weights(), rows)?));
    }
    sections.push((SectionKind::Attributes, attribute_section::write(sessions.item_ids.len(), columns)?));
    sections.push((SectionKind::Privacy, stated(protection).write()?));
    Ok(container::write(&sections))
}

/// The program that writes the file.
pub(super) fn builder() -> String {
    format!("reshelve {}", env!("CARGO_PKG_VERSION"))
}

/// A number to two digits: an exact one would tell two builds of one visitor apart.
pub(super) fn about(count: usize) -> u64 {
    let count = count as u64;
    let unit = 10u64.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(1));
    (count + unit / 2) / unit * unit
}

/// What the file says of how people are protected in it.
fn stated(protection: &Protection) -> Privacy {
    let noise = protection.epsilon.zip(protection.delta).map(|(epsilon, delta)| Noise { epsilon, delta });
    Privacy {
        min_visitors: protection.min_visitors,
        max_events_per_visitor: u32::try_from(protection.max_events_per_visitor).unwrap_or(u32::MAX),
        knows_visitors: protection.knows_visitors,
        noise,
    }
}

/// An event counts less as it ages: in full within a session, a quarter after a week, nothing after a quarter of a year.
fn by_age() -> Vec<AgeWeight> {
    const DAY: u32 = 24 * 60;
    let by_age = [(30, 1024), (4 * 60, 768), (DAY, 512), (7 * DAY, 256), (30 * DAY, 128), (90 * DAY, 64)];
    by_age.map(|(max_age_minutes, weight)| AgeWeight { max_age_minutes, weight }).to_vec()
}

/// The default blend as it was learned, and one for the cart, where what is in it need not be shown again.
fn blends(embedding: Option<&Embedding>, header: &Header) -> Vec<Blend> {
    let one = ONE as u16;
    let places: [f32; PLACES] = match embedding {
        Some(embedding) => embedding.shape.place_logits.map(|logit| (logit - embedding.shape.place_logits[0]).exp()),
        None => std::array::from_fn(|place| 1.0 / (place + 1) as f32),
    };
    let history = embedding.map_or(header.history, |embedding| embedding.shape.history);
    let history = history.map(|logit| (logit * ONE as f32).round() as i16);
    let (by_place, others) = history.split_at(PLACES);
    let (by_times, of_last) = others.split_at(TIMES);
    let default = Blend {
        surface: String::new(),
        embedding: one,
        // What was learned below 0 is nothing.
        embedding_of_known: embedding
            .map_or(one, |embedding| (embedding.shape.nearness_of_known * ONE as f32).round() as u16),
        neighbors: if embedding.is_some() { header.neighbors_weight } else { one },
        neighbors_by_place: match header.leads {
            Leads::Session => places.map(|weight| (weight * ONE as f32).round() as u16).to_vec(),
            Leads::LastItem => vec![one],
        },
        bias: one,
        popularity: if embedding.is_some() { 0 } else { header.popularity },
        history_by_place: by_place.to_vec(),
        history_by_times: by_times.to_vec(),
        history_of_last: of_last.to_vec(),
        history_by_kind: header.kinds.history,
        base_range: BASE_RANGE,
        strength: if header.keeps_order { 0 } else { STRENGTH },
    };
    let mut cart = Blend { surface: "cart".to_owned(), neighbors: one, ..default.clone() };
    cart.history_by_kind[EventKind::AddToCart as usize] = IN_CART;
    cart.history_by_kind[EventKind::Purchase as usize] = IN_CART;
    vec![default, cart]
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::eval::{Cases, K, measure};
    use crate::model::Model;
    use crate::train::embedding::{Around, EmbeddingOptions, Trainer};
    use crate::train::{self, Interaction, Sessions};

    /// Most that rounding may take from HR and MRR, relative to them.
    const LOSS: f64 = 0.005;

    /// Shoppers that stay in one of 20 kinds of 15 items and prefer its first.
    fn log() -> Sessions {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut log = Sessions { starts: vec![0], ..Sessions::default() };
        log.item_ids = (0..300).map(|item| format!("{item:03}")).collect();
        for visitor in 0..3000 {
            let kind = rng.random_range(0..20u32);
            for _ in 0..rng.random_range(2..8) {
                let item = 15 * kind + rng.random_range(0..15u32).min(rng.random_range(0..15));
                log.events.push(Interaction { item, kind: EventKind::View, timestamp_ms: 0 });
            }
            log.starts.push(log.events.len());
            log.visitors.push(visitor);
        }
        log
    }

    #[test]
    fn numbers_of_all_are_rounded() {
        for (count, expected) in [(0, 0), (7, 7), (99, 99), (104, 100), (105, 110), (186_670, 190_000), (999, 1000)] {
            assert_eq!(about(count), expected, "{count}");
        }
    }

    #[test]
    fn rounding_costs_next_to_nothing() {
        let log = log();
        let options = EmbeddingOptions::default();
        let mut trainer = Trainer::new(&log, &options, Around::ALL[0], 1).unwrap();
        trainer.epoch(|_| ());
        let embedding = trainer.embedding();
        let cases = Cases::of_sessions(&log.part(2000..3000));

        let (mut hits, mut reciprocal) = (0.0, 0.0);
        for case in &cases.0 {
            let newest_first: Vec<u32> =
                case.prefix().iter().rev().take(PLACES).map(|id| id.parse().unwrap()).collect();
            let logits = embedding.logits(&newest_first, false);
            let target = logits[case.target().parse::<usize>().unwrap()];
            let rank = logits.iter().filter(|&&logit| logit >= target).count();
            if rank <= K {
                hits += 1.0;
                reciprocal += 1.0 / rank as f64;
            }
        }
        let (hr, mrr) = (hits / cases.0.len() as f64, reciprocal / cases.0.len() as f64);

        let universe = Universe::new(&log, None, &train::Privacy::NONE);
        let header = Header { seed: 1, ..Header::default() };
        let rounded = Rounded::new(embedding);
        let columns = train::attributes::columns(&universe);
        let bytes = encode(&universe, &columns, Some((embedding, &rounded)), &[], &header).unwrap();
        let model = Model::from_bytes(bytes).unwrap();
        let shipped = measure(&model, &cases);
        assert!(shipped.hr > hr * (1.0 - LOSS), "HR {} of {hr} is left", shipped.hr);
        assert!(shipped.mrr > mrr * (1.0 - LOSS), "MRR {} of {mrr} is left", shipped.mrr);
    }
}
