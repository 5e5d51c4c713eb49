//! Finds where a JSON value ends.

use memchr::memchr2;

use super::options::MAX_DEPTH;
use super::syntax::{Class, Scalar, class, plain_prefix};

/// Looks for the end of one JSON value in pieces of any size, at each byte once.
///
/// It knows brackets, strings and the scalars outside of brackets.
/// All other errors between brackets are left to the parser.
#[derive(Clone, Debug)]
pub(super) struct Scanner {
    state: State,
    brackets: Brackets,
}

/// The reason that a value has no end. Positions are in the piece given to [`Scanner::scan`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ScanError {
    /// A bracket closes that is not the open one.
    Mismatch { at: usize },
    /// No value begins with these bytes.
    NoValue,
    /// A bracket opens that passes the limit.
    TooDeep { at: usize },
}

impl Scanner {
    /// Looks for the end of a value nested at most `max_depth` levels deep,
    /// or [`MAX_DEPTH`] if that is less.
    pub(super) fn new(max_depth: usize) -> Self {
        let max_depth = max_depth.min(MAX_DEPTH);
        Self { state: State::Start, brackets: Brackets { max_depth, depth: 0, objects: 0 } }
    }

    /// Whether a value begins with `byte`.
    pub(super) fn can_begin(byte: u8) -> bool {
        matches!(byte, b'{' | b'[' | b'"') || Scalar::begin(byte).is_some()
    }

    /// Looks at the next piece of the input.
    ///
    /// Returns the position in it where the value is over, or `None` to ask for more.
    /// The scanner is of no further use after an end or an error.
    pub(super) fn scan(&mut self, piece: &[u8]) -> Result<Option<usize>, ScanError> {
        let mut at = 0;
        while let Some((&byte, rest)) = piece.get(at..).and_then(<[u8]>::split_first) {
            match self.state {
                State::Start => {
                    self.begin(byte, at)?;
                    at += 1;
                }
                State::Scalar(scalar) => match scalar.step(byte) {
                    Some(longer) => {
                        self.state = State::Scalar(longer);
                        at += 1;
                        if longer.is_closed() {
                            return Ok(Some(at));
                        }
                    }
                    None if scalar.is_complete() => return Ok(Some(at)),
                    None => return Err(ScanError::NoValue),
                },
                State::Brackets => {
                    match class(byte) {
                        Class::Other => at += plain_prefix(rest),
                        Class::Quote => self.state = State::String,
                        Class::Open { object } => self.brackets.open(object, at)?,
                        Class::Close { object } => {
                            self.brackets.close(object, at)?;
                            if self.brackets.depth == 0 {
                                return Ok(Some(at + 1));
                            }
                        }
                    }
                    at += 1;
                }
                State::String => match memchr2(b'"', b'\\', piece.get(at..).unwrap_or_default()) {
                    None => return Ok(None),
                    Some(skip) => {
                        at += skip + 1;
                        if piece.get(at - 1) == Some(&b'\\') {
                            self.state = State::Escape;
                        } else if self.brackets.depth == 0 {
                            return Ok(Some(at));
                        } else {
                            self.state = State::Brackets;
                        }
                    }
                },
                // The one byte that could be taken for the string's end or another escape.
                State::Escape => {
                    self.state = State::String;
                    at += 1;
                }
            }
        }
        Ok(None)
    }

    /// Whether the value is complete if the input ends here. Only a number needs to ask.
    pub(super) fn is_complete_at_end(&self) -> bool {
        matches!(self.state, State::Scalar(scalar) if scalar.is_complete())
    }

    fn begin(&mut self, byte: u8, at: usize) -> Result<(), ScanError> {
        self.state = match class(byte) {
            Class::Quote => State::String,
            Class::Open { object } => {
                self.brackets.open(object, at)?;
                State::Brackets
            }
            Class::Close { .. } | Class::Other => {
                State::Scalar(Scalar::begin(byte).ok_or(ScanError::NoValue)?)
            }
        };
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Before the first byte.
    Start,
    /// Inside a number or literal that is the whole value.
    Scalar(Scalar),
    /// Between the strings of an object or array.
    Brackets,
    String,
    /// After a backslash in a string.
    Escape,
}

/// The open brackets as a stack of bits.
#[derive(Clone, Debug)]
struct Brackets {
    max_depth: usize,
    depth: usize,
    /// The innermost bracket is the lowest bit, 1 for an object.
    objects: u128,
}

impl Brackets {
    fn open(&mut self, object: bool, at: usize) -> Result<(), ScanError> {
        if self.depth == self.max_depth {
            return Err(ScanError::TooDeep { at });
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(object);
        Ok(())
    }

    fn close(&mut self, object: bool, at: usize) -> Result<(), ScanError> {
        if self.objects & 1 != u128::from(object) {
            return Err(ScanError::Mismatch { at });
        }
        self.depth -= 1;
        self.objects >>= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans in every pair of pieces; positions count from the start of the input.
    fn check(input: &str, expected: Result<Option<usize>, ScanError>) {
        for cut in 0..=input.len() {
            let (head, tail) = input.as_bytes().split_at(cut);
            let mut scanner = Scanner::new(3);
            let found = match scanner.scan(head) {
                Ok(None) => {
                    scanner.scan(tail).map(|end| end.map(|end| cut + end)).map_err(|error| {
                        match error {
                            ScanError::Mismatch { at } => ScanError::Mismatch { at: cut + at },
                            ScanError::TooDeep { at } => ScanError::TooDeep { at: cut + at },
                            ScanError::NoValue => ScanError::NoValue,
                        }
                    })
                }
                found => found,
            };
            assert_eq!(found, expected, "{input:?} cut at {cut}");
        }
    }

    #[test]
    fn finds_the_end_of_every_kind_of_value() {
        for value in [
            "{}",
            "[]",
            r#"{"a":[{}]}"#,
            r#"{"}":"]"}"#,
            r#""""#,
            r#""\"""#,
            r#""\\""#,
            "true",
            "false",
            "null",
            r#"["\\\"]"]"#,
        ] {
            check(value, Ok(Some(value.len())));
            check(&format!("{value}]}}x"), Ok(Some(value.len())));
            check(&value[..value.len() - 1], Ok(None));
        }
    }

    #[test]
    fn numbers_end_at_the_first_byte_that_cannot_belong_to_them() {
        for (input, end) in [
            ("0 ", 1),
            ("01", 1),
            ("-0x", 2),
            ("12-", 2),
            ("1.50.", 4),
            ("1e5e", 3),
            ("1E+07,", 5),
            ("9-2", 1),
            ("-1.5e-300]", 9),
        ] {
            check(input, Ok(Some(end)));
        }
        for open in ["1", "-", "1.", "1e", "1e-", "1.5"] {
            check(open, Ok(None));
        }
    }

    #[test]
    fn says_where_brackets_do_not_match() {
        check("{]", Err(ScanError::Mismatch { at: 1 }));
        check(r#"[{"a":1]"#, Err(ScanError::Mismatch { at: 7 }));
        check("[[[[", Err(ScanError::TooDeep { at: 3 }));
        check("[[[]]]", Ok(Some(6)));
    }

    #[test]
    fn text_is_no_value() {
        for text in ["Couldn't", "tru3", "nil", "-x", "1.x", "1e+x", "]", "}", ","] {
            check(text, Err(ScanError::NoValue));
        }
    }
}
