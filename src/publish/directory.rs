//! Which part an item is in, for items whose part is not there.

use crate::format::FormatError;
use crate::format::bytes::{Fields, read_varint, write_varint};
use crate::format::ids;

const PART: &str = "directory";

/// The items of a model's parts, by 32 bits of the hashes of their ids.
///
/// An item that is in none is taken to be in a part of n items with a chance of n / 2³²: that part is then loaded for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// By part, ascending.
    hashes: Vec<Vec<u32>>,
}

impl Directory {
    /// Of parts with these ids.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a [String]>) -> Directory {
        let hashes = parts.into_iter().map(|ids| {
            let mut hashes: Vec<u32> = ids.iter().map(|id| key(id)).collect();
            hashes.sort_unstable();
            hashes.dedup();
            hashes
        });
        Directory { hashes: hashes.collect() }
    }

    /// The numbers of the parts that have, or seem to have, the item.
    pub fn find(&self, item_id: &str) -> Vec<u32> {
        let key = key(item_id);
        let has = |(hashes, number): (&Vec<u32>, u32)| hashes.binary_search(&key).ok().map(|_| number);
        self.hashes.iter().zip(0..).filter_map(has).collect()
    }

    /// Decodes a directory. O(items).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn read(file: &[u8]) -> Result<Directory, FormatError> {
        let unsound = |template: &str, numbers: &[u64]| FormatError::unsound(PART, template, numbers);
        let mut fields = Fields::new(PART, file);
        let n_parts = fields.u32() as usize;
        fields.sound()?;
        let mut at = 4;
        let mut hashes = Vec::new();
        for number in 0..n_parts {
            let part = read_part(file, &mut at);
            hashes.push(part.ok_or_else(|| unsound("the hashes of part # do not decode", &[number as u64]))?);
        }
        if at != file.len() {
            return Err(unsound("# bytes are left", &[(file.len() - at) as u64]));
        }
        Ok(Directory { hashes })
    }

    /// Encodes it: some three bytes an item.
    pub fn write(&self) -> Vec<u8> {
        let mut out = (self.hashes.len() as u32).to_le_bytes().to_vec();
        for part in &self.hashes {
            write_varint(&mut out, part.len() as u32);
            let mut before = 0;
            for &hash in part {
                write_varint(&mut out, hash - before);
                before = hash;
            }
        }
        out
    }
}

fn key(item_id: &str) -> u32 {
    (ids::hash(item_id) >> 32) as u32
}

fn read_part(file: &[u8], at: &mut usize) -> Option<Vec<u32>> {
    // A hash takes a byte at least: no more is allocated than there is.
    let count = read_varint(file, at).filter(|&count| count as usize <= file.len())?;
    let mut hashes: Vec<u32> = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let before = hashes.last().copied().unwrap_or(0);
        hashes.push(before.checked_add(read_varint(file, at)?)?);
    }
    Some(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(range: core::ops::Range<u32>) -> Vec<String> {
        range.map(|number| format!("sku-{number}")).collect()
    }

    #[test]
    fn items_are_found_in_their_part() {
        let parts = [names(0..1000), names(1000..1001), vec![], names(1001..5000)];
        let directory = Directory::new(parts.iter().map(Vec::as_slice));
        let read = Directory::read(&directory.write()).unwrap();
        assert_eq!(read, directory);
        for (part, number) in parts.iter().zip(0..) {
            assert!(part.iter().all(|id| read.find(id) == [number]));
        }
        assert!(names(5000..9000).iter().all(|id| read.find(id).is_empty()));
    }

    #[test]
    fn unsound_directories_are_refused() {
        let written = Directory::new([names(0..3).as_slice()]).write();
        for len in 0..written.len() {
            Directory::read(&written[..len]).unwrap_err();
        }
        let longer = [&written[..], &[0]].concat();
        assert!(Directory::read(&longer).unwrap_err().to_string().contains("1 bytes are left"));
        assert!(Directory::read(&[255, 255, 255, 255]).unwrap_err().to_string().contains("part 0"));
    }
}
