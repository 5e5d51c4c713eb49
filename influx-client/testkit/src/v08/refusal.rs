//! The refusal of a request.

use http::StatusCode;

/// The server's answer to a request that it does not carry out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// The server's query panics and is given up silently: the answer is complete without it.
    Abandoned,
    /// A status and a plain text.
    Answer(StatusCode, String),
    /// The server's handler panics: it closes the connection without an answer.
    Crash,
    /// As `Answer`, but found before the handler proper; its Content-Type then names a charset.
    Early(StatusCode, String),
}

impl Refusal {
    /// 400: the request is wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Answer(StatusCode::BAD_REQUEST, message.into())
    }

    /// 401: the credentials are missing or wrong.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::Answer(StatusCode::UNAUTHORIZED, message.into())
    }

    /// 403: the user may not do it.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::Answer(StatusCode::FORBIDDEN, message.into())
    }

    /// 500: the server's answer to some malformed bodies.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::Answer(StatusCode::INTERNAL_SERVER_ERROR, message.into())
    }

    /// Ok for a query that is given up silently.
    pub(crate) fn unless_abandoned(self) -> Result<(), Self> {
        if self == Self::Abandoned { Ok(()) } else { Err(self) }
    }

    /// As `self`, but found before the handler proper.
    pub(crate) fn early(self) -> Self {
        match self {
            Self::Answer(status, text) => Self::Early(status, text),
            other => other,
        }
    }
}
