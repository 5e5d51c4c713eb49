//! Cuts a query into tokens.

use std::ops::Range;

/// One token and where it stands in the query, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A bare word: a keyword or a name, which only the parser can tell apart.
    Word(String),
    /// A name in double quotes, without them.
    Quoted(String),
    /// A text in single quotes, without them.
    Text(String),
    Int(String),
    Float(String),
    /// A number with a unit, as `5s`.
    Duration(String),
    Regex {
        pattern: String,
        any_case: bool,
    },
    /// The target after `into`, up to a space.
    Target(String),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// A character that begins no token; nothing is read after it.
    Unknown(char),
    /// The end. Its span, which the server's errors point at, is the last token or space.
    End,
}

/// The longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 20] = [
    "<>", "<=", ">=", "!=", "=~", "!~", "<", ">", "=", "(", ")", ",", ";", "*", "+", "-", "/", "%",
    "[", "]",
];

const RESERVED: [&str; 17] = [
    "select", "from", "where", "as", "group", "by", "order", "limit", "merge", "inner", "join",
    "and", "or", "into", "asc", "desc", "in",
];

impl Kind {
    /// Whether the token is this keyword, in any case.
    pub(crate) fn is_word(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// The name, if the token is one and not a keyword.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(word) if !is_reserved(word) => Some(word),
            Self::Quoted(name) => Some(name),
            _ => None,
        }
    }

    /// The name of the token in the server's error messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Word(word) if is_reserved(word) => word.to_ascii_uppercase(),
            Self::Word(word) if word.contains('.') => "TABLE_NAME".to_owned(),
            Self::Word(_) | Self::Quoted(_) => "SIMPLE_NAME".to_owned(),
            Self::Text(_) => "STRING_VALUE".to_owned(),
            Self::Int(_) => "INT_VALUE".to_owned(),
            Self::Float(_) => "FLOAT_VALUE".to_owned(),
            Self::Duration(_) => "DURATION".to_owned(),
            Self::Regex { .. } => "REGEX_STRING".to_owned(),
            Self::Target(_) => "INTO_NAME".to_owned(),
            Self::Symbol(symbol) => format!("'{symbol}'"),
            Self::Unknown(_) => "$undefined".to_owned(),
            Self::End => "end of file".to_owned(),
        }
    }
}

fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| word.eq_ignore_ascii_case(reserved))
}

/// The tokens of a query, the last one being [`Kind::End`].
///
/// A query ends at its first NUL, since the server's parser is written in C.
pub(crate) fn tokens(query: &str) -> Vec<Token> {
    let query = query.split('\0').next().unwrap_or_default();
    let mut tokens: Vec<Token> = Vec::new();
    let mut last = 0..0;
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let start = query.len() - rest.len();
        if first.is_whitespace() {
            rest = rest.trim_start();
            last = start..query.len() - rest.len();
            continue;
        }
        let previous = tokens.last().map_or(&Kind::End, |token| &token.kind);
        let (kind, length) = token(rest, first, previous);
        rest = rest.get(length..).unwrap_or_default();
        last = start..start + length;
        // No statement goes on after it. Looking further could take long:
        // for each of many quotes, the other one is searched up to the end of the query.
        let is_last = matches!(kind, Kind::Unknown(_));
        tokens.push(Token { kind, span: last.clone() });
        if is_last {
            break;
        }
    }
    tokens.push(Token { kind: Kind::End, span: last });
    tokens
}

/// The token at the start of `rest`, and its length.
fn token(rest: &str, first: char, previous: &Kind) -> (Kind, usize) {
    if previous.is_word("into") && first != '"' {
        let length = rest.find(|c: char| c.is_whitespace() || c == ';').unwrap_or(rest.len());
        return (Kind::Target(rest.get(..length).unwrap_or_default().to_owned()), length);
    }
    if first == '/'
        && regex_may_follow(previous)
        && let Some((pattern, length)) = delimited(rest, '/', false)
    {
        let any_case = rest.get(length..).is_some_and(|rest| rest.starts_with('i'));
        return (Kind::Regex { pattern, any_case }, length + usize::from(any_case));
    }
    if matches!(first, '"' | '\'') {
        return match delimited(rest, first, true) {
            Some((name, length)) if first == '"' => (Kind::Quoted(name), length),
            Some((text, length)) => (Kind::Text(text), length),
            None => (Kind::Unknown(first), first.len_utf8()),
        };
    }
    if first.is_ascii_digit() {
        return number(rest);
    }
    if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
        return (Kind::Symbol(symbol), symbol.len());
    }
    if first.is_alphabetic() || first == '_' {
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.'))
            .unwrap_or(rest.len());
        return (Kind::Word(rest.get(..length).unwrap_or_default().to_owned()), length);
    }
    (Kind::Unknown(first), first.len_utf8())
}

// A slash means division anywhere else.
fn regex_may_follow(previous: &Kind) -> bool {
    match previous {
        Kind::Word(word) => ["from", "series"].iter().any(|w| word.eq_ignore_ascii_case(w)),
        Kind::Symbol(symbol) => matches!(*symbol, "," | "=~" | "!~" | "("),
        _ => false,
    }
}

/// The text between two delimiters, and the length with both.
/// A backslash escapes the next character. In a regex it escapes only the delimiter, and stands
/// for itself before any other character, a backslash included.
fn delimited(rest: &str, delimiter: char, unescape: bool) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if character == delimiter {
            return Some((text, index + 1));
        }
        if character != '\\' {
            text.push(character);
            continue;
        }
        let escaped = characters.next_if(|(_, next)| unescape || *next == delimiter);
        text.push(escaped.map_or(character, |(_, escaped)| escaped));
    }
    None
}

fn number(rest: &str) -> (Kind, usize) {
    let digits = |from: usize| {
        let tail = rest.get(from..).unwrap_or_default();
        from + tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len())
    };
    let whole = digits(0);
    let mut end = whole;
    if rest.get(end..).is_some_and(|tail| tail.starts_with('.')) && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    let unit = rest.get(end..).unwrap_or_default();
    let length = end + unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
    let text = rest.get(..length).unwrap_or_default().to_owned();
    if length > end {
        return (Kind::Duration(text), length);
    }
    (if end > whole { Kind::Float(text) } else { Kind::Int(text) }, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &[Kind]) {
        let kinds: Vec<_> = tokens(query).into_iter().map(|token| token.kind).collect();
        assert_eq!(kinds.split_last(), Some((&Kind::End, expected)), "{query}");
    }

    fn word(text: &str) -> Kind {
        Kind::Word(text.to_owned())
    }

    #[test]
    fn names_texts_and_numbers() {
        check("cpu.value _a ü", &[word("cpu.value"), word("_a"), word("ü")]);
        check(r#""a \"b" 'it\'s'"#, &[Kind::Quoted("a \"b".into()), Kind::Text("it's".into())]);
        check(
            "1 1.5 5s",
            &[Kind::Int("1".into()), Kind::Float("1.5".into()), Kind::Duration("5s".into())],
        );
        check("a<=b", &[word("a"), Kind::Symbol("<="), word("b")]);
        check("a\0b", &[word("a")]);
        check("\"a", &[Kind::Unknown('"')]);
    }

    #[test]
    fn a_slash_is_a_regex_where_one_is_expected() {
        let regex = |pattern: &str, any_case| Kind::Regex { pattern: pattern.into(), any_case };
        check(r"from /a\/b\d/i", &[word("from"), regex(r"a/b\d", true)]);
        check(r"from /a\\//", &[word("from"), regex(r"a\/", false)]);
        check("a / b", &[word("a"), Kind::Symbol("/"), word("b")]);
    }

    #[test]
    fn a_target_reaches_to_the_next_space() {
        let target = Kind::Target("10m.count.:series_name".into());
        check("into 10m.count.:series_name", &[word("into"), target]);
    }

    #[test]
    fn the_end_points_at_what_came_last() {
        let span = |query: &str| tokens(query).pop().unwrap().span;
        assert_eq!(span(""), 0..0);
        assert_eq!(span("   "), 0..3);
        assert_eq!(span("cpu into"), 4..8);
        assert_eq!(span("cpu\n"), 3..4);
    }
}
