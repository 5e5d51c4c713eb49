//! Writing points.

use bytes::Bytes;
use http::StatusCode;

use super::{V1, post, reply};
use crate::{Idempotency, Operation, Reply, Request, RequestError, ResponseError, Target};

/// Writes points as line protocol with nanoseconds: `POST /write?db=…&precision=ns`.
///
/// A point is identified by its measurement, tags and time: a second one replaces its fields. A
/// point without a time gets the server's, so a repeated write duplicates it.
///
/// The server stores the good lines of a body and refuses the others, see
/// [`Refusal::PartialWrite`](super::Refusal::PartialWrite).
#[derive(Clone, Debug)]
pub struct WriteLines<'a> {
    database: &'a str,
    body: Bytes,
    policy: Option<&'a str>,
    consistency: Option<Consistency>,
    identified: bool,
}

/// The number of servers of a cluster that must have stored a write.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Consistency {
    /// Every server that keeps the data.
    All,
    /// Any server, even if it only queues the write for another one.
    Any,
    /// One server that keeps the data.
    One,
    /// More than half of the servers that keep the data.
    Quorum,
}

impl Consistency {
    /// The word that the server knows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
            Self::One => "one",
            Self::Quorum => "quorum",
        }
    }
}

impl<'a> WriteLines<'a> {
    /// Writes an encoded body, such as one of [`LineEncoder`](crate::line::LineEncoder), into this
    /// database. Its times are nanoseconds.
    pub fn new(database: &'a str, body: impl Into<Bytes>) -> Self {
        Self { database, body: body.into(), policy: None, consistency: None, identified: false }
    }

    /// Sets the retention policy, instead of the database's default.
    #[must_use]
    pub fn policy(mut self, policy: &'a str) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets the consistency, which only clusters heed.
    #[must_use]
    pub fn consistency(mut self, consistency: Consistency) -> Self {
        self.consistency = Some(consistency);
        self
    }

    /// Sets whether every point has a time, as [`Body::identified`](crate::encode::Body::identified)
    /// tells. If so, the write is [`Idempotency::Idempotent`]; unless set, it is not.
    #[must_use]
    pub fn identified(mut self, identified: bool) -> Self {
        self.identified = identified;
        self
    }
}

impl Operation for WriteLines<'_> {
    type Dialect = V1;
    type Output = ();
    const SUCCESS: StatusCode = StatusCode::NO_CONTENT;
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        post(target, "write")
            .pair("db", self.database)
            .pair("precision", "ns")
            .optional_pair("rp", self.policy)
            .optional_pair("consistency", self.consistency.map(Consistency::as_str))
            .body("text/plain; charset=utf-8", self.body.clone())
    }

    fn response(&self, reply: &Reply<'_>) -> Result<(), ResponseError> {
        reply::expect_nothing(reply)
    }

    fn idempotency(&self) -> Idempotency {
        if self.identified { Idempotency::Idempotent } else { Self::IDEMPOTENCY }
    }
}
