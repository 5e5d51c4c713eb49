//! The tokens of a query.

use std::ops::Range;

/// One token and where its last part stands in the query, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A keyword, by its name in the server's errors.
    Keyword(&'static str),
    /// The keyword `in` as it is written.
    In(String),
    /// A bare word, or a text in double quotes.
    Name(String),
    /// A bare word with dots.
    Table(String),
    /// A bare word with colons and square brackets, as only the target of `into` may be.
    Into(String),
    /// A text in single quotes, without them.
    Text(String),
    Int(String),
    Float(String),
    Bool(bool),
    /// A number with a unit, as `5s`.
    Duration(String),
    Regex {
        pattern: String,
        any_case: bool,
    },
    /// An operator or a bracket.
    Symbol(&'static str),
    /// A character that begins no token, or a regular expression without an end.
    Unknown(&'static str),
    /// The end. Its span, which the server's errors point at, is the last token or space.
    End,
}

/// The operators with their names in the server's errors, the longest first.
pub(super) const SYMBOLS: [(&str, &str); 16] = [
    ("=~", "REGEX_OP"),
    ("!~", "NEGATION_REGEX_OP"),
    ("<>", "OPERATION_NE"),
    ("<=", "OPERATION_LE"),
    (">=", "OPERATION_GE"),
    ("<", "OPERATION_LT"),
    (">", "OPERATION_GT"),
    ("=", "OPERATION_EQUAL"),
    ("(", "'('"),
    (")", "')'"),
    (",", "','"),
    (";", "';'"),
    ("*", "'*'"),
    ("+", "'+'"),
    ("-", "'-'"),
    ("/", "'/'"),
];

/// In the server's errors, a token that the grammar does not have.
pub(super) const UNDEFINED: &str = "$undefined";

impl Kind {
    /// The name of the token in the server's error messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Keyword(name) | Self::Unknown(name) => name,
            Self::In(_) => "OPERATION_IN",
            Self::Name(_) => "SIMPLE_NAME",
            Self::Table(_) => "TABLE_NAME",
            Self::Into(_) => "INTO_NAME",
            Self::Text(_) => "STRING_VALUE",
            Self::Int(_) => "INT_VALUE",
            Self::Float(_) => "FLOAT_VALUE",
            Self::Bool(_) => "BOOLEAN_VALUE",
            Self::Duration(_) => "DURATION",
            Self::Regex { any_case: false, .. } => "REGEX_STRING",
            Self::Regex { any_case: true, .. } => "INSENSITIVE_REGEX_STRING",
            Self::Symbol(symbol) => {
                let known = SYMBOLS.iter().find(|(known, _)| known == symbol);
                known.map_or(UNDEFINED, |(_, name)| name)
            }
            Self::End => "end of file",
        }
    }
}
