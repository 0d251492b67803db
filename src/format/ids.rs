//! Section 2, ids: from an item's id to its row and back.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use twox_hash::XxHash64;

use super::FormatError;
use super::bytes::{Fields, pad16, read_varint, u32_at, write_varint};

/// Longest id, in bytes of UTF-8.
pub const MAX_ID_LEN: usize = 1024;
/// Ids of a block: reading one id costs at most this many steps.
const BLOCK: usize = 16;
/// Ids of a bucket on average, at most, and half as many at least: finding one costs half as many steps.
const BUCKET: usize = 16;
const PART: &str = "ids";

/// The hash by which an id is looked up and under which a token carries it: XXH64 of its UTF-8, seed 0.
pub fn hash(id: &str) -> u64 {
    XxHash64::oneshot(0, id.as_bytes())
}

/// Where an id with this hash is listed: the bucket, by the hash's upper half, and the fingerprint, its last three bytes. None
/// where there is no bucket.
fn place(hash: u64, n_buckets: usize) -> Option<(usize, u32)> {
    Some((((hash >> 32) as usize).checked_rem(n_buckets)?, hash as u32 & 0xff_ffff))
}

/// A view of the section.
#[derive(Debug, Clone, Copy)]
pub struct Ids<'a> {
    n_items: usize,
    n_buckets: usize,
    ends: &'a [u8],
    fingerprints: &'a [u8],
    gaps: &'a [u8],
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
        let n_buckets = fields.u32() as usize;
        fields.reserved(4);
        let ends = fields.array(n_buckets, 4);
        let fingerprints = fields.array(n_items, 3);
        let gaps = fields.array(n_items, 4);
        let blocks = fields.array(n_items.div_ceil(BLOCK), 4);
        let text = fields.array(text_len, 1);
        fields.end()?;
        Ok(Ids { n_items, n_buckets, ends, fingerprints, gaps, blocks, text })
    }

    /// Walks the section once: buckets follow one another and hold every row once, every id decodes to UTF-8.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        let unsound = |template: &str, numbers: &[u64]| Err(FormatError::unsound(PART, template, numbers));
        let mut seen = vec![false; self.n_items];
        let mut at = 0;
        for bucket in 0..self.n_buckets {
            let end = u32_at(self.ends, bucket) as usize;
            if at > end || end > self.n_items {
                return unsound("bucket # lies at #..#", &[bucket as u64, at as u64, end as u64]);
            }
            let mut row = 0usize;
            for index in at..end {
                row = row.saturating_add(u32_at(self.gaps, index) as usize);
                match seen.get_mut(row) {
                    Some(seen) if !*seen => *seen = true,
                    _ => {
                        let numbers = [row, bucket, self.n_items].map(|number| number as u64);
                        return unsound("row # of bucket # is taken or beyond # items", &numbers);
                    }
                }
            }
            at = end;
        }
        if at != self.n_items {
            return unsound("# of # items are in no bucket", &[(self.n_items - at) as u64, self.n_items as u64]);
        }
        // If the text is ASCII, as nearly always, so is every id, without being put together.
        let is_ascii = self.text.is_ascii();
        let (mut at, mut len, mut id) = (0, 0, Vec::new());
        for row in 0..self.n_items {
            if row.is_multiple_of(BLOCK) {
                if u32_at(self.blocks, row / BLOCK) as usize != at {
                    return unsound("block # does not begin at #", &[(row / BLOCK) as u64, at as u64]);
                }
                len = 0;
            }
            let is_sound = self.next_id(&mut at, len).is_some_and(|(shared, suffix)| {
                len = shared + suffix.len();
                is_ascii || core::str::from_utf8(joined(&mut id, shared, suffix)).is_ok()
            });
            if !is_sound {
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

    /// The row of the item with this [`hash`], looked for among the ids of its bucket, 16 on average or fewer.
    pub fn row(&self, hash: u64) -> Option<u32> {
        let (bucket, fingerprint) = place(hash, self.n_buckets)?;
        let start = bucket.checked_sub(1).map_or(0, |before| u32_at(self.ends, before) as usize);
        let end = u32_at(self.ends, bucket) as usize;
        let fingerprints = self.fingerprints[3 * start..3 * end].as_chunks().0;
        let gaps = self.gaps[4 * start..4 * end].as_chunks().0;
        let mut row = 0u32;
        for (&[low, middle, high], gap) in fingerprints.iter().zip(gaps) {
            row = row.wrapping_add(u32::from_le_bytes(*gap));
            if u32::from_le_bytes([low, middle, high, 0]) == fingerprint {
                return Some(row);
            }
        }
        None
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
            let (shared, suffix) = self.next_id(&mut at, id.len()).expect("every id decodes in a validated section");
            joined(&mut id, shared, suffix);
        }
        // Not `expect`, which would bring the formatting of errors into the WebAssembly.
        String::from_utf8(id).unwrap_or_else(|_| unreachable!("every id is UTF-8 in a validated section"))
    }

    /// What the id at `at` shares with the one before, of `len` bytes, and what it has after that. Moves `at` behind it.
    fn next_id(&self, at: &mut usize, len: usize) -> Option<(usize, &'a [u8])> {
        let shared = read_varint(self.text, at)? as usize;
        let rest = read_varint(self.text, at)? as usize;
        if shared > len || shared + rest > MAX_ID_LEN {
            return None;
        }
        let suffix = self.text.get(*at..*at + rest)?;
        *at += rest;
        Some((shared, suffix))
    }
}

/// Turns an id into the next, of which it shares so many bytes.
fn joined<'a>(id: &'a mut Vec<u8>, shared: usize, suffix: &[u8]) -> &'a [u8] {
    id.truncate(shared);
    id.extend(suffix);
    id
}

/// Encodes the section for items in row order. Ids that are neighbors in the order share their beginnings, so rows
/// sorted by id make the smallest section.
///
/// # Errors
///
/// [`FormatError::Unsound`] if an id is longer than [`MAX_ID_LEN`], or two ids differ in nothing of their hashes that they are
/// found by.
pub fn write<S: AsRef<str>>(ids: &[S]) -> Result<Vec<u8>, FormatError> {
    // A power of two, so that ids stay in their buckets when some come and others go, and files differ in little. Those with the
    // same fingerprint have different upper halves of their hashes, which enough buckets tell apart.
    let mut n_buckets = ids.len().div_ceil(BUCKET).next_power_of_two();
    let buckets = 'wider: loop {
        let mut buckets: Vec<Vec<(u32, u64)>> = vec![Vec::new(); n_buckets];
        for (id, row) in ids.iter().zip(0..) {
            let hash = hash(id.as_ref());
            let Some((bucket, fingerprint)) = place(hash, n_buckets) else { continue };
            match buckets[bucket].iter().find(|(_, of)| place(*of, n_buckets) == Some((bucket, fingerprint))) {
                None => buckets[bucket].push((row, hash)),
                Some(&(other, of)) if of >> 32 == hash >> 32 => {
                    let [a, b] = [other, row].map(|row| ids[row as usize].as_ref());
                    return Err(FormatError::Unsound {
                        part: PART,
                        what: alloc::format!("the ids {a:?} and {b:?} are equal or have the same hash"),
                    });
                }
                Some(_) => {
                    n_buckets *= 2;
                    continue 'wider;
                }
            }
        }
        break buckets;
    };
    let ends = buckets.iter().scan(0u32, |end, bucket| {
        *end += bucket.len() as u32;
        Some(*end)
    });
    let gaps = buckets
        .iter()
        .flat_map(|bucket| bucket.iter().scan(0, |before, &(row, _)| Some(row - core::mem::replace(before, row))));
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
    out.extend((n_buckets as u32).to_le_bytes());
    pad16(&mut out);
    out.extend(ends.flat_map(u32::to_le_bytes));
    out.extend(buckets.iter().flatten().flat_map(|&(_, hash)| hash.to_le_bytes().into_iter().take(3)));
    out.extend(gaps.flat_map(u32::to_le_bytes));
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
    fn ids_with_the_same_fingerprint_get_different_buckets() {
        let written = ["sku-42392", "sku-86696", "another"];
        assert_eq!(hash(written[0]) as u32, hash(written[1]) as u32);
        let section = write(&written).unwrap();
        let ids = Ids::parse(&section).unwrap();
        ids.validate().unwrap();
        ids.verify().unwrap();
        assert!(ids.n_buckets > 1);
    }

    #[test]
    fn unsound_buckets_are_refused() {
        let written: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let section = write(&written).unwrap();
        let check = |place: usize, number: u32, expected: &str| {
            let mut section = section.clone();
            section[4 * place..4 * place + 4].copy_from_slice(&number.to_le_bytes());
            let error = Ids::parse(&section).and_then(|ids| ids.validate()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        // Four buckets behind four words of header, then 30 words of fingerprints, then the gaps.
        check(2, 0, "bytes are left");
        check(4, 41, "bucket 0 lies at 0..41");
        check(5, 0, "bucket 1 lies at");
        check(7, 39, "1 of 40 items are in no bucket");
        check(4 + 4 + 30, 40, "row 40 of bucket 0 is taken or beyond 40 items");
        check(4 + 4 + 30 + 1, 0, "of bucket 0 is taken");
        check(4 + 4 + 30 + 1, u32::MAX, "of bucket 0 is taken or beyond");
    }

    #[test]
    fn unsound_ids_are_refused() {
        let check = |ids: &[&str], from_end: usize, byte: u8, expected: &str| {
            let mut section = write(ids).unwrap();
            let at = section.len() - from_end;
            section[at] = byte;
            let error = Ids::parse(&section).and_then(|ids| ids.validate()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        // Of the last id: how much it shares, how much more there is, and what.
        check(&["abc", "abd"], 3, 4, "the id of row 1 does not decode");
        check(&["abc", "abd"], 2, 2, "the id of row 1 does not decode");
        check(&["abc", "abd"], 2, 0, "1 bytes of text are left");
        check(&["abc", "abd"], 1, 0xff, "the id of row 1 does not decode");
        // ü and ý share a byte, which is no text by itself.
        check(&["aü", "aý"], 2, 0, "the id of row 1 does not decode");
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(""), 0xef46_db37_51d8_e999);
        assert_eq!(hash("abc"), 0x44bc_2cf5_ad77_0999);
    }
}
