//! Strings of JSON.

use std::str;

use memchr::memchr;

use super::{Stop, word};

/// The text of a string.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Text {
    /// As it is in the input, behind the quote: this number of bytes of valid UTF-8.
    Plain(usize),
    /// Without its escapes: the end of `scratch`.
    Unescaped,
}

/// Reads the string that `input`, which is UTF-8, continues with behind its opening quote.
/// Returns its text and the rest.
///
/// `scratch` is longer afterwards if there are escapes.
#[inline]
pub(crate) fn read<'a>(input: &'a [u8], scratch: &mut String) -> Result<(Text, &'a [u8]), Stop> {
    let end = skip_plain(input);
    if let [b'"', rest @ ..] = end {
        return Ok((Text::Plain(input.len() - end.len()), rest));
    }
    let start = scratch.len();
    unescape(input, scratch).inspect_err(|_| scratch.truncate(start))
}

/// Where the first string of more than `limit` bytes begins in some JSON, as far as it is valid.
pub(crate) fn find_longer(json: &[u8], limit: usize) -> Option<usize> {
    let mut rest = json;
    let mut scratch = String::new();
    // A string is shorter than the JSON around it.
    while rest.len() > limit {
        let (_, body) = rest.split_at_checked(memchr(b'"', rest)? + 1)?;
        scratch.clear();
        let (text, after) = read(body, &mut scratch).ok()?;
        let length = match text {
            Text::Plain(length) => length,
            Text::Unescaped => scratch.len(),
        };
        if length > limit {
            return Some(json.len() - body.len() - 1);
        }
        rest = after;
    }
    None
}

/// The rest from the next quote, backslash or control character on.
#[inline]
fn skip_plain(input: &[u8]) -> &[u8] {
    let mut rest = input;
    while let Some((word, tail)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*word);
        // With this bit flipped, a quote is next to the control characters, which stay such.
        let ends = word::below(word ^ word::repeat(2), b'!') | word::equal(word, b'\\');
        if ends != 0 {
            return rest.get(word::before(ends)..).unwrap_or_default();
        }
        rest = tail;
    }
    let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | ..b' ');
    let plain = rest.iter().take_while(|byte| is_plain(byte)).count();
    rest.get(plain..).unwrap_or_default()
}

#[inline(never)]
fn unescape<'a>(input: &'a [u8], scratch: &mut String) -> Result<(Text, &'a [u8]), Stop> {
    let mut input = input;
    loop {
        let end = skip_plain(input);
        let plain = input.get(..input.len() - end.len()).unwrap_or_default();
        scratch.push_str(str::from_utf8(plain).unwrap_or_default());
        match end {
            [b'"', rest @ ..] => return Ok((Text::Unescaped, rest)),
            [b'\\', escape @ ..] => {
                let (character, rest) = read_escape(escape)?;
                scratch.push(character);
                input = rest;
            }
            rest => return Err(Stop::at(rest, "a control character in a string")),
        }
    }
}

/// Reads an escape behind its backslash.
fn read_escape(input: &[u8]) -> Result<(char, &[u8]), Stop> {
    let Some((byte, rest)) = input.split_first() else {
        return Err(Stop::More);
    };
    let character = match byte {
        b'"' | b'\\' | b'/' => char::from(*byte),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return read_code(rest),
        _ => return Err(Stop::at(input, "an invalid escape")),
    };
    Ok((character, rest))
}

/// Reads the code of a character, or of two surrogates that are one together.
fn read_code(input: &[u8]) -> Result<(char, &[u8]), Stop> {
    let lone = Stop::Wrong { left: input.len(), message: "a lone surrogate" };
    let (first, rest) = read_hex(input)?;
    let second = match (first, rest) {
        (0xd800..0xdc00, [b'\\', b'u', rest @ ..]) => Some(read_hex(rest)?),
        (0xd800..0xdc00, [] | [b'\\']) => return Err(Stop::More),
        _ => None,
    };
    let (code, rest) = match second {
        Some((second @ 0xdc00..0xe000, rest)) => {
            (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), rest)
        }
        Some(_) => return Err(lone),
        None => (first, rest),
    };
    char::from_u32(code).map(|character| (character, rest)).ok_or(lone)
}

/// Reads four hexadecimal digits.
fn read_hex(input: &[u8]) -> Result<(u32, &[u8]), Stop> {
    let mut code = 0;
    let mut rest = input;
    for _ in 0..4 {
        let Some((byte, tail)) = rest.split_first() else {
            return Err(Stop::More);
        };
        let Some(digit) = char::from(*byte).to_digit(16) else {
            return Err(Stop::at(rest, "an invalid escape"));
        };
        code = code << 4 | digit;
        rest = tail;
    }
    Ok((code, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the string with little and with much behind it, and cut short.
    fn check(body: &[u8], expected: &str) {
        for tail in ["", ",", ",\"\\ another one"] {
            let input = [body, b"\"", tail.as_bytes()].concat();
            let mut scratch = String::from("kept");
            let (text, rest) = read(&input, &mut scratch).unwrap();
            let found = match text {
                Text::Plain(length) => str::from_utf8(&input[..length]).unwrap(),
                Text::Unescaped => &scratch[4..],
            };
            assert_eq!((found, rest), (expected, tail.as_bytes()));
        }
        for length in 0..=body.len() {
            let mut scratch = String::new();
            assert_eq!(read(&body[..length], &mut scratch), Err(Stop::More), "{expected:?}");
            assert!(scratch.is_empty());
        }
    }

    fn refuse(body: &[u8], left: usize, message: &'static str) {
        let found = read(body, &mut String::new());
        assert_eq!(found, Err(Stop::Wrong { left, message }), "{}", body.escape_ascii());
    }

    #[test]
    fn texts_of_every_length() {
        for length in 0..40 {
            let ascii = "x".repeat(length);
            check(ascii.as_bytes(), &ascii);
            let wide = "\u{e9}\u{1f600}".repeat(length);
            check(wide.as_bytes(), &wide);
            check(format!("{ascii}\\n{wide}").as_bytes(), &format!("{ascii}\n{wide}"));
        }
    }

    #[test]
    fn the_first_string_that_is_too_long_is_found() {
        let find = |json: &str, limit| find_longer(json.as_bytes(), limit);
        for limit in 0..3 {
            assert_eq!(
                find(r#"{"\u0041\n":[1,"abc"]}"#, limit),
                Some(if limit < 2 { 1 } else { 15 })
            );
        }
        for json in [r#"["abc","\u00e9\n",1000]"#, r#"["ab\"]"#, r#"["\x","abcdef"]"#, "[1000]"] {
            assert_eq!(find(json, 3), None, "{json}");
        }
    }

    #[test]
    fn escapes_are_replaced() {
        check(br#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t");
        check(br"\u0041\u00e9\u20AC\uD83D\ude00 \u0000", "A\u{e9}\u{20ac}\u{1f600} \0");
    }

    #[test]
    fn an_error_says_where_the_string_is_wrong() {
        refuse(b"ab\ncdefghij\"", 10, "a control character in a string");
        refuse(b"a\\n\x01\"", 2, "a control character in a string");
        refuse(br#"a\x""#, 2, "an invalid escape");
        refuse(br#"\u12x4""#, 3, "an invalid escape");
        refuse(br#"\ud800""#, 5, "a lone surrogate");
        refuse(br#"\ud800\n""#, 7, "a lone surrogate");
        refuse(br#"\ud800\u0041""#, 11, "a lone surrogate");
        refuse(br#"\udc00\ud800""#, 11, "a lone surrogate");
    }
}
