//! The prose in a file, as paragraphs of words.

use crate::result::Result;
use crate::source::{Kind, tokens};

/// A word with the punctuation around it, and its line.
pub(super) type Word<'a> = (&'a str, usize);

pub(super) type Paragraph<'a> = Vec<Word<'a>>;

/// The comments and string literals of Rust code.
pub(super) fn of_source(source: &str) -> Result<Vec<Paragraph<'_>>> {
    let mut paragraphs = Vec::new();
    // Each line of a documentation comment is a token of its own.
    let mut comment = Vec::new();
    for token in tokens(source)? {
        let lines = token.text.lines().enumerate().map(|(n, line)| (line, token.line + n));
        if token.kind == Kind::Comment {
            if comment.last().is_some_and(|(_, line)| line + 1 < token.line) {
                comment.push(("", token.line));
            }
            comment.extend(lines.map(|(line, n)| (bare(line), n)));
            continue;
        }
        paragraphs.extend(blocks(comment.drain(..)));
        // A single word is data.
        if token.kind == Kind::Text && token.text.contains(' ') {
            let lines = lines.map(|(line, n)| (line.trim_matches(['"', '\\']), n));
            paragraphs.extend(blocks(lines));
        }
    }
    paragraphs.extend(blocks(comment.drain(..)));
    Ok(paragraphs)
}

pub(super) fn of_markdown(text: &str) -> Vec<Paragraph<'_>> {
    blocks(text.lines().enumerate().map(|(n, line)| (line, n + 1)))
}

/// A line of a comment without the marks of the comment.
fn bare(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches(['/', '!', '*']);
    line.strip_suffix("*/").unwrap_or(line)
}

/// Joins lines to paragraphs: an empty line, an item of a list, a heading, a cell of a table and a
/// line of an example begin a new one.
fn blocks<'a>(lines: impl Iterator<Item = (&'a str, usize)>) -> Vec<Paragraph<'a>> {
    let mut paragraphs = vec![Vec::new()];
    let mut in_example = false;
    let mut is_whole = true;
    for (line, number) in lines {
        let line = line.trim();
        let is_fence = line.starts_with("```");
        let begins = line.is_empty() || line.starts_with(['#', '|']) || is_fence || in_example;
        if is_whole || begins || line.starts_with("- ") || line.starts_with("* ") {
            paragraphs.push(Vec::new());
        }
        in_example ^= is_fence;
        is_whole = begins;
        for (n, cell) in line.split('|').enumerate() {
            if n > 0 && line.starts_with('|') {
                paragraphs.push(Vec::new());
            }
            let words = cell.split_whitespace().filter(|word| word.contains(char::is_alphanumeric));
            if let Some(paragraph) = paragraphs.last_mut() {
                paragraph.extend(words.map(|word| (word, number)));
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paragraphs: &[Paragraph], expected: &[&str]) {
        let join = |paragraph: &Paragraph| {
            let words: Vec<_> = paragraph.iter().map(|(word, _)| *word).collect();
            format!("{}: {}", paragraph.first().unwrap().1, words.join(" "))
        };
        assert_eq!(paragraphs.iter().map(join).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn comments_and_texts_are_joined_over_lines() {
        let source = "//! A file\n//! of two lines.\n\n/// One.\n///\n/// Two\n/// three.\nfn f() {\n    \
                      // Two\n    // lines.\n    g(\"a \\\n      b\", \"word\", \"c d\"); /* f\n * g */\n}";
        let expected = [
            "1: A file of two lines.",
            "4: One.",
            "6: Two three.",
            "9: Two lines.",
            "11: a b",
            "12: c d",
            "12: f g",
        ];
        check(&of_source(source).unwrap(), &expected);
    }

    #[test]
    fn markdown_is_split_at_its_blocks() {
        let text = "# Title\nText\nof two lines\n- item\n  goes on\n- item\n\n| a | b c |\n\
                    ```sh\nx # y\nz\n```\nend";
        let expected = [
            "1: Title",
            "2: Text of two lines",
            "4: item goes on",
            "6: item",
            "8: a",
            "8: b c",
            "9: ```sh",
            "10: x y",
            "11: z",
            "13: end",
        ];
        check(&of_markdown(text), &expected);
    }
}
