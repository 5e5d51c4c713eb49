//! Texts of peers as people may see them.

use std::fmt;

/// Shows a text from a peer without the characters that could disturb a terminal or a log, or
/// show the text in another order.
///
/// Control characters, the separators of lines and paragraphs, and the invisible characters that
/// change the direction of writing are escaped as in Rust, `\u{1b}`. Quotes and backslashes stay as
/// they are, so that an escaped text stays the same if it is escaped again.
///
/// ```
/// use influx_proto::Printable;
///
/// assert_eq!(Printable("no \"\u{1b}[31mü\"\n").to_string(), r#"no "\u{1b}[31mü"\n"#);
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it is a view of a text and nothing more")]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.0.split_inclusive(KEPT) {
            let text = piece.trim_end_matches(KEPT);
            let kept = piece.get(text.len()..).unwrap_or_default();
            write!(f, "{}{kept}", text.escape_debug())?;
        }
        Ok(())
    }
}

/// The characters that a literal would escape although they are harmless.
const KEPT: [char; 3] = ['"', '\'', '\\'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_that_disturb_are_escaped() {
        for (text, expected) in [
            ("", ""),
            ("plain ü 測 😀", "plain ü 測 😀"),
            (r#"it's "a\b""#, r#"it's "a\b""#),
            ("\"\"\n\\\\", r#"""\n\\"#),
            ("\u{1b}[31m\u{7}\r\n\0", r"\u{1b}[31m\u{7}\r\n\0"),
            ("\u{85}\u{9f}", r"\u{85}\u{9f}"),
            ("a\u{202e}b\u{2066}c\u{200f}", r"a\u{202e}b\u{2066}c\u{200f}"),
            ("a\u{2028}b\u{2029}c\u{feff}", r"a\u{2028}b\u{2029}c\u{feff}"),
        ] {
            let shown = Printable(text).to_string();
            assert_eq!(shown, expected);
            assert_eq!(Printable(&shown).to_string(), expected);
        }
    }
}
