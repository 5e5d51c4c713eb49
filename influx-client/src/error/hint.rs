//! How a person can correct an error.

use std::borrow::Cow;

use influx_proto::{Printable, RequestError};
use influx_transport::{Error as TransportError, ErrorKind as TransportErrorKind, Phase};

use super::{Error, ErrorKind, tls};

impl Error {
    /// How a person can correct it, where that is known: one sentence without a full stop.
    pub fn hint(&self) -> Option<&str> {
        if let Some(hint) = &self.0.hint {
            return Some(hint);
        }
        match &self.0.kind {
            ErrorKind::Server(refusal) if refusal.status == http::StatusCode::PAYLOAD_TOO_LARGE => {
                Some("send fewer points in one request: lower max_points or max_request")
            }
            ErrorKind::Timeout { last: Some(last), .. } if last.is_connect() => last.hint(),
            ErrorKind::Timeout { .. } => Some(
                "raise call_timeout in the DSN or the `timeout` of this call, or make the call \
                 smaller: fewer points in one request by max_points, a shorter query",
            ),
            ErrorKind::TooLarge { .. } => {
                Some("raise max_response, or read the answer piece by piece")
            }
            ErrorKind::Transport(error) => of_transport(error),
            _ => None,
        }
    }
}

fn of_transport(error: &TransportError) -> Option<&'static str> {
    let phase = error.phase();
    if let Some(hint) = tls::hint(error.kind(), phase) {
        return Some(hint);
    }
    match error.kind() {
        TransportErrorKind::Timeout(_) => Some(match phase {
            Phase::Resolve => "correct the host in the DSN, or raise resolve_timeout",
            Phase::Connect => {
                "start the server, or correct host and port in the DSN; for a distant server raise \
                 connect_timeout"
            }
            Phase::Handshake => {
                "start the server, or correct host and port in the DSN; for a busy server raise \
                 handshake_timeout"
            }
            Phase::Send => "raise send_timeout, or send fewer points in one request by max_points",
            Phase::Response => {
                "raise response_timeout, or make the call smaller: fewer points in one request by \
                 max_points, a shorter query"
            }
            Phase::Body => "raise body_timeout, or ask for less in one query",
            _ => return None,
        }),
        TransportErrorKind::TooSlow { .. } => {
            Some("lower min_body_rate, where 0 allows any pace, or ask for less in one query")
        }
        _ if error.is_connect() => Some("start the server, or correct host and port in the DSN"),
        _ => None,
    }
}

/// The remedy for a request that cannot be built.
pub(super) fn of_request(error: &RequestError) -> Option<Cow<'static, str>> {
    Some(match error {
        RequestError::NeedsQuery { query, .. } => {
            format!("run the query instead: {}", Printable(query)).into()
        }
        RequestError::Name { what, .. } => format!("choose another {what}").into(),
        RequestError::Incomplete { setting } => {
            format!("set {setting} to the value that the server shall keep").into()
        }
        RequestError::BadBase { .. } => "correct host, port and prefix in the DSN".into(),
        RequestError::BadToken => "correct the token: it may have ASCII characters only".into(),
        RequestError::ColonInCredentials => {
            "leave the key `credentials` out, or write credentials=query and use https".into()
        }
        RequestError::NoToken => "let the token source get a token before the next call".into(),
        RequestError::NothingToUpdate => "set a value that the call shall change".into(),
        RequestError::TooLarge { .. } => "shorten the query, or make several of it".into(),
        _ => return None,
    })
}
