//! Reads the first JSON value of a request, with the server's error messages.

use super::value::Json;

/// The first JSON value in `bytes`; what follows it is ignored, as the server does.
/// Error: the server's message.
pub(crate) fn decode(bytes: &[u8]) -> Result<Json, String> {
    let mut decoder = Decoder { rest: bytes, depth: 0 };
    decoder.skip_space();
    if decoder.rest.is_empty() {
        return Err("EOF".to_owned());
    }
    decoder.value()
}

/// Deeper nesting is refused, so that a request cannot exhaust the stack. The server has no limit.
const MAX_DEPTH: usize = 128;

struct Decoder<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl Decoder<'_> {
    fn value(&mut self) -> Result<Json, String> {
        self.skip_space();
        match self.peek()? {
            b'n' => self.literal("null", Json::Null),
            b't' => self.literal("true", Json::Bool(true)),
            b'f' => self.literal("false", Json::Bool(false)),
            b'"' => self.string().map(Json::String),
            b'[' => self.list(b']', "after array element", Self::value).map(Json::Array),
            b'{' => self.list(b'}', "after object key:value pair", Self::member).map(Json::Object),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.unexpected("looking for beginning of value"),
        }
    }

    /// The items of an array or object.
    fn list<T>(
        &mut self,
        close: u8,
        context: &str,
        item: fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.next()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        let mut items = Vec::new();
        if !self.takes(close)? {
            items.push(item(self)?);
            while !self.takes(close)? {
                if !self.takes(b',')? {
                    return self.unexpected(context);
                }
                items.push(item(self)?);
            }
        }
        self.depth -= 1;
        Ok(items)
    }

    fn member(&mut self) -> Result<(String, Json), String> {
        self.skip_space();
        if self.peek()? != b'"' {
            return self.unexpected("looking for beginning of object key string");
        }
        let name = self.string()?;
        if !self.takes(b':')? {
            return self.unexpected("after object key");
        }
        Ok((name, self.value()?))
    }

    fn literal(&mut self, text: &str, value: Json) -> Result<Json, String> {
        for expected in text.bytes() {
            if self.peek()? != expected {
                let expected = char::from(expected);
                return self.unexpected(&format!("in literal {text} (expecting '{expected}')"));
            }
            self.next()?;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Json, String> {
        let before = self.rest;
        self.accept(b"-");
        if !self.accept(b"0") {
            self.digits("in numeric literal")?;
        }
        if self.accept(b".") {
            self.digits("after decimal point in numeric literal")?;
        }
        if self.accept(b"eE") {
            self.accept(b"+-");
            self.digits("in exponent of numeric literal")?;
        }
        let text = before.get(..before.len() - self.rest.len()).unwrap_or_default();
        Ok(Json::Number(String::from_utf8_lossy(text).into_owned()))
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !self.peek()?.is_ascii_digit() {
            return self.unexpected(context);
        }
        while self.accept(b"0123456789") {}
        Ok(())
    }

    fn string(&mut self) -> Result<String, String> {
        self.next()?;
        let mut bytes = Vec::new();
        loop {
            let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            let plain = self.rest.iter().position(ends).unwrap_or(self.rest.len());
            let (plain, rest) = self.rest.split_at(plain);
            bytes.extend_from_slice(plain);
            self.rest = rest;
            if self.accept(b"\"") {
                // The server replaces bytes that are not UTF-8.
                return Ok(String::from_utf8_lossy(&bytes).into_owned());
            }
            if self.peek()? != b'\\' {
                return self.unexpected("in string literal");
            }
            self.next()?;
            bytes.extend_from_slice(self.escape()?.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn escape(&mut self) -> Result<char, String> {
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
    fn unicode_escape(&mut self) -> Result<char, String> {
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

    fn four_hex_digits(&mut self) -> Result<u32, String> {
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

    /// Takes the next byte, if it is one of these.
    fn accept(&mut self, wanted: &[u8]) -> bool {
        let found = self.rest.first().is_some_and(|byte| wanted.contains(byte));
        self.rest = self.rest.get(usize::from(found)..).unwrap_or_default();
        found
    }

    /// As [`accept`](Self::accept), after optional space and before the end.
    fn takes(&mut self, byte: u8) -> Result<bool, String> {
        self.skip_space();
        self.peek()?;
        Ok(self.accept(&[byte]))
    }

    fn skip_space(&mut self) {
        while self.accept(b" \t\r\n") {}
    }

    fn peek(&self) -> Result<u8, String> {
        self.rest.first().copied().ok_or_else(|| "unexpected EOF".to_owned())
    }

    fn next(&mut self) -> Result<u8, String> {
        let byte = self.peek()?;
        self.rest = self.rest.get(1..).unwrap_or_default();
        Ok(byte)
    }

    fn unexpected<T>(&self, context: &str) -> Result<T, String> {
        Err(format!("invalid character {} {context}", quoted(self.peek()?)))
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
        let shown = String::from_utf8_lossy(input);
        assert_eq!(decode(input), expected.map_err(str::to_owned), "{shown}");
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
