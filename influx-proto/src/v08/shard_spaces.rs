//! Shard spaces: how long a database keeps which series, and in how many pieces.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::call;
use super::dialect::{delete, get, post};
use super::{path, reply};
use crate::RequestError;

/// A shard space: the rules for those series of a database whose names match.
///
/// The server chooses every setting that is absent when it creates a space.
///
/// ```
/// use influx_proto::v08::ShardSpace;
///
/// let space = ShardSpace::new("raw", "/^raw\\./").retention_policy("30d").shard_duration("1d");
/// assert_eq!(space.retention_policy.as_deref(), Some("30d"));
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct ShardSpace {
    /// The space's name, unique in its database.
    pub name: String,
    /// The database, in the answers of a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The series: a regular expression between slashes, or one name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// How long points are kept, such as `30d`, or `inf`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_policy: Option<String>,
    /// How much time one shard spans, such as `7d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard_duration: Option<String>,
    /// How many servers hold a copy of each shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_factor: Option<u32>,
    /// How many shards share one span of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<u32>,
}

impl ShardSpace {
    /// A space for the series that match: a regular expression between slashes, or one name.
    pub fn new(name: impl Into<String>, regex: impl Into<String>) -> Self {
        Self { name: name.into(), regex: Some(regex.into()), ..Self::default() }
    }

    /// Sets how long points are kept, such as `30d`, or `inf`.
    #[must_use]
    pub fn retention_policy(mut self, duration: impl Into<String>) -> Self {
        self.retention_policy = Some(duration.into());
        self
    }

    /// Sets how much time one shard spans, such as `7d`.
    #[must_use]
    pub fn shard_duration(mut self, duration: impl Into<String>) -> Self {
        self.shard_duration = Some(duration.into());
        self
    }

    /// Sets how many servers hold a copy of each shard.
    #[must_use]
    pub fn replication_factor(mut self, copies: u32) -> Self {
        self.replication_factor = Some(copies);
        self
    }

    /// Sets how many shards share one span of time.
    #[must_use]
    pub fn split(mut self, shards: u32) -> Self {
        self.split = Some(shards);
        self
    }

    /// The same space with the settings of another one where it has none.
    ///
    /// ```
    /// use influx_proto::v08::ShardSpace;
    ///
    /// let known = ShardSpace::new("raw", "/./").retention_policy("30d").split(2);
    /// let update = ShardSpace::new("raw", "/^raw/").or(&known);
    /// assert_eq!((update.regex.as_deref(), update.split), (Some("/^raw/"), Some(2)));
    /// ```
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let text = |own: Option<String>, other: &Option<String>| own.or_else(|| other.clone());
        Self {
            name: self.name,
            database: text(self.database, &other.database),
            regex: text(self.regex, &other.regex),
            retention_policy: text(self.retention_policy, &other.retention_policy),
            shard_duration: text(self.shard_duration, &other.shard_duration),
            replication_factor: self.replication_factor.or(other.replication_factor),
            split: self.split.or(other.split),
        }
    }

    /// The first setting that an update must have and this space lacks.
    fn missing(&self) -> Option<&'static str> {
        let is_set = [
            ("regex", self.regex.is_some()),
            ("retention_policy", self.retention_policy.is_some()),
            ("shard_duration", self.shard_duration.is_some()),
            ("replication_factor", self.replication_factor.is_some_and(|copies| copies > 0)),
            ("split", self.split.is_some_and(|shards| shards > 0)),
        ];
        is_set.into_iter().find(|(_, is_set)| !is_set).map(|(name, _)| name)
    }

    /// The body of a request; the database stands in its path.
    pub(super) fn to_json(&self) -> Value {
        json!(Self { database: None, ..self.clone() })
    }
}

impl reply::Listed for ShardSpace {}

call! {
    /// Lists the shard spaces of all databases: `GET /cluster/shard_spaces`.
    ListShardSpaces (OK, Safe, ClusterAdmin) -> Vec<ShardSpace>;
    |target| get(target, &["cluster", "shard_spaces"]).build()
}

call! {
    /// Creates a shard space: `POST /cluster/shard_spaces/:db`.
    ///
    /// An existing one is refused as
    /// [`Refusal::ShardSpaceExists`](super::Refusal::ShardSpaceExists).
    CreateShardSpace<'a> {
        /// Creates this shard space in this database.
        database: &'a str,
        space: &'a ShardSpace,
    }
    (OK, NonIdempotent, ClusterAdmin) -> ();
    |call, target| {
        path::shard_space(&call.space.name)?;
        let segments = ["cluster", "shard_spaces", &path::database(call.database)?];
        post(target, &segments).json(call.space.to_json().to_string())
    }
}

call! {
    /// Replaces a shard space by another of the same name:
    /// `POST /cluster/shard_spaces/:db/:name`, since 0.8.2.
    ///
    /// The server keeps no setting that is absent: without the number of copies or of shards, it
    /// takes 0 and refuses every write from the next shard on (measured on 0.8.9). Therefore a space
    /// without one of them, or with 0, is [`RequestError::Incomplete`](crate::RequestError);
    /// [`ShardSpace::or`] adds those that [`ListShardSpaces`] tells.
    ///
    /// A missing one is refused as
    /// [`Refusal::ShardSpaceNotFound`](super::Refusal::ShardSpaceNotFound).
    UpdateShardSpace<'a> {
        /// Replaces the shard space that has the name of `space`.
        database: &'a str,
        space: &'a ShardSpace,
    }
    (OK, Idempotent, ClusterAdmin) -> ();
    |call, target| {
        if let Some(setting) = call.space.missing() {
            return Err(RequestError::Incomplete { setting });
        }
        let database = path::database(call.database)?;
        let segments =
            ["cluster", "shard_spaces", &database, &path::shard_space(&call.space.name)?];
        post(target, &segments).json(call.space.to_json().to_string())
    }
}

call! {
    /// Deletes a shard space with its data: `DELETE /cluster/shard_spaces/:db/:name`.
    ///
    /// For a missing one, the server answers success; 0.8.3 and older crash (measured on 0.8.3).
    DeleteShardSpace<'a> {
        /// Deletes the shard space of this name.
        database: &'a str,
        name: &'a str,
    }
    (OK, Idempotent, ClusterAdmin) -> ();
    |call, target| {
        let database = path::database(call.database)?;
        let segments = ["cluster", "shard_spaces", &database, &path::shard_space(call.name)?];
        delete(target, &segments).build()
    }
}
