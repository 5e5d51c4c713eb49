//! Reads the first JSON value of a request, with the server's error messages.

use super::Json;

/// The first JSON value in `bytes`; what follows it is ignored, as the server does.
///
/// # Errors
///
/// [`DecodeError`], which prints as the server's message.
pub(in crate::testkit) fn decode(bytes: &[u8]) -> Result<Json, DecodeError> {
    let mut decoder = Decoder { rest: bytes, depth: 0 };
    decoder.skip_space();
    if decoder.rest.is_empty() {
        return Err(DecodeError::Empty);
    }
    decoder.value()
}

/// Why a request's body is not JSON, in the server's words.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(in crate::testkit) enum DecodeError {
    #[error("EOF")]
    Empty,
    #[error("unexpected EOF")]
    Truncated,
    #[error("invalid character {} {context}", quoted(*.found))]
    Unexpected { found: u8, context: String },
    #[error("exceeded max depth")]
    TooDeep,
}

/// Deeper nesting is refused, so that a request cannot exhaust the stack. The server has no limit.
const MAX_DEPTH: usize = 128;

struct Decoder<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl Decoder<'_> {
    fn value(&mut self) -> Result<Json, DecodeError> {
        self.skip_space();
        match self.peek()? {
            b'n' => self.literal("null", Json::Null),
            b't' => self.literal("true", Json::Bool(true)),
            b'f' => self.literal("false", Json::Bool(false)),
            b'"' => self.string().map(Json::String),
            b'[' => self.nested(Self::array),
            b'{' => self.nested(Self::object),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.unexpected("looking for beginning of value"),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Json, DecodeError>,
    ) -> Result<Json, DecodeError> {
        self.next()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DecodeError::TooDeep);
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Json, DecodeError> {
        let mut elements = Vec::new();
        if self.closes(b']')? {
            return Ok(Json::Array(elements));
        }
        loop {
            elements.push(self.value()?);
            self.skip_space();
            match self.peek()? {
                b',' => self.next()?,
                b']' => {
                    self.next()?;
                    return Ok(Json::Array(elements));
                }
                _ => return self.unexpected("after array element"),
            };
        }
    }

    fn object(&mut self) -> Result<Json, DecodeError> {
        let mut members = Vec::new();
        if self.closes(b'}')? {
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            if self.peek()? != b'"' {
                return self.unexpected("looking for beginning of object key string");
            }
            let name = self.string()?;
            self.skip_space();
            if self.peek()? != b':' {
                return self.unexpected("after object key");
            }
            self.next()?;
            members.push((name, self.value()?));
            self.skip_space();
            match self.peek()? {
                b',' => self.next()?,
                b'}' => {
                    self.next()?;
                    return Ok(Json::Object(members));
                }
                _ => return self.unexpected("after object key:value pair"),
            };
        }
    }

    fn literal(&mut self, text: &str, value: Json) -> Result<Json, DecodeError> {
        for expected in text.bytes() {
            if self.peek()? != expected {
                let expected = char::from(expected);
                return self.unexpected(&format!("in literal {text} (expecting '{expected}')"));
            }
            self.next()?;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Json, DecodeError> {
        let mut text = String::new();
        self.accept(&mut text, |byte| byte == b'-');
        if self.peek()? == b'0' {
            text.push(char::from(self.next()?));
        } else {
            self.digits(&mut text, "in numeric literal")?;
        }
        if self.accept(&mut text, |byte| byte == b'.') {
            self.digits(&mut text, "after decimal point in numeric literal")?;
        }
        if self.accept(&mut text, |byte| matches!(byte, b'e' | b'E')) {
            self.accept(&mut text, |byte| matches!(byte, b'+' | b'-'));
            self.digits(&mut text, "in exponent of numeric literal")?;
        }
        Ok(Json::Number(text))
    }

    fn digits(&mut self, text: &mut String, context: &str) -> Result<(), DecodeError> {
        if !self.peek()?.is_ascii_digit() {
            return self.unexpected(context);
        }
        while self.accept(text, |byte| byte.is_ascii_digit()) {}
        Ok(())
    }

    fn string(&mut self) -> Result<String, DecodeError> {
        self.next()?;
        let mut bytes = Vec::new();
        loop {
            match self.peek()? {
                b'"' => {
                    self.next()?;
                    // The server replaces bytes that are not UTF-8.
                    return Ok(String::from_utf8_lossy(&bytes).into_owned());
                }
                b'\\' => {
                    self.next()?;
                    let mut utf8 = [0; 4];
                    bytes.extend_from_slice(self.escape()?.encode_utf8(&mut utf8).as_bytes());
                }
                0..=0x1f => return self.unexpected("in string literal"),
                _ => bytes.push(self.next()?),
            }
        }
    }

    fn escape(&mut self) -> Result<char, DecodeError> {
        let escaped = match self.peek()? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.next()?;
                return self.unicode_escape();
            }
            _ => return self.unexpected("in string escape code"),
        };
        self.next()?;
        Ok(escaped)
    }

    /// The character of `\uXXXX` or of a surrogate pair; a lone surrogate becomes U+FFFD.
    fn unicode_escape(&mut self) -> Result<char, DecodeError> {
        let first = self.four_hex_digits()?;
        let pair_follows = (0xd800..0xdc00).contains(&first) && self.rest.starts_with(b"\\u");
        if pair_follows {
            let before = self.rest;
            self.next()?;
            self.next()?;
            let second = self.four_hex_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.rest = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_hex_digits(&mut self) -> Result<u32, DecodeError> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.peek()?).to_digit(16) else {
                return self.unexpected("in \\u hexadecimal character escape");
            };
            self.next()?;
            code = code * 16 + digit;
        }
        Ok(code)
    }

    fn accept(&mut self, text: &mut String, wanted: impl Fn(u8) -> bool) -> bool {
        match self.rest.split_first() {
            Some((&byte, rest)) if wanted(byte) => {
                text.push(char::from(byte));
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn closes(&mut self, bracket: u8) -> Result<bool, DecodeError> {
        self.skip_space();
        let closes = self.peek()? == bracket;
        if closes {
            self.next()?;
        }
        Ok(closes)
    }

    fn skip_space(&mut self) {
        while let Some((b' ' | b'\t' | b'\r' | b'\n', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
    }

    fn peek(&self) -> Result<u8, DecodeError> {
        self.rest.first().copied().ok_or(DecodeError::Truncated)
    }

    fn next(&mut self) -> Result<u8, DecodeError> {
        let (&byte, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(byte)
    }

    fn unexpected<T>(&self, context: &str) -> Result<T, DecodeError> {
        Err(DecodeError::Unexpected { found: self.peek()?, context: context.to_owned() })
    }
}

/// The byte as the server shows it: a Latin-1 character in single quotes.
fn quoted(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        0..=0x1f | 0x7f..=0x9f => format!(r"'\x{byte:02x}'"),
        _ => format!("'{}'", char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expected: Result<Json, &str>) {
        let found = decode(input).map_err(|error| error.to_string());
        let shown = String::from_utf8_lossy(input);
        assert_eq!(found, expected.map_err(str::to_owned), "{shown}");
    }

    #[test]
    fn reads_the_first_value_only() {
        check(b"null", Ok(Json::Null));
        check(b" -1.5e+3 rest", Ok(Json::Number("-1.5e+3".into())));
        check(b"[true,[]][2]", Ok(Json::Array(vec![true.into(), Json::Array(vec![])])));
        check(b"{\"a\" : {}}", Ok(Json::object([("a", Json::Object(vec![]))])));
    }

    #[test]
    fn repairs_text() {
        check(br#""\ud83d\ude00\/\n""#, Ok(Json::from("😀/\n")));
        check(br#""\ud83d""#, Ok(Json::from("\u{fffd}")));
        check(br#""\ud83d\u0041""#, Ok(Json::from("\u{fffd}A")));
        check(b"\"\xff\xfe\"", Ok(Json::from("\u{fffd}\u{fffd}")));
    }

    #[test]
    fn errors_are_the_servers() {
        for (input, error) in [
            ("", "EOF"),
            (" \n", "EOF"),
            ("[1", "unexpected EOF"),
            ("\"a", "unexpected EOF"),
            ("name", "invalid character 'a' in literal null (expecting 'u')"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{1", "invalid character '1' looking for beginning of object key string"),
            ("{\"a\"]", "invalid character ']' after object key"),
            ("{\"a\":1]", "invalid character ']' after object key:value pair"),
            ("[01]", "invalid character '1' after array element"),
            ("[-x", "invalid character 'x' in numeric literal"),
            ("[1.]", "invalid character ']' after decimal point in numeric literal"),
            ("\"\u{1}\"", r"invalid character '\x01' in string literal"),
            ("'a'", r"invalid character '\'' looking for beginning of value"),
            ("\u{feff}[]", "invalid character 'ï' looking for beginning of value"),
        ] {
            check(input.as_bytes(), Err(error));
        }
        check("[".repeat(1_000_000).as_bytes(), Err("exceeded max depth"));
    }

    #[test]
    fn members_are_found_in_any_case_the_last_one_first() {
        let object = decode(br#"{"name":"a","NAME":"b","other":null}"#).unwrap();
        assert_eq!(object.member("Name").and_then(Json::as_str), Some("b"));
        assert_eq!(object.member("other"), None);
    }
}
