//! Writes points into their series.

use std::collections::HashMap;

use super::batch::Batch;
use super::evaluate::{evaluate, holds};
use crate::StoredValue;
use crate::v08::json::Json;
use crate::v08::query::Select;
use crate::v08::refusal::Refusal;
use crate::v08::store::{Columns, Point, PointKey, Requester, Shard, State};

/// The server refuses a larger point: about 2 MiB.
const MAX_POINT_BYTES: usize = 2 << 20;

impl State {
    /// Writes batches into a database that exists.
    /// Error: the server's text. Nothing is written if a permission is missing, if the points do not
    /// fit into the limit or if a shard cannot be made; batches before another fault are written, as
    /// on the server.
    pub(crate) fn write(
        &mut self,
        requester: &Requester,
        database: &str,
        batches: Vec<Batch>,
        now: i64,
    ) -> Result<(), Refusal> {
        let Some(known) = self.databases.get(database) else {
            return Err(Refusal::invalid(format!("Database {database} doesn't exist")));
        };
        let mut added: usize = 0;
        for batch in &batches {
            requester.must_write(&batch.series)?;
            let copies = 1 + known.fanouts(&batch.series).count();
            added = added.saturating_add(batch.points.len().saturating_mul(copies));
        }
        self.must_have_room(added)?;
        let placed = batches.into_iter().map(|batch| self.place(database, batch, now));
        let placed: Vec<Placed> = placed.collect::<Result<_, _>>()?;
        placed.into_iter().try_for_each(|placed| self.write_placed(database, &placed, now))
    }

    /// Gives each point its shard and its sequence number.
    fn place(&mut self, database: &str, mut batch: Batch, now: i64) -> Result<Placed, Refusal> {
        // The server numbers the points of a batch from the newest to the oldest.
        batch.points.sort_by_key(|point| std::cmp::Reverse(point.time));
        let mut points = Vec::with_capacity(batch.points.len());
        let mut shards = Shards::default();
        for point in batch.points {
            let shard = shards.of(self, database, &batch.series, point.time, now)?;
            let sequence = point.sequence.unwrap_or_else(|| self.next_sequence());
            // A point that is older than its shard space keeps is lost.
            if let Some(shard) = shard {
                points.push((shard, PointKey { time: point.time, sequence }, point.cells));
            }
        }
        let columns = batch.columns.iter().map(String::as_str).collect();
        Ok(Placed { series: batch.series, columns, points })
    }

    fn write_placed(&mut self, database: &str, placed: &Placed, now: i64) -> Result<(), Refusal> {
        let Placed { series, columns, points } = placed;
        if points.is_empty() {
            return Ok(());
        }
        let max_columns = self.limits.max_columns;
        let Some(known) = self.databases.get_mut(database) else { return Ok(()) };
        let table = known.series.entry(series);
        if columns.names().is_empty() {
            return Err(Refusal::invalid("Unable to write points without fields"));
        }
        if points.iter().any(|(_, _, cells)| text_bytes(cells) > MAX_POINT_BYTES) {
            let text = "Unable to write no data. Series was nil or had no points.";
            return Err(Refusal::invalid(text));
        }
        table.register(columns, max_columns)?;
        for (shard, key, cells) in points {
            let cells = Point::new(*key, columns, cells).cells();
            table.write_kept(shard, *key, cells, max_columns)?;
        }
        let fanouts: Vec<Select> = known.fanouts(series).cloned().collect();
        for fanout in fanouts {
            let mut shards = HashMap::<String, Shards>::new();
            for (_, key, cells) in points {
                let point = Point::new(*key, columns, cells);
                let Some((target, cells)) = fanout.copy_of(series, point) else { continue };
                let shards = shards.entry(target.clone()).or_default();
                let Some(shard) = shards.of(self, database, &target, key.time, now)? else {
                    continue;
                };
                let Some(known) = self.databases.get_mut(database) else { continue };
                let cells = cells.iter().map(|(name, value)| (name.as_str(), value));
                known.series.entry(&target).write_kept(&shard, *key, cells, max_columns)?;
            }
        }
        Ok(())
    }
}

/// The points of a batch with their shards.
struct Placed {
    series: String,
    columns: Columns,
    points: Vec<(Shard, PointKey, Vec<(usize, StoredValue)>)>,
}

/// The shard of the last point: the points of a batch come by time, so that most share it.
#[derive(Default)]
struct Shards(Option<Shard>);

impl Shards {
    fn of(
        &mut self,
        state: &mut State,
        database: &str,
        series: &str,
        time: i64,
        now: i64,
    ) -> Result<Option<Shard>, Refusal> {
        if let Some(shard) = self.0.as_ref().filter(|shard| shard.covers(time)) {
            return Ok(Some(shard.clone()));
        }
        let max_shards = state.limits.max_shards;
        self.0 = state.cluster.shard_for(database, series, time, now, max_shards)?;
        Ok(self.0.clone())
    }
}

impl Select {
    /// The target series and the cells that a new point of `series` is copied to, if it matches.
    ///
    /// In the target's name `:series_name` stands for the source's,
    /// and `[column]` for the value of a column, which is then left out of the copy.
    fn copy_of(
        &self,
        series: &str,
        point: Point<'_>,
    ) -> Option<(String, Vec<(String, StoredValue)>)> {
        if self.condition.as_ref().is_some_and(|condition| !holds(condition, point)) {
            return None;
        }
        let mut target = self.into.as_ref()?.replace(":series_name", series);
        let mut cells = Vec::new();
        for (title, expression) in self.copied(point) {
            let value = evaluate(&expression, point);
            let placeholder = format!("[{title}]");
            if target.contains(&placeholder) {
                let text = match &value {
                    StoredValue::String(text) => text.clone(),
                    other => Json::from(other).print(false),
                };
                target = target.replace(&placeholder, &text);
            } else if !value.is_null() {
                cells.push((title, value));
            }
        }
        (!cells.is_empty()).then_some((target, cells))
    }
}

fn text_bytes(cells: &[(usize, StoredValue)]) -> usize {
    cells.iter().filter_map(|(_, value)| value.as_str()).map(str::len).sum()
}
