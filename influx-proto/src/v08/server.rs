//! Calls about the server itself, which need no credentials.

use bytes::Bytes;
use http::{Method, Request, StatusCode};

use super::reply;
use crate::request::RequestBuilder;
use crate::{Idempotency, Operation, RequestError, ResponseError, Target};

/// Asks whether the server answers: `GET /ping`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the call has no parameters")]
pub struct Ping;

impl Operation for Ping {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        RequestBuilder::new(target, Method::GET, &["ping"]).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Lists the web interfaces that the server carries: `GET /interfaces`.
///
/// An installation without them answers 400 with the error of the file system.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the call has no parameters")]
pub struct ListInterfaces;

impl Operation for ListInterfaces {
    type Output = Vec<String>;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        RequestBuilder::new(target, Method::GET, &["interfaces"]).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Vec<String>, ResponseError> {
        reply::list(status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}
