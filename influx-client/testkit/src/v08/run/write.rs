//! Writes points into their series.

use super::batch::Batch;
use super::evaluate::{evaluate, holds};
use crate::StoredValue;
use crate::v08::json::Json;
use crate::v08::query::Select;
use crate::v08::refusal::Refusal;
use crate::v08::store::{Point, PointKey, Requester, State};

/// The server refuses a larger point: about 2 MiB.
const MAX_POINT_BYTES: usize = 2 << 20;

/// The years 0 to 9999, in microseconds: the server cannot log other times.
const LOGGABLE_TIMES: std::ops::Range<i64> = -62_167_219_200_000_000..253_402_300_800_000_000;

impl State {
    /// Writes batches into a database that exists.
    /// Error: the server's text; batches before the refused one are written, as on the server.
    /// Nothing is written if a permission is missing or the points do not fit into the limit.
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
        batches.into_iter().try_for_each(|batch| self.write_batch(database, batch, now))
    }

    fn write_batch(&mut self, database: &str, mut batch: Batch, now: i64) -> Result<(), Refusal> {
        if batch.points.is_empty() {
            return Ok(());
        }
        // The server numbers the points of a batch from the newest to the oldest.
        batch.points.sort_by_key(|point| std::cmp::Reverse(point.time));
        let mut points = Vec::with_capacity(batch.points.len());
        for point in batch.points {
            let sequence = point.sequence.unwrap_or_else(|| self.next_sequence());
            points.push((PointKey { time: point.time, sequence }, point.cells));
        }
        if points.iter().any(|(key, _)| !LOGGABLE_TIMES.contains(&key.time)) {
            return Err(Refusal::invalid(
                "json: error calling MarshalJSON for type time.Time: \
                 Time.MarshalJSON: year outside of range [0,9999]",
            ));
        }
        for (key, _) in &points {
            self.cluster.cover(database, &batch.series, key.time, now)?;
        }
        let max_columns = self.limits.max_columns;
        let Some(database) = self.databases.get_mut(database) else { return Ok(()) };
        let table = database.series.entry(batch.series.clone()).or_default();
        if batch.columns.is_empty() {
            return Err(Refusal::invalid("Unable to write points without fields"));
        }
        if points.iter().any(|(_, cells)| text_bytes(cells) > MAX_POINT_BYTES) {
            let text = "Unable to write no data. Series was nil or had no points.";
            return Err(Refusal::invalid(text));
        }
        for (key, cells) in &points {
            table.write(*key, Point::new(*key, &batch.columns, cells).cells(), max_columns)?;
        }
        let fanouts: Vec<Select> = database.fanouts(&batch.series).cloned().collect();
        for fanout in fanouts {
            for (key, cells) in &points {
                let point = Point::new(*key, &batch.columns, cells);
                if let Some((target, cells)) = fanout.copy_of(&batch.series, point) {
                    let cells = cells.iter().map(|(name, value)| (name.as_str(), value));
                    let table = database.series.entry(target).or_default();
                    table.write(*key, cells, max_columns)?;
                }
            }
        }
        Ok(())
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
        let mut target = self.into.as_ref()?.name.replace(":series_name", series);
        let mut cells = Vec::new();
        for (title, expression) in self.outputs(point.columns()) {
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
