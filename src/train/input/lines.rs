//! The lines of a text, for those who read them by themselves.

use std::io::{BufRead, BufReader, Read};

use super::{
    error::InputError,
    source::{Source, open_text, read_error},
};

/// Longest line that is handed on.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Calls `found` with the number, from 1, and the bytes of every line of JSON Lines that is not blank, plain or packed;
/// with none for a line that is longer than 64 KiB, which is skipped without being held.
pub fn each_line(source: &Source, mut found: impl FnMut(u64, Option<&[u8]>)) -> Result<(), InputError> {
    let text = match open_text(source) {
        // No line is what there is to hand on.
        Err(InputError::Empty { .. }) => return Ok(()),
        text => text?,
    };
    let mut reader = BufReader::with_capacity(64 * 1024, text);
    let (file, mut text) = (source.name(), Vec::new());
    for line in 1.. {
        text.clear();
        let unreadable = |error| read_error(&file, line - 1, &error);
        if reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut text).map_err(unreadable)? == 0 {
            break;
        }
        if text.len() as u64 == LINE_BYTES_MAX && text.last() != Some(&b'\n') {
            reader.skip_until(b'\n').map_err(unreadable)?;
            found(line, None);
            continue;
        }
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text).trim_ascii();
        if !text.is_empty() {
            found(line, Some(text));
        }
    }
    Ok(())
}
