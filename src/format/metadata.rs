//! Section 1, metadata: who built the model and from how much, and the small tables that scoring reads.
//!
//! `bincode` writes it, here alone. It is read as every other section is: the library's reader would cost the WebAssembly as
//! much as three sections.

use alloc::string::String;
use alloc::vec::Vec;

use bincode::Encode;
use bincode::config::{Configuration, Fixint, LittleEndian};

use super::FormatError;
use super::bytes::Fields;
use crate::lists::Gather;
use crate::session::EventKind;

/// Most bytes that the section may have.
pub const MAX_LEN: usize = 64 * 1024;

const PART: &str = "metadata";
const CODEC: Configuration<LittleEndian, Fixint> =
    bincode::config::legacy().with_little_endian().with_fixed_int_encoding();

/// One, in the fixed-point numbers of the scorer: they count 1/1024.
pub const ONE: i32 = 1024;
/// Longest table of weights by place.
pub const MAX_PLACES: usize = 64;
/// Most surfaces with a blend of their own.
pub const MAX_BLENDS: usize = 64;

/// Bytes of a blend without texts and places.
const MIN_BLEND_LEN: usize = 5 * 8 + 7 * 2 + 2 * EventKind::N_WEIGHED;
/// Bytes of an [`AgeWeight`].
const AGE_WEIGHT_LEN: usize = 6;

/// Everything about the model that is not an array.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode)]
pub struct Metadata {
    /// The program that wrote the file, e.g. `reshelve 0.1.0`.
    pub builder: String,
    /// Milliseconds since the Unix epoch: the end of the newest event's hour, unless the builder was told otherwise.
    pub created_at_ms: i64,
    /// Sessions the model was learned from.
    pub n_sessions: u64,
    /// Events the model was learned from.
    pub n_events: u64,
    /// Seed of everything random in the learning.
    pub seed: u64,
    /// How events weigh in the session vector.
    pub decay: Decay,
    /// How the terms of the score are mixed: the first one is the default, the others are for the surfaces they name.
    pub blends: Vec<Blend>,
}

/// How much an event counts for what the shopper came for. All in 1/1024.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode)]
pub struct Decay {
    /// By kind of event, indexed by [`EventKind`]'s number. 0: the event says nothing of interest.
    pub by_kind: [u16; EventKind::N_WEIGHED],
    /// By age: the first entry whose `max_age_minutes` is not less than the event's age. Beyond the last entry: 0.
    pub by_age: Vec<AgeWeight>,
}

/// An entry of [`Decay::by_age`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
pub struct AgeWeight {
    /// The oldest age that this weight is for. Ascending from entry to entry.
    pub max_age_minutes: u32,
    /// The weight, in 1/1024.
    pub weight: u16,
}

/// How the terms of the score are mixed on a surface. Weights in 1/1024; scores in 1/1024 of a logit. By default nothing
/// counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode)]
pub struct Blend {
    /// The surface it is for; empty for the default.
    pub surface: String,
    /// Weight of the session vector's nearness to the candidate's embedding.
    pub embedding: u16,
    /// Weight of that, once more, of a candidate that stands in the session, whose own vector is part of the session's.
    pub embedding_of_known: u16,
    /// Weight of the neighbor rows of the session's items.
    pub neighbors: u16,
    /// How much a neighbor row counts by the place of its item in the session, newest first. Beyond the end: 0.
    pub neighbors_by_place: Vec<u16>,
    /// Weight of the item's learned bias.
    pub bias: u16,
    /// Score for every level of popularity, in 1/1024 of a logit.
    pub popularity: u16,
    /// Score for a candidate that stands in the session, by its newest place there. Beyond the end: the last entry.
    pub history_by_place: Vec<i16>,
    /// Added to it, by how often the candidate stands among the events that have a place above: once, twice and so on. Beyond the
    /// end: the last entry; empty: 0.
    pub history_by_times: Vec<i16>,
    /// Added to it at the first place, by how many items have their newest event at a place above: one, two and so on. Beyond the
    /// end: the last entry; empty: 0.
    pub history_of_last: Vec<i16>,
    /// Added to it, by the kind of the newest event with the candidate.
    pub history_by_kind: [i16; EventKind::N_WEIGHED],
    /// What the first of the incoming candidates gets over the last, in 1/1024 of a logit.
    pub base_range: u16,
    /// The default of the `strength` option, 0..=1024.
    pub strength: u16,
}

impl Metadata {
    /// Decodes and checks the section.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn parse(section: &[u8]) -> Result<Metadata, FormatError> {
        let mut fields = Fields::new(PART, section);
        let numbers = [section.len() as u64, MAX_LEN as u64];
        fields.check(section.len() <= MAX_LEN, "# bytes, at most # are allowed", &numbers);
        let metadata = Metadata {
            builder: fields.text().into(),
            created_at_ms: fields.u64().cast_signed(),
            n_sessions: fields.u64(),
            n_events: fields.u64(),
            seed: fields.u64(),
            decay: Decay {
                by_kind: [(); EventKind::N_WEIGHED].map(|()| fields.u16()),
                by_age: list(&mut fields, AGE_WEIGHT_LEN, |fields| AgeWeight {
                    max_age_minutes: fields.u32(),
                    weight: fields.u16(),
                }),
            },
            blends: list(&mut fields, MIN_BLEND_LEN, Blend::parse),
        };
        let Metadata { decay: Decay { by_age, .. }, blends, .. } = &metadata;
        let sound = by_age.len() <= MAX_PLACES && by_age.is_sorted_by_key(|entry| entry.max_age_minutes);
        fields.check(sound, "the weights by age are too many, or not in order", &[]);
        let numbers = [blends.len() as u64, MAX_BLENDS as u64];
        fields.check((1..=MAX_BLENDS).contains(&blends.len()), "# blends, 1 to # are allowed", &numbers);
        let surface = blends.first().map_or("", |blend| &blend.surface);
        fields.check_named(surface.is_empty(), "the first blend is for @ instead of every surface", surface, &[]);
        fields.end()?;
        Ok(metadata)
    }

    /// Encodes the section.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`] if [`Metadata::parse`] would refuse the result.
    pub fn write(&self) -> Result<Vec<u8>, FormatError> {
        let out =
            bincode::encode_to_vec(self, CODEC).map_err(|_| FormatError::unsound(PART, "it does not encode", &[]))?;
        Metadata::parse(&out)?;
        Ok(out)
    }

    /// The blend for a surface: its own, or the default.
    pub fn blend(&self, surface: &str) -> &Blend {
        self.blends.iter().skip(1).find(|blend| blend.surface == surface).unwrap_or(&self.blends[0])
    }
}

impl Blend {
    fn parse(fields: &mut Fields) -> Blend {
        let blend = Blend {
            surface: fields.text().into(),
            embedding: fields.u16(),
            embedding_of_known: fields.u16(),
            neighbors: fields.u16(),
            neighbors_by_place: list(fields, 2, Fields::u16),
            bias: fields.u16(),
            popularity: fields.u16(),
            history_by_place: list(fields, 2, Fields::i16),
            history_by_times: list(fields, 2, Fields::i16),
            history_of_last: list(fields, 2, Fields::i16),
            history_by_kind: [(); EventKind::N_WEIGHED].map(|()| fields.i16()),
            base_range: fields.u16(),
            strength: fields.u16(),
        };
        let numbers = [u64::from(blend.strength), ONE as u64];
        fields.check_named(numbers[0] <= numbers[1], "strength # of @ is over #", &blend.surface, &numbers);
        let history = blend.history_by_place.len().max(blend.history_by_times.len()).max(blend.history_of_last.len());
        let places = blend.neighbors_by_place.len().max(history);
        let numbers = [places as u64, MAX_PLACES as u64];
        fields.check_named(places <= MAX_PLACES, "# places of @, at most # are allowed", &blend.surface, &numbers);
        blend
    }
}

/// Elements behind their count, each of at least `width` bytes.
fn list<'a, T>(fields: &mut Fields<'a>, width: usize, element: impl Fn(&mut Fields<'a>) -> T) -> Vec<T> {
    (0..fields.count(width)).map(|_| element(fields)).gather()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Metadata {
        let by_age = [(30, 1024), (240, 700)].map(|(max_age_minutes, weight)| AgeWeight { max_age_minutes, weight });
        let blend = Blend {
            surface: String::new(),
            embedding: 1,
            embedding_of_known: 11,
            neighbors: 2,
            neighbors_by_place: [3, 4].to_vec(),
            bias: 5,
            popularity: 6,
            history_by_place: [-7].to_vec(),
            history_by_times: [4, -3].to_vec(),
            history_of_last: [12].to_vec(),
            history_by_kind: [-1, 0, 0, 0, 0, 0, 0, 0, 0, 8],
            base_range: 9,
            strength: 1024,
        };
        Metadata {
            builder: "ö".into(),
            created_at_ms: -2,
            n_sessions: 3,
            n_events: 4,
            seed: 5,
            decay: Decay { by_kind: [6, 0, 0, 0, 0, 0, 0, 0, 0, 7], by_age: by_age.to_vec() },
            blends: [blend.clone(), Blend { surface: "cart".into(), ..blend }].to_vec(),
        }
    }

    #[test]
    fn the_bytes_are_as_documented() {
        let mut expected = Vec::new();
        expected.extend(b"\x02\0\0\0\0\0\0\0\xc3\xb6");
        expected.extend([-2, 3, 4, 5].iter().flat_map(|number: &i64| number.to_le_bytes()));
        let push = |expected: &mut Vec<u8>, numbers: &[i16]| {
            expected.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        };
        push(&mut expected, &[6, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
        push(&mut expected, &[2, 0, 0, 0, 30, 0, 1024, 240, 0, 700]);
        push(&mut expected, &[2, 0, 0, 0]);
        for surface in ["", "cart"] {
            expected.extend((surface.len() as u64).to_le_bytes());
            expected.extend(surface.as_bytes());
            push(&mut expected, &[1, 11, 2, 2, 0, 0, 0, 3, 4, 5, 6, 1, 0, 0, 0, -7, 2, 0, 0, 0, 4, -3]);
            push(&mut expected, &[1, 0, 0, 0, 12, -1, 0, 0, 0, 0, 0, 0, 0, 0, 8, 9, 1024]);
        }
        assert_eq!(sample().write().unwrap(), expected);
        assert_eq!(Metadata::parse(&expected).unwrap(), sample());
    }

    #[test]
    fn unsound_metadata_is_refused() {
        let check = |change: fn(&mut Metadata), expected: &str| {
            let mut metadata = sample();
            change(&mut metadata);
            let error = metadata.write().unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        check(|metadata| metadata.builder = "x".repeat(MAX_LEN), "bytes, at most 65536 are allowed");
        check(|metadata| metadata.decay.by_age.swap(0, 1), "not in order");
        check(|metadata| metadata.decay.by_age = [metadata.decay.by_age[0]; 65].to_vec(), "are too many");
        check(|metadata| metadata.blends.clear(), "0 blends, 1 to 64 are allowed");
        check(|metadata| metadata.blends.resize(65, metadata.blends[0].clone()), "65 blends, 1 to 64 are allowed");
        check(|metadata| metadata.blends.swap(0, 1), "the first blend is for \"cart\" instead of every surface");
        check(|metadata| metadata.blends[1].strength = 1025, "strength 1025 of \"cart\" is over 1024");
        check(|metadata| metadata.blends[1].neighbors_by_place = [0; 65].to_vec(), "65 places of \"cart\", at most 64");
        check(|metadata| metadata.blends[1].history_by_place = [0; 65].to_vec(), "65 places of \"cart\", at most 64");
        check(|metadata| metadata.blends[1].history_by_times = [0; 65].to_vec(), "65 places of \"cart\", at most 64");
        check(|metadata| metadata.blends[1].history_of_last = [0; 65].to_vec(), "65 places of \"cart\", at most 64");
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let check = |section: &[u8], expected: &str| {
            let error = Metadata::parse(section).unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        let section = sample().write().unwrap();
        for at in 0..section.len() {
            check(&section[..at], "do not fit");
            for byte in 0..=255 {
                let mut section = section.clone();
                section[at] = byte;
                _ = Metadata::parse(&section);
            }
        }
        check(&[&section[..], &[0]].concat(), "1 bytes are left behind");
        check(&[&section[..8], &[0xff], &section[9..]].concat(), "is not UTF-8");
        check(&[&[0xff; 8], &section[8..]].concat(), "do not fit");
    }
}
