//! Calls about the server itself, which need no credentials.

use bytes::Bytes;
use http::Request;

use super::{V08, call, get, reply};
use crate::{Idempotency, Operation, Reply, RequestError, ResponseError, Target};

call! {
    /// Asks whether the server answers: `GET /ping`.
    Ping (OK, Safe) -> ();
    |target| get(target, &["ping"]).build()
}

/// Lists the web interfaces that the server carries: `GET /interfaces`.
///
/// An installation without them answers 400 with the error of the file system.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ListInterfaces;

impl Operation for ListInterfaces {
    type Dialect = V08;
    type Output = Vec<String>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        get(target, &["interfaces"]).build()
    }

    /// A list of texts, unlike the names in other calls.
    fn response(&self, reply: &Reply<'_>) -> Result<Vec<String>, ResponseError> {
        reply.expect(Self::SUCCESS)?;
        reply::list(reply)
    }
}
