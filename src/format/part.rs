//! Section 11, part: which items of a larger model a file holds, and what joins them with the others.

use alloc::vec::Vec;

use super::FormatError;
use super::bytes::{Fields, pad16, read_varint, write_varint};
use super::neighbors::Entry;

const PART: &str = "part";

/// What the section says, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Id of the whole model.
    pub whole: u64,
    /// Items of the whole model.
    pub n_items: u32,
    /// The rows that the file's items have in the whole model, ascending.
    pub rows: Vec<u32>,
    /// For each of them, the entries of its neighbor row that lead to items of other parts, by their rows in the whole
    /// model, ascending.
    pub elsewhere: Vec<Vec<Entry>>,
    /// The index section of the whole model; empty where it has none, and in all parts but the first.
    pub index: Vec<u8>,
}

impl Part {
    /// Decodes the section. O(rows + entries).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn parse(section: &[u8]) -> Result<Part, FormatError> {
        let mut fields = Fields::new(PART, section);
        let whole = fields.u64();
        let n_items = fields.u32();
        let n_rows = fields.u32() as usize;
        let [rows_len, entries_len, index_len] = [(); 3].map(|()| fields.u32() as usize);
        fields.reserved(4);
        let rows = fields.array(rows_len, 1);
        let entries = fields.array(entries_len, 1);
        fields.align();
        let index = fields.array(index_len, 1).to_vec();
        fields.end()?;
        let unsound = |template: &str, numbers: &[u64]| FormatError::unsound(PART, template, numbers);
        // A row takes a byte at least, so that no more is allocated than there is.
        if n_rows > rows_len || n_rows > n_items as usize {
            let numbers = [n_rows as u64, rows_len as u64, n_items.into()];
            return Err(unsound("# rows in # bytes, of # items", &numbers));
        }
        let (rows, end) = ascending(rows, &mut 0, n_rows, n_items, |_, _| Some(()))
            .ok_or_else(|| unsound("its rows do not ascend below #", &[n_items.into()]))?;
        if end != rows_len {
            return Err(unsound("# bytes of its rows are left", &[(rows_len - end) as u64]));
        }
        let rows: Vec<u32> = rows.into_iter().map(|(row, ())| row).collect();
        let mut at = 0;
        let mut elsewhere = Vec::with_capacity(n_rows);
        for &row in &rows {
            let count = read_varint(entries, &mut at).filter(|&count| count as usize <= entries_len);
            let level = |bytes: &[u8], at: &mut usize| {
                *at += 1;
                bytes.get(*at - 1).copied()
            };
            let read = count.and_then(|count| ascending(entries, &mut at, count as usize, n_items, level));
            let (read, _) = read.ok_or_else(|| unsound("the entries of row # do not decode", &[row.into()]))?;
            elsewhere.push(read);
        }
        if at != entries_len {
            return Err(unsound("# bytes of its entries are left", &[(entries_len - at) as u64]));
        }
        Ok(Part { whole, n_items, rows, elsewhere, index })
    }

    /// Encodes the section.
    pub fn write(&self) -> Vec<u8> {
        let mut rows = Vec::new();
        let mut free = 0;
        for &row in &self.rows {
            write_varint(&mut rows, row - free);
            free = row + 1;
        }
        let mut entries = Vec::new();
        for row in &self.elsewhere {
            write_varint(&mut entries, row.len() as u32);
            let mut free = 0;
            for &(neighbor, level) in row {
                write_varint(&mut entries, neighbor - free);
                entries.push(level);
                free = neighbor + 1;
            }
        }
        let mut out = Vec::new();
        out.extend(self.whole.to_le_bytes());
        out.extend(self.n_items.to_le_bytes());
        for len in [self.rows.len(), rows.len(), entries.len(), self.index.len()] {
            out.extend((len as u32).to_le_bytes());
        }
        pad16(&mut out);
        out.extend(rows);
        out.extend(entries);
        pad16(&mut out);
        out.extend(&self.index);
        out
    }
}

/// Reads `count` ascending numbers below `end` from `at` on, each coded as its distance from the first one that is free and
/// followed by something. Gives where they end, too.
fn ascending<T>(
    bytes: &[u8],
    at: &mut usize,
    count: usize,
    end: u32,
    follows: impl Fn(&[u8], &mut usize) -> Option<T>,
) -> Option<(Vec<(u32, T)>, usize)> {
    let mut free = 0u32;
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count {
        let number = free.checked_add(read_varint(bytes, at)?).filter(|&number| number < end)?;
        numbers.push((number, follows(bytes, at)?));
        free = number + 1;
    }
    Some((numbers, *at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part() -> Part {
        Part {
            whole: 7,
            n_items: 1000,
            rows: vec![0, 1, 500, 999],
            elsewhere: vec![vec![(2, 9), (998, 255)], vec![], vec![(3, 0)], vec![]],
            index: vec![1, 2, 3],
        }
    }

    #[test]
    fn parts_come_back() {
        for part in [part(), Part::default()] {
            assert_eq!(Part::parse(&part.write()), Ok(part));
        }
    }

    #[test]
    fn unsound_parts_are_refused() {
        let check = |change: fn(&mut Vec<u8>), expected: &str| {
            let mut section = part().write();
            change(&mut section);
            let error = Part::parse(&section).unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        check(|section| section[12] = 9, "9 rows in 6 bytes");
        check(|section| section[12] = 3, "bytes of its rows are left");
        check(|section| section[8..12].fill(0), "4 rows in 6 bytes, of 0 items");
        check(|section| section[8..10].copy_from_slice(&[9, 0]), "do not ascend below 9");
        check(|section| section[38] = 200, "the entries of row 0 do not decode");
        check(|section| section.push(0), "bytes are left");
    }
}
