//! Names, texts and patterns in a query of 0.8.

use influx_proto::NameError;
use influx_proto::v08::quote::{identifier, regex, string_literal};

use crate::lexer::{Token, tokens};

/// A text. Quoted, it is one token that means the text, whatever stands beside it.
/// Only a text that cannot be quoted is refused.
pub fn quote(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_token(text, &identifier(text), Token::Name, text.is_empty() || has_any(text, "\"\\"));
    check_token(text, &string_literal(text), Token::Text, has_any(text, "'\\"));
    check_token(text, &regex(text), Token::Regex, text.is_empty() || is_no_pattern(text));
}

fn check_token(
    text: &str,
    quoted: &Result<String, NameError>,
    token: fn(String) -> Token,
    refused: bool,
) {
    let Ok(quoted) = quoted else {
        assert!(refused, "{text:?} is refused for no reason");
        return;
    };
    assert!(!refused, "{text:?} cannot be quoted, but is as {quoted}");
    let query = format!("select {quoted},{quoted} from b;drop series {quoted}");
    let word = |text: &str| Token::Keyword(text.to_owned());
    let own = || token(text.to_owned());
    let expected = vec![
        word("select"),
        own(),
        Token::Symbol(','),
        own(),
        word("from"),
        Token::Name("b".to_owned()),
        Token::Symbol(';'),
        word("drop"),
        word("series"),
        own(),
    ];
    assert_eq!(tokens(&query), Ok(expected), "{query}");
}

fn has_any(text: &str, characters: &str) -> bool {
    text.chars().any(|c| c.is_control() || characters.contains(c))
}

fn is_no_pattern(text: &str) -> bool {
    text.ends_with('\\') || has_any(text, "")
}
