//! The meaning of single bytes in JSON: brackets and quotes, and those of numbers and literals.

use crate::text::word;

/// The meaning of a byte between the strings of an object or array.
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

/// The number of bytes before the next quote or bracket.
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

/// A number, `true`, `false` or `null` of which a part was seen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar {
    /// A literal, by the bytes that are still missing.
    Literal(&'static [u8]),
    Number(Number),
}

/// The last part of a number that was seen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Minus,
    /// A leading zero, which no digit may follow.
    Zero,
    Integer,
    Point,
    Fraction,
    ExponentMark,
    ExponentSign,
    Exponent,
}

impl Scalar {
    /// The scalar that begins with `byte`, if one does.
    pub(super) fn begin(byte: u8) -> Option<Self> {
        match byte {
            b't' => Some(Self::Literal(b"rue")),
            b'f' => Some(Self::Literal(b"alse")),
            b'n' => Some(Self::Literal(b"ull")),
            b'-' => Some(Self::Number(Number::Minus)),
            b'0' => Some(Self::Number(Number::Zero)),
            b'1'..=b'9' => Some(Self::Number(Number::Integer)),
            _ => None,
        }
    }

    /// The scalar with one more byte, if the byte belongs to it.
    pub(super) fn step(self, byte: u8) -> Option<Self> {
        match self {
            Self::Literal(missing) => {
                let (first, rest) = missing.split_first()?;
                (*first == byte).then_some(Self::Literal(rest))
            }
            Self::Number(number) => number.step(byte).map(Self::Number),
        }
    }

    /// Whether the scalar may end here.
    pub(super) fn is_complete(self) -> bool {
        match self {
            Self::Literal(missing) => missing.is_empty(),
            Self::Number(number) => matches!(
                number,
                Number::Zero | Number::Integer | Number::Fraction | Number::Exponent
            ),
        }
    }

    /// Whether no further byte can belong to the scalar. A number never tells.
    pub(super) fn is_closed(self) -> bool {
        matches!(self, Self::Literal([]))
    }
}

impl Number {
    fn step(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Minus, b'0') => Some(Self::Zero),
            (Self::Minus, b'1'..=b'9') | (Self::Integer, b'0'..=b'9') => Some(Self::Integer),
            (Self::Zero | Self::Integer, b'.') => Some(Self::Point),
            (Self::Point | Self::Fraction, b'0'..=b'9') => Some(Self::Fraction),
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Some(Self::ExponentMark),
            (Self::ExponentMark, b'+' | b'-') => Some(Self::ExponentSign),
            (Self::ExponentMark | Self::ExponentSign | Self::Exponent, b'0'..=b'9') => {
                Some(Self::Exponent)
            }
            _ => None,
        }
    }
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
