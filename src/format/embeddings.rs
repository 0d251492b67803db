//! Section 3, embeddings: an int8 vector an item, its bias, and the session encoder's weights.

use alloc::vec::Vec;

use bytemuck::{cast_slice, cast_slice_mut};

use super::FormatError;
use super::bytes::{Fields, pad16, u16_at};
use crate::kernels;

/// Longest embedding.
pub const MAX_DIMENSIONS: usize = 256;
/// Most places of the session that the encoder can weigh.
pub const MAX_PLACES: usize = 64;
const PART: &str = "embeddings";

/// A view of the section, once its vectors were [put in place](Embeddings::restore) of their differences.
#[derive(Debug, Clone, Copy)]
pub struct Embeddings<'a> {
    n_items: usize,
    dimensions: usize,
    norm: u16,
    temperature: u16,
    by_place: &'a [u8],
    transition_scale: u16,
    transition: &'a [i8],
    biases: &'a [u8],
    vectors: &'a [i8],
}

/// What [`write()`] encodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// What does not grow with the catalog.
    pub encoder: Encoder,
    /// What an item gets in every session, in 1/256 of a logit, by row.
    pub biases: Vec<i16>,
    /// The vectors, one row after the other.
    pub vectors: Vec<i8>,
}

impl Encoded {
    /// The vector of a row.
    #[cfg(feature = "publish")]
    pub fn vector(&self, row: usize) -> &[i8] {
        &self.vectors[row * self.encoder.dimensions..(row + 1) * self.encoder.dimensions]
    }
}

/// How vectors make a session vector, and what it is worth to be near that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoder {
    /// Length of a vector: a multiple of 16, at most [`MAX_DIMENSIONS`].
    pub dimensions: usize,
    /// Length that all vectors have, up to rounding.
    pub norm: u16,
    /// What a cosine of 1 is worth, in 1/1024 of a logit.
    pub temperature: u16,
    /// Weight of an event in the session vector by its place, newest first, in 1/1024. Beyond the end: 0.
    pub by_place: Vec<u16>,
    /// What the vector of the newest event's item is multiplied by for what that event adds beside its vector: a matrix of as many
    /// rows as there are dimensions, row by row, in `transition_scale` / 2^20. Rows are as long as a vector, or twice as long: the
    /// second half is for the same vector once more if the item was chosen. Empty: nothing.
    pub transition: Vec<i8>,
    /// 0 where there is no matrix.
    pub transition_scale: u16,
}

impl<'a> Embeddings<'a> {
    /// Finds the arrays. O(1).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`] if they do not fill the section exactly, or a header field is out of its range.
    pub fn parse(section: &'a [u8]) -> Result<Embeddings<'a>, FormatError> {
        let mut fields = Fields::new(PART, section);
        let n_items = fields.u32() as usize;
        let dimensions = usize::from(fields.u16());
        let n_places = usize::from(fields.u16());
        let norm = fields.u16();
        let temperature = fields.u16();
        let transition_scale = fields.u16();
        let tells_choices = fields.u16();
        fields.check(
            dimensions != 0 && dimensions <= MAX_DIMENSIONS && dimensions.is_multiple_of(16),
            "# dimensions, a multiple of 16 up to # is allowed",
            &[dimensions as u64, MAX_DIMENSIONS as u64],
        );
        let places = [n_places as u64, MAX_PLACES as u64];
        fields.check(n_places != 0 && n_places <= MAX_PLACES, "# places, 1 to # are allowed", &places);
        fields.check(norm != 0, "the norm is zero", &[]);
        fields.check(tells_choices <= 1, "whether choices are told apart is # and not 0 or 1", &[tells_choices.into()]);
        let by_place = fields.array(n_places, 2);
        fields.align();
        let row_len = dimensions << tells_choices.min(1);
        let transition = cast_slice(fields.array(if transition_scale > 0 { dimensions } else { 0 }, row_len));
        let biases = fields.array(n_items, 2);
        fields.align();
        let vectors = cast_slice(fields.array(n_items, dimensions));
        fields.end()?;
        Ok(Embeddings {
            n_items,
            dimensions,
            norm,
            temperature,
            by_place,
            transition_scale,
            transition,
            biases,
            vectors,
        })
    }

    /// Puts the vectors of a section of a file in place of their differences. These are what the file holds, as they are smaller
    /// when they are compressed: rows that follow one another are near each other. O(items · dimensions).
    ///
    /// # Errors
    ///
    /// As [`Embeddings::parse`].
    pub fn restore(section: &'a mut [u8]) -> Result<Embeddings<'a>, FormatError> {
        let (vectors, dimensions) = vectors_mut(section)?;
        kernels::accumulate(vectors, dimensions);
        Embeddings::parse(section)
    }

    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.n_items
    }

    /// Whether there is no vector.
    pub fn is_empty(&self) -> bool {
        self.n_items == 0
    }

    /// Length of a vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Length that all vectors have, up to rounding.
    pub fn norm(&self) -> u16 {
        self.norm
    }

    /// What a cosine of 1 is worth, in 1/1024 of a logit.
    pub fn temperature(&self) -> u16 {
        self.temperature
    }

    /// What does not grow with the catalog.
    #[cfg(feature = "publish")]
    pub fn encoder(&self) -> Encoder {
        Encoder {
            dimensions: self.dimensions,
            norm: self.norm,
            temperature: self.temperature,
            by_place: (0..self.by_place.len() / 2).map(|place| u16_at(self.by_place, place)).collect(),
            transition: self.transition.to_vec(),
            transition_scale: self.transition_scale,
        }
    }

    /// What [`write()`] makes this of.
    #[cfg(feature = "publish")]
    pub fn decode(&self) -> Encoded {
        Encoded {
            encoder: self.encoder(),
            biases: (0..self.n_items as u32).map(|row| self.bias(row)).collect(),
            vectors: self.vectors.to_vec(),
        }
    }

    /// Weight of the event at a place of the session, 0 being the newest, in 1/1024.
    pub fn place_weight(&self, place: usize) -> u16 {
        if place < self.by_place.len() / 2 { u16_at(self.by_place, place) } else { 0 }
    }

    /// Adds what the newest event adds to the session vector beside the vector of its item, in 1/1024 of a component and so
    /// many times: what tends to come after that item, viewed or chosen, if there is a transition. O(dimensions²).
    pub fn add_transition(&self, row: u32, is_choice: bool, times: u16, sums: &mut [i64]) {
        let vector = kernels::widened(self.vector(row));
        let row_len = (self.transition.len() / self.dimensions).max(1);
        for (sum, elements) in sums.iter_mut().zip(self.transition.chunks_exact(row_len)) {
            let halves = elements.chunks_exact(self.dimensions).take(1 + usize::from(is_choice));
            let dot: i32 = halves.map(|half| kernels::dot(&vector, half)).sum();
            let component = (i64::from(dot) * i64::from(self.transition_scale)) >> 10;
            *sum += i64::from(times) * component;
        }
    }

    /// The item's bias, in 1/256 of a logit. Panics if the row is not below [`Embeddings::len`].
    pub fn bias(&self, row: u32) -> i16 {
        u16_at(self.biases, row as usize).cast_signed()
    }

    /// The biases of all items as they lie in the file: a little-endian i16 each.
    pub fn biases(&self) -> &'a [u8] {
        self.biases
    }

    /// The item's vector. Panics if the row is not below [`Embeddings::len`].
    pub fn vector(&self, row: u32) -> &'a [i8] {
        let start = row as usize * self.dimensions;
        &self.vectors[start..start + self.dimensions]
    }

    /// All vectors, one row after the other.
    pub fn vectors(&self) -> &'a [i8] {
        self.vectors
    }
}

/// Undoes [`Embeddings::restore`]: each vector becomes its difference to the one before, modulo 256.
///
/// # Errors
///
/// As [`Embeddings::parse`].
pub fn to_differences(section: &mut [u8]) -> Result<(), FormatError> {
    let (vectors, dimensions) = vectors_mut(section)?;
    for row in (dimensions..vectors.len()).step_by(dimensions).rev() {
        let (before, vector) = vectors[row - dimensions..].split_at_mut(dimensions);
        vector.iter_mut().zip(before).for_each(|(x, before)| *x = x.wrapping_sub(*before));
    }
    Ok(())
}

/// The vectors, which end the section, and the length of each.
fn vectors_mut(section: &mut [u8]) -> Result<(&mut [i8], usize), FormatError> {
    let view = Embeddings::parse(section)?;
    let (start, dimensions) = (section.len() - view.vectors.len(), view.dimensions);
    Ok((cast_slice_mut(&mut section[start..]), dimensions))
}

/// Encodes the section.
///
/// # Errors
///
/// [`FormatError::Unsound`] if [`Embeddings::parse`] would refuse the result.
pub fn write(encoded: &Encoded) -> Result<Vec<u8>, FormatError> {
    let Encoded { encoder, .. } = encoded;
    let mut out = Vec::with_capacity(encoded.vectors.len() + 3 * encoded.biases.len() + encoder.transition.len());
    out.extend((encoded.biases.len() as u32).to_le_bytes());
    out.extend((encoder.dimensions as u16).to_le_bytes());
    out.extend((encoder.by_place.len() as u16).to_le_bytes());
    out.extend(encoder.norm.to_le_bytes());
    out.extend(encoder.temperature.to_le_bytes());
    out.extend(encoder.transition_scale.to_le_bytes());
    let tells_choices = encoder.transition.len() > encoder.dimensions * encoder.dimensions;
    out.extend(u16::from(tells_choices).to_le_bytes());
    out.extend(encoder.by_place.iter().flat_map(|weight| weight.to_le_bytes()));
    pad16(&mut out);
    out.extend(cast_slice::<i8, u8>(&encoder.transition));
    out.extend(encoded.biases.iter().flat_map(|bias| bias.to_le_bytes()));
    pad16(&mut out);
    out.extend(cast_slice::<i8, u8>(&encoded.vectors));
    to_differences(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn vectors_come_back_from_their_differences() {
        let rows = [[127; 16], [-127; 16], [3; 16], [3; 16]];
        let vectors = rows.concat();
        let encoder = Encoder { dimensions: 16, norm: 1, by_place: vec![1024], ..Encoder::default() };
        let encoded = Encoded { encoder, biases: vec![0; 4], vectors };
        let file = write(&encoded).unwrap();
        let differences = [[127; 16], [2; 16], [130; 16], [0; 16]].concat();
        assert!(file.ends_with(&differences));
        let mut section = file.clone();
        assert_eq!(Embeddings::restore(&mut section).unwrap().vectors(), encoded.vectors);
        to_differences(&mut section).unwrap();
        assert_eq!(section, file);
    }

    #[test]
    fn a_transition_takes_an_item_to_what_comes_next() {
        // It swaps the first two components, halved.
        let mut transition = vec![0; 256];
        (transition[1], transition[16]) = (64, 64);
        let encoder = Encoder { transition, transition_scale: 1 << 13, ..Encoder::default() };
        let encoder = Encoder { dimensions: 16, norm: 1, by_place: vec![1024], ..encoder };
        let mut vectors = vec![0; 32];
        (vectors[0], vectors[1], vectors[16]) = (100, -7, 3);
        let mut section = write(&Encoded { encoder: encoder.clone(), biases: vec![0; 2], vectors }).unwrap();
        let embeddings = Embeddings::restore(&mut section).unwrap();
        assert_eq!(embeddings.encoder(), encoder);
        let mut expected = vec![0; 16];
        (expected[0], expected[1]) = (-7 * 512, 100 * 512);
        let mut sums = vec![0; 16];
        embeddings.add_transition(0, true, 1, &mut sums);
        assert_eq!(sums, expected);
        embeddings.add_transition(1, false, 2, &mut sums);
        expected[1] += 2 * 3 * 512;
        assert_eq!(sums, expected);
    }

    #[test]
    fn a_transition_may_tell_what_a_choice_leads_to() {
        // It takes the first component to the second, and of what was chosen to the third as well.
        let mut transition = vec![0; 512];
        (transition[32], transition[64 + 16]) = (64, -64);
        let encoder = Encoder { transition, transition_scale: 1 << 13, ..Encoder::default() };
        let encoder = Encoder { dimensions: 16, norm: 1, by_place: vec![1024], ..encoder };
        let mut vectors = vec![0; 16];
        vectors[0] = 100;
        let mut section = write(&Encoded { encoder: encoder.clone(), biases: vec![0], vectors }).unwrap();
        let embeddings = Embeddings::restore(&mut section).unwrap();
        assert_eq!(embeddings.encoder(), encoder);
        let next = |is_choice| {
            let mut sums = vec![0; 16];
            embeddings.add_transition(0, is_choice, 1, &mut sums);
            sums
        };
        assert_eq!(next(false)[..3], [0, 51_200, 0]);
        assert_eq!(next(true)[..3], [0, 51_200, -51_200]);
    }

    #[test]
    fn an_unsound_section_keeps_its_bytes() {
        let mut section = vec![1; 40];
        Embeddings::restore(&mut section).unwrap_err();
        assert_eq!(section, vec![1; 40]);
    }
}
