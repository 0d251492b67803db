//! Section 4, neighbors: what goes with what, as sparse directed rows.

use alloc::vec::Vec;

use super::FormatError;
use super::bytes::{Fields, pad16, read_varint, u16_at, u32_at, write_varint};

/// Weights that a row can choose from.
pub const LEVELS: usize = 256;
const PART: &str = "neighbors";

/// One entry of a row before or after coding: the neighbor, and which of the [`LEVELS`] its weight is.
pub type Entry = (u32, u8);

/// Rows of a block: reading one row costs at most this many steps more.
const BLOCK: usize = 16;

/// A view of the section.
#[derive(Debug, Clone, Copy)]
pub struct Neighbors<'a> {
    n_items: usize,
    weights: &'a [u8],
    blocks: &'a [u8],
    rows: &'a [u8],
}

impl<'a> Neighbors<'a> {
    /// Finds the arrays. O(1).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`] if they do not fill the section exactly.
    pub fn parse(section: &'a [u8]) -> Result<Neighbors<'a>, FormatError> {
        let mut fields = Fields::new(PART, section);
        let n_items = fields.u32() as usize;
        let rows_len = fields.u32() as usize;
        fields.reserved(8);
        let weights = fields.array(LEVELS, 2);
        let blocks = fields.array(n_items.div_ceil(BLOCK), 4);
        let rows = fields.array(rows_len, 1);
        fields.end()?;
        Ok(Neighbors { n_items, weights, blocks, rows })
    }

    /// Walks all rows once: blocks begin where they are said to, neighbors ascend, exist, and are not the item itself.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        let unsound = |template: &str, numbers: &[u64]| Err(FormatError::unsound(PART, template, numbers));
        let mut at = 0;
        for row in 0..self.n_items {
            if row.is_multiple_of(BLOCK) && u32_at(self.blocks, row / BLOCK) as usize != at {
                return unsound("block # does not begin at #", &[(row / BLOCK) as u64, at as u64]);
            }
            let is_sound = self.next_row(&mut at).is_some_and(|bytes| {
                let mut entries = Entries::new(row as u32, bytes);
                let exist = entries.all(|(neighbor, _)| (neighbor as usize) < self.n_items && neighbor as usize != row);
                exist && entries.bytes.is_empty()
            });
            if !is_sound {
                return unsound("row # has an entry that is cut off, itself or beyond all items", &[row as u64]);
            }
        }
        if at != self.rows.len() {
            return unsound("# bytes of rows are left", &[(self.rows.len() - at) as u64]);
        }
        Ok(())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.n_items
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.n_items == 0
    }

    /// The row's neighbors and their weights (1/1024 of a logit at full session weight), by ascending neighbor.
    /// Panics if the row is not below [`Neighbors::len`], or the section was never [validated](Neighbors::validate).
    pub fn row(&self, row: u32) -> impl Iterator<Item = (u32, u16)> + 'a {
        let weights = self.weights;
        self.entries(row).map(move |(neighbor, level)| (neighbor, u16_at(weights, usize::from(level))))
    }

    /// The row's neighbors and their levels, as [`write()`] takes them.
    pub fn entries(&self, row: u32) -> impl Iterator<Item = Entry> + 'a {
        let mut at = u32_at(self.blocks, row as usize / BLOCK) as usize;
        let mut bytes = None;
        for _ in 0..=row as usize % BLOCK {
            bytes = self.next_row(&mut at);
        }
        Entries::new(row, bytes.unwrap_or_default())
    }

    /// The entries of the row at `at`, which moves behind it.
    fn next_row(&self, at: &mut usize) -> Option<&'a [u8]> {
        let len = read_varint(self.rows, at)? as usize;
        let entries = self.rows[*at..].get(..len)?;
        *at += len;
        Some(entries)
    }

    /// What each level is worth.
    #[cfg(feature = "publish")]
    pub fn weights(&self) -> [u16; LEVELS] {
        core::array::from_fn(|level| u16_at(self.weights, level))
    }
}

/// The entries of a row, up to the first that is cut off, which stays in `bytes`.
struct Entries<'a> {
    row: u32,
    bytes: &'a [u8],
    before: Option<u32>,
}

impl<'a> Entries<'a> {
    fn new(row: u32, bytes: &'a [u8]) -> Entries<'a> {
        Entries { row, bytes, before: None }
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let mut at = 0;
        let distance = read_varint(self.bytes, &mut at)?;
        let neighbor = match self.before {
            None => self.row.wrapping_add(to_signed(distance)),
            Some(before) => before.checked_add(distance)?.checked_add(1)?,
        };
        let (&level, rest) = self.bytes[at..].split_first()?;
        (self.bytes, self.before) = (rest, Some(neighbor));
        Some((neighbor, level))
    }
}

/// A distance in either direction as a number that is small if it is short: 0, −1, 1, −2 and so on become 0, 1, 2, 3.
fn to_unsigned(distance: u32) -> u32 {
    (distance << 1) ^ (distance.cast_signed() >> 31).cast_unsigned()
}

/// What [`to_unsigned`] was given.
fn to_signed(number: u32) -> u32 {
    (number >> 1) ^ (number & 1).wrapping_neg()
}

/// Encodes the section. Every row's entries must be in strictly ascending order of the neighbor.
///
/// # Errors
///
/// [`FormatError::Unsound`] if they are not, or [`Neighbors::validate`] would refuse the result.
pub fn write(weights: &[u16; LEVELS], rows: &[Vec<Entry>]) -> Result<Vec<u8>, FormatError> {
    let (mut blocks, mut out_rows) = (Vec::new(), Vec::new());
    for (row, neighbors) in rows.iter().enumerate() {
        if !neighbors.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(FormatError::unsound(PART, "the entries of row # are not in ascending order", &[row as u64]));
        }
        if row.is_multiple_of(BLOCK) {
            blocks.push(out_rows.len() as u32);
        }
        let mut entries = Vec::new();
        let mut before = None;
        for &(neighbor, level) in neighbors {
            let distance = match before {
                None => to_unsigned(neighbor.wrapping_sub(row as u32)),
                Some(before) => neighbor - before - 1,
            };
            write_varint(&mut entries, distance);
            entries.push(level);
            before = Some(neighbor);
        }
        write_varint(&mut out_rows, entries.len() as u32);
        out_rows.extend(entries);
    }
    let mut out = Vec::with_capacity(out_rows.len() + 4 * blocks.len() + 2 * LEVELS + 16);
    out.extend((rows.len() as u32).to_le_bytes());
    out.extend((out_rows.len() as u32).to_le_bytes());
    pad16(&mut out);
    out.extend(weights.iter().flat_map(|weight| weight.to_le_bytes()));
    out.extend(blocks.iter().flat_map(|block| block.to_le_bytes()));
    out.extend(out_rows);
    Neighbors::parse(&out)?.validate()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let mut weights = [0; LEVELS];
        weights[7] = 700;
        weights[255] = u16::MAX;
        let rows = vec![vec![(1, 7), (300, 255)], vec![], vec![(0, 255), (1, 7), (3, 7)]];
        let rows: Vec<Vec<Entry>> = rows.into_iter().chain((3..400).map(|_| vec![])).collect();
        let section = write(&weights, &rows).unwrap();
        let neighbors = Neighbors::parse(&section).unwrap();
        assert_eq!(neighbors.row(0).collect::<Vec<_>>(), [(1, 700), (300, u16::MAX)]);
        assert_eq!(neighbors.row(1).count(), 0);
        assert_eq!(neighbors.row(2).collect::<Vec<_>>(), [(0, u16::MAX), (1, 700), (3, 700)]);
    }

    #[test]
    fn unsound_rows_are_refused() {
        let check = |rows: &[Vec<Entry>], expected: &str| {
            let error = write(&[0; LEVELS], rows).unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        check(&[vec![(1, 0), (1, 0)], vec![]], "not in ascending order");
        check(&[vec![(0, 0)]], "row 0 has an entry");
        check(&[vec![(2, 0)], vec![]], "row 0 has an entry");
    }

    #[test]
    fn rows_that_are_cut_off_are_refused() {
        let rows: Vec<Vec<Entry>> = (0..40u32).map(|row| vec![((row + 1) % 40, 9)]).collect();
        let section = write(&[0; LEVELS], &rows).unwrap();
        let blocks = 16 + 2 * LEVELS;
        let check = |at: usize, byte: u8, expected: &str| {
            let mut section = section.clone();
            section[at] = byte;
            let error = Neighbors::parse(&section).and_then(|rows| rows.validate()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        check(blocks + 4, 1, "block 1 does not begin at 48");
        // Three blocks, then a length, a distance and a level a row.
        check(blocks + 12, 1, "row 0 has an entry that is cut off");
        check(blocks + 12, 200, "row 0 has an entry that is cut off");
        check(blocks + 12 + 1, 0, "row 0 has an entry that is cut off, itself");
        check(blocks + 12 + 1, 1, "row 0 has an entry");
        check(blocks + 12 + 3 * 39, 0, "2 bytes of rows are left");
    }
}
