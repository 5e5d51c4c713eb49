//! Names in the path of a request.

use super::quote::{escaped_identifier, identifier};
use crate::http::percent_encode;
use crate::{NameError, RequestError};

/// The longest name that is sent as a path segment, in bytes.
pub const MAX_SEGMENT: usize = 255;

/// A name as one segment of a path, percent-encoded.
///
/// # Errors
///
/// [`NameError`] for an empty name, `.` and `..`, a `/`, a `\`, control characters
/// and more than [`MAX_SEGMENT`] bytes.
/// Encoding them would not help: the 0.8 server decodes the path before it routes,
/// so that `a%2Fb` reaches another route than the intended one.
///
/// ```
/// use influx_proto::v08::path_segment;
///
/// assert_eq!(path_segment("my db?")?, "my%20db%3F");
/// assert!(path_segment("../victim").is_err());
/// # Ok::<(), influx_proto::NameError>(())
/// ```
pub fn path_segment(name: &str) -> Result<String, NameError> {
    match name {
        "" => return Err(NameError::Empty),
        "." | ".." => return Err(NameError::DotSegment { text: name.to_owned() }),
        _ if name.len() > MAX_SEGMENT => {
            return Err(NameError::TooLarge { what: "path segment", limit: MAX_SEGMENT });
        }
        _ => NameError::check(name, |c| matches!(c, '/' | '\\') || c.is_control())?,
    }
    Ok(percent_encode(name))
}

/// The name of a series as the last segment of `DELETE /db/:db/series/:series`.
///
/// The 0.8 server decodes the segment and pastes it into `drop series …`,
/// so the segment holds the name as [`identifier`] writes it, quotes included.
///
/// # Errors
///
/// [`NameError`] for the names that [`path_segment`] or [`identifier`] refuse, and for `;`,
/// which separates statements: only a query can drop a series with such a name.
pub fn drop_series_segment(name: &str) -> Result<String, NameError> {
    // All at once, and before the quotes are added: an error has the name and position of the caller.
    NameError::check(name, |c| matches!(c, ';' | '/' | '\\' | '"') || c.is_control())?;
    path_segment(&identifier(name)?)
}

pub(super) fn database(name: &str) -> Result<String, RequestError> {
    stored("database name", name)
}

pub(super) fn user(name: &str) -> Result<String, RequestError> {
    stored("user name", name)
}

pub(super) fn shard_space(name: &str) -> Result<String, RequestError> {
    path_segment(name).map_err(because("shard space name"))
}

pub(super) fn dropped_series(name: &str) -> Result<String, RequestError> {
    drop_series_segment(name).map_err(|source| match escaped_identifier(name) {
        Ok(name) => RequestError::NeedsQuery {
            what: "series name",
            source,
            query: format!("drop series {name}"),
        },
        Err(source) => because("series name")(source),
    })
}

/// 0.8 keeps databases and users under keys joined by `%` and refuses it in their names:
/// `400 a%b isn't a valid db name`.
fn stored(what: &'static str, name: &str) -> Result<String, RequestError> {
    NameError::check(name, |character| character == '%')
        .and_then(|()| path_segment(name))
        .map_err(because(what))
}

fn because(what: &'static str) -> impl Fn(NameError) -> RequestError {
    move |source| RequestError::Name { what, source }
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

    #[test]
    fn a_series_that_only_a_query_can_drop_keeps_its_name() {
        for (name, character, position, query) in [
            ("a/b", '/', 1, Some("drop series \"a/b\"")),
            ("ü;b", ';', 2, Some("drop series \"ü;b\"")),
            ("a\"/", '"', 1, Some(r#"drop series "a\"/""#)),
            ("a\nb", '\n', 1, Some("drop series \"a\nb\"")),
            ("a/b\\", '\\', 3, None),
            ("a\r", '\r', 1, None),
        ] {
            let source = NameError::Character { text: name.to_owned(), character, position };
            let what = "series name";
            let expected = match query.map(str::to_owned) {
                Some(query) => RequestError::NeedsQuery { what, source, query },
                None => RequestError::Name { what, source },
            };
            assert_eq!(dropped_series(name), Err(expected), "{name:?}");
        }
        let long = "x".repeat(MAX_SEGMENT + 1);
        let source = NameError::TooLarge { what: "path segment", limit: MAX_SEGMENT };
        let (what, query) = ("series name", format!("drop series {long}"));
        assert_eq!(dropped_series(&long), Err(RequestError::NeedsQuery { what, source, query }));
        assert!(matches!(dropped_series(""), Err(RequestError::Name { .. })));
    }
}
