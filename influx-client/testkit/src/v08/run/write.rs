//! Writes points into their series.

use std::collections::HashMap;

use super::batch::Batch;
use crate::StoredValue;
use crate::v08::query::Select;
use crate::v08::refusal::Refusal;
use crate::v08::store::{Columns, Place, Point, PointKey, Requester, Shard, State};

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
        for (place, key, cells) in points {
            let point = Point::new(*key, columns, cells);
            table.write_kept(*place, *key, point.cells(), max_columns)?;
        }
        let into = |fanout: &Select| Some(fanout.into.as_ref()?.name.clone());
        let targets: Vec<String> = known.fanouts(series).filter_map(into).collect();
        for target in targets {
            let mut shards = HashMap::<String, Shards>::new();
            for (_, key, cells) in points {
                let (name, cells) = copy_of(&target, series, Point::new(*key, columns, cells));
                let shards = shards.entry(name.clone()).or_default();
                let Some(shard) = shards.of(self, database, &name, key.time, now)? else {
                    continue;
                };
                let Some(known) = self.databases.get_mut(database) else { continue };
                known.series.entry(&name).write_kept(shard, *key, cells, max_columns)?;
            }
        }
        Ok(())
    }
}

/// Values with the positions of their columns.
type Cells = Vec<(usize, StoredValue)>;

/// The points of a batch with their shards.
struct Placed {
    series: String,
    columns: Columns,
    points: Vec<(Place, PointKey, Cells)>,
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
    ) -> Result<Option<Place>, Refusal> {
        if !self.0.as_ref().is_some_and(|shard| shard.covers(time)) {
            let max_shards = state.limits.max_shards;
            self.0 = state.cluster.shard_for(database, series, time, now, max_shards)?;
        }
        Ok(self.0.as_ref().map(|shard| shard.place))
    }
}

/// The series that a continuous query copies a point of `series` to, and the point's cells there.
///
/// The server copies all columns of all points, whatever the query selects. In the target's name
/// `:series_name` stands for the series, and `[column]` for the value of a column, which is then
/// left out of the copy (measured on 0.8.9).
fn copy_of<'p>(
    target: &str,
    series: &str,
    point: Point<'p>,
) -> (String, Vec<(&'p str, &'p StoredValue)>) {
    let target = target.replace(":series_name", series);
    let (mut name, mut left_out) = (String::new(), Vec::new());
    let mut rest = target.as_str();
    while let Some((before, after)) = rest.split_once('[') {
        let Some((column, after)) = after.split_once(']') else { break };
        name.push_str(before);
        match point.value(column) {
            Some(StoredValue::String(text)) => name.push_str(text),
            Some(StoredValue::Int(value)) => name.push_str(&value.to_string()),
            Some(StoredValue::Float(value)) => name.push_str(&value.to_string()),
            _ => {}
        }
        left_out.push(column.to_owned());
        rest = after;
    }
    name.push_str(rest);
    let kept = |(column, _): &(&str, _)| !left_out.iter().any(|out| out == column);
    (name, point.cells().filter(kept).collect())
}

fn text_bytes(cells: &[(usize, StoredValue)]) -> usize {
    cells.iter().filter_map(|(_, value)| value.as_str()).map(str::len).sum()
}
