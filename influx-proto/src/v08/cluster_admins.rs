//! Cluster administrators, who may do everything on every database.

use serde_json::json;

use super::call::call;
use super::dialect::{delete, get, post};
use super::path;
use crate::Secret;

call! {
    /// Lists the names of all cluster administrators, in any order: `GET /cluster_admins`.
    ListClusterAdmins (OK, Safe, ClusterAdmin) -> Vec<String>;
    |target| get(target, &["cluster_admins"]).build()
}

call! {
    /// Asks whether the target's credentials are those of a cluster administrator:
    /// `GET /cluster_admins/authenticate`.
    ///
    /// Wrong ones are refused as
    /// [`Refusal::InvalidCredentials`](super::Refusal::InvalidCredentials).
    AuthenticateClusterAdmin (OK, Safe, ClusterAdmin) -> ();
    |target| get(target, &["cluster_admins", "authenticate"]).build()
}

call! {
    /// Creates a cluster administrator: `POST /cluster_admins`.
    ///
    /// The password has 4 to 56 bytes.
    /// An existing user is refused as [`Refusal::UserExists`](super::Refusal::UserExists).
    CreateClusterAdmin<'a> {
        /// Creates the administrator of this name.
        name: &'a str,
        password: &'a Secret,
    }
    (OK, NonIdempotent, ClusterAdmin) -> ();
    |call, target| {
        path::user(call.name)?;
        let body = json!({ "name": call.name, "password": call.password.expose() });
        post(target, &["cluster_admins"]).json(body.to_string())
    }
}

call! {
    /// Sets a cluster administrator's password: `POST /cluster_admins/:user`.
    ///
    /// The password has 4 to 56 bytes.
    /// A missing user is refused as [`Refusal::UserNotFound`](super::Refusal::UserNotFound).
    UpdateClusterAdmin<'a> {
        /// Sets the password of the administrator of this name.
        name: &'a str,
        password: &'a Secret,
    }
    (OK, Idempotent, ClusterAdmin) -> ();
    |call, target| {
        let segments = ["cluster_admins", &path::user(call.name)?];
        post(target, &segments).json(json!({ "password": call.password.expose() }).to_string())
    }
}

call! {
    /// Deletes a cluster administrator: `DELETE /cluster_admins/:user`.
    ///
    /// A missing one is refused as [`Refusal::UserNotFound`](super::Refusal::UserNotFound).
    DeleteClusterAdmin<'a> {
        /// Deletes the administrator of this name.
        name: &'a str,
    }
    (OK, Idempotent, ClusterAdmin) -> ();
    |call, target| delete(target, &["cluster_admins", &path::user(call.name)?]).build()
}
