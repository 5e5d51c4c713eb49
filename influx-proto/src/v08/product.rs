//! Servers that are not InfluxDB 0.8, by their answers to its calls.

use http::StatusCode;

use crate::ServerError;

/// The remedy for a refusal by a server that does not look like InfluxDB 0.8.
pub(super) fn hint(refusal: &ServerError) -> Option<&'static str> {
    // The size is the caller's matter, whichever server or proxy limits it.
    if refusal.status == StatusCode::PAYLOAD_TOO_LARGE {
        return None;
    }
    let (_, hint) = SIGNS.iter().find(|(sign, _)| sign.is_in(refusal))?;
    Some(hint)
}

/// A part of an answer that gives its server away.
enum Sign {
    /// The header `X-Influxdb-Version` begins so, as in `1.6.7~rc0` and `v2.7.1`.
    Major(&'static str),
    /// The text has all of these parts.
    Text(&'static [&'static str]),
    /// The text begins so.
    Start(&'static str),
}

impl Sign {
    fn is_in(&self, refusal: &ServerError) -> bool {
        let text = refusal.message.trim_start();
        match self {
            Self::Major(major) => refusal.version.as_ref().is_some_and(|version| {
                let version = version.trim_start_matches('v');
                version.strip_prefix(major).is_some_and(|rest| rest.starts_with('.'))
            }),
            Self::Text(parts) => parts.iter().all(|part| text.contains(part)),
            Self::Start(start) => {
                text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
            }
        }
    }
}

/// The first sign that is found counts.
///
/// InfluxDB 1.6.7 and `VictoriaMetrics` 1.79.5 were measured; the form of 2.x is that of its API
/// (`code` and `message`), 2.x and 3.x send their version.
const SIGNS: [(Sign, &str); 7] = [
    (Sign::Text(&["unsupported path requested"]), VICTORIA_METRICS),
    (
        Sign::Major("1"),
        "the server looks like InfluxDB 1: use a client and a DSN of that generation",
    ),
    (Sign::Major("2"), INFLUXDB_2),
    (
        Sign::Major("3"),
        "the server looks like InfluxDB 3: use a client and a DSN of that generation",
    ),
    (Sign::Text(&["{\"code\":", "\"message\":"]), INFLUXDB_2),
    (Sign::Start("<html"), WEB_SERVER),
    (Sign::Start("<!doctype html"), WEB_SERVER),
];

const INFLUXDB_2: &str =
    "the server looks like InfluxDB 2: use a client and a DSN of that generation";
const VICTORIA_METRICS: &str =
    "the server looks like VictoriaMetrics, which does not have the API of InfluxDB 0.8";
const WEB_SERVER: &str = "a web server or a proxy such as nginx answered, not InfluxDB: correct host, \
                          port and path in the DSN, or the routes of the proxy";

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
            let found = hint(&refusal);
            assert_eq!(found.is_some(), expected.is_some(), "{refusal}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{found:?}");
        }
    }
}
