//! Measurements, series, tags and fields; continuous and running queries.

use std::time::Duration;

use serde::Deserialize;

use super::go_duration;
use super::statement::statement;
use super::{Param, RunQuery};

/// A field of a measurement.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FieldKey {
    /// The measurement.
    pub measurement: String,
    /// The field.
    pub field: String,
    /// The server's word for its type: `boolean`, `float`, `integer` or `string`.
    pub kind: String,
}

impl FieldKey {
    pub(super) fn of(measurement: String, (field, kind): (String, String)) -> Self {
        Self { measurement, field, kind }
    }
}

/// A value of a tag of a measurement.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TagValue {
    /// The measurement.
    pub measurement: String,
    /// The tag.
    pub tag: String,
    /// The value.
    pub value: String,
}

impl TagValue {
    pub(super) fn of(measurement: String, (tag, value): (String, String)) -> Self {
        Self { measurement, tag, value }
    }
}

/// A query that the server runs from time to time.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ContinuousQuery {
    /// Its database.
    pub database: String,
    /// Its name.
    pub name: String,
    /// The statement that created it, as the server writes it.
    pub text: String,
}

impl ContinuousQuery {
    pub(super) fn of(database: String, (name, text): (String, String)) -> Self {
        Self { database, name, text }
    }
}

/// A query that the server is running.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct RunningQuery {
    /// Its number, which [`KillQuery`] takes.
    #[serde(rename = "qid")]
    pub id: u64,
    /// Its text, passwords left out.
    #[serde(rename = "query")]
    pub text: String,
    /// Its database, empty if it has none.
    pub database: String,
    /// The time since it began.
    #[serde(deserialize_with = "go_duration::deserialize")]
    pub duration: Duration,
    /// The server's word for its state, such as `running`.
    pub status: String,
}

statement! {
    /// Lists the names of the measurements of a database: `SHOW MEASUREMENTS`.
    ListMeasurements<'a> {
        /// Lists those of this database.
        database: &'a str,
    }
    (Safe) -> Vec<String>;
    |call| RunQuery::new("SHOW MEASUREMENTS").database(call.database)
}

statement! {
    /// Lists the series of a database, each as measurement and tags in line protocol: `SHOW SERIES`.
    ListSeries<'a> {
        /// Lists those of this database.
        database: &'a str,
    }
    (Safe) -> Vec<String>;
    |call| RunQuery::new("SHOW SERIES").database(call.database)
}

statement! {
    /// Lists the tags of a measurement: `SHOW TAG KEYS`.
    ListTagKeys<'a> {
        /// Lists those of this measurement.
        database: &'a str,
        measurement: &'a str,
    }
    (Safe) -> Vec<String>;
    |call| RunQuery::new("SHOW TAG KEYS FROM $measurement")
        .database(call.database)
        .bind("measurement", Param::identifier(call.measurement))
}

statement! {
    /// Lists the values of a tag in all measurements: `SHOW TAG VALUES`.
    ListTagValues<'a> {
        /// Lists those of this tag.
        database: &'a str,
        tag: &'a str,
    }
    (Safe) -> Vec<TagValue>;
    |call| RunQuery::new("SHOW TAG VALUES WITH KEY = $tag")
        .database(call.database)
        .bind("tag", Param::identifier(call.tag))
}

statement! {
    /// Lists the fields of all measurements with their types: `SHOW FIELD KEYS`.
    ///
    /// A field can have several types, one in each shard.
    ListFieldKeys<'a> {
        /// Lists those of this database.
        database: &'a str,
    }
    (Safe) -> Vec<FieldKey>;
    |call| RunQuery::new("SHOW FIELD KEYS").database(call.database)
}

statement! {
    /// Deletes a measurement with all its data: `DROP MEASUREMENT`.
    DropMeasurement<'a> {
        /// Deletes the measurement of this name.
        database: &'a str,
        measurement: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("DROP MEASUREMENT $measurement")
        .database(call.database)
        .bind("measurement", Param::identifier(call.measurement))
}

statement! {
    /// Deletes the series of a measurement that have this value of a tag: `DROP SERIES`.
    DropSeries<'a> {
        /// Deletes the series of this measurement with `tag = value`.
        database: &'a str,
        measurement: &'a str,
        tag: &'a str,
        value: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("DROP SERIES FROM $measurement WHERE $tag = $value")
        .database(call.database)
        .bind("measurement", Param::identifier(call.measurement))
        .bind("tag", Param::identifier(call.tag))
        .bind("value", call.value)
}

statement! {
    /// Lists the continuous queries of all databases: `SHOW CONTINUOUS QUERIES`.
    ///
    /// One is created by a statement of its own, see [`RunQuery`].
    ListContinuousQueries (Safe) -> Vec<ContinuousQuery>;
    RunQuery::new("SHOW CONTINUOUS QUERIES")
}

statement! {
    /// Deletes a continuous query: `DROP CONTINUOUS QUERY`. A missing one is a success.
    DropContinuousQuery<'a> {
        /// Deletes the query `name` of this database.
        database: &'a str,
        name: &'a str,
    }
    (Idempotent) -> ();
    |call| RunQuery::new("DROP CONTINUOUS QUERY $name ON $database")
        .bind("name", Param::identifier(call.name))
        .bind("database", Param::identifier(call.database))
}

statement! {
    /// Lists the queries that the server is running: `SHOW QUERIES`.
    ListQueries (Safe) -> Vec<RunningQuery>;
    RunQuery::new("SHOW QUERIES")
}

statement! {
    /// Ends a running query: `KILL QUERY`. Its reader gets
    /// [`Refusal::QueryKilled`](super::Refusal::QueryKilled).
    KillQuery {
        /// Ends the query of this number.
        id: u64,
    }
    (NonIdempotent) -> ();
    |call| RunQuery::new("KILL QUERY $id")
        .bind("id", Param::Int(i64::try_from(call.id).unwrap_or(i64::MAX)))
}
