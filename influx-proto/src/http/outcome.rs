//! The judgement of a server's answer, and the dialect that makes it.

use http::StatusCode;

use super::ServerError;

/// The meaning of a server's answer for what was sent: the one judgement for calls, retries and
/// writers.
///
/// Whether a request may be repeated is another question, see [`Idempotency`](crate::Idempotency).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The server did everything.
    Done,
    /// The server stored everything except for the points that it refused.
    Partial,
    /// The server refused the request, and will refuse every repetition.
    Refused,
    /// The request is too large; smaller ones can succeed.
    Split,
    /// A person must act first: correct credentials, rights or the address, create a database.
    Hold,
    /// The server cannot do it now; a later repetition can succeed.
    Later,
    /// The answer does not say what the server did.
    Unknown,
}

impl Outcome {
    /// The meaning of a status that is not the one of success, as far as HTTP defines it.
    ///
    /// | status | outcome |
    /// |---|---|
    /// | 408, 421, 425, 429, 5xx | [`Outcome::Later`] |
    /// | 413 | [`Outcome::Split`] |
    /// | 3xx, 401, 403, 407, 511 | [`Outcome::Hold`] |
    /// | other 4xx, 501, 505 | [`Outcome::Refused`] |
    /// | others | [`Outcome::Unknown`] |
    pub fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            408 | 421 | 425 | 429 => Self::Later,
            413 => Self::Split,
            300..=399 | 401 | 403 | 407 | 511 => Self::Hold,
            400..=499 | 501 | 505 => Self::Refused,
            500..=599 => Self::Later,
            _ => Self::Unknown,
        }
    }
}

/// A server generation: the meaning of its refusals, and the credentials that it can read.
pub trait Dialect {
    /// Judges a refusal.
    fn outcome(refusal: &ServerError) -> Outcome;

    /// The user's remedy for a refusal, if known: one sentence without a full stop.
    fn hint(refusal: &ServerError) -> Option<&'static str>;

    /// Whether the server can read this user and password from a Basic `Authorization` header.
    ///
    /// By RFC 7617, a user name cannot contain a colon.
    fn header_carries(user: &str, password: &str) -> bool {
        let _ = password;
        !user.contains(':')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_a_meaning_of_their_own() {
        use Outcome::{Hold, Later, Refused, Split, Unknown};
        for (statuses, expected) in [
            (&[100, 200, 204, 299, 600][..], Unknown),
            (&[300, 301, 307, 399, 401, 403, 407, 511], Hold),
            (&[400, 404, 409, 422, 431, 499, 501, 505], Refused),
            (&[408, 421, 425, 429, 500, 502, 503, 504, 507, 508, 520, 521, 522, 523, 524], Later),
            (&[525, 526, 527, 529, 530, 598, 599], Later),
            (&[413], Split),
        ] {
            for status in statuses {
                let status = StatusCode::from_u16(*status).unwrap();
                assert_eq!(Outcome::of_status(status), expected, "{status}");
            }
        }
    }
}
