//! Rust source as the compiler's tokens, with the comments between them.

use std::ops::Range;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use crate::result::Result;

/// A token of a source file.
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    /// As it stands in the file, with quotes and comment markers.
    pub(crate) text: &'a str,
    /// Counts from 1.
    pub(crate) line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A name, a number or one character of punctuation.
    Code,
    /// A string literal.
    Text,
    /// One or more comments without code between them, documentation included.
    Comment,
}

/// All tokens of a source file, in their order.
pub(crate) fn tokens(source: &str) -> Result<Vec<Token<'_>>> {
    let stream: TokenStream =
        source.parse().map_err(|error| format!("this is not Rust source: {error}"))?;
    let mut reader = Reader { source, at: 0, line: 1, tokens: Vec::new() };
    reader.stream(stream);
    reader.gap(source.len());
    Ok(reader.tokens)
}

/// The tokens above the inline test module, which stands at a file's end.
pub(crate) fn without_tests<'a, 't>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let is_module = |rest: &[Token]| {
        starts_with(rest, "#[cfg(test)] mod") && rest.get(9).is_some_and(|token| token.text == "{")
    };
    let end = (0..tokens.len()).find(|at| tokens.get(*at..).is_some_and(is_module));
    end.and_then(|end| tokens.get(..end)).unwrap_or(tokens)
}

/// Does code such as `std::net` stand at the start of the tokens?
pub(crate) fn starts_with(tokens: &[Token], code: &str) -> bool {
    let mut rest = code;
    for token in tokens.iter().take_while(|token| token.kind == Kind::Code) {
        let Some(after) = rest.strip_prefix(token.text) else { return false };
        rest = after.trim_start();
        if rest.is_empty() {
            return true;
        }
    }
    false
}

struct Reader<'a> {
    source: &'a str,
    /// The end of the token before, in bytes, and its line.
    at: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

impl Reader<'_> {
    fn stream(&mut self, stream: TokenStream) {
        for tree in stream {
            match tree {
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                    self.stream(group.stream());
                }
                TokenTree::Group(group) => {
                    self.token(group.span_open());
                    self.stream(group.stream());
                    self.token(group.span_close());
                }
                other => self.token(other.span()),
            }
        }
    }

    fn token(&mut self, span: Span) {
        let Range { start, end } = span.byte_range();
        // A documentation comment expands to several tokens, and each has the comment's span.
        if start < self.at {
            return;
        }
        self.gap(start);
        let kind = match self.source.as_bytes().get(start..end).unwrap_or_default() {
            [b'/', b'/' | b'*', ..] => Kind::Comment,
            [_, .., b'"' | b'#'] => Kind::Text,
            _ => Kind::Code,
        };
        self.push(kind, start, end);
    }

    /// Only blanks and comments stand between two tokens.
    fn gap(&mut self, end: usize) {
        let gap = self.source.get(self.at..end).unwrap_or_default();
        let start = end - gap.trim_start().len();
        if start < end {
            self.push(Kind::Comment, start, start + gap.trim().len());
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let newlines = |from: usize, to: usize| {
            self.source.get(from..to).map_or(0, |text| text.matches('\n').count())
        };
        let line = self.line + newlines(self.at, start);
        (self.line, self.at) = (line + newlines(start, end), end);
        let text = self.source.get(start..end).unwrap_or_default();
        self.tokens.push(Token { kind, text, line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, kind: Kind, expected: &[(usize, &str)]) {
        let tokens = tokens(source).unwrap();
        let found = tokens.iter().filter(|token| token.kind == kind);
        let found: Vec<_> = found.map(|token| (token.line, token.text)).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn code_has_neither_comments_nor_texts() {
        check(
            "let é = 1; // unsafe",
            Kind::Code,
            &[(1, "let"), (1, "é"), (1, "="), (1, "1"), (1, ";")],
        );
        check("//! unsafe\nf()", Kind::Code, &[(2, "f"), (2, "("), (2, ")")]);
        check("a /* x /* y */ z\n */ b", Kind::Code, &[(1, "a"), (2, "b")]);
        check("r#\"a \"b\" // c\"# \"un\\\"safe\" b\"x\" c", Kind::Code, &[(1, "c")]);
        check(r"'\'' 'a' b'\\'", Kind::Code, &[(1, r"'\''"), (1, "'a'"), (1, r"b'\\'")]);
        check("\"two\nlines\" r#type", Kind::Code, &[(2, "r#type")]);
        check("a::b", Kind::Code, &[(1, "a"), (1, ":"), (1, ":"), (1, "b")]);
    }

    #[test]
    fn texts_and_comments_are_found() {
        check(
            "f(\"a\", 'b',\n r#\"c\"#, b\"d\")",
            Kind::Text,
            &[(1, "\"a\""), (2, "r#\"c\"#"), (2, "b\"d\"")],
        );
        check(
            "//! a\n\n/// b\nfn f() {} // c",
            Kind::Comment,
            &[(1, "//! a"), (3, "/// b"), (4, "// c")],
        );
        check("a // b\n  // c\n", Kind::Comment, &[(1, "// b\n  // c")]);
        check("fn f() { /* a */ }", Kind::Comment, &[(1, "/* a */")]);
    }

    #[test]
    fn broken_source_is_an_error() {
        for source in ["fn f() {", "\"never closed", "/* never closed"] {
            assert!(tokens(source).is_err(), "{source}");
        }
    }

    #[test]
    fn the_test_module_is_cut_off() {
        let check = |source: &str, expected: usize| {
            assert_eq!(without_tests(&tokens(source).unwrap()).len(), expected, "{source}");
        };
        check("f();\n#[cfg(test)]\nmod tests { g(); }", 4);
        check("#[cfg(test)]\nmod support;\nf();", 14);
        check("#[cfg(test)]\nuse a;\n#[cfg(test)] mod t {}", 10);
    }

    #[test]
    fn names_are_whole() {
        let check = |source: &str, code: &str, expected: bool| {
            let tokens = tokens(source).unwrap();
            let found = (0..tokens.len()).any(|at| starts_with(tokens.get(at..).unwrap(), code));
            assert_eq!(found, expected, "{code} in {source}");
        };
        check("unsafe { f() }", "unsafe", true);
        check("#![forbid(unsafe_code)]", "unsafe", false);
        check("use hyper::Request;", "hyper::", true);
        check("use my_hyper::Request;", "hyper::", false);
        check("use tokio_rustls::x;", "rustls", false);
        check("tokio_rustls::f(rustls::g())", "rustls", true);
        check("(std::net::x)", "std::net", true);
        check("std::network", "std::net", false);
        check("std::", "std::net", false);
        check("\"std::net\" // std::net", "std::net", false);
        check("#[test]\n#[ignore = \"slow\"]\nfn f() {}", "#[ignore", true);
    }
}
