//! Shards: the pieces of a shard space, by time.

use bytes::Bytes;
use http::{Request, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{V08, delete, get, path, post};
use crate::{Idempotency, Operation, RequestError, Target};

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
pub struct ListShards;

impl Operation for ListShards {
    type Dialect = V08;
    type Output = Vec<Shard>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        get(target, &["cluster", "shards"]).build()
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
    type Dialect = V08;
    type Output = ();
    const SUCCESS: StatusCode = StatusCode::ACCEPTED;
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        path::database(self.database)?;
        path::shard_space(self.space)?;
        let shards: Vec<_> =
            self.shards.iter().map(|servers| json!({ "serverIds": servers })).collect();
        let body = json!({
            "database": self.database,
            "spaceName": self.space,
            "startTime": self.start_time,
            "endTime": self.end_time,
            "shards": shards,
        });
        post(target, &["cluster", "shards"]).json(body.to_string())
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
    type Dialect = V08;
    type Output = ();
    const SUCCESS: StatusCode = StatusCode::ACCEPTED;
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["cluster", "shards", &self.id.to_string()];
        delete(target, &segments).json(json!({ "serverIds": self.servers }).to_string())
    }
}
