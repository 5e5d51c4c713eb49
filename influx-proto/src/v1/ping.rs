//! Whether the server is there.

use http::StatusCode;

use super::{V1, get, reply};
use crate::{Idempotency, Operation, Reply, Request, RequestError, ResponseError, Target};

/// Asks whether the server answers: `GET /ping`. Needs no credentials.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Ping;

impl Operation for Ping {
    type Dialect = V1;
    type Output = ();
    const SUCCESS: StatusCode = StatusCode::NO_CONTENT;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        get(target, "ping").build()
    }

    fn response(&self, reply: &Reply<'_>) -> Result<(), ResponseError> {
        reply::expect_nothing(reply)
    }
}
