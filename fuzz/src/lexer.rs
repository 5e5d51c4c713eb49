//! The tokens of the 0.8 query language, as far as quoting needs them.
//!
//! Written apart from the crates under test, so that both can only agree by being right.

/// A token, unquoted.
#[derive(Debug, PartialEq)]
pub(crate) enum Token {
    Keyword(String),
    /// A name, bare or in double quotes.
    Name(String),
    Regex(String),
    Symbol(char),
    /// A text in single quotes.
    Text(String),
}

/// Words that cannot be bare names, in any case of letters.
const KEYWORDS: &[&str] = &[
    "and", "as", "asc", "by", "delete", "desc", "drop", "explain", "false", "from", "group", "in",
    "inner", "into", "join", "limit", "list", "merge", "or", "order", "select", "series", "true",
    "where",
];

/// The tokens of a query, or the reason why the server cannot read it or misreads it.
pub(crate) fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            ' ' => {
                rest = &rest[1..];
                continue;
            }
            '"' => quoted(rest, Token::Name)?,
            '\'' => quoted(rest, Token::Text)?,
            '/' => regex(rest)?,
            ',' | ';' | '=' => (Token::Symbol(first), &rest[1..]),
            _ if first.is_ascii_alphabetic() || first == '_' => word(rest),
            _ => return Err(format!("nothing begins with {first:?}")),
        };
        tokens.push(token);
        rest = after;
    }
    Ok(tokens)
}

/// A quoted text has no escapes, on which the server writes out of bounds, and no control
/// characters: NUL ends the query and a newline the text.
fn quoted(rest: &str, token: fn(String) -> Token) -> Result<(Token, &str), String> {
    let (quote, inner) = rest.split_at(1);
    let (text, after) = inner.split_once(quote).ok_or("a quote is not closed")?;
    match text.chars().find(|c| *c == '\\' || c.is_control()) {
        Some(bad) => Err(format!("{bad:?} inside quotes")),
        None => Ok((token(text.to_owned()), after)),
    }
}

/// Up to the first slash without a backslash before it; any other backslash is the pattern's.
fn regex(rest: &str) -> Result<(Token, &str), String> {
    let mut pattern = String::new();
    let mut rest = &rest[1..];
    loop {
        if let Some(after) = rest.strip_prefix(r"\/") {
            pattern.push('/');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('/') {
            return Ok((Token::Regex(pattern), after));
        } else {
            let next = rest.chars().next().ok_or("a regex is not closed")?;
            pattern.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
}

fn word(rest: &str) -> (Token, &str) {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let (word, after) = rest.split_at(rest.find(|c| !belongs(c)).unwrap_or(rest.len()));
    let keyword = KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
    let token = if keyword { Token::Keyword } else { Token::Name };
    (token(word.to_owned()), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_each_kind() {
        let name = |text: &str| Token::Name(text.to_owned());
        assert_eq!(
            tokens(r#"Select "a b" from /x\/\d/;a.b='ü'"#),
            Ok(vec![
                Token::Keyword("Select".to_owned()),
                name("a b"),
                Token::Keyword("from".to_owned()),
                Token::Regex(r"x/\d".to_owned()),
                Token::Symbol(';'),
                name("a.b"),
                Token::Symbol('='),
                Token::Text("ü".to_owned()),
            ])
        );
        for bad in [r#""a"#, r#""a\"b""#, "'a\nb'", "/a", "1", "ü"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }
}
