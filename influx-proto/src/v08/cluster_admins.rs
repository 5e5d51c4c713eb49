//! Cluster administrators, who may do everything on every database.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::{V08, delete, get, path, post};
use crate::{Idempotency, Operation, RequestError, Secret, Target};

/// Lists the names of all cluster administrators, in no order: `GET /cluster_admins`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ListClusterAdmins;

impl Operation for ListClusterAdmins {
    type Dialect = V08;
    type Output = Vec<String>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        get(target, &["cluster_admins"]).build()
    }
}

/// Asks whether the target's credentials are those of a cluster administrator:
/// `GET /cluster_admins/authenticate`.
///
/// Wrong ones are refused as [`Refusal::InvalidCredentials`](super::Refusal::InvalidCredentials).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AuthenticateClusterAdmin;

impl Operation for AuthenticateClusterAdmin {
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        get(target, &["cluster_admins", "authenticate"]).build()
    }
}

/// Creates a cluster administrator: `POST /cluster_admins`.
///
/// The password has 4 to 56 bytes. An existing user is refused as [`Refusal::UserExists`](super::Refusal::UserExists).
#[derive(Clone, Copy, Debug)]
pub struct CreateClusterAdmin<'a> {
    name: &'a str,
    password: &'a Secret,
}

impl<'a> CreateClusterAdmin<'a> {
    /// Creates the administrator of this name.
    pub fn new(name: &'a str, password: &'a Secret) -> Self {
        Self { name, password }
    }
}

impl Operation for CreateClusterAdmin<'_> {
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        path::user(self.name)?;
        let body = json!({ "name": self.name, "password": self.password.expose() });
        post(target, &["cluster_admins"]).json(body.to_string())
    }
}

/// Sets a cluster administrator's password: `POST /cluster_admins/:user`.
///
/// The password has 4 to 56 bytes. A missing user is refused as [`Refusal::UserNotFound`](super::Refusal::UserNotFound).
#[derive(Clone, Copy, Debug)]
pub struct UpdateClusterAdmin<'a> {
    name: &'a str,
    password: &'a Secret,
}

impl<'a> UpdateClusterAdmin<'a> {
    /// Sets the password of the administrator of this name.
    pub fn new(name: &'a str, password: &'a Secret) -> Self {
        Self { name, password }
    }
}

impl Operation for UpdateClusterAdmin<'_> {
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["cluster_admins", &path::user(self.name)?];
        post(target, &segments).json(json!({ "password": self.password.expose() }).to_string())
    }
}

/// Deletes a cluster administrator: `DELETE /cluster_admins/:user`.
///
/// A missing one is refused as [`Refusal::UserNotFound`](super::Refusal::UserNotFound).
#[derive(Clone, Copy, Debug)]
pub struct DeleteClusterAdmin<'a> {
    name: &'a str,
}

impl<'a> DeleteClusterAdmin<'a> {
    /// Deletes the administrator of this name.
    pub fn new(name: &'a str) -> Self {
        Self { name }
    }
}

impl Operation for DeleteClusterAdmin<'_> {
    type Dialect = V08;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        delete(target, &["cluster_admins", &path::user(self.name)?]).build()
    }
}
