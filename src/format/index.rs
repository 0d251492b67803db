//! Section 10, index: where in a large catalog what is near lies, so that most of it need not be looked at.

use alloc::vec::Vec;

use bytemuck::cast_slice;

use super::FormatError;
use super::bytes::{Fields, pad16, u16_at, u32_at};
use super::metadata::ONE;

/// Most lists.
pub const MAX_LISTS: usize = 65_535;
/// So many of the best items [`Index::recall`] is about.
pub const BEST: usize = 20;
const PART: &str = "index";

/// A view of the section: the rows are cut into lists of items that are near each other.
#[derive(Debug, Clone, Copy)]
pub struct Index<'a> {
    n_items: usize,
    dimensions: usize,
    n_lists: usize,
    probes: u16,
    recall: u16,
    ends: &'a [u8],
    biases: &'a [u8],
    centers: &'a [i8],
}

/// What [`write()`] encodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// Length of a vector, as in the embeddings.
    pub dimensions: usize,
    /// How many lists are looked through for the best [`BEST`] items.
    pub probes: u16,
    /// What share of these that finds, as measured, in 1/1024.
    pub recall: u16,
    /// The row behind the last one of each list, ascending.
    pub ends: Vec<u32>,
    /// The greatest bias of each list, in 1/256 of a logit.
    pub biases: Vec<i16>,
    /// The mean of each list's vectors.
    pub centers: Vec<i8>,
}

impl<'a> Index<'a> {
    /// Finds the arrays. O(1).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`] if they do not fill the section exactly, or a header field is out of its range.
    pub fn parse(section: &'a [u8]) -> Result<Index<'a>, FormatError> {
        let mut fields = Fields::new(PART, section);
        let n_items = fields.u32() as usize;
        let n_lists = fields.u32() as usize;
        let dimensions = usize::from(fields.u16());
        let (probes, recall) = (fields.u16(), fields.u16());
        fields.reserved(2);
        let numbers = [n_lists as u64, probes.into(), recall.into()];
        let is_sound = n_lists <= MAX_LISTS && probes > 0 && usize::from(probes) <= n_lists && recall <= ONE as u16;
        fields.check(is_sound, "# lists, # to look through, # of recall are out of range", &numbers);
        let ends = fields.array(n_lists, 4);
        fields.align();
        let biases = fields.array(n_lists, 2);
        fields.align();
        let centers = cast_slice(fields.array(n_lists, dimensions));
        fields.end()?;
        Ok(Index { n_items, dimensions, n_lists, probes, recall, ends, biases, centers })
    }

    /// Walks the lists once: they cover all rows, each once.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        let ends = || (0..self.n_lists).map(|list| u32_at(self.ends, list));
        if ends().is_sorted() && ends().next_back() == Some(self.n_items as u32) {
            return Ok(());
        }
        Err(FormatError::unsound(PART, "the lists do not end in ascending order with row #", &[self.n_items as u64]))
    }

    /// How many items the lists hold together.
    pub fn n_items(&self) -> usize {
        self.n_items
    }

    /// Length of a vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many lists there are.
    pub fn n_lists(&self) -> usize {
        self.n_lists
    }

    /// How many lists are looked through for the best [`BEST`] items.
    pub fn probes(&self) -> usize {
        self.probes.into()
    }

    /// What share of these that finds, as measured when the file was written, in 1/1024.
    pub fn recall(&self) -> u16 {
        self.recall
    }

    /// The rows of a list. Panics past [`Index::n_lists`].
    pub fn rows(&self, list: usize) -> core::ops::Range<usize> {
        let start = if list == 0 { 0 } else { u32_at(self.ends, list - 1) };
        start as usize..u32_at(self.ends, list) as usize
    }

    /// The greatest bias of a list, in 1/256 of a logit. Panics past [`Index::n_lists`].
    pub fn bias(&self, list: usize) -> i16 {
        u16_at(self.biases, list).cast_signed()
    }

    /// The means, one list after the other.
    pub fn centers(&self) -> &'a [i8] {
        self.centers
    }
}

/// Encodes the section.
///
/// # Errors
///
/// [`FormatError::Unsound`] if a reader would refuse the result.
pub fn write(encoded: &Encoded) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    out.extend(encoded.ends.last().copied().unwrap_or(0).to_le_bytes());
    out.extend((encoded.ends.len() as u32).to_le_bytes());
    out.extend((encoded.dimensions as u16).to_le_bytes());
    out.extend(encoded.probes.to_le_bytes());
    out.extend(encoded.recall.to_le_bytes());
    pad16(&mut out);
    out.extend(encoded.ends.iter().flat_map(|end| end.to_le_bytes()));
    pad16(&mut out);
    out.extend(encoded.biases.iter().flat_map(|bias| bias.to_le_bytes()));
    pad16(&mut out);
    out.extend(cast_slice::<i8, u8>(&encoded.centers));
    Index::parse(&out)?.validate()?;
    Ok(out)
}
