//! The meaning of a refusal, by the texts of the 0.8 server.

use super::dialect::V08;
use crate::flavour::{Flavour, foreign_hint};
use crate::{Dialect, Outcome, ServerError};

/// The meaning of a refusal, as far as its status and text tell.
///
/// The texts were measured on InfluxDB 0.8.9, and on 0.8.3 where that one has others.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is wrong in another way than those below; the message says how.
    BadRequest,
    /// The database to be created exists.
    DatabaseExists,
    /// The database does not exist.
    DatabaseNotFound,
    /// The series does not have this column.
    FieldNotFound,
    /// The server failed.
    Internal,
    /// The request has no credentials, or wrong ones.
    InvalidCredentials,
    /// A duration of a shard space is not a number and a unit.
    InvalidDuration,
    /// The password to be set is shorter than 4 or longer than 56 bytes.
    InvalidPassword,
    /// The credentials are right, but they do not allow this.
    PermissionDenied,
    /// One point is longer than about 2 MiB, the server's internal limit.
    PointTooLarge,
    /// The server points to another address, which [`ServerError::location`] has if it is named.
    Redirected,
    /// The server does not have this route: it is another version, or another kind of server.
    RouteNotFound,
    /// The series does not exist.
    SeriesNotFound,
    /// The shard space to be created exists.
    ShardSpaceExists,
    /// The shard space does not exist.
    ShardSpaceNotFound,
    /// The query is not in the server's language.
    Syntax,
    /// The call does not know this status, such as another success than the promised one.
    UnexpectedStatus,
    /// The server cannot read the body or the number in the path. It answers 400 or 500.
    Unreadable,
    /// The user to be created exists.
    UserExists,
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
            _ if error.is_redirect() => Self::Redirected,
            status => Self::of_text(&error.message).unwrap_or(match status {
                400 | 500 if is_unreadable(error.message.trim_end()) => Self::Unreadable,
                400 | 409 => Self::BadRequest,
                // 0.8 gives a text of `TEXTS` with each 404; others come from other servers.
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
            Self::InvalidDuration => {
                Some("write each duration of a shard space as a number and a unit, such as 7d")
            }
            Self::Redirected => {
                Some("name the address of the server itself in the DSN: redirects are not followed")
            }
            Self::PermissionDenied => Some("use a user with the needed rights"),
            Self::PointTooLarge => Some(
                "shorten the longest text of the point: InfluxDB 0.8 stores none of 2 MiB or more",
            ),
            Self::RouteNotFound => Some(
                "this server has no such route: it is another version of InfluxDB 0.8 or another \
                 kind of server; correct host and port in the DSN",
            ),
            Self::SeriesNotFound => Some(
                "correct the names of the series and of the database: the server gives the same \
                 answer if the database does not exist",
            ),
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

impl Dialect for V08 {
    fn outcome(refusal: &ServerError) -> Outcome {
        use Refusal::{
            DatabaseNotFound, Internal, InvalidCredentials, PermissionDenied, Redirected,
            RouteNotFound, UnexpectedStatus,
        };
        match Refusal::of(refusal) {
            DatabaseNotFound | InvalidCredentials | PermissionDenied | Redirected
            | RouteNotFound => Outcome::Hold,
            Internal | UnexpectedStatus => Outcome::of_status(refusal.status),
            _ => Outcome::Refused,
        }
    }

    fn hint(refusal: &ServerError) -> Option<&'static str> {
        foreign_hint(refusal, &[Flavour::V08]).or_else(|| Refusal::of(refusal).hint())
    }

    /// The server splits the pair at every colon and then answers `400 Bad auth value`.
    fn header_carries(user: &str, password: &str) -> bool {
        !user.contains(':') && !password.contains(':')
    }
}

/// The beginning of each text that the server gives for a refusal, and a part of the rest.
const TEXTS: [(&str, &str, Refusal); 26] = [
    ("Can't update a shard space", " for a database that doesn't", Refusal::DatabaseNotFound),
    ("Can't update a shard space", " that doesn't exist", Refusal::ShardSpaceNotFound),
    ("Couldn't find series", "", Refusal::SeriesNotFound),
    ("Couldn't look up columns", "", Refusal::SeriesNotFound),
    ("Database ", " doesn't exist", Refusal::DatabaseNotFound),
    ("Error at ", "syntax error", Refusal::Syntax),
    ("Field ", " doesn't exist in series ", Refusal::FieldNotFound),
    ("Insufficient permission", "", Refusal::PermissionDenied),
    ("Invalid database name ", "", Refusal::DatabaseNotFound),
    ("Invalid user name ", "", Refusal::UserNotFound),
    ("Invalid username ", "", Refusal::UserNotFound),
    ("No such database ", "", Refusal::DatabaseNotFound),
    ("Password must be ", "", Refusal::InvalidPassword),
    ("Rat.Scan: invalid syntax", "", Refusal::InvalidDuration),
    ("Shard space ", " exists for db ", Refusal::ShardSpaceExists),
    ("Unable to write no data. ", "", Refusal::PointTooLarge),
    ("Unable to find shard space ", "", Refusal::ShardSpaceNotFound),
    ("User ", " already exists", Refusal::UserExists),
    ("User ", " doesn't exist", Refusal::UserNotFound),
    ("User ", " doesn't have write permissions", Refusal::PermissionDenied),
    ("User", " doesn't have read access", Refusal::PermissionDenied),
    ("database ", " exists", Refusal::DatabaseExists),
    ("database not found ", "", Refusal::DatabaseNotFound),
    ("shard space ", " not found", Refusal::ShardSpaceNotFound),
    ("syntax error", "", Refusal::Syntax),
    ("404 page not found", "", Refusal::RouteNotFound),
];

/// Whether this text blames the request, although its status can be 500: bad JSON, bad gzip, a bad
/// number, a missing part (measured on 0.8.9). From a gateway, 502 `EOF` blames the connection.
fn is_unreadable(text: &str) -> bool {
    let starts = ["invalid character ", "gzip: ", "strconv.", "AddShards called without shards"];
    matches!(text, "EOF" | "unexpected EOF") || starts.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn the_header_carries_no_colon() {
        for (user, password, expected) in
            [("root", "root", true), ("ro:ot", "root", false), ("root", "ro:ot", false)]
        {
            assert_eq!(V08::header_carries(user, password), expected, "{user} {password}");
        }
    }

    #[test]
    fn status_and_text_tell_kind_and_outcome() {
        use Outcome::{Hold, Later, Refused, Split, Unknown};
        for (status, text, kind, outcome) in [
            (200, "Couldn't find series: zzz", Refusal::SeriesNotFound, Refused),
            (200, "ok", Refusal::UnexpectedStatus, Unknown),
            (204, "", Refusal::UnexpectedStatus, Unknown),
            (301, "", Refusal::Redirected, Hold),
            (308, "<html>", Refusal::Redirected, Hold),
            (400, "Database x doesn't exist", Refusal::DatabaseNotFound, Hold),
            (400, "Database 'x' doesn't exist.", Refusal::DatabaseNotFound, Hold),
            (400, "User doesn't have read access to x1", Refusal::PermissionDenied, Hold),
            (400, "Insufficient permissions to x", Refusal::PermissionDenied, Hold),
            (400, "User x doesn't have write permissions", Refusal::PermissionDenied, Hold),
            (400, "Couldn't look up columns", Refusal::SeriesNotFound, Refused),
            (400, "syntax error, unexpected x", Refusal::Syntax, Refused),
            (400, "Bad auth value", Refusal::BadRequest, Refused),
            (400, "", Refusal::BadRequest, Refused),
            (400, "invalid character 'x' in literal", Refusal::Unreadable, Refused),
            (401, "Invalid username/password", Refusal::InvalidCredentials, Hold),
            (403, "User x doesn't have write permissions", Refusal::PermissionDenied, Hold),
            (403, "", Refusal::PermissionDenied, Hold),
            (404, "404 page not found\n", Refusal::RouteNotFound, Hold),
            (404, "", Refusal::RouteNotFound, Hold),
            (404, "<html>", Refusal::RouteNotFound, Hold),
            (404, "database not found x\n", Refusal::DatabaseNotFound, Hold),
            (404, "shard space s for database d not found\n", Refusal::ShardSpaceNotFound, Refused),
            (405, "Method Not Allowed\n", Refusal::RouteNotFound, Hold),
            (408, "", Refusal::UnexpectedStatus, Later),
            (421, "", Refusal::UnexpectedStatus, Later),
            (409, "database x exists", Refusal::DatabaseExists, Refused),
            (409, "", Refusal::BadRequest, Refused),
            (413, "", Refusal::UnexpectedStatus, Split),
            (425, "", Refusal::UnexpectedStatus, Later),
            (429, "slow down", Refusal::UnexpectedStatus, Later),
            (500, "unexpected EOF", Refusal::Unreadable, Refused),
            (500, "EOF\n", Refusal::Unreadable, Refused),
            (500, "gzip: invalid header", Refusal::Unreadable, Refused),
            (500, "read tcp 127.0.0.1:8086: i/o timeout", Refusal::Internal, Later),
            (500, "", Refusal::Internal, Later),
            (501, "", Refusal::Internal, Refused),
            (502, "unexpected EOF", Refusal::Internal, Later),
            (503, "", Refusal::Internal, Later),
            (504, "", Refusal::Internal, Later),
            (507, "", Refusal::Internal, Later),
            (520, "", Refusal::Internal, Later),
            (599, "", Refusal::Internal, Later),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let error = ServerError::new(status, text.as_bytes());
            assert_eq!((Refusal::of(&error), V08::outcome(&error)), (kind, outcome), "{error}");
            assert_eq!(V08::hint(&error), foreign_hint(&error, &[Flavour::V08]).or(kind.hint()));
            assert!(kind.hint().is_some() || outcome != Hold, "{error}");
        }
    }
}
