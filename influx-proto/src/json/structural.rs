//! The bytes that give JSON its structure: brackets and quotes.

use super::word;

/// What a byte between the strings of an object or array means.
#[derive(Clone, Copy)]
pub(super) enum Class {
    Other,
    Quote,
    Open { object: bool },
    Close { object: bool },
}

#[expect(clippy::indexing_slicing, reason = "the table has an entry for every byte")]
pub(super) fn class(byte: u8) -> Class {
    CLASSES[usize::from(byte)]
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    classes[b'"' as usize] = Class::Quote;
    classes[b'{' as usize] = Class::Open { object: true };
    classes[b'[' as usize] = Class::Open { object: false };
    classes[b'}' as usize] = Class::Close { object: true };
    classes[b']' as usize] = Class::Close { object: false };
    classes
};

/// How many bytes can be skipped because they are neither quotes nor brackets.
pub(super) fn plain_prefix(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk() {
        // This bit is all that tells a square bracket from a curly one, and it is set in a quote.
        let word = u64::from_le_bytes(*word) | word::repeat(0x20);
        let found = word::equal(word, b'{') | word::equal(word, b'}') | word::equal(word, b'"');
        if found != 0 {
            return bytes.len() - rest.len() + word::before(found);
        }
        rest = tail;
    }
    let plain = rest.iter().take_while(|&&byte| matches!(class(byte), Class::Other)).count();
    bytes.len() - rest.len() + plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_exactly_the_plain_bytes() {
        for length in 0..40 {
            for stop in *b"[]{}\"" {
                let mut input = vec![b'1'; length];
                assert_eq!(plain_prefix(&input), length);
                input.extend_from_slice(&[stop, b'}', b'1', stop, b'"', b'1', b'1', b'1', b'1']);
                assert_eq!(plain_prefix(&input), length, "{}", stop as char);
            }
        }
        let plain: Vec<u8> =
            (0..=255).filter(|byte| matches!(class(*byte), Class::Other)).collect();
        // A byte that only looks like a quote ends the skipping, but nothing else.
        assert_eq!(plain_prefix(&plain), 2);
        assert_eq!(plain_prefix(&plain[3..]), plain.len() - 3);
    }
}
