//! Cluster administrators, who may do everything on every database.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::json;

use super::name;
use super::reply::{self, Named};
use crate::request::RequestBuilder;
use crate::{Idempotency, Operation, RequestError, ResponseError, Secret, Target};

/// Lists the names of all cluster administrators, in no order: `GET /cluster_admins`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the call has no parameters")]
pub struct ListClusterAdmins;

impl Operation for ListClusterAdmins {
    type Output = Vec<String>;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        RequestBuilder::new(target, Method::GET, &["cluster_admins"]).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Vec<String>, ResponseError> {
        reply::list(status, body).map(Named::into_names)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Asks whether the target's credentials are those of a cluster administrator:
/// `GET /cluster_admins/authenticate`.
///
/// Wrong ones are an error of kind
/// [`InvalidCredentials`](crate::ServerErrorKind::InvalidCredentials).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the call has no parameters")]
pub struct AuthenticateClusterAdmin;

impl Operation for AuthenticateClusterAdmin {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        RequestBuilder::new(target, Method::GET, &["cluster_admins", "authenticate"]).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Creates a cluster administrator: `POST /cluster_admins`.
///
/// The password has 4 to 56 bytes. An existing user is an error of kind
/// [`UserExists`](crate::ServerErrorKind::UserExists).
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
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        name::user(self.name)?;
        let body = json!({ "name": self.name, "password": self.password.expose() });
        RequestBuilder::new(target, Method::POST, &["cluster_admins"]).json(body.to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::NonIdempotent
    }
}

/// Sets a cluster administrator's password: `POST /cluster_admins/:user`.
///
/// The password has 4 to 56 bytes. A missing user is an error of kind
/// [`UserNotFound`](crate::ServerErrorKind::UserNotFound).
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
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["cluster_admins", &name::user(self.name)?];
        RequestBuilder::new(target, Method::POST, &segments)
            .json(json!({ "password": self.password.expose() }).to_string())
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}

/// Deletes a cluster administrator: `DELETE /cluster_admins/:user`.
///
/// A missing one is an error of kind
/// [`UserNotFound`](crate::ServerErrorKind::UserNotFound).
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
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let segments = ["cluster_admins", &name::user(self.name)?];
        RequestBuilder::new(target, Method::DELETE, &segments).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::OK, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}
