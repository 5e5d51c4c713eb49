//! Base64 (RFC 4648, section 4), as the `Authorization` header needs it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends the encoded bytes, padded.
pub(crate) fn encode(bytes: &[u8], output: &mut String) {
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            // A group of n bytes has n + 1 digits.
            let digit = ALPHABET.get(bits >> shift & 63).filter(|_| place <= group.len());
            output.push(digit.map_or('=', |digit| char::from(*digit)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_the_vectors_of_the_rfc() {
        for (bytes, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("ü?>~", "w7w/Pn4="),
        ] {
            let mut output = String::new();
            encode(bytes.as_bytes(), &mut output);
            assert_eq!(output, expected, "{bytes:?}");
        }
    }
}
