//! The answer of an endpoint, before the headers that all answers share.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use crate::Body;
use crate::v08::json::Json;

pub(crate) struct Reply {
    status: StatusCode,
    content_type: Option<&'static str>,
    body: Body,
}

const TEXT: &str = "text/plain";
/// The Content-Type of texts that the server answers outside its handlers.
const TEXT_WITH_CHARSET: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

impl Reply {
    /// 200 without a body and without its type.
    pub(crate) fn empty() -> Self {
        Self { status: StatusCode::OK, content_type: None, body: Body::Full(Bytes::new()) }
    }

    /// A status without a body, with the type of a text.
    pub(crate) fn status(status: StatusCode) -> Self {
        Self::text(status, "")
    }

    pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        let body = Body::Full(text.into().into());
        Self { status, content_type: Some(TEXT), body }
    }

    /// A text that the server answers outside its handlers.
    pub(crate) fn bare(status: StatusCode, text: impl Into<String>) -> Self {
        Self { content_type: Some(TEXT_WITH_CHARSET), ..Self::text(status, text) }
    }

    pub(crate) fn json(value: &Json, pretty: bool) -> Self {
        Self::json_with_status(StatusCode::OK, value, pretty)
    }

    pub(crate) fn json_with_status(status: StatusCode, value: &Json, pretty: bool) -> Self {
        Self { status, ..Self::printed(value.print(pretty)) }
    }

    /// A text of JSON.
    pub(crate) fn printed(text: String) -> Self {
        Self { status: StatusCode::OK, content_type: Some(JSON), body: Body::Full(text.into()) }
    }

    /// JSON objects, each in its own HTTP chunk.
    pub(crate) fn chunks(chunks: Vec<Bytes>) -> Self {
        Self { status: StatusCode::OK, content_type: Some(JSON), body: Body::Chunks(chunks) }
    }

    pub(crate) fn into_response(self) -> http::Response<Body> {
        let mut response = http::Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(content_type) = self.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"influxdb\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
