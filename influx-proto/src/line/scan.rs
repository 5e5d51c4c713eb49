//! Where a line ends, and the values in it.

use std::borrow::Cow;

use memchr::memchr2;

use super::value::FieldValue;
use crate::encode::PointProblem;

/// The position of the newline that ends the first line, `None` if the input ends before.
///
/// As the server does it: before anything else is checked, so that both resume at the same line
/// after a bad one. A newline in a string or after a backslash is part of the line.
pub(super) fn line_end(input: &[u8]) -> Option<usize> {
    let mut in_fields = false;
    // More equals signs than commas: a quote opens a string here.
    let mut values = 0_i64;
    let mut quoted = false;
    let mut bytes = input.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'\n' if !quoted => return Some(at),
            b' ' => in_fields = true,
            b'"' if in_fields && values > 0 => quoted = !quoted,
            b'=' if in_fields && !quoted => values += 1,
            b',' if in_fields && !quoted => values -= 1,
            _ => {}
        }
    }
    None
}

/// Reads the field value at the start of `text`, and its length as written.
///
/// An error comes with its offset in `text`.
pub(super) fn read_value(text: &str) -> Result<(FieldValue<'_>, usize), (usize, PointProblem)> {
    if let Some(string) = text.strip_prefix('"') {
        return read_string(string)
            .map(|(value, len)| (FieldValue::String(value), len + 2))
            .ok_or((0, PointProblem::Unterminated));
    }
    let token = text.split([',', ' ']).next().unwrap_or_default();
    let value = match token {
        "" => return Err((0, PointProblem::Empty)),
        "t" | "T" | "true" | "True" | "TRUE" => Some(FieldValue::Bool(true)),
        "f" | "F" | "false" | "False" | "FALSE" => Some(FieldValue::Bool(false)),
        number => read_number(number),
    };
    value.map(|value| (value, token.len())).ok_or((0, PointProblem::InvalidValue))
}

/// An integer in the server's notation: digits, perhaps a minus before them.
pub(super) fn parse_integer(text: &str) -> Option<i64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

fn read_number(text: &str) -> Option<FieldValue<'static>> {
    if let Some(integer) = text.strip_suffix('i') {
        return parse_integer(integer).map(FieldValue::Int);
    }
    if let Some(unsigned) = text.strip_suffix('u') {
        let digits = unsigned.bytes().all(|byte| byte.is_ascii_digit());
        return unsigned.parse().ok().filter(|_| digits).map(FieldValue::UInt);
    }
    // Rust knows more spellings of floats than the server: `inf`, `nan`, `+1`.
    let plain =
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !plain || text.starts_with('+') {
        return None;
    }
    text.parse().ok().filter(|float: &f64| float.is_finite()).map(FieldValue::Float)
}

/// Reads a string after its opening quote: the text and its length as written, or no closing quote.
fn read_string(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let mut escaped = false;
    let mut at = 0;
    loop {
        let rest = text.as_bytes().get(at..)?;
        at += memchr2(b'"', b'\\', rest)?;
        match text.as_bytes().get(at..)? {
            [b'"', ..] => break,
            [b'\\', b'"' | b'\\', ..] => {
                escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
    let written = text.get(..at)?;
    Some((if escaped { unescape(written) } else { Cow::Borrowed(written) }, at))
}

fn unescape(written: &str) -> Cow<'_, str> {
    let mut text = String::with_capacity(written.len());
    let mut characters = written.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = match character {
            '\\' => characters.next_if(|next| matches!(next, '"' | '\\')),
            _ => None,
        };
        text.push(escaped.unwrap_or(character));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<'a>(text: &'a str, expected: impl Into<FieldValue<'a>>) {
        let expected = expected.into();
        for after in ["", " 1", ",b=2"] {
            let text_and_more = format!("{text}{after}");
            assert_eq!(read_value(&text_and_more), Ok((expected.clone(), text.len())), "{text}");
        }
    }

    fn check_refused(text: &str, problem: PointProblem) {
        assert_eq!(read_value(text), Err((0, problem)), "{text}");
    }

    #[test]
    fn values_have_the_types_of_their_notation() {
        for text in ["t", "T", "true", "True", "TRUE"] {
            check(text, true);
        }
        for text in ["f", "F", "false", "False", "FALSE"] {
            check(text, false);
        }
        check("1", 1.0);
        check("1.", 1.0);
        check("-.5E+1", -5.0);
        check("1e-400", 0.0);
        check("-007i", -7);
        check("-9223372036854775808i", i64::MIN);
        check("18446744073709551615u", u64::MAX);
        check(r#""""#, "");
        check(r#""a\"b\\c\d, e=é""#, r#"a"b\c\d, e=é"#);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "tRue",
            "tt",
            "nan",
            "NaN",
            "inf",
            "Infinity",
            "+1",
            "+1i",
            "1e400",
            "0x10",
            "1_0",
            ".",
            "-",
            "-i",
            "i",
            "u",
            "-1u",
            "+1u",
            "1.5i",
            "1e3i",
            "1i2",
            "--1",
            "1e",
            "'x'",
            "9223372036854775808i",
            "18446744073709551616u",
            "1\t",
            "1\r",
        ] {
            check_refused(text, PointProblem::InvalidValue);
        }
        for text in ["", " ", ","] {
            check_refused(text, PointProblem::Empty);
        }
        for text in [r#"""#, r#""a"#, r#""a\"#, r#""a\""#, r#""\\\""#] {
            check_refused(text, PointProblem::Unterminated);
        }
    }

    #[test]
    fn a_line_ends_outside_of_strings() {
        for (input, end) in [
            ("\n", Some(0)),
            ("m", None),
            ("m v=1\nn", Some(5)),
            ("m v=\"a\nb\"\n", Some(9)),
            ("m v=\"a\\\"\nb\"\n", Some(11)),
            ("m \"f=1\n", Some(6)),
            ("m,t=\"a\n", Some(6)),
            ("m a=1,\"b\"=2\n", Some(11)),
            ("m a\\\nb=1\n", Some(8)),
            ("m v=\"a\n", None),
        ] {
            assert_eq!(line_end(input.as_bytes()), end, "{input:?}");
        }
    }
}
