//! Shards: the pieces of a shard space, by time.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::call;
use super::dialect::{delete, get, post};
use super::{path, reply};

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

impl reply::Listed for Shard {}

call! {
    /// Lists the shards of all databases: `GET /cluster/shards`.
    ListShards (OK, Safe, ClusterAdmin) -> Vec<Shard>;
    |target| get(target, &["cluster", "shards"]).build()
}

call! {
    /// Creates shards for one span of time: `POST /cluster/shards`.
    ///
    /// A missing shard space is refused with 500.
    CreateShards<'a> {
        /// Creates one shard for each element of `shards`, which lists the servers that hold it.
        ///
        /// The times are seconds since 1970; the end is not included.
        database: &'a str,
        space: &'a str,
        start_time: i64,
        end_time: i64,
        shards: &'a [&'a [u32]],
    }
    (ACCEPTED, NonIdempotent, ClusterAdmin) -> ();
    |call, target| {
        path::database(call.database)?;
        path::shard_space(call.space)?;
        let shards: Vec<_> =
            call.shards.iter().map(|servers| json!({ "serverIds": servers })).collect();
        let body = json!({
            "database": call.database,
            "spaceName": call.space,
            "startTime": call.start_time,
            "endTime": call.end_time,
            "shards": shards,
        });
        post(target, &["cluster", "shards"]).json(body.to_string())
    }
}

call! {
    /// Deletes a shard with its data from some servers: `DELETE /cluster/shards/:id`.
    ///
    /// The server answers success for a missing one.
    DeleteShard<'a> {
        /// Deletes the shard of this number from these servers, at least one.
        id: u32,
        servers: &'a [u32],
    }
    (ACCEPTED, Idempotent, ClusterAdmin) -> ();
    |call, target| {
        let segments = ["cluster", "shards", &call.id.to_string()];
        delete(target, &segments).json(json!({ "serverIds": call.servers }).to_string())
    }
}
