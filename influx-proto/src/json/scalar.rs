//! Numbers and literals outside of any bracket, byte by byte.

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

    /// Whether this may be all of the scalar.
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
