//! Recorded requests, taken apart as the 0.8 server does, and replies.

use std::sync::LazyLock;

use http::{HeaderMap, Request, StatusCode};
use influx_proto::Reply;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request, without what does not matter to the server.
#[derive(Debug, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    /// The path's segments. The server decodes the path first, then looks for slashes.
    pub(crate) segments: Vec<String>,
    /// The parameters, sorted.
    pub(crate) pairs: Vec<(String, String)>,
    /// The body, if it is JSON as a whole.
    pub(crate) body: Option<Value>,
}

impl Recorded {
    /// Takes apart a request line and a body.
    pub(crate) fn new(method: &str, target: &str, body: &[u8]) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut pairs: Vec<_> = query.split('&').filter_map(pair).filter_map(meaning).collect();
        pairs.sort();
        Self {
            method: method.to_owned(),
            segments: decode(path).split('/').skip(1).map(str::to_owned).collect(),
            pairs,
            body: serde_json::from_slice(body).ok(),
        }
    }

    /// The request of a recorded exchange.
    pub(crate) fn of_exchange(exchange: &Value) -> Self {
        let request = &exchange["request"];
        let text = |key: &str| request[key].as_str().unwrap_or_default();
        Self::new(text("method"), text("target"), text("body").as_bytes())
    }

    /// A request that one of our calls has built.
    pub(crate) fn of_call<B: AsRef<[u8]>>(request: &Request<B>) -> Self {
        let target = request.uri().path_and_query().unwrap().as_str();
        Self::new(request.method().as_str(), target, request.body().as_ref())
    }

    /// The first value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The user and the password, if both are parameters.
    pub(crate) fn credentials(&self) -> Option<(&str, &str)> {
        Some((self.parameter("u")?, self.parameter("p")?))
    }
}

/// A reply without headers.
pub(crate) fn reply(status: u16, body: &str) -> Reply<'_> {
    static HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
    Reply::new(StatusCode::from_u16(status).unwrap(), &HEADERS, body.as_bytes())
}

/// A text as it was before percent encoding.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// A pair as the server's form decoder reads it.
pub(crate) fn pair(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    let decode_form = |text: &str| decode(&text.replace('+', " "));
    (!text.is_empty()).then(|| (decode_form(key), decode_form(value)))
}

/// One spelling for parameters that mean the same.
fn meaning((key, value): (String, String)) -> Option<(String, String)> {
    match (key.as_str(), value.as_str()) {
        // `pretty` changes the white space of the answer only.
        ("pretty", _) | ("time_precision", "") => None,
        // Only `true` asks for chunks.
        ("chunked", value) if value != "true" => None,
        ("time_precision", "m") => Some((key, "ms".to_owned())),
        _ => Some((key, value)),
    }
}
