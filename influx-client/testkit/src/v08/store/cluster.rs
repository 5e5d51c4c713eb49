//! Shard spaces and shards: where points are stored.

use super::space::{Space, unloggable};
use crate::v08::json::Json;
use crate::v08::refusal::Refusal;

/// A range of time of one shard space.
#[derive(Clone)]
pub(crate) struct Shard {
    pub(crate) place: Place,
    database: String,
    space: String,
    /// Microseconds since 1970.
    start: i64,
    /// Microseconds since 1970; the first time after the shard.
    end: i64,
}

/// Where the points of a shard are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The number of the shard, from 1.
    pub(crate) shard: u32,
    /// Whether a server keeps the points: not with a replication factor of 0.
    pub(crate) is_kept: bool,
}

/// The years 0 to 9999, in microseconds: the server cannot log other times.
const LOGGABLE_TIMES: std::ops::RangeInclusive<i64> =
    -62_167_219_200_000_000..=253_402_300_800_000_000;

#[derive(Clone, Default)]
pub(crate) struct Cluster {
    /// The spaces of each database in the order in which they are tried: the newest first.
    spaces: Vec<Space>,
    shards: Vec<Shard>,
    last_shard_id: u32,
}

impl Shard {
    pub(crate) fn covers(&self, time: i64) -> bool {
        (self.start..self.end).contains(&time)
    }

    /// The length in nanoseconds.
    pub(crate) fn nanos(&self) -> i64 {
        self.end.saturating_sub(self.start).saturating_mul(1_000)
    }
}

impl Cluster {
    /// The part of one database.
    pub(crate) fn of(&self, database: &str) -> Self {
        Self {
            spaces: self.spaces(database).cloned().collect(),
            shards: self.shards.iter().filter(|it| it.database == database).cloned().collect(),
            last_shard_id: self.last_shard_id,
        }
    }

    /// The number of spaces and shards.
    pub(crate) fn entries(&self) -> usize {
        self.spaces.len() + self.shards.len()
    }

    /// Error: the server's text if the database has a space of this name.
    pub(crate) fn add_space(&mut self, space: Space) -> Result<(), Refusal> {
        self.must_be_free(&space.database, &space.name)?;
        self.spaces.insert(0, space);
        Ok(())
    }

    /// Error: the server's text if the database has a space of this name.
    pub(crate) fn must_be_free(&self, database: &str, name: &str) -> Result<(), Refusal> {
        if self.space(database, name).is_some() {
            let text = format!("Shard space {name} exists for db {database}");
            return Err(Refusal::invalid(text));
        }
        Ok(())
    }

    /// Replaces the space of the same name, if there is one.
    pub(crate) fn update_space(&mut self, space: Space) {
        let same =
            |known: &&mut Space| known.database == space.database && known.name == space.name;
        if let Some(known) = self.spaces.iter_mut().find(same) {
            *known = space;
        }
    }

    /// Removes a space; returns its shards.
    pub(crate) fn drop_space(&mut self, database: &str, name: &str) -> Vec<u32> {
        self.spaces.retain(|space| space.database != database || space.name != name);
        self.remove_shards(|shard| shard.database == database && shard.space == name)
    }

    pub(crate) fn drop_database(&mut self, database: &str) {
        self.spaces.retain(|space| space.database != database);
        self.remove_shards(|shard| shard.database == database);
    }

    fn remove_shards(&mut self, goes: impl Fn(&Shard) -> bool) -> Vec<u32> {
        let removed = self.shards.iter().filter(|shard| goes(shard)).map(|shard| shard.place.shard);
        let removed = removed.collect();
        self.shards.retain(|shard| !goes(shard));
        removed
    }

    pub(crate) fn space(&self, database: &str, name: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.database == database && space.name == name)
    }

    /// The spaces of a database in the order in which they are tried.
    pub(crate) fn spaces<'a>(&'a self, database: &'a str) -> impl Iterator<Item = &'a Space> {
        self.spaces.iter().filter(move |space| space.database == database)
    }

    /// The first space that takes a series.
    pub(crate) fn space_of(&self, database: &str, series: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.database == database && space.takes(series))
    }

    /// The shard of a point, made if it is missing, as is the default space; `None` for a point
    /// that the space has dropped already. Times are in microseconds.
    /// Error: the server's text if it cannot make the shard.
    pub(crate) fn shard_for(
        &mut self,
        database: &str,
        series: &str,
        time: i64,
        now: i64,
        max_shards: usize,
    ) -> Result<Option<Shard>, Refusal> {
        if self.space_of(database, series).is_none() {
            self.spaces.insert(0, Space::default_of(database)?);
        }
        let Some(space) = self.space_of(database, series) else { return Ok(None) };
        let holds = |shard: &&Shard| {
            shard.database == database && shard.space == space.name && shard.covers(time)
        };
        let bounds = space.bounds(time);
        if matches!(bounds, Ok((_, end)) if space.has_dropped(end, now)) {
            return Ok(None);
        }
        let fitting: Vec<&Shard> = self.shards.iter().filter(holds).collect();
        if !fitting.is_empty() {
            let hash = series
                .bytes()
                .fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
            let chosen = hash.checked_rem(fitting.len()).and_then(|index| fitting.get(index));
            return Ok(chosen.map(|shard| (*shard).clone()));
        }
        let (start, end) = bounds?;
        if !LOGGABLE_TIMES.contains(&start) || !LOGGABLE_TIMES.contains(&end) {
            return Err(unloggable());
        }
        let (name, split, is_kept) =
            (space.name.clone(), space.split, space.replication_factor > 0);
        if split == 0 {
            return Err(Refusal::invalid("AddShards called without shards"));
        }
        let split = usize::try_from(split).unwrap_or(usize::MAX);
        if self.shards.len().saturating_add(split) > max_shards {
            let text = format!("The embedded server keeps at most {max_shards} shards");
            return Err(Refusal::internal(text));
        }
        for _ in 0..split {
            self.add_shard(database, &name, (start, end), is_kept);
        }
        self.shard_for(database, series, time, now, max_shards)
    }

    /// Adds a shard; its start and end are in microseconds since 1970.
    pub(crate) fn add_shard(
        &mut self,
        database: &str,
        space: &str,
        (start, end): (i64, i64),
        is_kept: bool,
    ) {
        self.last_shard_id = self.last_shard_id.saturating_add(1);
        self.shards.push(Shard {
            place: Place { shard: self.last_shard_id, is_kept },
            database: database.to_owned(),
            space: space.to_owned(),
            start,
            end,
        });
    }

    /// Removes a shard, if it exists; returns its database.
    pub(crate) fn drop_shard(&mut self, id: u32) -> Option<String> {
        let position = self.shards.iter().position(|shard| shard.place.shard == id)?;
        Some(self.shards.remove(position).database)
    }

    /// The shards of the spaces of some series that a range of times touches, the latest first
    /// unless `ascending`.
    pub(crate) fn shards_of<'a>(
        &self,
        database: &str,
        series: impl Iterator<Item = &'a str>,
        (since, until): (i64, i64),
        ascending: bool,
    ) -> Vec<Shard> {
        let mut spaces: Vec<&str> = Vec::new();
        for name in series {
            if let Some(space) = self.space_of(database, name)
                && !spaces.contains(&space.name.as_str())
            {
                spaces.push(&space.name);
            }
        }
        let is_read = |shard: &&Shard| {
            shard.database == database
                && spaces.contains(&shard.space.as_str())
                && shard.start < until
                && shard.end > since
        };
        let mut shards: Vec<Shard> = self.shards.iter().filter(is_read).cloned().collect();
        shards.sort_by_key(|shard| {
            (if ascending { shard.start } else { shard.start.saturating_neg() }, shard.place.shard)
        });
        shards
    }

    pub(crate) fn spaces_json(&self) -> Json {
        Json::Array(self.spaces.iter().map(Space::to_json).collect())
    }

    pub(crate) fn shards_json(&self) -> Json {
        let seconds = |micros: i64| Json::from(micros.div_euclid(1_000_000));
        let shard = |shard: &Shard| {
            let servers = shard.place.is_kept.then(|| Json::from(1_i64));
            Json::object([
                ("database", Json::from(shard.database.as_str())),
                ("endTime", seconds(shard.end)),
                ("id", Json::from(shard.place.shard)),
                ("serverIds", Json::Array(servers.into_iter().collect())),
                ("spaceName", Json::from(shard.space.as_str())),
                ("startTime", seconds(shard.start)),
            ])
        };
        Json::Array(self.shards.iter().map(shard).collect())
    }
}
