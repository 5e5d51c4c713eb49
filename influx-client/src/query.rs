//! A query, and the ways to take its answer.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use influx_proto::Series;
use serde::de::DeserializeOwned;

use crate::core::{Core, Parameters};
use crate::{Chunks, Columns, Error, Rows};

/// A query that is not yet sent, in the language of the server.
///
/// `D` is the dialect: it decides which settings there are. Programs need not name it.
#[must_use = "a query is sent by `rows`, `chunks`, `columns` or `all`"]
#[derive(Debug)]
pub struct Query<D = AnyDialect> {
    core: Arc<dyn Core>,
    pub(crate) parameters: Parameters,
    dialect: PhantomData<fn() -> D>,
}

/// The dialect of a [`Store`](crate::Store).
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it marks a type and has no value")]
pub enum AnyDialect {}

impl<D> Query<D> {
    pub(crate) fn new(core: Arc<dyn Core>, text: String) -> Self {
        let parameters = Parameters { text, unit: None, bound: None, limit: None };
        Self { core, parameters, dialect: PhantomData }
    }

    /// Limits the call instead of [`Timeouts::call`](crate::Timeouts::call): until the answer is
    /// read, or until it begins if it is read piece by piece.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.parameters.limit = Some(limit);
        self
    }

    /// Sends the query and gives its answer row by row, each as a value of type `T`: a struct by
    /// the names of columns, or a tuple by their order.
    ///
    /// **Prefer a struct**: the order of the columns is the server's and not always that of the
    /// query, see [`Rows`].
    ///
    /// ```no_run
    /// # async fn run(database: influx_client::v08::Database) -> Result<(), influx_client::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Load {
    ///     time: influx_client::Time,
    ///     zeta: f64,
    ///     alpha: f64,
    /// }
    ///
    /// let mut rows = database.query("select zeta, alpha from load").rows::<Load>().await?;
    /// while let Some(Load { time, zeta, alpha }) = rows.next().await? {
    ///     println!("{time} {zeta} {alpha}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) with the server's words if it refuses before
    /// any data, [`ErrorKind::Transport`](crate::ErrorKind::Transport) if it cannot be reached or
    /// the connection fails, [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if all attempts
    /// together take too long.
    ///
    /// # Cancel safety
    ///
    /// Dropping the call closes its connection; whether the server runs the query is unknown.
    pub async fn rows<T: DeserializeOwned>(self) -> Result<Rows<T>, Error> {
        Ok(Rows::new(self.core.open(&self.parameters).await?))
    }

    /// Sends the query and gives its answer series by series, as the server sends them.
    ///
    /// # Errors
    ///
    /// As [`Query::rows`].
    ///
    /// # Cancel safety
    ///
    /// As [`Query::rows`].
    pub async fn chunks(self) -> Result<Chunks, Error> {
        Ok(Chunks::new(self.core.open(&self.parameters).await?))
    }

    /// Sends the query and gives its answer as batches of columns with at most this many rows;
    /// 0 counts as 1, and [`Columns`] says when a batch has fewer.
    ///
    /// # Errors
    ///
    /// As [`Query::rows`].
    ///
    /// # Cancel safety
    ///
    /// As [`Query::rows`].
    pub async fn columns(self, rows: usize) -> Result<Columns, Error> {
        Ok(Columns::new(self.core.open(&self.parameters).await?, rows))
    }

    /// Sends the query and reads the whole answer into memory.
    ///
    /// # Errors
    ///
    /// As [`Query::rows`], and [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the answer is
    /// larger than [`max_response`](crate::Limits::max_response). An answer of more than
    /// [`max_values`](crate::Limits::max_values) is
    /// [`ErrorKind::Response`](crate::ErrorKind::Response): read it piece by piece.
    ///
    /// # Cancel safety
    ///
    /// As [`Query::rows`].
    pub async fn all(self) -> Result<Vec<Series>, Error> {
        self.core.all(&self.parameters).await
    }
}
