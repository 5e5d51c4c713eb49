//! Shards: the pieces of a shard space, by time.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{name, reply};
use crate::request::RequestBuilder;
use crate::{Idempotency, Operation, RequestError, ResponseError, Target};

/// A shard: one span of time of one shard space.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Shard {
    /// The shard's number.
    pub id: u32,
    /// The database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The shard space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space_name: Option<String>,
    /// The first second, counted from 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<i64>,
    /// The second after the last, counted from 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<i64>,
    /// The numbers of the servers that hold the shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_ids: Option<Vec<u32>>,
}

/// Lists the shards of all databases: `GET /cluster/shards`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the call has no parameters")]
pub struct ListShards;

impl Operation for ListShards {
    type Output = Vec<Shard>;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        RequestBuilder::new(target, Method::GET, &["cluster", "shards"]).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Vec<Shard>, ResponseError> {
        reply::list(status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Creates shards for one span of time: `POST /cluster/shards`.
///
/// A missing shard space is refused with 500.
#[derive(Clone, Copy, Debug)]
pub struct CreateShards<'a> {
    database: &'a str,
    space: &'a str,
    start_time: i64,
    end_time: i64,
    shards: &'a [&'a [u32]],
}

impl<'a> CreateShards<'a> {
    /// Creates one shard for each element of `shards`, which lists the servers that hold it.
    ///
    /// The times are seconds since 1970; the end is not included.
    pub fn new(
        database: &'a str,
        space: &'a str,
        start_time: i64,
        end_time: i64,
        shards: &'a [&'a [u32]],
    ) -> Self {
        Self { database, space, start_time, end_time, shards }
    }
}

impl Operation for CreateShards<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        name::database(self.database)?;
        name::shard_space(self.space)?;
        let shards: Vec<_> =
            self.shards.iter().map(|servers| json!({ "serverIds": servers })).collect();
        let body = json!({
            "database": self.database,
            "spaceName": self.space,
            "startTime": self.start_time,
            "endTime": self.end_time,
            "shards": shards,
        });
        RequestBuilder::new(target, Method::POST, &["cluster", "shards"]).json(body.to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::ACCEPTED, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::NonIdempotent
    }
}

/// Deletes a shard with its data from some servers: `DELETE /cluster/shards/:id`.
///
/// A missing one is no error.
#[derive(Clone, Copy, Debug)]
pub struct DeleteShard<'a> {
    id: u32,
    servers: &'a [u32],
}

impl<'a> DeleteShard<'a> {
    /// Deletes the shard of this number from these servers; the server refuses to have none.
    pub fn new(id: u32, servers: &'a [u32]) -> Self {
        Self { id, servers }
    }
}

impl Operation for DeleteShard<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["cluster", "shards", &self.id.to_string()];
        RequestBuilder::new(target, Method::DELETE, &segments)
            .json(json!({ "serverIds": self.servers }).to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::ACCEPTED, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}
