//! A server's refusal.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use httpdate::parse_http_date;
use serde::Deserialize;
use thiserror::Error;

use crate::Printable;
use crate::decode::{AnswerFormat, DecodeOptions, Event, RowDecoder};

/// A refusal in the server's own words, with the headers that help to judge it.
///
/// Its meaning depends on the server generation, see
/// [`Dialect::outcome`](crate::Dialect::outcome).
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub struct ServerError {
    /// The HTTP status; that of success if the server refused after it had begun to answer, or
    /// sent another body than the promised one.
    pub status: StatusCode,
    /// The server's text, cut at [`ServerError::MAX_MESSAGE`] bytes.
    pub message: String,
    /// The pause that the server asks for (`Retry-After`). A date counts from the reply's `Date`.
    pub retry_after: Option<Duration>,
    /// The server's name and version (`X-Influxdb-Version`), cut at
    /// [`ServerError::MAX_HEADER`] bytes.
    pub version: Option<String>,
    /// The error code (`X-Platform-Error-Code`) or text (`X-Influxdb-Error`) among the headers,
    /// cut at [`ServerError::MAX_HEADER`] bytes.
    pub code: Option<String>,
    /// The address that the server points to (`Location`), without user information, query and
    /// fragment, which can hold credentials; cut at [`ServerError::MAX_HEADER`] bytes.
    ///
    /// A redirect is never followed: it would carry the credentials to another server.
    pub location: Option<String>,
}

impl ServerError {
    /// The longest message that is kept, in bytes.
    pub const MAX_MESSAGE: usize = 8 * 1024;

    /// The longest text of a header that is kept, in bytes.
    pub const MAX_HEADER: usize = 256;

    /// A refusal that came without headers, such as one at the end of a body. The message need not be
    /// UTF-8.
    pub fn new(status: StatusCode, message: &[u8]) -> Self {
        let message = text(message, Self::MAX_MESSAGE);
        Self { status, message, retry_after: None, version: None, code: None, location: None }
    }

    /// Whether the server points to another address.
    pub fn is_redirect(&self) -> bool {
        // A client that sends no conditions gets no 304, and 300 leaves the choice to it.
        matches!(self.status.as_u16(), 301 | 302 | 303 | 307 | 308)
    }

    /// A refusal with the headers that came with it.
    pub(super) fn with_headers(status: StatusCode, headers: &HeaderMap, message: &[u8]) -> Self {
        let header = |name: &HeaderName| {
            headers.get(name).map(|value| text(value.as_bytes(), Self::MAX_HEADER))
        };
        let error = error_member(headers, message);
        let message = error.as_ref().map_or(message, |error| error.as_bytes());
        Self {
            location: headers.get(LOCATION).map(|address| {
                let address = String::from_utf8_lossy(address.as_bytes());
                text(without_secrets(&address).as_bytes(), Self::MAX_HEADER)
            }),
            retry_after: retry_after(headers),
            version: header(&VERSION),
            code: header(&PLATFORM_ERROR_CODE).or_else(|| header(&ERROR)),
            ..Self::new(status, message)
        }
    }
}

const ERROR: HeaderName = HeaderName::from_static("x-influxdb-error");
const PLATFORM_ERROR_CODE: HeaderName = HeaderName::from_static("x-platform-error-code");
const VERSION: HeaderName = HeaderName::from_static("x-influxdb-version");

/// The text of a refusal that is a JSON object, which servers after 0.8 send: its member `error`, or
/// `message` beside a `code`. `None` for others, which are the text themselves.
fn error_member(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(alias = "message")]
        error: String,
    }
    let media_type = headers.get(CONTENT_TYPE)?.as_bytes();
    if AnswerFormat::of_content_type(media_type) == AnswerFormat::Msgpack {
        return msgpack_error(body);
    }
    if !media_type.starts_with(AnswerFormat::Json.media_type().as_bytes()) {
        return None;
    }
    if let Ok(refusal) = serde_json::from_slice::<Refusal>(body) {
        return Some(refusal.error);
    }
    // Of a long refusal only the beginning is there.
    let cut = body.strip_prefix(br#"{"error":""#)?;
    let text = String::from_utf8_lossy(cut);
    let unescaped = (0..12.min(text.len())).find_map(|left| {
        let text = text.get(..text.len() - left)?;
        serde_json::from_str(&format!("\"{text}\"")).ok()
    });
    Some(unescaped.unwrap_or_else(|| text.into_owned()))
}

/// The text of a refusal that is a map in MessagePack with the member `error`.
fn msgpack_error(body: &[u8]) -> Option<String> {
    let mut decoder = RowDecoder::new(AnswerFormat::Msgpack, DecodeOptions::default());
    decoder.push(body);
    decoder.finish();
    if let Ok(Some(Event::Error(text))) = decoder.next_event() {
        return Some(text.to_owned());
    }
    // Of a long refusal only the beginning is there, behind the length of the whole text.
    let text = body.strip_prefix(b"\x81\xa5error")?;
    let ([0xda, _, _, text @ ..] | [0xdb, _, _, _, _, text @ ..]) = text else { return None };
    Some(String::from_utf8_lossy(text).into_owned())
}

/// The beginning of a text that need not be UTF-8: whole characters of at most `limit` bytes.
fn text(bytes: &[u8], limit: usize) -> String {
    // A character may stand across the limit; it is read in full, then cut off.
    let mut text = String::from_utf8_lossy(bytes.get(..limit + 4).unwrap_or(bytes)).into_owned();
    let end = (0..=limit.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
    text
}

/// The pause that the server asks for: whole seconds, or a date, which only the server's own
/// `Date` makes a pause. Others are ignored.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let header = |name: HeaderName| headers.get(name).map(HeaderValue::to_str)?.ok();
    let value = header(RETRY_AFTER)?.trim();
    // `parse` would take a sign.
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let (until, now) = (parse_http_date(value).ok()?, parse_http_date(header(DATE)?).ok()?);
    Some(until.duration_since(now).unwrap_or_default())
}

/// An address without the parts that can hold credentials: user information, query, fragment.
fn without_secrets(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = address.split_once("//") else { return address.to_owned() };
    let authority = rest.split('/').next().unwrap_or_default();
    let user = authority.rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}//{}", rest.get(user..).unwrap_or_default())
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, message, version, location, .. } = self;
        write!(f, "the server answered {status}")?;
        if self.is_redirect() {
            f.write_str(", a redirect")?;
            if let Some(location) = location {
                write!(f, " to {}", Printable(location))?;
            }
            return f.write_str(", which is not followed");
        }
        match message.trim_end() {
            "" => {}
            text if *status == StatusCode::OK => {
                write!(f, ", then refused: {}", Printable(text))?;
            }
            text => write!(f, ": {}", Printable(text))?,
        }
        match version {
            Some(version) if matches!(status.as_u16(), 404 | 405) => {
                // Behind it, 0.8.9 names its commit and its storage engines.
                let version = version.split(" (").next().unwrap_or_default();
                write!(f, " (its version: {})", Printable(version))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_json_is_its_text() {
        let check = |body: &str, expected: &str| {
            let json = [(CONTENT_TYPE, "application/json".parse().unwrap())].into_iter().collect();
            let status = StatusCode::BAD_REQUEST;
            let error = ServerError::with_headers(status, &json, body.as_bytes());
            assert_eq!(error.message, expected, "{body}");
            let error = ServerError::with_headers(status, &HeaderMap::new(), body.as_bytes());
            assert_eq!(error.message, body);
        };
        check(r#"{"error":"database is \"x\""}"#, r#"database is "x""#);
        check(r#"{"code":"invalid","message":"unable to parse"}"#, "unable to parse");
        check(r#"{"error":"unable to parse 'a\u003cb\u003c"#, "unable to parse 'a<b<");
        check(r#"{"error":"unable to parse 'a\u003cb\u00"#, "unable to parse 'a<b");
        check(r#"{"error":"cut \"#, "cut ");
        check(r#"{"error":7}"#, r#"{"error":7}"#);
        check("[]", "[]");
        check("", "");
    }

    #[test]
    fn an_error_in_msgpack_is_its_text() {
        let check = |body: &[u8], expected: &str| {
            let msgpack = [(CONTENT_TYPE, "application/x-msgpack".parse().unwrap())];
            let headers = msgpack.into_iter().collect();
            let error = ServerError::with_headers(StatusCode::BAD_REQUEST, &headers, body);
            assert_eq!(error.message, expected, "{body:?}");
        };
        check(b"\x81\xa5error\xa2no", "no");
        let long = [&b"\x81\xa5error\xda\xff\xff"[..], &[b'x'; 9000]].concat();
        check(&long, &"x".repeat(ServerError::MAX_MESSAGE));
        check(b"\x81\xa5error\xdb\0\x01\0\0cut", "cut");
        check(b"\x81\xa5error\xda", "\u{fffd}\u{fffd}error\u{fffd}");
        check(b"text", "text");
        check(b"", "");
    }

    fn refusal(headers: &[(&'static str, &'static str)]) -> ServerError {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        ServerError::with_headers(StatusCode::BAD_REQUEST, &headers, b"no")
    }

    #[test]
    fn retry_after_is_a_pause() {
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        for (retry_after, now, expected) in [
            ("0", None, Some(0)),
            ("7", None, Some(7)),
            ("\t7 ", None, Some(7)),
            ("18446744073709551615", None, Some(u64::MAX)),
            ("18446744073709551616", None, None),
            ("99999999999999999999999999", Some(date), None),
            ("+7", None, None),
            ("07", None, Some(7)),
            ("", Some(date), None),
            ("7, 9", None, None),
            ("-1", None, None),
            ("1.5", None, None),
            ("soon", None, None),
            ("Wed, 21 Oct 2015 07:29:30 GMT", Some(date), Some(90)),
            ("Wednesday, 21-Oct-15 07:29:30 GMT", Some(date), Some(90)),
            ("Wed Oct 21 07:29:30 2015", Some(date), Some(90)),
            (" Wed, 21 Oct 2015 07:29:30 GMT ", Some(date), Some(90)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(date), Some(0)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(date), Some(0)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(date), Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some("Sunday, 06-Nov-94 08:49:30 GMT"), Some(7)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(date), Some(251_956_888_319)),
            ("Wed, 21 Oct 2015 07:29:30", Some(date), None),
            ("Wed, 21 Oct 2015 07:29:30 +0000", Some(date), None),
            ("Wed, 32 Oct 2015 07:29:30 GMT", Some(date), None),
            ("2015-10-21T07:29:30Z", Some(date), None),
            ("Wed, 21 Oct 2015 07:29:30 GMT", Some("now"), None),
            ("Wed, 21 Oct 2015 07:29:30 GMT", None, None),
        ] {
            let date = now.map(|now| ("date", now));
            let headers: Vec<_> = [("retry-after", retry_after)].into_iter().chain(date).collect();
            let expected = expected.map(Duration::from_secs);
            assert_eq!(refusal(&headers).retry_after, expected, "{retry_after} {now:?}");
        }
        assert_eq!(refusal(&[]).retry_after, None);
    }

    #[test]
    fn headers_tell_version_and_code() {
        let error =
            refusal(&[("x-influxdb-version", "InfluxDB v0.8.9"), ("x-influxdb-error", "e")]);
        assert_eq!(error.version.as_deref(), Some("InfluxDB v0.8.9"));
        assert_eq!(error.code.as_deref(), Some("e"));
        let error = refusal(&[("x-platform-error-code", "invalid"), ("x-influxdb-error", "e")]);
        assert_eq!((error.version, error.code.as_deref()), (None, Some("invalid")));
    }

    #[test]
    fn an_address_has_no_credentials() {
        let long: &str = &*format!("http://root:CANARY{}@other/", "x".repeat(300)).leak();
        for (location, expected) in [
            ("http://other:8086/db?u=root&p=CANARY#x", "http://other:8086/db"),
            ("http://root:CAN@RY@other/a@b", "http://other/a@b"),
            ("//root:CANARY@other", "//other"),
            ("/login?next=CANARY", "/login"),
            ("login#CANARY", "login"),
            ("", ""),
            // The cut comes last: it must not hide the end of a password.
            (long, "http://other/"),
        ] {
            let error = refusal(&[("location", location)]);
            assert_eq!(error.location.as_deref(), Some(expected));
            assert!(!format!("{error} {error:?}").contains("CANARY"));
        }
    }

    #[test]
    fn a_redirect_names_its_address() {
        for (status, location, expected) in [
            (
                301,
                Some("/x\u{1b}"),
                "301 Moved Permanently, a redirect to /x\\u{1b}, which is not followed",
            ),
            (308, None, "308 Permanent Redirect, a redirect, which is not followed"),
            (300, Some("/x"), "300 Multiple Choices: no"),
            (304, Some("/x"), "304 Not Modified: no"),
            (200, None, "200 OK, then refused: no"),
            (201, None, "201 Created: no"),
        ] {
            let mut error = ServerError::new(StatusCode::from_u16(status).unwrap(), b"no\n");
            error.location = location.map(str::to_owned);
            assert_eq!(error.to_string(), format!("the server answered {expected}"));
        }
    }

    #[test]
    fn headers_are_cut() {
        assert_eq!((ServerError::MAX_MESSAGE, ServerError::MAX_HEADER), (8192, 256));
        let long: &'static str = "x".repeat(257).leak();
        let error = refusal(&[
            ("x-influxdb-version", long),
            ("x-influxdb-error", long),
            ("location", long),
        ]);
        let found = [error.version, error.code, error.location];
        assert!(found.into_iter().all(|text| text.unwrap().len() == 256));
    }

    #[test]
    fn display_escapes_control_characters_only() {
        for (body, expected) in [
            (&b"Couldn't find \"\x1b[31m\xc3\xbc\"\n"[..], ": Couldn't find \"\\u{1b}[31m\u{fc}\""),
            (b"a\nb\0", ": a\\nb\\0"),
            (b"a\xe2\x80\xaeb\xe2\x80\xa8c", ": a\\u{202e}b\\u{2028}c"),
            (b"", ""),
        ] {
            let error = ServerError::new(StatusCode::BAD_REQUEST, body);
            assert_eq!(error.to_string(), format!("the server answered 400 Bad Request{expected}"));
        }
    }

    #[test]
    fn a_missing_route_shows_the_version() {
        let version = ("x-influxdb-version", "InfluxDB v0.8.9 (git: a) (leveldb: 1.15)");
        for (status, headers, expected) in [
            (
                404,
                &[version][..],
                "the server answered 404 Not Found: no (its version: InfluxDB v0.8.9)",
            ),
            (
                405,
                &[("x-influxdb-version", "1.6.7~rc0")],
                "the server answered 405 Method Not Allowed: no (its version: 1.6.7~rc0)",
            ),
            (404, &[], "the server answered 404 Not Found: no"),
            (400, &[version], "the server answered 400 Bad Request: no"),
        ] {
            let error =
                ServerError { status: StatusCode::from_u16(status).unwrap(), ..refusal(headers) };
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn messages_are_cut_between_characters() {
        let limit = ServerError::MAX_MESSAGE;
        for (body, expected) in [
            ("x".repeat(limit), limit),
            ("x".repeat(limit + 1), limit),
            ("x".repeat(limit - 1) + "\u{1f600}", limit - 1),
            ("x".repeat(limit - 3) + "\u{1f600}", limit - 3),
            ("\u{1f600}".repeat(limit), limit),
        ] {
            let error = ServerError::new(StatusCode::BAD_REQUEST, body.as_bytes());
            assert_eq!(error.message, body[..expected]);
        }
        let invalid = ServerError::new(StatusCode::BAD_REQUEST, &vec![0xff; 2 * limit]);
        assert!(invalid.message.len() <= limit);
    }
}
