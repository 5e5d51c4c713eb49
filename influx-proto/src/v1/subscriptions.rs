//! Subscriptions: copies of all writes, which the server sends elsewhere.

use serde::Deserialize;

use super::statement::statement;
use super::{Param, RunQuery, V1, reply};
use crate::decode::AnswerFormat;
use crate::{
    FromReply, Idempotency, Operation, Reply, Request, RequestError, ResponseError, Target,
};

/// A subscription of a database.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Subscription {
    /// Its database.
    pub database: String,
    /// The retention policy whose writes are sent.
    pub policy: String,
    /// Its name.
    pub name: String,
    /// Whether every destination gets all writes, instead of one destination each write.
    pub to_all: bool,
    /// The addresses, such as `http://host:8086` and `udp://host:8089`.
    pub destinations: Vec<String>,
}

/// Lists the subscriptions of all databases: `SHOW SUBSCRIPTIONS`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ListSubscriptions;

impl Operation for ListSubscriptions {
    type Dialect = V1;
    type Output = Vec<Subscription>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        // The addresses are a list in a cell, which no decoder of rows takes.
        RunQuery::new("SHOW SUBSCRIPTIONS").format(AnswerFormat::Json).request(target)
    }
}

impl FromReply<V1> for Vec<Subscription> {
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError> {
        #[derive(Deserialize)]
        struct Table {
            name: String,
            #[serde(default)]
            values: Vec<(String, String, String, Vec<String>)>,
        }
        let tables: Vec<Table> = reply::tables(reply)?;
        let subscriptions = tables.into_iter().flat_map(|table| {
            table.values.into_iter().map(move |(policy, name, mode, destinations)| Subscription {
                database: table.name.clone(),
                policy,
                name,
                to_all: mode == "ALL",
                destinations,
            })
        });
        Ok(subscriptions.collect())
    }
}

/// Lets the server send a copy of every write elsewhere: `CREATE SUBSCRIPTION`.
///
/// The server sends each copy once, without a repetition (measured on InfluxDB 1.6.7).
#[derive(Clone, Copy, Debug)]
pub struct CreateSubscription<'a> {
    database: &'a str,
    policy: &'a str,
    name: &'a str,
    destinations: &'a [&'a str],
    to_all: bool,
}

impl<'a> CreateSubscription<'a> {
    /// Creates the subscription `name`, which sends all writes of this policy to all addresses, such
    /// as `http://host:8086` and `udp://host:8089`.
    pub fn new(
        database: &'a str,
        policy: &'a str,
        name: &'a str,
        destinations: &'a [&'a str],
    ) -> Self {
        Self { database, policy, name, destinations, to_all: true }
    }

    /// Sets whether every destination gets all writes, instead of one destination each write.
    #[must_use]
    pub fn to_all(mut self, to_all: bool) -> Self {
        self.to_all = to_all;
        self
    }
}

impl Operation for CreateSubscription<'_> {
    type Dialect = V1;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        let names: Vec<String> =
            (0..self.destinations.len()).map(|index| format!("d{index}")).collect();
        let list: Vec<String> = names.iter().map(|name| format!("${name}")).collect();
        let mode = if self.to_all { "ALL" } else { "ANY" };
        let statement = format!(
            "CREATE SUBSCRIPTION $name ON $database.$policy DESTINATIONS {mode} {}",
            list.join(", ")
        );
        let query = RunQuery::new(&statement)
            .bind("name", Param::identifier(self.name))
            .bind("database", Param::identifier(self.database))
            .bind("policy", Param::identifier(self.policy));
        let destinations = names.iter().zip(self.destinations);
        destinations
            .fold(query, |query, (name, address)| query.bind(name, *address))
            .request(target)
    }
}

statement! {
    /// Deletes a subscription: `DROP SUBSCRIPTION`.
    DropSubscription<'a> {
        /// Deletes the subscription `name` of this policy.
        database: &'a str,
        policy: &'a str,
        name: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("DROP SUBSCRIPTION $name ON $database.$policy")
        .bind("name", Param::identifier(call.name))
        .bind("database", Param::identifier(call.database))
        .bind("policy", Param::identifier(call.policy))
}
