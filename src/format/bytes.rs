//! Little-endian primitives. [`Fields`] does not panic on short input; what reads at a place in an array relies on the length that was
//! checked when the section was parsed.

use alloc::vec::Vec;

use super::FormatError;

/// Rounds up to the next multiple of 16, the alignment of sections and of the large arrays inside them.
pub(crate) fn align16(length: usize) -> usize {
    length.next_multiple_of(16)
}

/// Appends zero bytes up to the next multiple of 16.
pub(crate) fn pad16(out: &mut Vec<u8>) {
    out.resize(align16(out.len()), 0);
}

/// Takes fields off the front of a section, in order. From the first thing that is wrong on, numbers are 0 and arrays empty,
/// until [`Fields::sound`] or [`Fields::end`] says what it was: one place where reading may end, instead of one a field.
pub(crate) struct Fields<'a> {
    part: &'static str,
    whole: &'a [u8],
    at: usize,
    failure: Option<FormatError>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(part: &'static str, whole: &'a [u8]) -> Fields<'a> {
        Fields { part, whole, at: 0, failure: None }
    }

    /// The next `count` elements of `width` bytes each.
    #[inline(never)]
    pub(crate) fn array(&mut self, count: usize, width: usize) -> &'a [u8] {
        let end = count.checked_mul(width).and_then(|length| self.at.checked_add(length));
        match end.and_then(|end| self.whole.get(self.at..end)) {
            Some(taken) if self.failure.is_none() => {
                self.at += taken.len();
                taken
            }
            _ => {
                let numbers = [count, width, self.at, self.whole.len()].map(|number| number as u64);
                self.check(false, "# elements of # bytes at offset # do not fit # bytes", &numbers);
                &[]
            }
        }
    }

    pub(crate) fn u16(&mut self) -> u16 {
        self.array(1, 2).first_chunk().map_or(0, |bytes| u16::from_le_bytes(*bytes))
    }

    pub(crate) fn i16(&mut self) -> i16 {
        self.u16().cast_signed()
    }

    #[inline(never)]
    pub(crate) fn u32(&mut self) -> u32 {
        self.array(1, 4).first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    pub(crate) fn u64(&mut self) -> u64 {
        self.array(1, 8).first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// How many elements follow, of at least `width` bytes each: 64 bits, held against the bytes that are left.
    #[inline(never)]
    pub(crate) fn count(&mut self, width: usize) -> usize {
        let count = usize::try_from(self.u64()).unwrap_or(usize::MAX);
        let at = self.at;
        let count = self.array(count, width).len() / width;
        self.at = at;
        count
    }

    /// UTF-8 behind its length.
    #[inline(never)]
    pub(crate) fn text(&mut self) -> &'a str {
        let len = self.count(1);
        let text = core::str::from_utf8(self.array(len, 1));
        self.check(text.is_ok(), "the text before offset # is not UTF-8", &[self.at as u64]);
        text.unwrap_or_default()
    }

    /// Skips padding up to the next multiple of 16, which must be zero.
    pub(crate) fn align(&mut self) {
        self.reserved(align16(self.at) - self.at);
    }

    /// Takes `count` reserved bytes, which must be zero.
    #[inline(never)]
    pub(crate) fn reserved(&mut self, count: usize) {
        let is_zero = self.array(count, 1).iter().all(|&byte| byte == 0);
        self.check(is_zero, "bytes before offset # must be zero", &[self.at as u64]);
    }

    /// Takes note of what is wrong, if it is the first thing, by a [`super::message::sentence`].
    pub(crate) fn check(&mut self, holds: bool, template: &str, numbers: &[u64]) {
        self.check_named(holds, template, "", numbers);
    }

    /// The same with something that has a name.
    #[inline(never)]
    pub(crate) fn check_named(&mut self, holds: bool, template: &str, name: &str, numbers: &[u64]) {
        if !holds && self.failure.is_none() {
            self.failure = Some(FormatError::unsound_in(self.part, template, name, numbers));
        }
    }

    /// Whether all was sound so far; it is asked once.
    pub(crate) fn sound(&mut self) -> Result<(), FormatError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Checks that all was sound and nothing is left.
    #[inline(never)]
    pub(crate) fn end(mut self) -> Result<(), FormatError> {
        let left = self.whole.len() - self.at;
        self.check(left == 0, "# bytes are left behind offset #", &[left as u64, self.at as u64]);
        self.sound()
    }
}

/// ASCII, filled up with zeros.
#[inline(never)]
pub(crate) fn padded(bytes: &[u8]) -> Option<&str> {
    let (text, rest) = bytes.split_at(bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len()));
    let sound = text.is_ascii() && rest.iter().all(|&byte| byte == 0);
    core::str::from_utf8(text).ok().filter(|_| sound)
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
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if shift == 28 && byte > 0x0f {
            return None;
        }
        value |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
    }
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
