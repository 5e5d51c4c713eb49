//! The recorded exchanges of a real 0.8.9.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::bodies;

/// One request and what the server answered.
#[derive(Debug, Deserialize)]
pub(crate) struct Scenario {
    pub(crate) id: String,
    request: Request,
    pub(crate) response: Response,
}

#[derive(Debug, Deserialize)]
struct Request {
    method: String,
    target: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_encoding: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Response {
    /// `None` if the server closed the connection without an answer.
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    body: Option<String>,
    body_encoding: Option<String>,
    decoded_body: Option<String>,
    pub(crate) transfer_chunks: Option<Vec<String>>,
}

impl Scenario {
    /// The requests and answers of a file.
    pub(crate) fn read_all(file: &str) -> Vec<Self> {
        let parse = |line: &str| serde_json::from_str(line).unwrap();
        read(file).lines().filter(|line| line.contains("\"request\"")).map(parse).collect()
    }

    /// The request as the server saw it, if it is well-formed HTTP.
    pub(crate) fn request(&self) -> Result<http::Request<Bytes>, http::Error> {
        let mut request =
            http::Request::builder().method(self.request.method.as_str()).uri(&self.request.target);
        let mut body = self.body();
        for (name, value) in &self.request.headers {
            if (name.as_str(), value.as_str()) == ("Transfer-Encoding", "chunked") {
                body = unchunked(&body);
            }
            request = request.header(name, value);
        }
        request.body(body.into())
    }

    pub(crate) fn is_chunked(&self) -> bool {
        self.request.target.contains("chunked=true")
    }

    /// Whether the query has `select *`, whose columns come in any order.
    pub(crate) fn asks_for_all_columns(&self) -> bool {
        let target = percent_decode_str(&self.request.target).decode_utf8_lossy();
        target.replace('+', " ").to_ascii_lowercase().contains("select *")
    }

    fn body(&self) -> Vec<u8> {
        let body = self.request.body.clone().unwrap_or_default();
        match self.request.body_encoding.as_deref() {
            Some("base64") => from_base64(&body),
            Some(encoding) if encoding.contains("truncated") => {
                let whole = bodies::whole(&self.id);
                assert!(whole.starts_with(&body), "{}: another body was recorded", self.id);
                assert!(
                    encoding.contains(&format!("total {} bytes", whole.len())),
                    "{}: the recorded body was {encoding}, not {} bytes",
                    self.id,
                    whole.len()
                );
                whole.into_bytes()
            }
            _ => body.into_bytes(),
        }
    }
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body, decompressed.
    pub(crate) fn body(&self) -> String {
        if let Some(decoded) = &self.decoded_body {
            return decoded.clone();
        }
        let body = self.body.clone().unwrap_or_default();
        match self.body_encoding.as_deref() {
            Some("base64") => String::from_utf8(from_base64(&body)).unwrap(),
            _ => body,
        }
    }
}

/// A datagram that was sent to the server.
#[derive(Debug, Deserialize)]
pub(crate) struct Datagram {
    datagram: String,
    datagram_encoding: String,
}

impl Datagram {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self.datagram_encoding.as_str() {
            "base64" => from_base64(&self.datagram),
            _ => self.datagram.clone().into_bytes(),
        }
    }
}

/// The datagrams of a file by their ids; the answer that shows what became of `x` is called `x-r`.
pub(crate) fn datagrams(file: &str) -> HashMap<String, Datagram> {
    #[derive(Deserialize)]
    struct Line {
        id: String,
        udp: Option<Datagram>,
    }
    let parse = |line: &str| serde_json::from_str::<Line>(line).unwrap();
    read(file).lines().map(parse).filter_map(|line| Some((line.id, line.udp?))).collect()
}

/// The ids of a file, whatever it holds.
pub(crate) fn ids(file: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: String,
    }
    read(file).lines().map(|line| serde_json::from_str::<OnlyId>(line).unwrap().id).collect()
}

fn read(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../influx-proto/tests/fixtures/v08");
    std::fs::read_to_string(Path::new(folder).join(file).with_extension("jsonl")).unwrap()
}

fn unchunked(body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    let mut rest = std::str::from_utf8(body).unwrap();
    while let Some((size, tail)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        whole.extend_from_slice(&tail.as_bytes()[..size]);
        rest = tail[size..].trim_start_matches("\r\n");
    }
    whole
}

fn from_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sextets: Vec<usize> =
        text.trim_end_matches('=').chars().map(|c| ALPHABET.find(c).unwrap()).collect();
    let bytes = sextets.chunks(4).flat_map(|group| {
        let bits = (0..4).fold(0, |bits, i| bits << 6 | group.get(i).copied().unwrap_or(0));
        let bytes = [bits >> 16, bits >> 8, bits].map(|byte| u8::try_from(byte & 0xff).unwrap());
        bytes.into_iter().take(group.len() - 1)
    });
    bytes.collect()
}
