//! The servers of a cluster and its consensus log.

use bytes::Bytes;
use http::{Request, StatusCode};
use serde::{Deserialize, Serialize};

use super::{V08, call, delete, get, post};
use crate::{
    FromReply, Idempotency, Operation, Reply, RequestError, ResponseError, Secret, Target,
};

/// A server of a cluster. 0.8.0 tells only its number and its `protobuf_connect_string`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Server {
    /// The server's number.
    pub id: u32,
    /// Whether the server leads the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_leader: Option<bool>,
    /// Whether the asked server sees this one; it does not see itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_up: Option<bool>,
    /// The leader's address for the consensus log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_raft_connect_string: Option<String>,
    /// The leader's name in the consensus log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_raft_name: Option<String>,
    /// The server's address for data, `host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protobuf_connect_string: Option<String>,
    /// The server's address for the consensus log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raft_connection_string: Option<String>,
    /// The server's name in the consensus log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raft_name: Option<String>,
}

call! {
    /// Lists the servers of the cluster: `GET /cluster/servers`.
    ListServers (OK, Safe) -> Vec<Server>;
    |target| get(target, &["cluster", "servers"]).build()
}

call! {
    /// Removes a server from the cluster: `DELETE /cluster/servers/:id`.
    ///
    /// A missing one is no error.
    DeleteServer {
        /// Removes the server of this number.
        id: u32,
    }
    (OK, Idempotent) -> ();
    |call, target| delete(target, &["cluster", "servers", &call.id.to_string()]).build()
}

call! {
    /// Shows the whole state that the cluster agrees on: `GET /cluster/configuration`, since 0.8.3.
    ///
    /// The answer is a JSON object. It contains every user's password hash, so it is a [`Secret`].
    ShowConfiguration (OK, Safe) -> Secret;
    |target| get(target, &["cluster", "configuration"]).build()
}

/// Asks whether every change has reached every server: `GET /sync`.
///
/// A server that answers 500 with the text `false` is one that is not in sync, not a failed one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CheckSync;

impl Operation for CheckSync {
    type Dialect = V08;
    type Output = bool;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        get(target, &["sync"]).build()
    }

    fn response(&self, reply: &Reply<'_>) -> Result<bool, ResponseError> {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        if reply.status == status && reply.body.trim_ascii() == b"false" {
            return Ok(false);
        }
        reply.expect(Self::SUCCESS)?;
        bool::from_reply(reply)
    }
}

call! {
    /// Compacts the consensus log now: `POST /raft/force_compaction`.
    ForceCompaction (OK, Idempotent) -> ();
    |target| post(target, &["raft", "force_compaction"]).build()
}

/// Moves data of a server before 0.8 into shard spaces, in the background:
/// `POST /cluster/migrate_data`, in 0.8.0 to 0.8.3.
///
/// The server's answer is known from its source only; any success counts.
/// While a migration runs, the server refuses another one with 403.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct MigrateData;

impl Operation for MigrateData {
    type Dialect = V08;
    type Output = ();
    const SUCCESS: StatusCode = StatusCode::ACCEPTED;
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        post(target, &["cluster", "migrate_data"]).build()
    }

    fn response(&self, reply: &Reply<'_>) -> Result<(), ResponseError> {
        if reply.status.is_success() { Ok(()) } else { reply.expect(Self::SUCCESS) }
    }
}
