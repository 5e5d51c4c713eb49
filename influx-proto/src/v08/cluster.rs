//! The server, its cluster and the cluster's consensus log.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::call;
use super::dialect::{delete, get, post};
use super::reply;
use crate::{FromReply, Secret, ServerError};

/// A server of a cluster. 0.8.0 reports only its number and its `protobuf_connect_string`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Server {
    /// The server's number.
    pub id: u32,
    /// Whether the server leads the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_leader: Option<bool>,
    /// Whether the server that answers sees this one; it does not see itself.
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

impl reply::Listed for Server {}

call! {
    /// Lists the servers of the cluster: `GET /cluster/servers`.
    ListServers (OK, Safe, ClusterAdmin) -> Vec<Server>;
    |target| get(target, &["cluster", "servers"]).build()
}

call! {
    /// Removes a server from the cluster: `DELETE /cluster/servers/:id`.
    ///
    /// The server answers success for a missing one.
    DeleteServer {
        /// Removes the server of this number.
        id: u32,
    }
    (OK, Idempotent, ClusterAdmin) -> ();
    |call, target| delete(target, &["cluster", "servers", &call.id.to_string()]).build()
}

call! {
    /// Shows the whole state that the cluster agrees on: `GET /cluster/configuration`, since 0.8.3.
    ///
    /// The answer is a JSON object. It contains every user's password hash, so it is a [`Secret`].
    ShowConfiguration (OK, Safe, ClusterAdmin) -> Secret;
    |target| get(target, &["cluster", "configuration"]).build()
}

call! {
    /// Asks whether every change has reached every server: `GET /sync`.
    ///
    /// A server that is not in sync answers 500 with the text `false`, which is not an error.
    CheckSync (OK, Safe, ClusterAdmin) -> bool;
    |target| get(target, &["sync"]).build();
    |reply| {
        let failed = reply.status == StatusCode::INTERNAL_SERVER_ERROR;
        if failed && reply.body.trim_ascii() == b"false" {
            return Ok(false);
        }
        reply.expect(StatusCode::OK)?;
        bool::from_reply(reply)
    }
}

call! {
    /// Compacts the consensus log now: `POST /raft/force_compaction`.
    ForceCompaction (OK, Idempotent, ClusterAdmin) -> ();
    |target| post(target, &["raft", "force_compaction"]).build();
    |reply| reply.expect(StatusCode::OK).and_then(|()| reply::expect_body(reply, b"OK"))
}

call! {
    /// Moves data of a server before 0.8 into shard spaces, in the background:
    /// `POST /cluster/migrate_data`, in 0.8.0 to 0.8.3.
    ///
    /// The server's answer is known from its source only; any success counts.
    /// While a migration runs, the server refuses another one with 403.
    MigrateData (ACCEPTED, NonIdempotent, ClusterAdmin) -> ();
    |target| post(target, &["cluster", "migrate_data"]).build();
    |reply| {
        if !reply.status.is_success() {
            reply.expect(StatusCode::ACCEPTED)?;
        }
        reply::expect_body(reply, b"")
    }
}

call! {
    /// Asks whether the server answers: `GET /ping`.
    ///
    /// Another answer than `{"status":"ok"}` is an error: another kind of server sent it.
    Ping (OK, Safe) -> ();
    |target| get(target, &["ping"]).build();
    |reply| {
        #[derive(Deserialize)]
        struct Pong {
            status: String,
        }
        reply.expect(StatusCode::OK)?;
        match reply::object(reply) {
            Ok(Pong { status }) if status == "ok" => Ok(()),
            _ => Err(ServerError::from(reply).into()),
        }
    }
}

call! {
    /// Lists the web interfaces of the server: `GET /interfaces`.
    ///
    /// An installation without them answers 400 with the error of the file system.
    ListInterfaces (OK, Safe) -> Vec<String>;
    |target| get(target, &["interfaces"]).build();
    // A list of texts, unlike the names in other calls.
    |reply| reply.expect(StatusCode::OK).and_then(|()| reply::list(reply))
}
