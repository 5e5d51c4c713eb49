//! A shard space: the series that it takes, and how long its shards are.

use crate::v08::json::Json;
use crate::v08::query::{Pattern, micros};
use crate::v08::refusal::Refusal;

/// The storage of a part of a database's series.
#[derive(Clone)]
pub(crate) struct Space {
    pub(crate) name: String,
    pub(crate) database: String,
    /// The regex as it was given.
    regex: String,
    pattern: Pattern,
    retention_policy: String,
    shard_duration: String,
    pub(super) replication_factor: u32,
    pub(super) split: u32,
}

/// The length of a shard unless its space says otherwise: 7 days, in microseconds.
const DEFAULT_DURATION: i64 = 7 * 86_400_000_000;

impl Space {
    /// Reads the body of a request that creates a space: a count of 0 becomes 1.
    /// Error: the server's text if the regex or a duration is missing or malformed.
    pub(crate) fn read(database: &str, body: &Json) -> Result<Self, Refusal> {
        if text(body, "regex").is_empty() {
            return Err(Refusal::invalid("A regex is required for a shard space"));
        }
        let pattern = pattern(text(body, "regex")).map_err(|refusal| match refusal {
            Refusal::Answer(status, text) => {
                Refusal::Answer(status, format!("Error parsing regex: {text}"))
            }
            other => other,
        })?;
        let space = Self::unchecked(database, body, pattern);
        let durations = [&space.shard_duration, &space.retention_policy];
        let is_readable = |text: &str| text.is_empty() || micros(text).is_some();
        if durations.iter().any(|text| !is_readable(text) && *text != "inf") {
            return Err(Refusal::invalid("Rat.Scan: invalid syntax"));
        }
        let (replication_factor, split) = (space.replication_factor.max(1), space.split.max(1));
        Ok(Self { replication_factor, split, ..space })
    }

    /// Reads the body of a request that updates a space, which the server does not check:
    /// a count that is absent is 0. `None` if the regex is malformed, which changes nothing.
    pub(crate) fn read_update(database: &str, name: &str, body: &Json) -> Option<Self> {
        let pattern = pattern(text(body, "regex")).ok()?;
        Some(Self { name: name.to_owned(), ..Self::unchecked(database, body, pattern) })
    }

    fn unchecked(database: &str, body: &Json, pattern: Pattern) -> Self {
        let count = |name| match body.member(name) {
            Some(Json::Number(text)) => text.parse().unwrap_or_default(),
            _ => 0,
        };
        Self {
            name: text(body, "name").to_owned(),
            database: database.to_owned(),
            regex: text(body, "regex").to_owned(),
            pattern,
            retention_policy: text(body, "retentionPolicy").to_owned(),
            shard_duration: text(body, "shardDuration").to_owned(),
            replication_factor: count("replicationFactor"),
            split: count("split"),
        }
    }

    /// The space that the server makes for series that no other space takes.
    pub(super) fn default_of(database: &str) -> Result<Self, Refusal> {
        let members = [
            ("name", "default"),
            ("regex", "/.*/"),
            ("retentionPolicy", "inf"),
            ("shardDuration", "7d"),
        ];
        Self::read(database, &Json::object(members.map(|(name, text)| (name, Json::from(text)))))
    }

    pub(crate) fn takes(&self, series: &str) -> bool {
        self.pattern.matches(series)
    }

    /// The start and the end of the shard of a time, in microseconds.
    /// Error: the server's text if an update has given an unreadable duration.
    pub(super) fn bounds(&self, time: i64) -> Result<(i64, i64), Refusal> {
        let duration = if self.shard_duration.is_empty() {
            DEFAULT_DURATION
        } else {
            micros(&self.shard_duration).filter(|&micros| micros > 0).ok_or_else(unloggable)?
        };
        let start = time.div_euclid(duration).saturating_mul(duration);
        // Shards begin and end with a second.
        let second = |micros: i64| micros.div_euclid(1_000_000).saturating_mul(1_000_000);
        Ok((second(start), second(start.saturating_add(duration))))
    }

    /// Whether a shard with this end is older than the space keeps points, so that none is written.
    pub(super) fn has_dropped(&self, end: i64, now: i64) -> bool {
        // 0 and a length that cannot be read mean that nothing is dropped.
        let retention = micros(&self.retention_policy).filter(|&micros| micros > 0);
        retention.is_some_and(|retention| end < now.saturating_sub(retention))
    }

    /// The retention policy and the replication factor, as the server exports them.
    pub(crate) fn policy(&self) -> (&str, u32) {
        let is_infinite = self.retention_policy == "inf";
        (if is_infinite { "INF" } else { &self.retention_policy }, self.replication_factor)
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("name", Json::from(self.name.as_str())),
            ("database", Json::from(self.database.as_str())),
            ("regex", Json::from(self.regex.as_str())),
            ("retentionPolicy", Json::from(self.retention_policy.as_str())),
            ("shardDuration", Json::from(self.shard_duration.as_str())),
            ("replicationFactor", Json::from(self.replication_factor)),
            ("split", Json::from(self.split)),
        ])
    }
}

/// The server's answer to a point whose shard it cannot log.
pub(super) fn unloggable() -> Refusal {
    Refusal::invalid(
        "json: error calling MarshalJSON for type time.Time: \
         Time.MarshalJSON: year outside of range [0,9999]",
    )
}

fn text<'a>(body: &'a Json, name: &str) -> &'a str {
    body.member(name).and_then(Json::as_str).unwrap_or_default()
}

/// `/regex/`, `/regex/i` or a regex without slashes.
fn pattern(regex: &str) -> Result<Pattern, Refusal> {
    let Some(rest) = regex.strip_prefix('/') else { return Pattern::new(regex, false) };
    match rest.strip_suffix("/i") {
        Some(inner) => Pattern::new(inner, true),
        None => Pattern::new(rest.strip_suffix('/').unwrap_or(rest), false),
    }
}
