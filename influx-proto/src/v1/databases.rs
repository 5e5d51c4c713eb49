//! Databases and their retention policies.

use std::time::Duration;

use serde::Deserialize;

use super::go_duration;
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

/// How long a database keeps points, and in which pieces.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct RetentionPolicy {
    /// Its name.
    pub name: String,
    /// How long points are kept, an hour at least; zero, the default, is for ever.
    #[serde(deserialize_with = "go_duration::deserialize")]
    pub duration: Duration,
    /// The time that one shard group covers; zero, the default, leaves it to the server.
    #[serde(deserialize_with = "go_duration::deserialize")]
    pub shard_group_duration: Duration,
    /// The number of copies in a cluster: 1 by default.
    #[serde(rename = "replicaN")]
    pub replicas: u32,
    /// Whether writes and queries use it that name none: `false` by default.
    #[serde(rename = "default")]
    pub is_default: bool,
}

impl RetentionPolicy {
    /// A policy of this name, which keeps points for ever.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            duration: Duration::ZERO,
            shard_group_duration: Duration::ZERO,
            replicas: 1,
            is_default: false,
        }
    }
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
    policy: &'a RetentionPolicy,
}

impl<'a> CreateRetentionPolicy<'a> {
    /// Creates this policy in this database.
    pub fn new(database: &'a str, policy: &'a RetentionPolicy) -> Self {
        Self { database, policy }
    }
}

impl Operation for CreateRetentionPolicy<'_> {
    type Dialect = V1;
    type Output = ();
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        let RetentionPolicy { name, duration, shard_group_duration, replicas, is_default } =
            self.policy;
        // A duration of 0 is for ever.
        let mut statement = format!(
            "CREATE RETENTION POLICY $name ON $database DURATION $duration REPLICATION {replicas}"
        );
        if !shard_group_duration.is_zero() {
            statement.push_str(" SHARD DURATION $shard");
        }
        if *is_default {
            statement.push_str(" DEFAULT");
        }
        RunQuery::new(&statement)
            .bind("name", Param::identifier(name))
            .bind("database", Param::identifier(self.database))
            .bind("duration", *duration)
            .bind("shard", *shard_group_duration)
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
