//! Why the server does not do what a request asks.

use http::StatusCode;

use super::json::Json;

/// A refusal: what the server answers instead.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// A status and a plain text.
    Answer(StatusCode, String),
    /// The server's handler panics: it closes the connection without an answer.
    Crash,
    /// As `Answer`, but found before the handler proper; its Content-Type then names a charset.
    Early(StatusCode, String),
}

impl Refusal {
    /// 400: the request is wrong.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Answer(StatusCode::BAD_REQUEST, message.into())
    }

    /// 401: who are you?
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::Answer(StatusCode::UNAUTHORIZED, message.into())
    }

    /// 403: the user may not do it.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::Answer(StatusCode::FORBIDDEN, message.into())
    }

    /// 500: what the server answers to some malformed bodies.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::Answer(StatusCode::INTERNAL_SERVER_ERROR, message.into())
    }

    /// 400: JSON of another type. The server's own text names types of its source.
    pub(super) fn wrong_type(found: &Json, wanted: &str) -> Self {
        let found = found.kind();
        Self::invalid(format!("json: cannot unmarshal {found} into Go value of type {wanted}"))
    }

    /// The same, found before the handler proper.
    pub(super) fn early(self) -> Self {
        match self {
            Self::Answer(status, text) => Self::Early(status, text),
            other => other,
        }
    }
}
