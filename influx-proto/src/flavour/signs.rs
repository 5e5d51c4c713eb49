//! The signs by which servers are recognized, in one table.

use std::borrow::Cow;

use http::{HeaderName, StatusCode};
use serde::Deserialize;

use super::Flavour;
use crate::{Reply, ServerError};

/// The remedy for a refusal by a server whose flavour is not one of `own`.
pub(crate) fn foreign_hint(refusal: &ServerError, own: &[Flavour]) -> Option<&'static str> {
    // The size is the caller's matter, whichever server or proxy limits it.
    if refusal.status == StatusCode::PAYLOAD_TOO_LARGE {
        return None;
    }
    match Answer::of_refusal(refusal).find(|_| true)? {
        Found::Server(flavour) if own.contains(&flavour) => None,
        Found::Server(flavour) => Some(flavour.traits().hint),
        Found::WebServer => Some(
            "a web server or a proxy such as nginx answered, not InfluxDB: correct host, port and \
             path in the DSN, or the routes of the proxy",
        ),
    }
}

/// The parts of an answer that can give its server away.
pub(super) struct Answer<'a> {
    pub(super) status: StatusCode,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) location: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
    /// Whether the headers are those of `VictoriaMetrics`.
    names_host: bool,
}

/// A recognized sender.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    Server(Flavour),
    WebServer,
}

const BUILD: HeaderName = HeaderName::from_static("x-influxdb-build");
const HOSTNAME: HeaderName = HeaderName::from_static("x-server-hostname");

impl<'a> Answer<'a> {
    pub(super) fn of_refusal(refusal: &'a ServerError) -> Self {
        Self {
            status: refusal.status,
            version: refusal.version.as_deref().map(Cow::Borrowed),
            location: refusal.location.as_deref().map(Cow::Borrowed),
            text: Cow::Borrowed(&refusal.message),
            names_host: false,
        }
    }

    pub(super) fn of_reply(reply: &Reply<'_>) -> Answer<'static> {
        let refusal = ServerError::from(reply);
        let version = refusal.version.or_else(|| version_in_body(reply.body));
        Answer {
            status: reply.status,
            version: version.map(Cow::Owned),
            location: refusal.location.map(Cow::Owned),
            text: Cow::Owned(refusal.message),
            names_host: reply.headers.contains_key(HOSTNAME) && !reply.headers.contains_key(BUILD),
        }
    }

    /// The sender, if a sign proves it.
    pub(super) fn certain(&self) -> Option<Found> {
        self.find(|sign| sign.certain)
    }

    fn find(&self, counts: impl Fn(&Sign) -> bool) -> Option<Found> {
        if let Some(flavour) = self.version.as_deref().and_then(Flavour::of_version)
            && !self.names_host
        {
            return Some(Found::Server(flavour));
        }
        let mut signs = SIGNS.iter().filter(|sign| counts(sign));
        signs.find(|sign| sign.mark.is_in(self)).map(|sign| sign.found)
    }
}

/// The version in the body of `/ping` or `/health`, which must be a JSON object.
fn version_in_body(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct State {
        version: String,
    }
    let body = body.get(..ServerError::MAX_MESSAGE).unwrap_or(body);
    let State { version } = serde_json::from_slice(body).ok()?;
    (version.len() <= ServerError::MAX_HEADER).then_some(version)
}

/// A part of an answer without a version that gives its sender away.
struct Sign {
    mark: Mark,
    found: Found,
    /// Whether only this sender gives such an answer; otherwise it is enough for a hint.
    certain: bool,
}

enum Mark {
    /// The headers are those of `VictoriaMetrics`: a host name without a build.
    Host,
    /// The text has all of these parts.
    Text(&'static [&'static str]),
    /// The text begins so.
    Start(&'static str),
}

impl Mark {
    fn is_in(&self, answer: &Answer<'_>) -> bool {
        let text = answer.text.trim_start();
        match self {
            // Other servers may add the header to their errors.
            Self::Host => answer.names_host && answer.status.is_success(),
            Self::Text(parts) => parts.iter().all(|part| text.contains(part)),
            Self::Start(start) => {
                text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
            }
        }
    }
}

/// The first sign that is found counts, after the version.
///
/// `VictoriaMetrics` was measured (1.79.5 and one of 2026-08); `code` and `message` are the form of
/// the API of 2.x, which its other services and proxies may share.
const SIGNS: [Sign; 6] = [
    Sign {
        mark: Mark::Text(&["unsupported path requested", "requestURI: "]),
        found: VICTORIA_METRICS,
        certain: true,
    },
    Sign {
        mark: Mark::Start("VictoriaMetrics is Healthy."),
        found: VICTORIA_METRICS,
        certain: true,
    },
    Sign { mark: Mark::Start("<html"), found: Found::WebServer, certain: true },
    Sign { mark: Mark::Start("<!doctype html"), found: Found::WebServer, certain: true },
    Sign { mark: Mark::Host, found: VICTORIA_METRICS, certain: true },
    Sign {
        mark: Mark::Text(&["{\"code\":", "\"message\":"]),
        found: Found::Server(Flavour::V2),
        certain: false,
    },
];

const VICTORIA_METRICS: Found = Found::Server(Flavour::VictoriaMetrics);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_their_answers() {
        let nginx = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n\
                     <center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.22.1</center>";
        for (status, version, text, expected) in [
            (404, Some("1.6.7~rc0"), "404 page not found\n", Some("InfluxDB 1:")),
            (401, Some("1.8.10"), r#"{"error":"authorization failed"}"#, Some("InfluxDB 1:")),
            (405, Some("1.6.7~rc0"), "Method Not Allowed\n", Some("InfluxDB 1:")),
            (
                404,
                Some("v2.7.1"),
                r#"{"code":"not found","message":"path not found"}"#,
                Some("InfluxDB 2:"),
            ),
            (404, None, r#"{"code":"not found","message":"path not found"}"#, Some("InfluxDB 2:")),
            (
                401,
                None,
                r#"{"code":"unauthorized","message":"unauthorized access"}"#,
                Some("InfluxDB 2:"),
            ),
            (404, Some("3.1.0"), "", Some("InfluxDB 3:")),
            (
                400,
                None,
                "remoteAddr: \"127.0.0.1:1\"; requestURI: /db; unsupported path requested: \"/db\"\n",
                Some("VictoriaMetrics"),
            ),
            (404, None, nginx, Some("nginx")),
            (502, None, "<!DOCTYPE HTML><title>Bad gateway</title>", Some("proxy")),
            (404, None, "404 page not found\n", None),
            (404, Some("InfluxDB v0.8.9 (git: a) (leveldb: 1.15)"), "no", None),
            (400, Some("InfluxDB v0.8.9 (git: a) (leveldb: 1.15)"), "invalid character '<'", None),
            (404, Some("10.1"), "", None),
            (404, Some(""), "<ht", None),
            (413, None, nginx, None),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let mut refusal = ServerError::new(status, text.as_bytes());
            refusal.version = version.map(str::to_owned);
            let found = foreign_hint(&refusal, &[Flavour::V08]);
            assert_eq!(found.is_some(), expected.is_some(), "{refusal}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{found:?}");
            let others: Vec<_> =
                Flavour::ALL.into_iter().filter(|it| *it != Flavour::V08).collect();
            let own = foreign_hint(&refusal, &others);
            assert!(
                own.is_none_or(|hint| hint.contains("proxy") || hint.contains("0.8")),
                "{own:?}"
            );
        }
    }
}
