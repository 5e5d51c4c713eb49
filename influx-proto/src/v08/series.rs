//! The series of a database.

use bytes::Bytes;
use http::Request;

use super::{RunQuery, V08, call, delete, path, reply};
use crate::{Idempotency, Operation, Reply, RequestError, ResponseError, Target};

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
    type Dialect = V08;
    type Output = Vec<String>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        RunQuery::new(self.database, "list series").request(target)
    }

    fn response(&self, reply: &Reply<'_>) -> Result<Vec<String>, ResponseError> {
        reply::rows(reply).map(reply::into_names)
    }
}

call! {
    /// Deletes a series with all its points: `DELETE /db/:db/series/:series`.
    ///
    /// A missing series or database is no error.
    ///
    /// The server pastes the name into a query. Names that could change this query's meaning
    /// are an error before anything is sent, see
    /// [`drop_series_segment`](super::drop_series_segment);
    /// to drop a series `a/b`, run the [`RunQuery`] `drop series "a/b"`.
    DeleteSeries<'a> {
        /// Deletes the series of exactly this name.
        database: &'a str, name: &'a str,
    }
    (NO_CONTENT, Idempotent) -> ();
    |call, target| {
        let database = path::database(call.database)?;
        delete(target, &["db", &database, "series", &path::dropped_series(call.name)?]).build()
    }
}
