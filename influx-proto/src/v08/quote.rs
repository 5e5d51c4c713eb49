//! Names and texts in the query language of InfluxDB 0.8.
//!
//! No function repairs a text: each either writes it exactly or refuses it.
//!
//! ```
//! use influx_proto::v08::quote;
//!
//! let query = format!(
//!     "select * from {} where host = {}",
//!     quote::identifier("cpu load")?,
//!     quote::string_literal("web-1")?,
//! );
//! assert_eq!(query, r#"select * from "cpu load" where host = 'web-1'"#);
//! # Ok::<(), influx_proto::NameError>(())
//! ```

use super::precision::Precision;
use crate::NameError;

/// Every word that is a token of the 0.8 lexer or part of one; it ignores their case.
const KEYWORDS: &[&str] = &[
    "and",
    "as",
    "asc",
    "by",
    "continuous",
    "delete",
    "desc",
    "drop",
    "explain",
    "false",
    "from",
    "group",
    "in",
    "include",
    "inner",
    "into",
    "join",
    "limit",
    "list",
    "merge",
    "or",
    "order",
    "queries",
    "query",
    "select",
    "series",
    "spaces",
    "true",
    "where",
];

/// The name of a series or a column in a query: bare where that is unambiguous, else in quotes.
///
/// Bare names are letters, digits, `_` and `.`, start with a letter or `_`,
/// and are not keywords; a leading digit would make `5s` a duration.
///
/// # Errors
///
/// [`NameError::Empty`], or [`NameError::Character`] for `"`, `\` and control characters:
/// the lexer of 0.8 writes out of bounds on an escaped quote, so no escape is ever sent. For 0.8.9
/// there is [`escaped_identifier`].
///
/// ```
/// use influx_proto::v08::quote::identifier;
///
/// assert_eq!(identifier("cpu.load")?, "cpu.load");
/// assert_eq!(identifier("select")?, r#""select""#);
/// assert!(identifier(r#"a" from b; drop series "c"#).is_err());
/// # Ok::<(), influx_proto::NameError>(())
/// ```
pub fn identifier(name: &str) -> Result<String, NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    NameError::check(name, |c| matches!(c, '"' | '\\') || c.is_control())?;
    let bare = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
        && !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(name));
    Ok(if bare { name.to_owned() } else { format!("\"{name}\"") })
}

/// The name of a series or a column in a query to InfluxDB 0.8.9: as [`identifier`] writes it, or in
/// quotes with `\"` for a quote and with line feeds as they are.
///
/// 0.8.9 reads such names in `select` and `drop` (measured). The source of the lexer writes beyond
/// its buffer for an escaped quote, so send none to an older server.
///
/// # Errors
///
/// [`NameError::Empty`], or [`NameError::Character`] for `\` and other control characters.
///
/// ```
/// use influx_proto::v08::quote::escaped_identifier;
///
/// assert_eq!(escaped_identifier(r#"a"b"#)?, r#""a\"b""#);
/// # Ok::<(), influx_proto::NameError>(())
/// ```
pub fn escaped_identifier(name: &str) -> Result<String, NameError> {
    if !name.contains(['"', '\n']) {
        return identifier(name);
    }
    NameError::check(name, |c| c == '\\' || c.is_control() && c != '\n')?;
    Ok(format!("\"{}\"", name.replace('"', "\\\"")))
}

/// A text value in a query, in single quotes.
///
/// # Errors
///
/// [`NameError::Character`] for `'`, `\` and control characters.
/// The 0.8 language has no escape inside single quotes, so they cannot be written.
///
/// ```
/// use influx_proto::v08::quote::string_literal;
///
/// assert_eq!(string_literal("web-1")?, "'web-1'");
/// assert!(string_literal("O'Hara").is_err());
/// # Ok::<(), influx_proto::NameError>(())
/// ```
pub fn string_literal(text: &str) -> Result<String, NameError> {
    NameError::check(text, |c| matches!(c, '\'' | '\\') || c.is_control())?;
    Ok(format!("'{text}'"))
}

/// A regular expression in a query, between slashes; append `i` to ignore case.
///
/// A slash inside the pattern is escaped; the pattern keeps its meaning.
///
/// # Errors
///
/// [`NameError::Empty`], or [`NameError::Character`] for control characters
/// and for a backslash at the end, which would escape the closing slash.
///
/// ```
/// use influx_proto::v08::quote::regex;
///
/// assert_eq!(regex("^disk/sd[ab]$")?, r"/^disk\/sd[ab]$/");
/// # Ok::<(), influx_proto::NameError>(())
/// ```
pub fn regex(pattern: &str) -> Result<String, NameError> {
    if pattern.is_empty() {
        return Err(NameError::Empty);
    }
    NameError::check(pattern, char::is_control)?;
    if let Some(rest) = pattern.strip_suffix('\\') {
        return Err(NameError::Character {
            text: pattern.to_owned(),
            character: '\\',
            position: rest.len(),
        });
    }
    Ok(format!("/{}/", pattern.replace('/', r"\/")))
}

/// A point in time in a query, counted from 1970 in the given unit: `1400000000s`.
///
/// A bare number would mean nanoseconds to the 0.8 server.
///
/// ```
/// use influx_proto::v08::{Precision, quote};
///
/// assert_eq!(quote::time(1_400_000_000, Precision::Seconds), "1400000000s");
/// ```
pub fn time(count: i64, unit: Precision) -> String {
    format!("{count}{}", unit.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Quote = fn(&str) -> Result<String, NameError>;

    fn check(quote: Quote, accepted: &[(&str, &str)], refused: &[(&str, char, usize)]) {
        for (text, expected) in accepted {
            assert_eq!(quote(text).as_deref(), Ok(*expected), "{text:?}");
        }
        for (text, character, position) in refused {
            let (text, character, position) = ((*text).to_owned(), *character, *position);
            let expected = NameError::Character { text: text.clone(), character, position };
            assert_eq!(quote(&text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn identifiers_are_bare_only_where_that_is_unambiguous() {
        check(
            identifier,
            &[
                ("cpu", "cpu"),
                ("_x.y_1", "_x.y_1"),
                ("10m.count", "\"10m.count\""),
                ("5s", "\"5s\""),
                ("a.b-c", "\"a.b-c\""),
                ("a b", "\"a b\""),
                ("a;b", "\"a;b\""),
                ("/.*/", "\"/.*/\""),
                ("ünï", "\"ünï\""),
                ("Select", "\"Select\""),
                ("selected", "selected"),
                ("..", "\"..\""),
            ],
            &[("a\"b", '"', 1), ("ü\\", '\\', 2), ("a\nb", '\n', 1), ("a\0", '\0', 1)],
        );
        assert_eq!(identifier(""), Err(NameError::Empty));
    }

    #[test]
    fn quotes_and_line_feeds_can_be_escaped() {
        check(
            escaped_identifier,
            &[
                ("cpu", "cpu"),
                ("a b", "\"a b\""),
                ("a\"b", r#""a\"b""#),
                ("\"\"", r#""\"\"""#),
                ("a\nb", "\"a\nb\""),
            ],
            &[("a\\b", '\\', 1), ("a\"\\", '\\', 2), ("\n\r", '\r', 1), ("a\0", '\0', 1)],
        );
        assert_eq!(escaped_identifier(""), Err(NameError::Empty));
    }

    #[test]
    fn string_literals_have_no_escape() {
        check(
            string_literal,
            &[("", "''"), ("a \"b\" ü", "'a \"b\" ü'")],
            &[("it's", '\'', 2), ("a\\", '\\', 1), ("\t", '\t', 0)],
        );
    }

    #[test]
    fn regexes_keep_their_meaning() {
        check(
            regex,
            &[("a", "/a/"), ("a/b", r"/a\/b/"), (r"a\.b", r"/a\.b/"), (r"\/", r"/\\//")],
            &[(r"a\", '\\', 1), (r"a\\", '\\', 2), ("a\nb", '\n', 1)],
        );
        assert_eq!(regex(""), Err(NameError::Empty));
    }
}
