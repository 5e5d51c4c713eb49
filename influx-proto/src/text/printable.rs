//! A peer's text in an error.

use std::fmt::{self, Write as _};

/// Shows a text without the characters that could disturb a terminal or a log: control
/// characters, line separators, and those that are invisible or change the direction of writing.
pub(crate) struct Printable<T>(pub(crate) T);

impl<T: AsRef<str>> fmt::Display for Printable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.as_ref().chars() {
            if is_disturbing(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// The categories Cc, Zl, Zp and the common part of Cf of Unicode.
fn is_disturbing(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_disturbs_is_escaped() {
        for (text, expected) in [
            ("Couldn't find \"é\" \\ 日本", "Couldn't find \"é\" \\ 日本"),
            ("\x1b[31m", "\\u{1b}[31m"),
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\u{0}"),
            ("\x07\x7f\u{85}", "\\u{7}\\u{7f}\\u{85}"),
            ("\u{202e}x\u{2028}\u{2029}\u{2066}", "\\u{202e}x\\u{2028}\\u{2029}\\u{2066}"),
            ("\u{feff}a\u{200b}", "\\u{feff}a\\u{200b}"),
        ] {
            assert_eq!(Printable(text).to_string(), expected);
        }
    }
}
