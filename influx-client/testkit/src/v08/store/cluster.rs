//! Shard spaces and shards: kept and listed, but without influence on where points are stored.

use crate::v08::json::Json;
use crate::v08::query::{Pattern, micros};
use crate::v08::refusal::Refusal;

/// The storage of a part of a database's series.
#[derive(Clone)]
pub(crate) struct Space {
    pub(crate) name: String,
    pub(crate) database: String,
    /// The series that the space takes.
    pattern: Pattern,
    retention_policy: Length,
    shard_duration: Length,
    replication_factor: u32,
    split: u32,
}

/// A length of time as it was given, which the server gives back: `7d`, `inf` or nothing.
#[derive(Clone)]
struct Length {
    text: String,
    /// `None` if it is not limited.
    micros: Option<i64>,
}

/// A range of time of one shard space.
#[derive(Clone)]
struct Shard {
    id: u32,
    database: String,
    space: String,
    /// Seconds since 1970.
    start: i64,
    end: i64,
}

/// The length of a shard unless its space says otherwise: 7 days, in seconds.
const DEFAULT_DURATION: i64 = 7 * 86_400;

#[derive(Clone, Default)]
pub(crate) struct Cluster {
    spaces: Vec<Space>,
    shards: Vec<Shard>,
    last_shard_id: u32,
}

impl Space {
    /// Reads the body of a request.
    /// Error: the server's text if the regex or a duration is missing or malformed.
    pub(crate) fn read(database: &str, body: &Json) -> Result<Self, Refusal> {
        let text = |name| body.member(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let count = |name| match body.member(name) {
            Some(Json::Number(text)) => text.parse().unwrap_or(1),
            _ => 1,
        };
        let regex = text("regex");
        if regex.is_empty() {
            return Err(Refusal::invalid("A regex is required for a shard space"));
        }
        Ok(Self {
            name: text("name"),
            database: database.to_owned(),
            pattern: Pattern::new(regex.trim_matches('/'), false).map_err(
                |refusal| match refusal {
                    Refusal::Answer(status, text) => {
                        Refusal::Answer(status, format!("Error parsing regex: {text}"))
                    }
                    other => other,
                },
            )?,
            retention_policy: Length::read(text("retentionPolicy"))?,
            shard_duration: Length::read(text("shardDuration"))?,
            replication_factor: count("replicationFactor"),
            split: count("split"),
        })
    }

    /// The space that the server makes for points that no other space takes.
    fn default_of(database: &str) -> Result<Self, Refusal> {
        let members = [
            ("name", "default"),
            ("regex", ".*"),
            ("retentionPolicy", "inf"),
            ("shardDuration", "7d"),
        ];
        Self::read(database, &Json::object(members.map(|(name, text)| (name, Json::from(text)))))
    }

    /// Whether the space takes a point; one older than its retention policy goes elsewhere.
    fn takes(&self, series: &str, time: i64, now: i64) -> bool {
        let retention = self.retention_policy.micros.unwrap_or(i64::MAX);
        time >= now.saturating_sub(retention) && self.pattern.matches(series)
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("name", Json::from(self.name.as_str())),
            ("database", Json::from(self.database.as_str())),
            ("regex", Json::from(self.pattern.to_string().as_str())),
            ("retentionPolicy", Json::from(self.retention_policy.text.as_str())),
            ("shardDuration", Json::from(self.shard_duration.text.as_str())),
            ("replicationFactor", Json::from(self.replication_factor)),
            ("split", Json::from(self.split)),
        ])
    }
}

impl Length {
    fn read(text: String) -> Result<Self, Refusal> {
        let micros = micros(&text);
        if micros.is_none() && !matches!(text.as_str(), "" | "inf") {
            return Err(Refusal::invalid("Rat.Scan: invalid syntax"));
        }
        Ok(Self { text, micros })
    }
}

impl Cluster {
    /// The number of spaces and shards.
    pub(crate) fn entries(&self) -> usize {
        self.spaces.len() + self.shards.len()
    }

    pub(crate) fn add_space(&mut self, space: Space) -> Result<(), Refusal> {
        if self.space(&space.database, &space.name).is_some() {
            let Space { name, database, .. } = space;
            let text = format!("Shard space {name} exists for db {database}");
            return Err(Refusal::invalid(text));
        }
        self.spaces.push(space);
        Ok(())
    }

    /// Replaces the space of the same name; returns whether there was one.
    pub(crate) fn update_space(&mut self, space: Space) -> bool {
        let same =
            |known: &&mut Space| known.database == space.database && known.name == space.name;
        let known = self.spaces.iter_mut().find(same);
        known.map(|known| *known = space).is_some()
    }

    pub(crate) fn drop_space(&mut self, database: &str, name: &str) {
        self.spaces.retain(|space| space.database != database || space.name != name);
        self.shards.retain(|shard| shard.database != database || shard.space != name);
    }

    pub(crate) fn drop_database(&mut self, database: &str) {
        self.spaces.retain(|space| space.database != database);
        self.shards.retain(|shard| shard.database != database);
    }

    pub(crate) fn space(&self, database: &str, name: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.database == database && space.name == name)
    }

    /// Makes the space and the shard for a point, unless they exist. Times are in microseconds.
    pub(crate) fn cover(
        &mut self,
        database: &str,
        series: &str,
        time: i64,
        now: i64,
    ) -> Result<(), Refusal> {
        let takes = |space: &&Space| space.database == database && space.takes(series, time, now);
        if !self.spaces.iter().any(|space| takes(&space)) {
            self.spaces.push(Space::default_of(database)?);
        }
        let Some(space) = self.spaces.iter().find(takes) else { return Ok(()) };
        let duration = space
            .shard_duration
            .micros
            .map_or(DEFAULT_DURATION, |micros| (micros / 1_000_000).max(1));
        let seconds = time.div_euclid(1_000_000);
        let start = seconds.div_euclid(duration).saturating_mul(duration);
        let covered = self.shards.iter().any(|shard| {
            shard.database == database && shard.space == space.name && shard.start == start
        });
        if !covered {
            let space = space.name.clone();
            self.add_shard(database, &space, start, start.saturating_add(duration));
        }
        Ok(())
    }

    /// Adds a shard; start and end are in seconds since 1970.
    pub(crate) fn add_shard(&mut self, database: &str, space: &str, start: i64, end: i64) {
        self.last_shard_id = self.last_shard_id.saturating_add(1);
        self.shards.push(Shard {
            id: self.last_shard_id,
            database: database.to_owned(),
            space: space.to_owned(),
            start,
            end,
        });
    }

    pub(crate) fn drop_shard(&mut self, id: i64) {
        self.shards.retain(|shard| i64::from(shard.id) != id);
    }

    pub(crate) fn spaces_json(&self) -> Json {
        Json::Array(self.spaces.iter().map(Space::to_json).collect())
    }

    pub(crate) fn shards_json(&self) -> Json {
        let shard = |shard: &Shard| {
            Json::object([
                ("database", Json::from(shard.database.as_str())),
                ("endTime", Json::from(shard.end)),
                ("id", Json::from(shard.id)),
                ("serverIds", Json::Array(vec![Json::from(1_i64)])),
                ("spaceName", Json::from(shard.space.as_str())),
                ("startTime", Json::from(shard.start)),
            ])
        };
        Json::Array(self.shards.iter().map(shard).collect())
    }
}
