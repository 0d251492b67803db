//! Section 2, ids: from an item's id to its row and back.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use twox_hash::XxHash64;

use super::FormatError;
use super::bytes::{Fields, pad16, read_varint, u32_at, u64_at, write_varint};

/// Longest id, in bytes of UTF-8.
pub const MAX_ID_LEN: usize = 1024;
/// Ids of a block: reading one id costs at most this many steps.
const BLOCK: usize = 16;
const PART: &str = "ids";

/// The hash under which an id is looked up and under which a token carries it: XXH64 of its UTF-8, seed 0.
pub fn hash(id: &str) -> u64 {
    XxHash64::oneshot(0, id.as_bytes())
}

/// A view of the section.
#[derive(Debug, Clone, Copy)]
pub struct Ids<'a> {
    n_items: usize,
    hashes: &'a [u8],
    rows: &'a [u8],
    blocks: &'a [u8],
    text: &'a [u8],
}

impl<'a> Ids<'a> {
    /// Finds the arrays. O(1).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`] if they do not fill the section exactly.
    pub fn parse(section: &'a [u8]) -> Result<Ids<'a>, FormatError> {
        let mut fields = Fields::new(PART, section);
        let n_items = fields.u32() as usize;
        let text_len = fields.u32() as usize;
        fields.reserved(8);
        let hashes = fields.array(n_items, 8);
        let rows = fields.array(n_items, 4);
        let blocks = fields.array(n_items.div_ceil(BLOCK), 4);
        let text = fields.array(text_len, 1);
        fields.end()?;
        Ok(Ids { n_items, hashes, rows, blocks, text })
    }

    /// Walks the section once: hashes ascend, rows are a permutation, every id decodes to UTF-8.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        let unsound = |template: &str, numbers: &[u64]| Err(FormatError::unsound(PART, template, numbers));
        let mut seen = vec![false; self.n_items];
        for index in 0..self.n_items {
            if index > 0 && u64_at(self.hashes, index - 1) >= u64_at(self.hashes, index) {
                return unsound("hash # is not greater than the one before", &[index as u64]);
            }
            let row = u32_at(self.rows, index) as usize;
            match seen.get_mut(row) {
                Some(seen) if !*seen => *seen = true,
                _ => {
                    return unsound(
                        "row # of hash # is taken or beyond # items",
                        &[row as u64, index as u64, self.n_items as u64],
                    );
                }
            }
        }
        let mut at = 0;
        let mut id = Vec::new();
        for row in 0..self.n_items {
            if row.is_multiple_of(BLOCK) {
                if u32_at(self.blocks, row / BLOCK) as usize != at {
                    return unsound("block # does not begin at #", &[(row / BLOCK) as u64, at as u64]);
                }
                id.clear();
            }
            if self.next_id(&mut at, &mut id).is_none() || core::str::from_utf8(&id).is_err() {
                return unsound("the id of row # does not decode", &[row as u64]);
            }
        }
        if at != self.text.len() {
            return unsound("# bytes of text are left", &[(self.text.len() - at) as u64]);
        }
        Ok(())
    }

    /// Checks on top of [`Ids::validate`] that every id is found under its own hash.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn verify(&self) -> Result<(), FormatError> {
        for row in 0..self.n_items {
            if self.row(hash(&self.id(row as u32))) != Some(row as u32) {
                return Err(FormatError::unsound(PART, "row # is not found under the hash of its id", &[row as u64]));
            }
        }
        Ok(())
    }

    /// How many items the model knows.
    pub fn len(&self) -> usize {
        self.n_items
    }

    /// Whether the model knows no item.
    pub fn is_empty(&self) -> bool {
        self.n_items == 0
    }

    /// The row of the item with this [`hash`]. Hashes spread evenly, so that interpolating finds it in
    /// O(log log n) steps on honest files and in O(log n) on any.
    pub fn row(&self, hash: u64) -> Option<u32> {
        let (mut low, mut high) = (0, self.n_items);
        let mut interpolate = true;
        while low < high {
            let middle = if interpolate { self.guess(hash, low, high) } else { low + (high - low) / 2 };
            interpolate = !interpolate;
            match u64_at(self.hashes, middle).cmp(&hash) {
                core::cmp::Ordering::Equal => return Some(u32_at(self.rows, middle)),
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Where a hash should lie between two places, were the hashes spread evenly.
    fn guess(&self, hash: u64, low: usize, high: usize) -> usize {
        let (first, last) = (u64_at(self.hashes, low), u64_at(self.hashes, high - 1));
        if hash <= first || first == last {
            return low;
        }
        // A little too wide a step rather than a product of 128 bits: the guess stays in front of `high`.
        let step = (last - first) / (high - 1 - low) as u64 + 1;
        low + ((hash.min(last) - first) / step) as usize
    }

    /// The id of a row. O(1).
    ///
    /// # Panics
    ///
    /// If the row is not below [`Ids::len`], or the section was never [validated](Ids::validate).
    pub fn id(&self, row: u32) -> String {
        let row = row as usize;
        assert!(row < self.n_items, "the row is one of the items'");
        let mut at = u32_at(self.blocks, row / BLOCK) as usize;
        let mut id = Vec::new();
        for _ in 0..=row % BLOCK {
            self.next_id(&mut at, &mut id).expect("every id decodes in a validated section");
        }
        // Not `expect`, which would bring the formatting of errors into the WebAssembly.
        String::from_utf8(id).unwrap_or_else(|_| unreachable!("every id is UTF-8 in a validated section"))
    }

    /// Turns `id`, the id before, into the one at `at`, and moves `at` behind it.
    fn next_id(&self, at: &mut usize, id: &mut Vec<u8>) -> Option<()> {
        let shared = read_varint(self.text, at)? as usize;
        let rest = read_varint(self.text, at)? as usize;
        if shared > id.len() || shared + rest > MAX_ID_LEN {
            return None;
        }
        let suffix = self.text.get(*at..*at + rest)?;
        *at += rest;
        id.truncate(shared);
        id.extend(suffix);
        Some(())
    }
}

/// Encodes the section for items in row order. Ids that are neighbors in the order share their beginnings, so rows
/// sorted by id make the smallest section.
///
/// # Errors
///
/// [`FormatError::Unsound`] if an id is longer than [`MAX_ID_LEN`] or two ids have the same hash.
pub fn write<S: AsRef<str>>(ids: &[S]) -> Result<Vec<u8>, FormatError> {
    let mut hashes: Vec<(u64, u32)> = ids.iter().zip(0..).map(|(id, row)| (hash(id.as_ref()), row)).collect();
    hashes.sort_unstable();
    if let Some(pair) = hashes.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let [a, b] = [pair[0].1, pair[1].1].map(|row| ids[row as usize].as_ref());
        return Err(FormatError::Unsound {
            part: PART,
            what: alloc::format!("the ids {a:?} and {b:?} are equal or have the same hash"),
        });
    }
    let mut blocks = Vec::with_capacity(ids.len().div_ceil(BLOCK));
    let mut text = Vec::new();
    let mut before: &[u8] = &[];
    for (row, id) in ids.iter().enumerate() {
        let id = id.as_ref().as_bytes();
        if id.len() > MAX_ID_LEN {
            let start = String::from_utf8_lossy(&id[..32]);
            return Err(FormatError::unsound_in(
                PART,
                "the id @… is longer than # bytes",
                &start,
                &[MAX_ID_LEN as u64],
            ));
        }
        if row.is_multiple_of(BLOCK) {
            blocks.push(text.len() as u32);
            before = &[];
        }
        let shared = id.iter().zip(before).take_while(|(a, b)| a == b).count();
        write_varint(&mut text, shared as u32);
        write_varint(&mut text, (id.len() - shared) as u32);
        text.extend(&id[shared..]);
        before = id;
    }
    let mut out = Vec::new();
    out.extend((ids.len() as u32).to_le_bytes());
    out.extend((text.len() as u32).to_le_bytes());
    pad16(&mut out);
    out.extend(hashes.iter().flat_map(|(hash, _)| hash.to_le_bytes()));
    out.extend(hashes.iter().flat_map(|(_, row)| row.to_le_bytes()));
    out.extend(blocks.iter().flat_map(|offset| offset.to_le_bytes()));
    out.extend(text);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_by_row_and_by_hash() {
        for n_items in [0, 1, 2, 15, 16, 17, 1000] {
            let written: Vec<String> = (0..n_items).map(|n| format!("sku-{n:05}-ü")).collect();
            let section = write(&written).unwrap();
            let ids = Ids::parse(&section).unwrap();
            ids.validate().unwrap();
            ids.verify().unwrap();
            assert_eq!(ids.len(), n_items);
            for (row, id) in written.iter().enumerate() {
                assert_eq!(ids.id(row as u32), *id);
                assert_eq!(ids.row(hash(id)), Some(row as u32));
            }
            assert_eq!(ids.row(hash("not there")), None);
            assert_eq!(ids.row(0), None);
            assert_eq!(ids.row(u64::MAX), None);
        }
    }

    #[test]
    fn ids_that_cannot_be_told_apart_are_refused() {
        assert!(write(&["a", "b", "a"]).unwrap_err().to_string().contains("\"a\" and \"a\""));
        assert!(write(&["x".repeat(1025)]).unwrap_err().to_string().contains("longer than 1024 bytes"));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(""), 0xef46_db37_51d8_e999);
        assert_eq!(hash("abc"), 0x44bc_2cf5_ad77_0999);
    }
}
