//! A query, and the three ways to take its answer.

use influx_proto::{Precision, Series, v08};
use serde::de::DeserializeOwned;

use super::Client;
use crate::exchange::HttpExchange;
use crate::{Chunks, Error, Rows};

/// A query in the server's language, not yet sent.
///
/// The text travels as it is; write names and texts from elsewhere with [`influx_proto::quote`].
/// In a list of queries separated by `;` the server runs the last one first.
#[derive(Debug)]
#[must_use = "a query is sent by `all`, `chunks` or `rows`"]
pub struct Query<'a, T> {
    client: &'a Client<T>,
    database: Option<&'a str>,
    text: &'a str,
    precision: Precision,
}

impl<'a, T: HttpExchange> Query<'a, T> {
    pub(super) fn new(client: &'a Client<T>, database: Option<&'a str>, text: &'a str) -> Self {
        Self { client, database, text, precision: client.precision() }
    }

    /// Sets the unit of timestamps in the answer; by default the configuration's.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Sends the query and reads the whole answer into memory.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's words if it refuses,
    /// [`Error::Transport`] if the answer is larger than the configured `max_response`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the call closes its connection; whether the server runs the query is unknown.
    pub async fn all(self) -> Result<Vec<Series>, Error> {
        let operation = self.operation(false)?;
        self.client.execute(&operation).await
    }

    /// Sends the query and gives its answer series by series, as the server sends them.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's words if it refuses before any data.
    ///
    /// # Cancel safety
    ///
    /// As [`Query::all`].
    pub async fn chunks(self) -> Result<Chunks, Error> {
        let operation = self.operation(true)?;
        Ok(Chunks::new(self.client.open_body(&operation).await?))
    }

    /// Sends the query and gives its answer point by point, each as a value of type `R`:
    /// a struct by column names, or a tuple by their order.
    ///
    /// # Errors
    ///
    /// As [`Query::chunks`].
    ///
    /// # Cancel safety
    ///
    /// As [`Query::all`].
    pub async fn rows<R: DeserializeOwned>(self) -> Result<Rows<R>, Error> {
        let operation = self.operation(true)?;
        Ok(Rows::new(self.client.open_body(&operation).await?))
    }

    fn operation(&self, chunked: bool) -> Result<v08::Query<'a>, Error> {
        let database = self.database.ok_or(Error::NoDatabase)?;
        Ok(v08::Query::new(database, self.text).precision(self.precision).chunked(chunked))
    }
}
