//! Databases and their retention policies.

use std::time::Duration;

use serde::Deserialize;

use super::statement::statement;
use super::{Param, RunQuery, V1};
use crate::{Idempotency, Operation, Request, RequestError, Target};

statement! {
    /// Lists the names of all databases that the user may see: `SHOW DATABASES`.
    ListDatabases (Safe) -> Vec<String>;
    RunQuery::new("SHOW DATABASES")
}

statement! {
    /// Creates a database: `CREATE DATABASE`.
    ///
    /// An existing one stays as it is, which is a success.
    CreateDatabase<'a> {
        /// Creates the database of this name.
        name: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("CREATE DATABASE $name").bind("name", Param::identifier(call.name))
}

statement! {
    /// Deletes a database with all its data: `DROP DATABASE`.
    ///
    /// A missing one is a success.
    DropDatabase<'a> {
        /// Deletes the database of this name.
        name: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("DROP DATABASE $name").bind("name", Param::identifier(call.name))
}

/// How long a database keeps points.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct RetentionPolicy {
    /// Its name.
    pub name: String,
    /// How long points are kept, in Go's notation, such as `168h0m0s`; `0s` is for ever.
    pub duration: String,
    /// The time that one shard group covers, in the same notation.
    pub shard_group_duration: String,
    /// The number of copies in a cluster.
    #[serde(rename = "replicaN")]
    pub replicas: u32,
    /// Whether writes and queries use it that name none.
    #[serde(rename = "default")]
    pub is_default: bool,
}

statement! {
    /// Lists the retention policies of a database: `SHOW RETENTION POLICIES`.
    ListRetentionPolicies<'a> {
        /// Lists those of this database.
        database: &'a str,
    }
    (Safe) -> Vec<RetentionPolicy>;
    |call| RunQuery::new("SHOW RETENTION POLICIES ON $database")
        .bind("database", Param::identifier(call.database))
}

/// Creates a retention policy: `CREATE RETENTION POLICY`.
///
/// An existing one of the same settings stays as it is, which is a success.
#[derive(Clone, Copy, Debug)]
pub struct CreateRetentionPolicy<'a> {
    database: &'a str,
    name: &'a str,
    duration: Option<Duration>,
    is_default: bool,
}

impl<'a> CreateRetentionPolicy<'a> {
    /// Creates the policy of this name, which keeps points for ever.
    pub fn new(database: &'a str, name: &'a str) -> Self {
        Self { database, name, duration: None, is_default: false }
    }

    /// Sets how long points are kept; the server demands an hour at least.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Sets whether writes and queries use it that name none.
    #[must_use]
    pub fn default(mut self, is_default: bool) -> Self {
        self.is_default = is_default;
        self
    }
}

impl Operation for CreateRetentionPolicy<'_> {
    type Dialect = V1;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        // A duration of 0 is for ever.
        let statement =
            "CREATE RETENTION POLICY $name ON $database DURATION $duration REPLICATION 1";
        let default = format!("{statement} DEFAULT");
        RunQuery::new(if self.is_default { &default } else { statement })
            .bind("name", Param::identifier(self.name))
            .bind("database", Param::identifier(self.database))
            .bind("duration", self.duration.unwrap_or_default())
            .request(target)
    }
}

statement! {
    /// Deletes a retention policy with all its data: `DROP RETENTION POLICY`.
    DropRetentionPolicy<'a> {
        /// Deletes the policy `name` of this database.
        database: &'a str,
        name: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("DROP RETENTION POLICY $name ON $database")
        .bind("name", Param::identifier(call.name))
        .bind("database", Param::identifier(call.database))
}
