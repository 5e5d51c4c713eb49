//! The meaning of a refusal, by the texts of the 1.x server.

use super::V1;
use crate::flavour::{Flavour, foreign_hint};
use crate::{Dialect, Outcome, ServerError};

/// The meaning of a refusal, as far as its status and text tell.
///
/// The texts were measured on InfluxDB 1.6.7.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is wrong in another way than those below; the message says how.
    BadRequest,
    /// The server runs as many queries as it may.
    Busy,
    /// The database does not exist, or the request names none.
    DatabaseNotFound,
    /// The server failed.
    Internal,
    /// The request has no credentials, or wrong ones.
    InvalidCredentials,
    /// The name cannot be one of the server's: it has a slash or a control character, or is `.`.
    InvalidName,
    /// The query passes a limit of the server, such as that of its time, series or points.
    Limit,
    /// The server stored the good lines and refused the others, or all of them.
    PartialWrite,
    /// The credentials are right, but they do not allow this.
    PermissionDenied,
    /// Somebody ended the query on the server.
    QueryKilled,
    /// The server points to another address, which [`ServerError::location`] has.
    Redirected,
    /// The retention policy does not exist.
    RetentionPolicyNotFound,
    /// The server does not have this route: it is another version, or another kind of server.
    RouteNotFound,
    /// The write names more new series than the server takes. It counts the points of a new series
    /// as series, so that smaller writes of the same points can succeed.
    SeriesLimit,
    /// The query is not in the server's language.
    Syntax,
    /// The server is too busy to take the write.
    Throttled,
    /// The body is larger than the server takes.
    TooLarge,
    /// The call does not know this status, such as another success than the promised one.
    UnexpectedStatus,
    /// Nothing of the write was stored: no line of it can be read.
    Unparsable,
    /// The user does not exist.
    UserNotFound,
}

impl Refusal {
    /// The meaning of this refusal.
    pub fn of(error: &ServerError) -> Self {
        match error.status.as_u16() {
            401 => Self::InvalidCredentials,
            403 => Self::PermissionDenied,
            405 => Self::RouteNotFound,
            413 => Self::TooLarge,
            _ if error.is_redirect() && error.location.is_some() => Self::Redirected,
            status => Self::of_text(&error.message).unwrap_or(match status {
                200 | 400 | 409 | 422 => Self::BadRequest,
                404 => Self::RouteNotFound,
                500..=599 => Self::Internal,
                _ => Self::UnexpectedStatus,
            }),
        }
    }

    /// The user's remedy, if known: one sentence without a full stop.
    pub fn hint(self) -> Option<&'static str> {
        match self {
            Self::DatabaseNotFound => {
                Some("create the database, or name an existing one in the DSN")
            }
            Self::InvalidCredentials => {
                Some("correct user and password in the DSN, as in influxdb://user:password@host")
            }
            Self::PermissionDenied => {
                Some("use a user with the needed rights, or create the first administrator")
            }
            Self::Redirected => Some("name the address that the server points to in the DSN"),
            Self::RetentionPolicyNotFound => {
                Some("create the retention policy, or name an existing one")
            }
            Self::RouteNotFound => Some("this server does not speak the API of InfluxDB 1.x"),
            _ => None,
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        let (_, _, refusal) = TEXTS.iter().find(|(start, part, _)| {
            text.strip_prefix(start).is_some_and(|rest| rest.contains(part))
        })?;
        Some(*refusal)
    }
}

impl Dialect for V1 {
    fn outcome(refusal: &ServerError) -> Outcome {
        match Refusal::of(refusal) {
            Refusal::Busy | Refusal::Throttled => Outcome::Later,
            Refusal::DatabaseNotFound
            | Refusal::InvalidCredentials
            | Refusal::PermissionDenied
            | Refusal::Redirected
            | Refusal::RetentionPolicyNotFound
            | Refusal::RouteNotFound => Outcome::Hold,
            Refusal::Internal | Refusal::UnexpectedStatus => Outcome::of_status(refusal.status),
            Refusal::PartialWrite => Outcome::Partial,
            Refusal::SeriesLimit | Refusal::TooLarge => Outcome::Split,
            _ => Outcome::Refused,
        }
    }

    fn hint(refusal: &ServerError) -> Option<&'static str> {
        foreign_hint(refusal, &[Flavour::V1_0, Flavour::V1_8])
            .or_else(|| Refusal::of(refusal).hint())
    }
}

/// How a text begins, a part of what follows, and its meaning. The first one that fits counts.
const TEXTS: &[(&str, &str, Refusal)] = &[
    ("partial write: ", "max-series-per-database limit exceeded", Refusal::SeriesLimit),
    ("partial write: ", "", Refusal::PartialWrite),
    ("unable to parse ", "", Refusal::Unparsable),
    ("database is required", "", Refusal::DatabaseNotFound),
    ("database name required", "", Refusal::DatabaseNotFound),
    ("database not found", "", Refusal::DatabaseNotFound),
    ("error authorizing ", "", Refusal::PermissionDenied),
    ("error parsing query", "", Refusal::Syntax),
    ("invalid name", "", Refusal::InvalidName),
    ("max-concurrent-queries limit exceeded", "", Refusal::Busy),
    ("max-select-", " limit exceeded", Refusal::Limit),
    ("missing required parameter \"q\"", "", Refusal::Syntax),
    ("name too long", "", Refusal::InvalidName),
    ("query interrupted", "", Refusal::QueryKilled),
    ("query-timeout limit exceeded", "", Refusal::Limit),
    ("request throttled", "", Refusal::Throttled),
    ("retention policy not found", "", Refusal::RetentionPolicyNotFound),
    ("user not found", "", Refusal::UserNotFound),
    ("404 page not found", "", Refusal::RouteNotFound),
];

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn status_and_text_tell_kind_and_outcome() {
        use Outcome::{Hold, Later, Partial, Refused, Split, Unknown};
        for (status, text, kind, outcome) in [
            (200, "database not found: nodb", Refusal::DatabaseNotFound, Hold),
            (200, "invalid name", Refusal::InvalidName, Refused),
            (200, "max-concurrent-queries limit exceeded(2, 2)", Refusal::Busy, Later),
            (200, "max-select-series limit exceeded: (4/3)", Refusal::Limit, Refused),
            (200, "query interrupted", Refusal::QueryKilled, Refused),
            (200, "query-timeout limit exceeded", Refusal::Limit, Refused),
            (200, "no such query id: 99999", Refusal::BadRequest, Refused),
            (200, "user not found", Refusal::UserNotFound, Refused),
            (204, "", Refusal::UnexpectedStatus, Unknown),
            (400, "database is required", Refusal::DatabaseNotFound, Hold),
            (400, "error parsing query: found EOF", Refusal::Syntax, Refused),
            (400, "invalid consistency level", Refusal::BadRequest, Refused),
            (400, "unexpected EOF", Refusal::BadRequest, Refused),
            (400, "unable to parse 'bad': missing fields", Refusal::Unparsable, Refused),
            (
                400,
                "partial write: unable to parse 'bad': missing fields dropped=0",
                Refusal::PartialWrite,
                Partial,
            ),
            (
                400,
                "partial write: max-series-per-database limit exceeded: (60) dropped=30",
                Refusal::SeriesLimit,
                Split,
            ),
            (
                400,
                "partial write: max-values-per-tag limit exceeded (12/10): measurement=\"m\"",
                Refusal::PartialWrite,
                Partial,
            ),
            (401, "authorization failed", Refusal::InvalidCredentials, Hold),
            (403, "\"joe\" user is not authorized to write", Refusal::PermissionDenied, Hold),
            (404, "database not found: \"nodb\"", Refusal::DatabaseNotFound, Hold),
            (404, "404 page not found\n", Refusal::RouteNotFound, Hold),
            (404, "", Refusal::RouteNotFound, Hold),
            (405, "Method Not Allowed\n", Refusal::RouteNotFound, Hold),
            (413, "Request Entity Too Large", Refusal::TooLarge, Split),
            (429, "", Refusal::UnexpectedStatus, Later),
            (500, "retention policy not found: norp", Refusal::RetentionPolicyNotFound, Hold),
            (500, "timeout", Refusal::Internal, Later),
            (502, "", Refusal::Internal, Later),
            (503, "request throttled, queue full\n", Refusal::Throttled, Later),
            (503, "request throttled, exceeds timeout\n", Refusal::Throttled, Later),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let error = ServerError::new(status, text.as_bytes());
            assert_eq!((Refusal::of(&error), V1::outcome(&error)), (kind, outcome), "{error}");
            assert_eq!(V1::hint(&error), kind.hint());
            assert_eq!(kind.hint().is_some(), outcome == Hold, "{error}");
        }
    }
}
