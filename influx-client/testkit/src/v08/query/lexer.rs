//! Cuts a query into tokens, as the rules of the server's scanner do: the longest one wins.

use std::ops::Range;

use super::token::{Kind, SYMBOLS, Token, UNDEFINED};

const KEYWORDS: [&str; 24] = [
    "AND", "AS", "ASC", "BY", "DELETE", "DESC", "DROP", "EXPLAIN", "FROM", "GROUP", "INCLUDE",
    "INNER", "INTO", "JOIN", "LIMIT", "LIST", "MERGE", "OR", "ORDER", "SELECT", "SERIES", "SPACES",
    "WHERE", "IN",
];

/// Keywords of two words with exactly one space between them.
const TWO_WORDS: [(&str, &str); 3] = [
    ("continuous queries", "CONTINUOUS_QUERIES"),
    ("continuous query", "CONTINUOUS_QUERY"),
    ("drop series", "DROP_SERIES"),
];

/// The units of a duration; `M` and `Y` are among them, since the scanner ignores the case.
const UNITS: &str = "usmhdwyUSMHDWY";

/// Cuts a query into tokens.
pub(super) struct Lexer<'a> {
    query: &'a str,
    position: usize,
    /// The last rule of the scanner that took something: a token, a part of one, or space.
    span: Range<usize>,
    /// Whether a slash begins a regular expression here instead of meaning division.
    takes_regex: bool,
}

impl<'a> Lexer<'a> {
    /// A query ends at its first NUL, since the server's parser is written in C.
    pub(super) fn new(query: &'a str) -> Self {
        let query = query.split('\0').next().unwrap_or_default();
        Self { query, position: 0, span: 0..0, takes_regex: false }
    }

    /// The next token. [`Kind::Unknown`] and [`Kind::End`] repeat.
    pub(super) fn token(&mut self) -> Token {
        let kind = self.kind();
        match &kind {
            Kind::Keyword("FROM" | "SERIES") | Kind::Symbol("=~" | "!~") => self.takes_regex = true,
            Kind::Keyword("WHERE" | "LIMIT" | "ORDER" | "GROUP") | Kind::Regex { .. } => {
                self.takes_regex = false;
            }
            _ => {}
        }
        Token { kind, span: self.span.clone() }
    }

    fn kind(&mut self) -> Kind {
        loop {
            let Some(first) = self.rest().bytes().next() else { return Kind::End };
            match first {
                b' ' | b'\t' => {
                    self.take(run(self.rest(), b" \t"));
                }
                b'\n' => _ = self.take(1),
                b'"' => return self.quoted(),
                b'/' if self.takes_regex => return self.regex(),
                b'\'' => return self.text(),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b':' | b'[' => {
                    return self.word();
                }
                // The server takes the byte for the end: as a signed number it is negative.
                0x80.. => {
                    self.span = self.position..self.position + 1;
                    return Kind::End;
                }
                _ => return self.symbol(),
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.query.get(self.position..).unwrap_or_default()
    }

    /// Takes this number of bytes as one part of a token.
    fn take(&mut self, length: usize) -> &'a str {
        let start = self.position;
        self.position = (start + length).min(self.query.len());
        self.span = start..self.position;
        self.query.get(self.span.clone()).unwrap_or_default()
    }

    /// A character that begins no token: the server's errors point at it.
    fn unknown(&mut self) -> Kind {
        self.span = self.position..self.position + 1;
        Kind::Unknown(UNDEFINED)
    }

    fn symbol(&mut self) -> Kind {
        match SYMBOLS.into_iter().find(|(symbol, _)| self.rest().starts_with(symbol)) {
            Some((symbol, _)) => {
                self.take(symbol.len());
                Kind::Symbol(symbol)
            }
            None => self.unknown(),
        }
    }

    /// Nothing escapes the closing quote.
    fn text(&mut self) -> Kind {
        match self.rest().get(1..).and_then(|rest| rest.find('\'')) {
            Some(length) => {
                let text = self.take(length + 2);
                Kind::Text(text.trim_matches('\'').to_owned())
            }
            None => self.unknown(),
        }
    }

    /// A backslash escapes a quote, and is left out before any other character.
    fn quoted(&mut self) -> Kind {
        self.takes_regex = false;
        let mut name = String::new();
        self.take(1);
        loop {
            name.push_str(self.take_plain(['"', '\\']));
            if self.rest().starts_with("\\\"") {
                self.take(2);
                name.push('"');
            } else if self.rest().starts_with('\\') {
                self.take(1);
            } else if self.rest().is_empty() {
                return Kind::End;
            } else {
                self.take(1);
                return Kind::Name(name);
            }
        }
    }

    /// A backslash escapes a slash, and stands for itself before any other character.
    fn regex(&mut self) -> Kind {
        let mut pattern = String::new();
        self.take(1);
        loop {
            pattern.push_str(self.take_plain(['/', '\\']));
            if self.rest().starts_with("\\/") {
                self.take(2);
                pattern.push('/');
            } else if self.rest().starts_with('\\') {
                self.take(1);
                pattern.push('\\');
            } else if self.rest().is_empty() {
                return Kind::Unknown("UNKNOWN");
            } else {
                let any_case = self.rest().starts_with("/i") || self.rest().starts_with("/I");
                self.take(1 + usize::from(any_case));
                return Kind::Regex { pattern, any_case };
            }
        }
    }

    /// The text up to one of these characters.
    fn take_plain(&mut self, ends: [char; 2]) -> &'a str {
        let length = self.rest().find(ends).unwrap_or(self.rest().len());
        if length == 0 { "" } else { self.take(length) }
    }

    /// A keyword, a number or one of the kinds of names.
    fn word(&mut self) -> Kind {
        let rest = self.rest();
        let starts =
            |text: &str| rest.get(..text.len()).is_some_and(|it| it.eq_ignore_ascii_case(text));
        if let Some((text, name)) = TWO_WORDS.into_iter().find(|(text, _)| starts(text)) {
            self.take(text.len());
            return Kind::Keyword(name);
        }
        let length = |accepts: fn(u8) -> bool| {
            rest.bytes().position(|byte| !accepts(byte)).unwrap_or(rest.len())
        };
        let simple = length(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let table = length(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
        let into = length(|byte| byte.is_ascii_alphanumeric() || b"_.:[]".contains(&byte));
        let (number, kind) = number(rest);
        let begins_with_dot = rest.starts_with('.');
        let longest = if begins_with_dot { 0 } else { into };
        if number > 0 && number >= longest {
            let text = self.take(number).to_owned();
            return kind(text);
        }
        if longest == 0 {
            return self.unknown();
        }
        let text = self.take(longest);
        if into > table {
            return Kind::Into(text.to_owned());
        }
        if table > simple {
            return Kind::Table(text.to_owned());
        }
        if let Some(word) = KEYWORDS.into_iter().find(|word| word.eq_ignore_ascii_case(text)) {
            return if word == "IN" { Kind::In(text.to_owned()) } else { Kind::Keyword(word) };
        }
        match text {
            "true" | "True" | "TRUE" => Kind::Bool(true),
            // The scanner takes `tRUE` too, which then reads as false.
            _ if ["true", "false"].iter().any(|known| text.eq_ignore_ascii_case(known)) => {
                Kind::Bool(false)
            }
            _ => Kind::Name(text.to_owned()),
        }
    }
}

/// The length of the run of these bytes.
fn run(text: &str, bytes: &[u8]) -> usize {
    text.bytes().position(|byte| !bytes.contains(&byte)).unwrap_or(text.len())
}

/// The length and the kind of the number at the start of `rest`; 0 if there is none.
fn number(rest: &str) -> (usize, fn(String) -> Kind) {
    let digits = |from: usize| run(rest.get(from..).unwrap_or_default(), b"0123456789");
    let whole = digits(0);
    let has_dot = rest.get(whole..).is_some_and(|tail| tail.starts_with('.'));
    let fraction = if has_dot { digits(whole + 1) } else { 0 };
    let is_float = has_dot && whole + fraction > 0;
    let length = if is_float { whole + 1 + fraction } else { whole };
    let unit = rest.get(length..).unwrap_or_default();
    if length == 0 || !unit.starts_with(|first| UNITS.contains(first)) {
        return (length, if is_float { Kind::Float } else { Kind::Int });
    }
    let is_ms = unit.get(..2).is_some_and(|unit| unit.eq_ignore_ascii_case("ms"));
    (length + 1 + usize::from(is_ms), Kind::Duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens up to the end or an unknown one.
    fn tokens(query: &str) -> Vec<Token> {
        let mut lexer = Lexer::new(query);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.token();
            let is_last = matches!(token.kind, Kind::End | Kind::Unknown(_));
            tokens.push(token);
            if is_last {
                return tokens;
            }
        }
    }

    fn check(query: &str, expected: &[Kind]) {
        let kinds: Vec<_> = tokens(query).into_iter().map(|token| token.kind).collect();
        let (last, found) = kinds.split_last().unwrap();
        let (found, ended) = if *last == Kind::End { (found, true) } else { (&kinds[..], false) };
        assert_eq!(found, expected, "{query}");
        assert_eq!(ended, !matches!(expected.last(), Some(Kind::Unknown(_))), "{query}");
    }

    fn name(text: &str) -> Kind {
        Kind::Name(text.to_owned())
    }

    fn duration(text: &str) -> Kind {
        Kind::Duration(text.to_owned())
    }

    #[test]
    fn words() {
        check("_a 5x In", &[name("_a"), name("5x"), Kind::In("In".into())]);
        check("cpu.value 1.x", &[Kind::Table("cpu.value".into()), Kind::Table("1.x".into())]);
        check("a:b [a].c x]", &["a:b", "[a].c", "x]"].map(|text| Kind::Into(text.into())));
        check("SELECT selects", &[Kind::Keyword("SELECT"), name("selects")]);
        check("drop series x", &[Kind::Keyword("DROP_SERIES"), name("x")]);
        check("drop  series", &[Kind::Keyword("DROP"), Kind::Keyword("SERIES")]);
        check("continuous Queries", &[Kind::Keyword("CONTINUOUS_QUERIES")]);
        check("continuous", &[name("continuous")]);
        check("True FALSE tRUE", &[true, false, false].map(Kind::Bool));
        check("a\0b", &[name("a")]);
        check("a b\u{fc} c", &[name("a"), name("b")]);
        check("]", &[Kind::Unknown(UNDEFINED)]);
        check("a != b", &[name("a"), Kind::Unknown(UNDEFINED)]);
    }

    #[test]
    fn numbers() {
        check(
            "1 1.5 .5 1.",
            &[
                Kind::Int("1".into()),
                Kind::Float("1.5".into()),
                Kind::Float(".5".into()),
                Kind::Float("1.".into()),
            ],
        );
        check("5s 1.5MS .5h 1M", &["5s", "1.5MS", ".5h", "1M"].map(duration));
        check("5s1 .5x", &[name("5s1"), Kind::Float(".5".into()), name("x")]);
        check(".", &[Kind::Unknown(UNDEFINED)]);
    }

    #[test]
    fn quotes() {
        check(r#""a \"b" "a\b" "ü""#, &[name("a \"b"), name("ab"), name("ü")]);
        check(r"'a\'b", &[Kind::Text("a\\".into()), name("b")]);
        check("'it", &[Kind::Unknown(UNDEFINED)]);
        check("\"a", &[]);
    }

    #[test]
    fn a_slash_is_a_regex_where_one_is_expected() {
        let regex = |pattern: &str, any_case| Kind::Regex { pattern: pattern.into(), any_case };
        check(r"from /a\/b\d/i", &[Kind::Keyword("FROM"), regex(r"a/b\d", true)]);
        check(r"series /a\\//", &[Kind::Keyword("SERIES"), regex(r"a\/", false)]);
        check("a / b", &[name("a"), Kind::Symbol("/"), name("b")]);
        check("=~ /a/ / b", &[Kind::Symbol("=~"), regex("a", false), Kind::Symbol("/"), name("b")]);
        check("from \"a\" / b", &[Kind::Keyword("FROM"), name("a"), Kind::Symbol("/"), name("b")]);
        check("from /a", &[Kind::Keyword("FROM"), Kind::Unknown("UNKNOWN")]);
    }

    #[test]
    fn spans_are_of_the_last_part() {
        let span = |query: &str| tokens(query).pop().unwrap().span;
        assert_eq!(span(""), 0..0);
        assert_eq!(span("   "), 0..3);
        assert_eq!(span("cpu into"), 4..8);
        assert_eq!(span("cpu\n"), 3..4);
        assert_eq!(span("a ü"), 2..3);
        assert_eq!(span("from /ab"), 6..8);
        assert_eq!(tokens("\"ab\"")[0].span, 3..4);
    }
}
