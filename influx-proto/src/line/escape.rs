//! Names in a line: measurements, tag keys, tag values and field keys.
//!
//! InfluxDB 1.6.7 takes a backslash before a separator for an escape and any other for itself.
//! Its own scanners disagree on two backslashes before a separator: a measurement like that is
//! stored and never found again. So that is neither written nor read.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use std::borrow::Cow;

use wide::u8x16;

use crate::encode::{PointPart, PointProblem};
use crate::text::room::{Buffer, put, put_plain};

/// Writes a measurement or the value of a tag, escaped. Returns its end.
#[inline(always)]
pub(super) fn write_name(
    buffer: &mut Buffer,
    at: usize,
    name: &str,
    position: PointPart,
) -> Result<usize, PointProblem> {
    match put_plain(buffer.room(at), 0, name.as_bytes(), unusual) {
        Some(len) => Ok(at + len),
        None => write_unusual_name(buffer, at, name, position),
    }
}

/// Writes any name, escaped. Returns its end.
#[cold]
#[inline(never)]
pub(super) fn write_unusual_name(
    buffer: &mut Buffer,
    at: usize,
    name: &str,
    position: PointPart,
) -> Result<usize, PointProblem> {
    let rules = Rules::of(position);
    rules.check(name)?;
    buffer.write_escaped(at, name, unusual, |rest, room| {
        let [byte, after @ ..] = rest else { return Ok(0) };
        let class = class(*byte);
        if class & FORBIDDEN != 0 {
            return Err(PointProblem::ControlCharacter);
        }
        let next = after.first().map_or(rules.unescaped, |next| self::class(*next));
        if class & BACKSLASH != 0 && next & rules.unescaped != 0 {
            return Err(PointProblem::Backslash);
        }
        let escape = usize::from(class & rules.separators != 0);
        put(room, 0, *b"\\");
        put(room, escape, [*byte]);
        Ok(escape + 1)
    })
}

/// Marks what does not stand for itself in every position, and some that does.
#[inline(always)]
fn unusual(block: u8x16) -> u8x16 {
    // All bytes with a class but `=` and the backslash are below `-`, and so are `#` and the tab.
    let below = block.min(u8x16::splat(b'-' - 1)).simd_eq(block);
    below | block.simd_eq(u8x16::splat(b'=')) | block.simd_eq(u8x16::splat(b'\\'))
}

/// Reads the name at the start of `text`, up to a separator or the end, and its length as written.
///
/// An error comes with its offset in `text`.
pub(super) fn read_name(
    text: &str,
    position: PointPart,
) -> Result<(Cow<'_, str>, usize), (usize, PointProblem)> {
    let rules = Rules::of(position);
    let mut backslashes = 0_usize;
    let mut escaped = false;
    let mut end = text.len();
    for (at, byte) in text.bytes().enumerate() {
        let class = class(byte);
        if class & FORBIDDEN != 0 {
            return Err((at, PointProblem::ControlCharacter));
        }
        if class & rules.unescaped != 0 {
            match backslashes {
                0 if class & rules.separators != 0 => {
                    end = at;
                    break;
                }
                0 => {}
                1 => escaped = true,
                _ => return Err((at - 1, PointProblem::Backslash)),
            }
        }
        backslashes = if class == BACKSLASH { backslashes + 1 } else { 0 };
    }
    if end == text.len() && backslashes > 0 {
        return Err((end - 1, PointProblem::Backslash));
    }
    let written = text.get(..end).unwrap_or_default();
    let name = if escaped { Cow::Owned(unescape(written, rules)) } else { Cow::Borrowed(written) };
    rules.check(&name).map_err(|problem| (0, problem))?;
    Ok((name, end))
}

/// How the names in one position are escaped, as sets of character classes.
#[derive(Clone, Copy)]
struct Rules {
    position: PointPart,
    /// The characters that end a name, and therefore are written with a backslash.
    separators: u8,
    /// The characters that lose a backslash before them when the server reads the name.
    unescaped: u8,
}

impl Rules {
    fn of(position: PointPart) -> Self {
        let (separators, unescaped) = match position {
            PointPart::Measurement => (COMMA_OR_SPACE, COMMA_OR_SPACE | EQUALS | QUOTE),
            PointPart::FieldKey => (COMMA_OR_SPACE | EQUALS, COMMA_OR_SPACE | EQUALS | QUOTE),
            _ => (COMMA_OR_SPACE | EQUALS, COMMA_OR_SPACE | EQUALS),
        };
        Self { position, separators, unescaped }
    }

    /// Checks what concerns the name as a whole.
    fn check(self, name: &str) -> Result<(), PointProblem> {
        use PointPart::{FieldKey, Measurement, TagKey};
        match (self.position, name.as_bytes()) {
            (_, []) => Err(PointProblem::Empty),
            (Measurement | FieldKey, [b'\t', ..]) => Err(PointProblem::LeadingTab),
            (Measurement, [b'#', ..]) => Err(PointProblem::Comment),
            (TagKey | FieldKey, b"time") => Err(PointProblem::Reserved),
            _ => Ok(()),
        }
    }
}

// Classes of characters, to be combined to sets.
const COMMA_OR_SPACE: u8 = 1;
const EQUALS: u8 = 2;
const QUOTE: u8 = 4;
const BACKSLASH: u8 = 8;
const FORBIDDEN: u8 = 16;

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    classes[b',' as usize] = COMMA_OR_SPACE;
    classes[b' ' as usize] = COMMA_OR_SPACE;
    classes[b'=' as usize] = EQUALS;
    classes[b'"' as usize] = QUOTE;
    classes[b'\\' as usize] = BACKSLASH;
    classes[b'\n' as usize] = FORBIDDEN;
    classes[b'\r' as usize] = FORBIDDEN;
    classes[b'\0' as usize] = FORBIDDEN;
    classes
};

#[expect(clippy::indexing_slicing, reason = "the table has an entry for every byte")]
fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

fn unescape(written: &str, rules: Rules) -> String {
    let is_escaped =
        |next: &char| u8::try_from(*next).is_ok_and(|next| rules.unescaped & class(next) != 0);
    let mut name = String::with_capacity(written.len());
    let mut characters = written.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = match character {
            '\\' => characters.next_if(is_escaped),
            _ => None,
        };
        name.push(escaped.unwrap_or(character));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use PointPart::{FieldKey, Measurement, TagKey, TagValue};

    const POSITIONS: [PointPart; 4] = [Measurement, TagKey, TagValue, FieldKey];

    /// Checks that a name is written like this, and read back as it was.
    fn check(position: PointPart, name: &str, written: &str) {
        for write in [write_name, write_unusual_name] {
            let mut out = Buffer::default();
            let end = write(&mut out, 0, name, position).unwrap();
            assert_eq!(str::from_utf8(out.until(end)).unwrap(), written, "{position}");
        }
        for follower in ["", " ", ","] {
            let read = read_name(&format!("{written}{follower}"), position).unwrap().0.into_owned();
            assert_eq!(read, name, "{position} {written}");
        }
    }

    fn check_refused(position: PointPart, name: &str, problem: &PointProblem) {
        let error = write_unusual_name(&mut Buffer::default(), 0, name, position).unwrap_err();
        assert_eq!(&error, problem, "{position} {name:?}");
    }

    #[test]
    fn separators_are_escaped_and_nothing_else() {
        for position in POSITIONS {
            check(position, "a b,c", r"a\ b\,c");
            check(position, "é\u{a0}😀", "é\u{a0}😀");
            check(position, r#"'"a"b\c\\d\t"#, r#"'"a"b\c\\d\t"#);
            check(position, " ", r"\ ");
        }
        check(Measurement, "a=b=", "a=b=");
        check(TagKey, "a=b=", r"a\=b\=");
        check(TagValue, "=", r"\=");
        check(FieldKey, "a=b=", r"a\=b\=");
        check(TagValue, "\ta\t", "\ta\t");
        check(TagValue, "#time", "#time");
        check(TagValue, r#"a\"b"#, r#"a\"b"#);
    }

    #[test]
    fn what_no_server_reads_back_is_refused() {
        for position in POSITIONS {
            check_refused(position, "", &PointProblem::Empty);
            for name in ["a\nb", "a\rb", "a\0b", "\n"] {
                check_refused(position, name, &PointProblem::ControlCharacter);
            }
            for name in [r"a\", r"a\\", r"\", r"a\ b", r"a\,b", r"a\\,b", r"a\=b"] {
                check_refused(position, name, &PointProblem::Backslash);
            }
        }
        for position in [Measurement, FieldKey] {
            check_refused(position, r#"a\"b"#, &PointProblem::Backslash);
            check_refused(position, "\ta", &PointProblem::LeadingTab);
        }
        for position in [TagKey, FieldKey] {
            check_refused(position, "time", &PointProblem::Reserved);
        }
        check_refused(Measurement, "#m", &PointProblem::Comment);
    }

    #[test]
    fn ambiguous_backslashes_are_not_read() {
        for position in POSITIONS {
            for written in [r"a\\ b", r"a\\,b", r"a\\\ b", r"a\", r"a\\"] {
                let (_, problem) = read_name(written, position).unwrap_err();
                assert_eq!(problem, PointProblem::Backslash, "{position} {written}");
            }
        }
        // The server unescapes these too.
        assert_eq!(read_name(r#"a\"b\=c "#, Measurement).unwrap().0, r#"a"b=c"#);
        assert_eq!(read_name(r#"a\"b\=c="#, FieldKey).unwrap().0, r#"a"b=c"#);
    }
}
