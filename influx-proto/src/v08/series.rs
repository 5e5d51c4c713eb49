//! The series of a database.

use bytes::Bytes;
use http::{Method, Request, StatusCode};

use super::reply::{self, Named};
use super::{Query, name};
use crate::request::RequestBuilder;
use crate::{Idempotency, Operation, RequestError, ResponseError, Target};

/// Lists the names of a database's series, by the query `list series`.
///
/// A missing database has none, says the server.
#[derive(Clone, Copy, Debug)]
pub struct ListSeries<'a> {
    database: &'a str,
}

impl<'a> ListSeries<'a> {
    /// Lists the series of this database.
    pub fn new(database: &'a str) -> Self {
        Self { database }
    }
}

impl Operation for ListSeries<'_> {
    type Output = Vec<String>;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        Query::new(self.database, "list series").request(target)
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<Vec<String>, ResponseError> {
        reply::rows(status, body).map(Named::into_names)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Safe
    }
}

/// Deletes a series with all its points: `DELETE /db/:db/series/:series`.
///
/// A missing series or database is no error.
///
/// The server pastes the name into a query. Names that could change this query's meaning
/// are an error before anything is sent, see
/// [`drop_series_segment`](crate::quote::drop_series_segment);
/// to drop a series `a/b`, run the [`Query`] `drop series "a/b"`.
#[derive(Clone, Copy, Debug)]
pub struct DeleteSeries<'a> {
    database: &'a str,
    name: &'a str,
}

impl<'a> DeleteSeries<'a> {
    /// Deletes the series of exactly this name.
    pub fn new(database: &'a str, name: &'a str) -> Self {
        Self { database, name }
    }
}

impl Operation for DeleteSeries<'_> {
    type Output = ();

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let database = name::database(self.database)?;
        let segments = ["db", &database, "series", &name::dropped_series(self.name)?];
        RequestBuilder::new(target, Method::DELETE, &segments).build()
    }

    fn response(&self, status: StatusCode, body: &[u8]) -> Result<(), ResponseError> {
        reply::expect(StatusCode::NO_CONTENT, status, body)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::Idempotent
    }
}
