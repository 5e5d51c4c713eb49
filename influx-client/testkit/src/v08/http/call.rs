//! A request as the endpoints see it.

use std::io::{ErrorKind, Read};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_ENCODING};
use percent_encoding::percent_decode_str;

use crate::v08::json::{Json, decode};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Requester, State};

/// A request that found its endpoint.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a http::Request<Bytes>,
    /// The parameters of the query string, decoded.
    parameters: Vec<(String, String)>,
    /// The open segments of the path, such as the database.
    pub(crate) segments: Vec<&'a str>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(request: &'a http::Request<Bytes>, segments: Vec<&'a str>) -> Self {
        let query = request.uri().query().unwrap_or_default();
        // The server separates parameters at semicolons too, and drops those with a broken escape.
        let parameters = query
            .split(['&', ';'])
            .filter_map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Some((unescape(&name.replace('+', " "))?, unescape(&value.replace('+', " "))?))
            })
            .collect();
        Self { request, parameters, segments }
    }

    /// The first value of a parameter; empty if it is absent.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Whether a parameter is exactly `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.parameter(name) == "true"
    }

    /// An open segment of the path.
    pub(crate) fn segment(&self, index: usize) -> &'a str {
        self.segments.get(index).copied().unwrap_or_default()
    }

    /// The unit of times in microseconds; `m` means milliseconds, which are also the default.
    pub(crate) fn unit(&self) -> Result<i64, Refusal> {
        match self.parameter("time_precision") {
            "u" => Ok(1),
            "" | "m" | "ms" => Ok(1_000),
            "s" => Ok(1_000_000),
            other => Err(Refusal::invalid(format!("Unknown time precision {other}"))),
        }
    }

    /// The JSON of the body.
    pub(crate) fn json(&self) -> Result<Json, String> {
        decode(self.request.body())
    }

    /// The body, decompressed if its encoding is exactly `gzip`.
    pub(crate) fn decompressed_body(&self, limit: usize) -> Result<Bytes, Refusal> {
        let body = self.request.body();
        let encoding = self.request.headers().get(CONTENT_ENCODING);
        if encoding.is_none_or(|encoding| encoding != "gzip") {
            return Ok(body.clone());
        }
        let mut decompressed = Vec::new();
        let beyond = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        match MultiGzDecoder::new(body.as_ref()).take(beyond).read_to_end(&mut decompressed) {
            Ok(length) if length > limit => Err(too_large(limit)),
            Ok(_) => Ok(decompressed.into()),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(Refusal::internal("unexpected EOF"))
            }
            Err(_) => Err(Refusal::internal("gzip: invalid header")),
        }
    }

    /// The cluster admin who sent the request.
    pub(crate) fn cluster_admin(&self, state: &State) -> Result<Requester, Refusal> {
        let (name, password) = self.credentials()?;
        state.cluster_admin(&name, &password).ok_or_else(wrong_credentials)
    }

    /// The user of the database who sent the request, who must not be a cluster admin.
    pub(crate) fn database_user(&self, state: &State) -> Result<Requester, Refusal> {
        let (name, password) = self.credentials()?;
        state.database_user(self.segment(0), &name, &password).ok_or_else(wrong_credentials)
    }

    /// The user of the database who sent the request, or else the cluster admin.
    pub(crate) fn user_or_admin(&self, state: &State) -> Result<Requester, Refusal> {
        self.database_user(state).or_else(|_| self.cluster_admin(state))
    }

    /// The name and the password: `u` and `p` if both are given, else the header.
    fn credentials(&self) -> Result<(String, String), Refusal> {
        let (user, password) = (self.parameter("u"), self.parameter("p"));
        if !user.is_empty() && !password.is_empty() {
            return Ok((user.to_owned(), password.to_owned()));
        }
        let header = self.request.headers().get(AUTHORIZATION);
        let header = header.map_or(&[][..], |value| value.as_bytes());
        let missing = || Refusal::unauthorized("Invalid database/username/password");
        if header.is_empty() {
            return Err(missing());
        }
        let malformed = |text: &str| Refusal::invalid(text).early();
        // The server takes any scheme.
        let words: Vec<&[u8]> = header.split(|&byte| byte == b' ').collect();
        let [_, encoded] = words[..] else { return Err(malformed("Bad auth header")) };
        let Some(decoded) = base64(encoded) else { return Err(malformed("Bad encoding")) };
        let decoded = String::from_utf8_lossy(&decoded).into_owned();
        // A colon in the password is an error too.
        match decoded.split(':').collect::<Vec<_>>()[..] {
            ["", _] => Err(missing()),
            [user, password] => Ok((user.to_owned(), password.to_owned())),
            _ => Err(malformed("Bad auth value")),
        }
    }
}

/// The text of a member of a body; empty if it is absent.
/// Error: 400 if the body is not an object or the member not a text.
pub(crate) fn text<'a>(body: &'a Json, name: &str) -> Result<&'a str, Refusal> {
    match (body, body.member(name)) {
        (Json::Object(_) | Json::Null, None) => Ok(""),
        (_, Some(value)) => value.text(),
        _ => Err(body.wrong_type("struct")),
    }
}

/// 413, which is the embedded server's own; 0.8 takes bodies of any size.
pub(crate) fn too_large(limit: usize) -> Refusal {
    let text = format!("The embedded server takes bodies of at most {limit} bytes");
    Refusal::Answer(StatusCode::PAYLOAD_TOO_LARGE, text)
}

/// The text without percent escapes, or `None` if one is malformed.
pub(crate) fn unescape(text: &str) -> Option<String> {
    let mut escapes = text.split('%').skip(1).map(str::as_bytes);
    let valid = escapes.all(|escape| {
        matches!(escape, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
    });
    valid.then(|| percent_decode_str(text).decode_utf8_lossy().into_owned())
}

fn wrong_credentials() -> Refusal {
    Refusal::unauthorized("Invalid username/password")
}

/// Decodes padded base64.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut sextets = Vec::with_capacity(text.len());
    for byte in text.get(..text.len() - padding)? {
        let sextet = ALPHABET.iter().position(|known| known == byte)?;
        sextets.push(u32::try_from(sextet).ok()?);
    }
    sextets.resize(text.len(), 0);
    let bits =
        sextets.chunks(4).map(|group| group.iter().fold(0, |bits, sextet| bits << 6 | sextet));
    let mut bytes: Vec<u8> = bits.flat_map(|bits| bits.to_be_bytes().into_iter().skip(1)).collect();
    bytes.truncate(bytes.len() - padding);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (text, expected) in [
            ("", Some("")),
            ("Og==", Some(":")),
            ("cm9vdDpyb290", Some("root:root")),
            ("cm9vdDo=", Some("root:")),
            ("cm9vdDo", None),
            ("!!!!", None),
            ("====", None),
        ] {
            assert_eq!(base64(text.as_bytes()).as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn escapes_are_two_hexadecimal_digits() {
        assert_eq!(unescape("a%20b%C3%BC"), Some("a bü".to_owned()));
        for malformed in ["%", "%2", "%zz", "a%2"] {
            assert_eq!(unescape(malformed), None, "{malformed}");
        }
    }
}
