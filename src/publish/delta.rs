//! Deltas: what makes one file of another that a device already has. `docs/FORMAT.md` describes the bytes.
//!
//! Made as `bsdiff` does it (Percival 2003): stretches of the new file that are alike in the old one are written as the
//! differences of their bytes, nearly all of them zero, which compress to next to nothing; what is like nothing is written out.

use std::io::Read;

use flate2::bufread::DeflateDecoder;
use twox_hash::XxHash64;

/// The first eight bytes.
pub const MAGIC: [u8; 8] = *b"\x89SHDEL\r\n";
/// Changes when old readers must refuse the delta.
pub const VERSION: u16 = 1;
/// Bytes before what is compressed.
pub const HEADER_LEN: usize = 48;
/// Bytes that are read and added at a time.
const BLOCK: usize = 4096;

/// Why a delta does not give a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// The bytes do not begin as a delta does.
    #[error("not a delta: it does not begin with the eight bytes of one")]
    Magic,
    /// The delta is of a newer version.
    #[error("the delta has version {found}, and this release applies version {VERSION}; fetch the whole file")]
    Version {
        /// Version of the delta.
        found: u16,
    },
    /// The delta was made from other bytes than those it is to be applied to.
    #[error("the delta is for another file than this one; fetch the whole file")]
    OtherOld,
    /// The new file would be longer than allowed.
    #[error("the new file has {announced} bytes, and {most} are allowed")]
    TooLong {
        /// Length of the new file.
        announced: u64,
        /// Most bytes that it may have.
        most: usize,
    },
    /// The delta is cut off, or was changed on its way.
    #[error("the delta is damaged; fetch it again, or the whole file")]
    Damaged,
}

/// What a delta is from and to.
#[derive(PartialEq)]
struct Identity {
    len: u64,
    hash: u64,
}

impl Identity {
    fn of(bytes: &[u8]) -> Identity {
        Identity { len: bytes.len() as u64, hash: XxHash64::oneshot(0, bytes) }
    }
}

/// The delta from which, and from `old`, [`apply`] makes `new`.
///
/// Sorts all suffixes of `old`: three seconds for 20 MB, and four bytes of memory for each of its bytes. Quadratic only where one
/// period repeats all through, with exceptions in `old` that `new` has not.
#[cfg(feature = "train")]
pub fn make(old: &[u8], new: &[u8]) -> Vec<u8> {
    use std::io::Write;

    const IN_MEMORY: &str = "writing to memory does not fail";
    let mut delta = Vec::new();
    delta.extend(MAGIC);
    delta.extend(VERSION.to_le_bytes());
    delta.extend([0; 6]);
    for Identity { len, hash } in [Identity::of(old), Identity::of(new)] {
        delta.extend(len.to_le_bytes());
        delta.extend(hash.to_le_bytes());
    }
    let mut out = flate2::write::DeflateEncoder::new(delta, flate2::Compression::best());
    let mut at = 0;
    let mut step = |found: bidiff::Match| -> std::io::Result<()> {
        let added = &new[found.add_new_start..found.copy_start()];
        let copied = &new[found.copy_start()..found.copy_end];
        let alike = &old[found.add_old_start..][..added.len()];
        let skip = found.add_old_start as i64 - at;
        let numbers = [((skip << 1) ^ (skip >> 63)) as u64, added.len() as u64, copied.len() as u64];
        if added.is_empty() && copied.is_empty() {
            return Ok(());
        }
        at = (found.add_old_start + added.len()) as i64;
        numbers.into_iter().try_for_each(|number| write_number(&mut out, number))?;
        let differences: Vec<u8> = added.iter().zip(alike).map(|(new, old)| new.wrapping_sub(*old)).collect();
        out.write_all(&differences)?;
        out.write_all(copied)
    };
    if old.is_empty() {
        // In which bidiff would look for something in vain.
        step(bidiff::Match { add_old_start: 0, add_new_start: 0, add_length: 0, copy_end: new.len() })
    } else {
        bidiff::diff(old, new, &bidiff::DiffParams::default(), step)
    }
    .expect(IN_MEMORY);
    out.finish().expect(IN_MEMORY)
}

#[cfg(feature = "train")]
fn write_number(out: &mut impl std::io::Write, mut number: u64) -> std::io::Result<()> {
    while number >= 0x80 {
        out.write_all(&[number as u8 | 0x80])?;
        number >>= 7;
    }
    out.write_all(&[number as u8])
}

/// The new file, byte for byte as it was when the delta was [made](make), and of at most `most` bytes. O(old + new), and no
/// more memory than the new file takes.
///
/// # Errors
///
/// [`DeltaError`], whatever the bytes: what is returned has the length and the hash that the delta states. That tells damage;
/// against forgery, check the new file's own digest.
pub fn apply(old: &[u8], delta: &[u8], most: usize) -> Result<Vec<u8>, DeltaError> {
    if !delta.starts_with(&MAGIC) {
        return Err(DeltaError::Magic);
    }
    let (header, compressed) = delta.split_first_chunk::<HEADER_LEN>().ok_or(DeltaError::Damaged)?;
    let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| header[at + byte]));
    let found = number(8) as u16;
    if found != VERSION {
        return Err(DeltaError::Version { found });
    }
    if number(8) >> 16 != 0 {
        return Err(DeltaError::Damaged);
    }
    let [from, to] = [16, 32].map(|at| Identity { len: number(at), hash: number(at + 8) });
    let Some(len) = usize::try_from(to.len).ok().filter(|len| *len <= most) else {
        return Err(DeltaError::TooLong { announced: to.len, most });
    };
    if from != Identity::of(old) {
        return Err(DeltaError::OtherOld);
    }
    let mut input = DeflateDecoder::new(compressed);
    let new = patched(old, &mut input, len).ok_or(DeltaError::Damaged)?;
    let is_whole = matches!(input.read(&mut [0]), Ok(0)) && input.into_inner().is_empty();
    if is_whole && Identity::of(&new) == to { Ok(new) } else { Err(DeltaError::Damaged) }
}

/// The `len` bytes that the steps of a delta make; none where they do not fit.
fn patched(old: &[u8], input: &mut impl Read, len: usize) -> Option<Vec<u8>> {
    let mut new = Vec::new();
    // Where there is no room for what a header promises, that is no panic.
    new.try_reserve_exact(len).ok()?;
    let mut at = 0usize;
    while new.len() < len {
        let skip = read_number(input)?;
        let skip = (skip >> 1) as i64 ^ -((skip & 1) as i64);
        let [added, copied] = [read_number(input)?, read_number(input)?].map(|number| usize::try_from(number).ok());
        let (added, copied) = (added?, copied?);
        if added.checked_add(copied)? > len - new.len() || (added, copied) == (0, 0) {
            return None;
        }
        at = usize::try_from(i64::try_from(at).ok()?.checked_add(skip)?).ok()?;
        let end = at.checked_add(added)?;
        for alike in old.get(at..end)?.chunks(BLOCK) {
            let mut differences = [0; BLOCK];
            let differences = &mut differences[..alike.len()];
            input.read_exact(differences).ok()?;
            new.extend(alike.iter().zip(differences).map(|(old, difference)| old.wrapping_add(*difference)));
        }
        at = end;
        let start = new.len();
        new.resize(start + copied, 0);
        input.read_exact(&mut new[start..]).ok()?;
    }
    Some(new)
}

/// A number in groups of seven bits, the lowest first.
fn read_number(input: &mut impl Read) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let mut byte = [0];
        input.read_exact(&mut byte).ok()?;
        number |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 1 << 20;

    /// Bytes with stretches of every kind: of noise, of zeros, of a period.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let stretch = prop_oneof![
            vec(any::<u8>(), 0..300),
            (0..300usize).prop_map(|len| vec![0; len]),
            (vec(any::<u8>(), 1..9), 0..40usize).prop_map(|(period, times)| period.repeat(times)),
        ];
        vec(stretch, 0..5).prop_map(|stretches| stretches.concat())
    }

    /// A file and the same with some stretches replaced.
    fn edited() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        let edit = (any::<prop::sample::Index>(), 0..50usize, vec(any::<u8>(), 0..50));
        (bytes(), vec(edit, 0..6)).prop_map(|(old, edits)| {
            let mut new = old.clone();
            for (at, len, bytes) in edits {
                let at = at.index(new.len() + 1);
                let end = (at + len).min(new.len());
                new.splice(at..end, bytes);
            }
            (old, new)
        })
    }

    fn compressed(header_from: &[u8], steps: &[u8]) -> Vec<u8> {
        let mut out =
            flate2::write::DeflateEncoder::new(header_from[..HEADER_LEN].to_vec(), flate2::Compression::best());
        std::io::Write::write_all(&mut out, steps).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn what_is_not_the_delta_of_this_file_is_refused() {
        let old = b"one two three".repeat(20);
        let new = [&old[..70], b"four", &old[60..]].concat();
        let delta = make(&old, &new);
        assert_eq!(apply(&old, &delta, new.len()).unwrap(), new);
        let check = |old: &[u8], change: fn(&mut Vec<u8>), most: usize, expected: DeltaError| {
            let mut delta = delta.clone();
            change(&mut delta);
            assert_eq!(apply(old, &delta, most), Err(expected));
        };
        let same = |_: &mut Vec<u8>| ();
        check(&old, |delta| delta[0] = 0, MOST, DeltaError::Magic);
        check(&old, |delta| delta.truncate(7), MOST, DeltaError::Magic);
        check(&old, |delta| delta.truncate(HEADER_LEN - 1), MOST, DeltaError::Damaged);
        check(&old, |delta| delta[8] = 2, MOST, DeltaError::Version { found: 2 });
        check(&old, |delta| delta[10] = 1, MOST, DeltaError::Damaged);
        check(&old[1..], same, MOST, DeltaError::OtherOld);
        check(&old, same, new.len() - 1, DeltaError::TooLong { announced: new.len() as u64, most: new.len() - 1 });
        check(&old, |delta| delta[39] = 1, MOST, DeltaError::TooLong { announced: 274 + (1 << 56), most: MOST });
        check(&old, |delta| delta.truncate(HEADER_LEN), MOST, DeltaError::Damaged);
        check(&old, |delta| delta.push(0), MOST, DeltaError::Damaged);
    }

    #[test]
    fn steps_stay_within_both_files() {
        let (old, new) = ([7; 100], [8; 100]);
        let delta = make(&old, &new);
        let check = |steps: &[u8]| assert_eq!(apply(&old, &compressed(&delta, steps), MOST), Err(DeltaError::Damaged));
        assert_eq!(apply(&old, &compressed(&delta, &[&[0, 100, 0][..], &[1; 100]].concat()), MOST).unwrap(), new);
        check(&[]);
        check(&[0, 0, 0]);
        check(&[0, 101, 0]);
        check(&[0, 0, 101]);
        check(&[1, 100, 0]);
        check(&[2, 100, 0]);
        check(&[&[0, 100, 0][..], &[1; 99]].concat());
        check(&[&[0, 100, 0][..], &[1; 101]].concat());
        check(&[&[0, 0, 100][..], &[9; 100]].concat());
        check(&[0xff; 30]);
        check(&[&[0; 1][..], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]].concat());
    }

    #[test]
    fn little_that_becomes_much_is_bounded() {
        let bomb = make(&[], &vec![0; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert!(matches!(apply(&[], &bomb, MOST), Err(DeltaError::TooLong { .. })));
        // The same with a header that promises little.
        let header = make(&[], &[0; 100]);
        let bomb = [&header[..HEADER_LEN], &bomb[HEADER_LEN..]].concat();
        assert_eq!(apply(&[], &bomb, MOST), Err(DeltaError::Damaged));
    }

    #[test]
    fn few_changes_are_a_short_delta() {
        let old: Vec<u8> = (0..50_000u64).flat_map(|n| XxHash64::oneshot(n, &[]).to_le_bytes()).collect();
        let mut new = old.clone();
        new.splice(1000..1000, *b"something new");
        new.drain(200_000..200_800);
        new[300_000] += 1;
        let delta = make(&old, &new);
        assert!(delta.len() < 1000, "{}", delta.len());
        assert_eq!(apply(&old, &delta, MOST).unwrap(), new);
    }

    proptest! {
        #[test]
        fn the_new_file_comes_back((old, new) in edited(), other in bytes()) {
            for (old, new) in [(&old, &new), (&new, &old), (&old, &other)] {
                prop_assert_eq!(&apply(old, &make(old, new), new.len()).unwrap(), new);
            }
        }

        #[test]
        fn damage_gives_an_error_or_the_new_file((old, new) in edited(), at: prop::sample::Index, by in 1..=255u8) {
            let mut delta = make(&old, &new);
            let at = at.index(delta.len());
            delta[at] ^= by;
            if let Ok(found) = apply(&old, &delta, MOST) {
                prop_assert_eq!(&found, &new);
            }
            delta[at] ^= by;
            prop_assert!(apply(&old, &delta[..at], MOST).is_err());
            let other = [&old[..], &[by]].concat();
            prop_assert_eq!(apply(&other, &delta, MOST), Err(DeltaError::OtherOld));
        }

        #[test]
        fn no_bytes_make_it_panic(old in bytes(), steps in vec(0..9u8, 0..60), delta in bytes()) {
            let _ = apply(&old, &delta, MOST);
            let _ = apply(&old, &compressed(&make(&old, &[9; 50]), &steps), MOST);
        }
    }
}
