//! A server's refusal and what it means.

use std::fmt::{self, Write as _};

use http::StatusCode;
use thiserror::Error;

/// A refusal in the server's own words.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
#[error("the server answered {status}{}", Message(message))]
pub struct ServerError {
    /// The HTTP status; 200 if the server refused after it had begun to answer.
    pub status: StatusCode,
    /// The server's text, cut at [`ServerError::MAX_MESSAGE`] bytes.
    pub message: String,
}

/// What a refusal means, as far as its status and text tell.
///
/// The texts were measured on InfluxDB 0.8.9, and on 0.8.3 where that one has others.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ServerErrorKind {
    /// The request is wrong in another way than those below; the message says how.
    BadRequest,
    /// The database to be created exists.
    DatabaseExists,
    /// There is no such database.
    DatabaseNotFound,
    /// The series has no such column.
    FieldNotFound,
    /// The server failed; 0.8 also says so of a body that it cannot read.
    Internal,
    /// No credentials, or wrong ones.
    InvalidCredentials,
    /// The password to be set is shorter than 4 or longer than 56 bytes.
    InvalidPassword,
    /// The credentials are right, but they do not allow this.
    PermissionDenied,
    /// The server has no such route: another version, or another kind of server.
    RouteNotFound,
    /// There is no such series.
    SeriesNotFound,
    /// The shard space to be created exists.
    ShardSpaceExists,
    /// There is no such shard space.
    ShardSpaceNotFound,
    /// The query is not in the server's language.
    Syntax,
    /// The status is none that the call knows, such as another success than the promised one.
    UnexpectedStatus,
    /// The user to be created exists.
    UserExists,
    /// There is no such user.
    UserNotFound,
}

impl ServerError {
    /// The longest message that is kept, in bytes.
    pub const MAX_MESSAGE: usize = 8 * 1024;

    /// A refusal with the text of a reply's body, which need not be UTF-8.
    pub fn new(status: StatusCode, body: &[u8]) -> Self {
        // One character may stand across the border; it is read in full, then cut off.
        let head = body.get(..Self::MAX_MESSAGE + 4).unwrap_or(body);
        let mut message = String::from_utf8_lossy(head).into_owned();
        if message.len() > Self::MAX_MESSAGE {
            let end = (0..=Self::MAX_MESSAGE).rev().find(|end| message.is_char_boundary(*end));
            message.truncate(end.unwrap_or(0));
        }
        Self { status, message }
    }

    /// What the refusal means.
    pub fn kind(&self) -> ServerErrorKind {
        use ServerErrorKind as Kind;
        let text = self.message.trim_end();
        match self.status.as_u16() {
            401 => Kind::InvalidCredentials,
            403 => Kind::PermissionDenied,
            405 => Kind::RouteNotFound,
            status => kind_of_text(text).unwrap_or(match status {
                400 | 409 => Kind::BadRequest,
                500..=599 => Kind::Internal,
                _ => Kind::UnexpectedStatus,
            }),
        }
    }
}

/// Shows a message without the control characters that could disturb a terminal or a log.
struct Message<'a>(&'a str);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.trim_end();
        if !text.is_empty() {
            f.write_str(": ")?;
        }
        for character in text.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_debug())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// How each text begins that the 0.8 server gives for a refusal, and what follows somewhere.
const TEXTS: [(&str, &str, ServerErrorKind); 24] = {
    use ServerErrorKind as Kind;
    [
        ("Can't update a shard space", " for a database that doesn't", Kind::DatabaseNotFound),
        ("Can't update a shard space", " that doesn't exist", Kind::ShardSpaceNotFound),
        ("Couldn't find series", "", Kind::SeriesNotFound),
        ("Couldn't look up columns", "", Kind::SeriesNotFound),
        ("Database ", " doesn't exist", Kind::DatabaseNotFound),
        ("Error at ", "syntax error", Kind::Syntax),
        ("Field ", " doesn't exist in series ", Kind::FieldNotFound),
        ("Insufficient permission", "", Kind::PermissionDenied),
        ("Invalid database name ", "", Kind::DatabaseNotFound),
        ("Invalid user name ", "", Kind::UserNotFound),
        ("Invalid username ", "", Kind::UserNotFound),
        ("No such database ", "", Kind::DatabaseNotFound),
        ("Password must be ", "", Kind::InvalidPassword),
        ("Shard space ", " exists for db ", Kind::ShardSpaceExists),
        ("Unable to find shard space ", "", Kind::ShardSpaceNotFound),
        ("User ", " already exists", Kind::UserExists),
        ("User ", " doesn't exist", Kind::UserNotFound),
        ("User ", " doesn't have write permissions", Kind::PermissionDenied),
        ("User", " doesn't have read access", Kind::PermissionDenied),
        ("database ", " exists", Kind::DatabaseExists),
        ("database not found ", "", Kind::DatabaseNotFound),
        ("shard space ", " not found", Kind::ShardSpaceNotFound),
        ("syntax error", "", Kind::Syntax),
        ("404 page not found", "", Kind::RouteNotFound),
    ]
};

fn kind_of_text(text: &str) -> Option<ServerErrorKind> {
    let (_, _, kind) = TEXTS.iter().find(|(start, part, _)| {
        text.strip_prefix(start).is_some_and(|rest| rest.contains(part))
    })?;
    Some(*kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_text_tell_the_kind() {
        use ServerErrorKind as Kind;
        for (status, text, expected) in [
            (200, "Couldn't find series: zzz", Kind::SeriesNotFound),
            (200, "ok", Kind::UnexpectedStatus),
            (400, "Database x doesn't exist", Kind::DatabaseNotFound),
            (400, "Database 'x' doesn't exist.", Kind::DatabaseNotFound),
            (400, "User doesn't have read access to x1", Kind::PermissionDenied),
            (400, "Bad auth value", Kind::BadRequest),
            (400, "", Kind::BadRequest),
            (401, "Invalid username/password", Kind::InvalidCredentials),
            (403, "User x doesn't have write permissions", Kind::PermissionDenied),
            (404, "404 page not found\n", Kind::RouteNotFound),
            (404, "database not found x\n", Kind::DatabaseNotFound),
            (404, "shard space s for database d not found\n", Kind::ShardSpaceNotFound),
            (405, "Method Not Allowed\n", Kind::RouteNotFound),
            (409, "database x exists", Kind::DatabaseExists),
            (500, "unexpected EOF", Kind::Internal),
            (503, "", Kind::Internal),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let error = ServerError::new(status, text.as_bytes());
            assert_eq!(error.kind(), expected, "{error}");
        }
    }

    #[test]
    fn display_escapes_control_characters_only() {
        for (body, expected) in [
            (&b"Couldn't find \"\x1b[31m\xc3\xbc\"\n"[..], ": Couldn't find \"\\u{1b}[31m\u{fc}\""),
            (b"a\nb\0", ": a\\nb\\0"),
            (b"", ""),
        ] {
            let error = ServerError::new(StatusCode::BAD_REQUEST, body);
            assert_eq!(error.to_string(), format!("the server answered 400 Bad Request{expected}"));
        }
    }

    #[test]
    fn messages_are_cut_between_characters() {
        let limit = ServerError::MAX_MESSAGE;
        for (body, expected) in [
            ("x".repeat(limit), limit),
            ("x".repeat(limit + 1), limit),
            ("x".repeat(limit - 1) + "\u{1f600}", limit - 1),
            ("\u{1f600}".repeat(limit), limit),
        ] {
            let error = ServerError::new(StatusCode::BAD_REQUEST, body.as_bytes());
            assert_eq!(error.message, body[..expected]);
        }
        let invalid = ServerError::new(StatusCode::BAD_REQUEST, &vec![0xff; 2 * limit]);
        assert!(invalid.message.len() <= limit);
    }
}
