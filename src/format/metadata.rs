//! Section 1, metadata: who built the model and from how much, and the small tables that scoring reads.
//!
//! This is the only place where `bincode` is used; a change of codec would touch this file alone.

use alloc::string::String;
use alloc::vec::Vec;

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};
use bincode::{Decode, Encode};

use super::FormatError;
use crate::lists::Gather;
use crate::session::EventKind;

/// Most bytes that the section may have, and that decoding may allocate.
pub const MAX_LEN: usize = 64 * 1024;

const PART: &str = "metadata";
const CODEC: Configuration<LittleEndian, Fixint, Limit<MAX_LEN>> =
    bincode::config::legacy().with_little_endian().with_fixed_int_encoding().with_limit::<MAX_LEN>();

/// One, in the fixed-point numbers of the scorer: they count 1/1024.
pub const ONE: i32 = 1024;
/// Longest table of weights by place.
pub const MAX_PLACES: usize = 64;
/// Most surfaces with a blend of their own.
pub const MAX_BLENDS: usize = 64;

/// Bytes of a blend without texts and places.
const MIN_BLEND_LEN: u64 = 3 * 8 + 6 * 2 + 2 * EventKind::N_WEIGHED as u64;

/// Everything about the model that is not an array.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
pub struct Metadata {
    /// The program that wrote the file, e.g. `reshelve 0.1.0`.
    pub builder: String,
    /// Milliseconds since the Unix epoch: the newest event, unless the builder was told otherwise.
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
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
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

/// How the terms of the score are mixed on a surface. Weights in 1/1024; scores in 1/1024 of a logit.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
pub struct Blend {
    /// The surface it is for; empty for the default.
    pub surface: String,
    /// Weight of the session vector's nearness to the candidate's embedding.
    pub embedding: u16,
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
        if section.len() > MAX_LEN {
            return Err(FormatError::unsound(
                PART,
                "# bytes, at most # are allowed",
                &[section.len() as u64, MAX_LEN as u64],
            ));
        }
        let mut block = Block { rest: section, failure: None };
        let metadata = Metadata {
            builder: block.take(),
            created_at_ms: block.take::<u64>() as i64,
            n_sessions: block.take(),
            n_events: block.take(),
            seed: block.take(),
            decay: Decay {
                by_kind: [(); EventKind::N_WEIGHED].map(|()| block.number()),
                by_age: block.list(6, |block| AgeWeight { max_age_minutes: block.take(), weight: block.number() }),
            },
            blends: block.list(MIN_BLEND_LEN, Block::blend),
        };
        if let Some(what) = block.failure {
            return Err(FormatError::unsound(PART, what, &[]));
        }
        if !block.rest.is_empty() {
            let left = [block.rest.len() as u64];
            return Err(FormatError::unsound(PART, "# bytes are left behind its end", &left));
        }
        metadata.check()?;
        Ok(metadata)
    }

    /// Encodes the section.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`] if [`Metadata::parse`] would refuse the result.
    pub fn write(&self) -> Result<Vec<u8>, FormatError> {
        self.check()?;
        bincode::encode_to_vec(self, CODEC).map_err(|_| FormatError::unsound(PART, "it is too large", &[]))
    }

    /// The blend for a surface: its own, or the default.
    pub fn blend(&self, surface: &str) -> &Blend {
        self.blends.iter().skip(1).find(|blend| blend.surface == surface).unwrap_or(&self.blends[0])
    }

    fn check(&self) -> Result<(), FormatError> {
        if self.blends.is_empty() || self.blends.len() > MAX_BLENDS {
            return Err(FormatError::unsound(
                PART,
                "# blends, 1 to # are allowed",
                &[self.blends.len() as u64, MAX_BLENDS as u64],
            ));
        }
        if !self.blends[0].surface.is_empty() {
            return Err(FormatError::unsound_in(
                PART,
                "the first blend is for @ instead of every surface",
                &self.blends[0].surface,
                &[],
            ));
        }
        for blend in &self.blends {
            let surface = &blend.surface;
            if i32::from(blend.strength) > ONE {
                return Err(FormatError::unsound_in(
                    PART,
                    "strength # of @ is over #",
                    surface,
                    &[u64::from(blend.strength), ONE as u64],
                ));
            }
            let places = blend.neighbors_by_place.len().max(blend.history_by_place.len());
            if places > MAX_PLACES {
                return Err(FormatError::unsound_in(
                    PART,
                    "# places of @, at most # are allowed",
                    surface,
                    &[places as u64, MAX_PLACES as u64],
                ));
            }
        }
        if self.decay.by_age.len() > MAX_PLACES || !self.decay.by_age.is_sorted_by_key(|entry| entry.max_age_minutes) {
            return Err(FormatError::unsound(PART, "the weights by age are too many, or not in order", &[]));
        }
        Ok(())
    }
}

/// Takes fields off the front of the block, in order. From the first that does not decode on, all are empty: derived
/// decoding has a way out behind every field.
struct Block<'a> {
    rest: &'a [u8],
    failure: Option<&'static str>,
}

impl Block<'_> {
    #[inline(never)]
    fn take<T: Decode<()> + Default>(&mut self) -> T {
        if self.failure.is_none() {
            match bincode::decode_from_slice(self.rest, CODEC) {
                Ok((field, read)) => {
                    self.rest = &self.rest[read..];
                    return field;
                }
                Err(error) => self.failure = Some(decode_failure(&error)),
            }
        }
        T::default()
    }

    fn number(&mut self) -> u16 {
        self.take()
    }

    /// Elements behind their count, each of at least `width` bytes.
    fn list<T>(&mut self, width: u64, mut element: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut count = self.take::<u64>();
        if count > self.rest.len() as u64 / width {
            self.failure = self.failure.or(Some("it announces more than it may hold"));
            count = 0;
        }
        (0..count as usize).map(|_| element(self)).gather()
    }

    fn blend(&mut self) -> Blend {
        Blend {
            surface: self.take(),
            embedding: self.number(),
            neighbors: self.number(),
            neighbors_by_place: self.list(2, Block::number),
            bias: self.number(),
            popularity: self.number(),
            history_by_place: self.list(2, |block| block.number() as i16),
            history_by_kind: [(); EventKind::N_WEIGHED].map(|()| self.number() as i16),
            base_range: self.number(),
            strength: self.number(),
        }
    }
}

/// The codec's own message would drag its formatting into the WebAssembly; its kind is enough.
fn decode_failure(error: &bincode::error::DecodeError) -> &'static str {
    match error {
        bincode::error::DecodeError::UnexpectedEnd { .. } => "it ends early",
        bincode::error::DecodeError::LimitExceeded => "it announces more than it may hold",
        _ => "it does not decode",
    }
}
