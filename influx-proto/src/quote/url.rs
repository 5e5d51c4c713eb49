//! The parts of an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{NameError, check_characters, identifier};

/// The longest name that is sent as a path segment, in bytes.
pub const MAX_SEGMENT: usize = 255;

/// Everything but the characters that no part of an address gives a meaning to (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A name as one segment of a path, percent-encoded.
///
/// # Errors
///
/// [`NameError`] for an empty name, `.` and `..`, a `/`, a `\`, control characters
/// and more than [`MAX_SEGMENT`] bytes.
/// Encoding them would not help: the 0.8 server decodes the path before it routes,
/// so that `a%2Fb` reaches another route than the one that was meant.
///
/// ```
/// use influx_proto::quote::path_segment;
///
/// assert_eq!(path_segment("my db?")?, "my%20db%3F");
/// assert!(path_segment("../victim").is_err());
/// # Ok::<(), influx_proto::quote::NameError>(())
/// ```
pub fn path_segment(name: &str) -> Result<String, NameError> {
    match name {
        "" => return Err(NameError::Empty),
        "." | ".." => return Err(NameError::DotSegment { text: name.to_owned() }),
        _ if name.len() > MAX_SEGMENT => {
            return Err(NameError::TooLong { length: name.len(), limit: MAX_SEGMENT });
        }
        _ => check_characters(name, |c| matches!(c, '/' | '\\') || c.is_control())?,
    }
    Ok(encode(name))
}

/// The name of a series as the last segment of `DELETE /db/:db/series/:series`.
///
/// The 0.8 server decodes the segment and pastes it into `drop series …`,
/// so the segment holds the name as [`identifier`] writes it, quotes included.
///
/// # Errors
///
/// [`NameError`] for what [`path_segment`] or [`identifier`] refuse, and for `;`,
/// which separates statements: a series with such a name can be dropped by a query only.
pub fn drop_series_segment(name: &str) -> Result<String, NameError> {
    check_characters(name, |c| c == ';')?;
    path_segment(&identifier(name)?)
}

/// A key and its value as one pair of a query string, both percent-encoded.
///
/// A space is written `%20`, which every decoder understands; `+` only form decoders do.
///
/// ```
/// use influx_proto::quote::query_pair;
///
/// assert_eq!(query_pair("q", "a + b & c"), "q=a%20%2B%20b%20%26%20c");
/// ```
pub fn query_pair(key: &str, value: &str) -> String {
    format!("{}={}", encode(key), encode(value))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        quote: fn(&str) -> Result<String, NameError>,
        accepted: &[(&str, &str)],
        refused: &[&str],
    ) {
        for (name, expected) in accepted {
            assert_eq!(quote(name).as_deref(), Ok(*expected), "{name:?}");
        }
        for name in refused {
            assert!(quote(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn segments_are_encoded_or_refused() {
        let longest = "x".repeat(MAX_SEGMENT);
        check(
            path_segment,
            &[
                ("a-b.c_d~e", "a-b.c_d~e"),
                ("ü %2F", "%C3%BC%20%252F"),
                ("a;b", "a%3Bb"),
                ("...", "..."),
                (&longest, &longest),
            ],
            &["", ".", "..", "a/b", "a\\b", "a\0", "\x7f", "\u{85}", &"x".repeat(MAX_SEGMENT + 1)],
        );
    }

    #[test]
    fn series_are_dropped_by_their_quoted_name() {
        check(
            drop_series_segment,
            &[("cpu.load", "cpu.load"), ("a b", "%22a%20b%22"), ("..", "%22..%22")],
            &["", "a/b", "a\"b", "a\\b", "a\nb", "y; drop series z", "/.*/"],
        );
    }
}
