//! The letters of a token: base64url without padding, RFC 4648, section 5.

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes six bits a character, zeros behind the last byte.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for at in (0..8 * bytes.len()).step_by(6) {
        let pair = [bytes[at / 8], bytes.get(at / 8 + 1).copied().unwrap_or(0)];
        let six = u16::from_be_bytes(pair) >> (10 - at % 8) & 63;
        text.push(char::from(ALPHABET[usize::from(six)]));
    }
    text
}

/// Reads what [`encode`] wrote; none of a text that it never writes.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut n_bits) = (0, 0);
    for character in text.bytes() {
        let six = ALPHABET.iter().position(|&letter| letter == character)?;
        (bits, n_bits) = (bits << 6 | six, n_bits + 6);
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push((bits >> n_bits) as u8);
            bits &= (1 << n_bits) - 1;
        }
    }
    (n_bits < 6 && bits == 0).then_some(bytes)
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_base64url(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let text = super::encode(&bytes);
            prop_assert_eq!(&text, &Base64UrlUnpadded::encode_string(&bytes));
            prop_assert_eq!(super::decode(&text), Some(bytes));
        }

        #[test]
        fn what_is_not_is_refused(text in "[A-Za-z0-9_-]{0,12}|[A-C=+/ é-]{0,6}") {
            prop_assert_eq!(super::decode(&text), Base64UrlUnpadded::decode_vec(&text).ok());
        }
    }
}
