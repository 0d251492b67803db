//! Little-endian primitives. Nothing here panics on short input; lengths are checked before anything is read.

use super::FormatError;

/// Rounds up to the next multiple of 16, the alignment of sections and of the large arrays inside them.
pub(crate) fn align16(length: usize) -> usize {
    length.next_multiple_of(16)
}

/// Appends zero bytes up to the next multiple of 16.
pub(crate) fn pad16(out: &mut Vec<u8>) {
    out.resize(align16(out.len()), 0);
}

/// Takes fields off the front of a section, in order.
pub(crate) struct Fields<'a> {
    part: &'static str,
    whole: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(part: &'static str, whole: &'a [u8]) -> Fields<'a> {
        Fields { part, whole, at: 0 }
    }

    /// The next `count` elements of `width` bytes each.
    pub(crate) fn array(&mut self, count: usize, width: usize) -> Result<&'a [u8], FormatError> {
        let end = count.checked_mul(width).and_then(|length| self.at.checked_add(length));
        let taken = end.and_then(|end| self.whole.get(self.at..end));
        let taken = taken.ok_or_else(|| {
            let numbers = [count, width, self.at, self.whole.len()].map(|number| number as u64);
            FormatError::unsound(self.part, "# elements of # bytes at offset # do not fit # bytes", &numbers)
        })?;
        self.at += taken.len();
        Ok(taken)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, FormatError> {
        self.array(1, 2).map(|bytes| u16_at(bytes, 0))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, FormatError> {
        self.array(1, 4).map(|bytes| u32_at(bytes, 0))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, FormatError> {
        self.array(1, 8).map(|bytes| u64_at(bytes, 0))
    }

    /// Skips padding up to the next multiple of 16, which must be zero.
    pub(crate) fn align(&mut self) -> Result<(), FormatError> {
        let padding = self.array(align16(self.at) - self.at, 1)?;
        self.zero(padding)
    }

    /// Takes `count` reserved bytes, which must be zero.
    pub(crate) fn reserved(&mut self, count: usize) -> Result<(), FormatError> {
        let reserved = self.array(count, 1)?;
        self.zero(reserved)
    }

    fn zero(&self, bytes: &[u8]) -> Result<(), FormatError> {
        if bytes.iter().any(|&byte| byte != 0) {
            return Err(FormatError::unsound(self.part, "bytes before offset # must be zero", &[self.at as u64]));
        }
        Ok(())
    }

    /// Checks that nothing is left.
    pub(crate) fn end(&self) -> Result<(), FormatError> {
        if self.at != self.whole.len() {
            let left = self.whole.len() - self.at;
            return Err(FormatError::unsound(
                self.part,
                "# bytes are left behind offset #",
                &[left as u64, self.at as u64],
            ));
        }
        Ok(())
    }
}

/// Element `index` of an array of little-endian `u16`. Panics past its end.
pub(crate) fn u16_at(array: &[u8], index: usize) -> u16 {
    let (pair, _) = array[2 * index..].split_first_chunk().expect("the index is within the array");
    u16::from_le_bytes(*pair)
}

/// Element `index` of an array of little-endian `u32`. Panics past its end.
pub(crate) fn u32_at(array: &[u8], index: usize) -> u32 {
    let (quad, _) = array[4 * index..].split_first_chunk().expect("the index is within the array");
    u32::from_le_bytes(*quad)
}

/// Element `index` of an array of little-endian `u64`. Panics past its end.
pub(crate) fn u64_at(array: &[u8], index: usize) -> u64 {
    let (oct, _) = array[8 * index..].split_first_chunk().expect("the index is within the array");
    u64::from_le_bytes(*oct)
}

/// Appends an unsigned LEB128 number.
pub(crate) fn write_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads an unsigned LEB128 number of at most 32 bits at `*at` and moves `*at` behind it. `None` if it is cut off or too
/// large.
pub(crate) fn read_varint(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let mut value = 0u32;
    for shift in [0u32, 7, 14, 21, 28] {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if shift == 28 && byte > 0x0f {
            return None;
        }
        value |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_come_back() {
        for value in [0, 1, 127, 128, 300, 16_383, 16_384, u32::MAX - 1, u32::MAX] {
            let mut bytes = Vec::new();
            write_varint(&mut bytes, value);
            let mut at = 0;
            assert_eq!(read_varint(&bytes, &mut at), Some(value));
            assert_eq!(at, bytes.len());
            assert_eq!(read_varint(&bytes[..bytes.len() - 1], &mut 0), None, "{value} cut short");
        }
    }

    #[test]
    fn varints_beyond_32_bits_are_refused() {
        assert_eq!(read_varint(&[0xff, 0xff, 0xff, 0xff, 0x1f], &mut 0), None);
        assert_eq!(read_varint(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x01], &mut 0), None);
    }
}
