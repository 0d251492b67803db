//! Section 4, neighbors: what goes with what, as sparse directed rows.

use alloc::vec;
use alloc::vec::Vec;

use super::FormatError;
use super::bytes::{Fields, pad16, read_varint, u16_at, u32_at, write_varint};

/// Weights that a row can choose from.
pub const LEVELS: usize = 256;
const PART: &str = "neighbors";

/// One entry of a row before or after coding: the neighbor, and which of the [`LEVELS`] its weight is.
pub type Entry = (u32, u8);

/// A view of the section.
#[derive(Debug, Clone, Copy)]
pub struct Neighbors<'a> {
    n_items: usize,
    weights: &'a [u8],
    offsets: &'a [u8],
    entries: &'a [u8],
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
        let entries_len = fields.u32() as usize;
        fields.reserved(8);
        let weights = fields.array(LEVELS, 2);
        let offsets = fields.array(n_items.saturating_add(1), 4);
        let entries = fields.array(entries_len, 1);
        fields.end()?;
        Ok(Neighbors { n_items, weights, offsets, entries })
    }

    /// Walks all rows once: offsets ascend and cover everything, neighbors ascend, exist, and are not the item itself.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        let unsound = |template: &str, numbers: &[u64]| Err(FormatError::unsound(PART, template, numbers));
        if u32_at(self.offsets, 0) != 0 || u32_at(self.offsets, self.n_items) as usize != self.entries.len() {
            return unsound("the offsets do not cover the entries", &[]);
        }
        for row in 0..self.n_items {
            let (mut at, end) = (u32_at(self.offsets, row) as usize, u32_at(self.offsets, row + 1) as usize);
            if at > end || end > self.entries.len() {
                return unsound("row # lies at #..#", &[row as u64, at as u64, end as u64]);
            }
            let entries = &self.entries[..end];
            let mut before = None;
            while at < end {
                let delta = read_varint(entries, &mut at);
                let neighbor = delta.and_then(|delta| next_neighbor(before, delta));
                at += 1;
                match neighbor {
                    Some(n) if (n as usize) < self.n_items && n as usize != row && at <= end => before = Some(n),
                    _ => {
                        return unsound(
                            "row # has an entry that is cut off, itself or beyond all items",
                            &[row as u64],
                        );
                    }
                }
            }
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
        let (start, end) = (u32_at(self.offsets, row as usize), u32_at(self.offsets, row as usize + 1));
        let entries = &self.entries[start as usize..end as usize];
        let mut at = 0;
        let mut before = None;
        core::iter::from_fn(move || {
            let delta = read_varint(entries, &mut at)?;
            let neighbor = next_neighbor(before, delta)?;
            let level = *entries.get(at)?;
            at += 1;
            before = Some(neighbor);
            Some((neighbor, level))
        })
    }

    /// What each level is worth.
    #[cfg(feature = "publish")]
    pub fn weights(&self) -> [u16; LEVELS] {
        core::array::from_fn(|level| u16_at(self.weights, level))
    }
}

/// The first neighbor of a row stands as it is, every later one as its distance, less one, from the one before.
fn next_neighbor(before: Option<u32>, delta: u32) -> Option<u32> {
    match before {
        None => Some(delta),
        Some(before) => before.checked_add(delta)?.checked_add(1),
    }
}

/// Encodes the section. Every row's entries must be in strictly ascending order of the neighbor.
///
/// # Errors
///
/// [`FormatError::Unsound`] if they are not, or [`Neighbors::validate`] would refuse the result.
pub fn write(weights: &[u16; LEVELS], rows: &[Vec<Entry>]) -> Result<Vec<u8>, FormatError> {
    let mut offsets = vec![0u32];
    let mut entries = Vec::new();
    for (row, neighbors) in rows.iter().enumerate() {
        if !neighbors.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(FormatError::unsound(PART, "the entries of row # are not in ascending order", &[row as u64]));
        }
        let mut first_free = 0;
        for &(neighbor, level) in neighbors {
            write_varint(&mut entries, neighbor - first_free);
            entries.push(level);
            first_free = neighbor + 1;
        }
        offsets.push(entries.len() as u32);
    }
    let mut out = Vec::with_capacity(entries.len() + 4 * offsets.len() + 2 * LEVELS + 16);
    out.extend((rows.len() as u32).to_le_bytes());
    out.extend((entries.len() as u32).to_le_bytes());
    pad16(&mut out);
    out.extend(weights.iter().flat_map(|weight| weight.to_le_bytes()));
    out.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes()));
    out.extend(entries);
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
}
