//! Rust source without what the compiler does not read as code.

/// The source with comments and the contents of literals blanked out; the lines stay where they are.
pub(crate) fn code(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        let hidden = hidden_len(rest);
        let (token, after) = rest.split_at(hidden.unwrap_or(character.len_utf8()));
        match hidden {
            Some(_) => code.extend(token.chars().map(|c| if c == '\n' { c } else { ' ' })),
            None => code.push_str(token),
        }
        rest = after;
    }
    code
}

/// The code above the inline test module, which stands at a file's end.
pub(crate) fn without_tests(code: &str) -> &str {
    let module = code.match_indices("#[cfg(test)]").find(|(at, attribute)| {
        let after = code.get(at + attribute.len()..).unwrap_or_default();
        let line = after.trim_start().lines().next().unwrap_or_default();
        line.starts_with("mod ") && line.ends_with('{')
    });
    module.and_then(|(at, _)| code.get(..at)).unwrap_or(code)
}

/// Does the line contain `word`, not merely as a part of longer names?
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let opens_name = word.starts_with(in_name);
    let ends_name = word.ends_with(in_name);
    line.match_indices(word).any(|(at, found)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + found.len()..).and_then(|text| text.chars().next());
        !(opens_name && before.is_some_and(in_name) || ends_name && after.is_some_and(in_name))
    })
}

/// The length of the comment or literal at the start of `rest`, if there is one.
fn hidden_len(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_len(rest));
    }
    if let Some(text) = rest.strip_prefix('"') {
        return Some(1 + text_len(text));
    }
    if let Some(after) = rest.strip_prefix('r') {
        return raw_text_len(after).map(|len| 1 + len);
    }
    rest.strip_prefix('\'').and_then(character_len).map(|len| 1 + len)
}

/// Block comments nest.
fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, _) in rest.char_indices() {
        let here = rest.get(at..).unwrap_or_default();
        if here.starts_with("/*") {
            depth += 1;
        } else if here.starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    rest.len()
}

/// Of a string behind its opening quote, with the closing one.
fn text_len(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Of a raw string behind its `r`.
fn raw_text_len(after: &str) -> Option<usize> {
    let body = after.trim_start_matches('#');
    let hashes = after.len() - body.len();
    let body = body.strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&closing).map_or(body.len(), |at| at + closing.len());
    Some(hashes + 1 + end)
}

/// Of a character literal behind its opening quote; `None` if the quote opens a lifetime.
fn character_len(after: &str) -> Option<usize> {
    let first = after.chars().next()?;
    if first == '\\' {
        // The escaped character may be a quote itself, so the search starts behind it.
        return after.get(2..)?.find('\'').map(|at| at + 3);
    }
    after.get(first.len_utf8()..)?.starts_with('\'').then_some(first.len_utf8() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        let check = |source: &str, expected: &str| {
            let squeezed: Vec<String> = code(source)
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            assert_eq!(squeezed.join("\n"), expected, "{source}");
            assert_eq!(code(source).lines().count(), source.lines().count());
        };
        check("let a = 1; // unsafe", "let a = 1;");
        check("//! unsafe\nfn f() {}", "\nfn f() {}");
        check("a /* x /* y */ z\n */ b", "a\nb");
        check(r#"f("un\"safe", b"x", c)"#, "f( , b , c)");
        check("f(r#\"a \"quoted\" // b\"#, c)", "f( , c)");
        check("f(\"two\nlines\"); g", "f(\n); g");
        check(r"g('\'', '/', 'a', b'\\', '\u{41}') // x", "g( , , , b , )");
        check("fn f<'a>(x: &'a str) -> &'a str { x }", "fn f<'a>(x: &'a str) -> &'a str { x }");
        check("let url = \"http://x\"; unsafe {}", "let url = ; unsafe {}");
        check("for r in rows { r#type(r) }", "for r in rows { r#type(r) }");
        check("let open = \"never closed", "let open =");
        check("é /* never closed", "é");
    }

    #[test]
    fn the_test_module_is_cut_off() {
        let check = |code: &str, expected: &str| assert_eq!(without_tests(code), expected);
        check("fn f() {}\n#[cfg(test)]\nmod tests {\n}", "fn f() {}\n");
        check("#[cfg(test)]\nmod support;\nfn f() {}\n", "#[cfg(test)]\nmod support;\nfn f() {}\n");
        check("#[cfg(test)]\nuse a;\nb\n#[cfg(test)]\nmod t {}{\n", "#[cfg(test)]\nuse a;\nb\n");
    }

    #[test]
    fn words_are_whole() {
        let check = |line: &str, word: &str, expected: bool| {
            assert_eq!(has_word(line, word), expected, "{word} in {line}");
        };
        check("unsafe { f() }", "unsafe", true);
        check("#![forbid(unsafe_code)]", "unsafe", false);
        check("use hyper::Request;", "hyper::", true);
        check("use my_hyper::Request;", "hyper::", false);
        check("use tokio_rustls::x;", "rustls", false);
        check("tokio_rustls::f(rustls::g())", "rustls", true);
        check("(std::net::x)", "std::net", true);
        check("std::network", "std::net", false);
    }
}
