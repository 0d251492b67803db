//! No delta makes applying it panic, nor gives more bytes than allowed.
//!
//! Almost every mutation breaks the header, the compression or the hash of what comes out. So the bytes are tried twice: as a
//! delta, and as the steps of one whose header fits, up to that hash.

#![no_main]

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use libfuzzer_sys::fuzz_target;
use reshelve::publish::delta::{MAGIC, VERSION, apply};
use twox_hash::XxHash64;

/// Most bytes of a new file.
const MOST: usize = 1 << 16;
/// The hash of the new file: none that is made has it.
const NO_HASH: u64 = 0;

fuzz_target!(|bytes: &[u8]| {
    let Some((&at, rest)) = bytes.split_first() else { return };
    let (old, rest) = rest.split_at(usize::from(at).min(rest.len()));
    ask(old, rest);
    let (len, steps) = rest.split_at(2.min(rest.len()));
    let len = len.iter().fold(0, |len, &byte| len << 8 | u64::from(byte));
    ask(old, &sealed(old, len, steps));
});

fn ask(old: &[u8], delta: &[u8]) {
    if let Ok(new) = apply(old, delta, MOST) {
        assert!(new.len() <= MOST);
    }
}

/// A delta of these steps from this file to one of this length.
fn sealed(old: &[u8], len: u64, steps: &[u8]) -> Vec<u8> {
    let mut header = [&MAGIC[..], &VERSION.to_le_bytes(), &[0; 6]].concat();
    for number in [old.len() as u64, XxHash64::oneshot(0, old), len, NO_HASH] {
        header.extend(number.to_le_bytes());
    }
    let mut out = DeflateEncoder::new(header, Compression::none());
    out.write_all(steps).and_then(|()| out.finish()).expect("writing to memory does not fail")
}
