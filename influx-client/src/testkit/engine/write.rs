//! Points from a request into their series.

use std::collections::BTreeSet;

use influx_proto::{Precision, Value};

use super::table::{Point, PointKey};
use super::{Requester, State};
use crate::testkit::json::Json;
use crate::testkit::query::Select;
use crate::testkit::refusal::Refusal;

/// The points of one series as a request gives them.
#[derive(Debug)]
pub(in crate::testkit) struct Batch {
    series: String,
    /// The columns besides `time` and `sequence_number`.
    columns: Vec<String>,
    points: Vec<NewPoint>,
}

#[derive(Debug)]
struct NewPoint {
    time: i64,
    sequence: Option<u64>,
    /// One value for each column.
    values: Vec<Value>,
}

impl Batch {
    /// Reads the body of a write: an array of series, or null.
    ///
    /// # Errors
    ///
    /// What the server answers to a body of another shape.
    pub(in crate::testkit) fn read_all(
        body: &Json,
        precision: Precision,
        now: i64,
    ) -> Result<Vec<Self>, Refusal> {
        match body {
            Json::Null => Ok(Vec::new()),
            Json::Array(all) => all.iter().map(|each| Self::read(each, precision, now)).collect(),
            _ => Err(wrong_type(body, "[]*common.SerializedSeries")),
        }
    }

    fn read(series: &Json, precision: Precision, now: i64) -> Result<Self, Refusal> {
        match series {
            Json::Object(_) => {}
            Json::Null => return Err(Refusal::Crash),
            _ => return Err(wrong_type(series, "common.SerializedSeries")),
        }
        let name = series.member("name").map_or(Ok(""), text)?;
        let columns = texts(series.member("columns"))?;
        let points = rows(series.member("points"))?;
        if name.is_empty() {
            return Err(Refusal::invalid("Series name cannot be empty"));
        }
        if columns.iter().collect::<BTreeSet<_>>().len() < columns.len() {
            return Err(Refusal::invalid("Cannot have duplicate field names"));
        }
        let points = points
            .into_iter()
            .map(|row| NewPoint::read(&columns, row, precision, now))
            .collect::<Result<_, _>>()?;
        let columns = columns.into_iter().filter(|name| !is_key(name)).map(str::to_owned).collect();
        Ok(Self { series: name.to_owned(), columns, points })
    }
}

impl NewPoint {
    fn read(
        columns: &[&str],
        row: &[Json],
        precision: Precision,
        now: i64,
    ) -> Result<Self, Refusal> {
        if row.len() != columns.len() {
            return Err(Refusal::invalid("invalid payload"));
        }
        let mut point = Self { time: now, sequence: None, values: Vec::new() };
        for (&column, cell) in columns.iter().zip(row) {
            match column {
                "time" => {
                    point.time =
                        whole_number(column, cell)?.saturating_mul(precision.microseconds())
                }
                #[expect(clippy::cast_sign_loss, reason = "-1 reads back as the largest number")]
                "sequence_number" => point.sequence = Some(whole_number(column, cell)? as u64),
                _ => point.values.push(value(cell)?),
            }
        }
        Ok(point)
    }
}

/// The server refuses a larger point: about 2 MiB.
const MAX_POINT_BYTES: usize = 2 << 20;

/// The years 0 to 9999, in microseconds: the server cannot write its log outside them.
const LOGGABLE_TIMES: std::ops::Range<i64> = -62_167_219_200_000_000..253_402_300_800_000_000;

impl State {
    /// Writes batches into a database that exists.
    ///
    /// # Errors
    ///
    /// The server's text; batches before the refused one are written, as on the server.
    /// Nothing is written if a permission is missing or `max_points` would be exceeded.
    pub(in crate::testkit) fn write(
        &mut self,
        requester: &Requester,
        database: &str,
        batches: Vec<Batch>,
        now: i64,
        max_points: usize,
    ) -> Result<(), Refusal> {
        if !self.databases.contains_key(database) {
            return Err(Refusal::invalid(format!("Database {database} doesn't exist")));
        }
        for batch in &batches {
            requester.must_write(&batch.series)?;
        }
        let added: usize = batches.iter().map(|batch| batch.points.len()).sum();
        if self.point_count().saturating_add(added) > max_points {
            let text = format!("The embedded server keeps at most {max_points} points");
            return Err(Refusal::internal(text));
        }
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
            points.push((PointKey { time: point.time, sequence }, point.values));
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
        let Some(database) = self.databases.get_mut(database) else { return Ok(()) };
        let table = database.series.entry(batch.series.clone()).or_default();
        if batch.columns.is_empty() {
            return Err(Refusal::invalid("Unable to write points without fields"));
        }
        if points.iter().any(|(_, values)| text_bytes(values) > MAX_POINT_BYTES) {
            let text = "Unable to write no data. Series was nil or had no points.";
            return Err(Refusal::invalid(text));
        }
        for (key, values) in &points {
            let columns = batch.columns.iter().map(String::as_str);
            table.write(*key, columns.zip(values.iter().cloned()));
        }
        let fanouts: Vec<Select> = database.fanouts(&batch.series).cloned().collect();
        for fanout in fanouts {
            for (key, values) in &points {
                let point = Point::new(*key, &batch.columns, values);
                if let Some((target, cells)) = fanout.copy_of(&batch.series, point) {
                    let table = database.series.entry(target).or_default();
                    table.write(
                        *key,
                        cells.iter().map(|(name, value)| (name.as_str(), value.clone())),
                    );
                }
            }
        }
        Ok(())
    }

    // The server's number is 10,000 times a counter plus its own id, 1.
    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence * 10_000 + 1
    }
}

fn is_key(column: &str) -> bool {
    matches!(column, "time" | "sequence_number")
}

fn text_bytes(values: &[Value]) -> usize {
    values.iter().filter_map(Value::as_str).map(str::len).sum()
}

fn texts(columns: Option<&Json>) -> Result<Vec<&str>, Refusal> {
    elements(columns)?.iter().map(text).collect()
}

fn text(value: &Json) -> Result<&str, Refusal> {
    value.as_str().ok_or_else(|| wrong_type(value, "string"))
}

fn rows(points: Option<&Json>) -> Result<Vec<&[Json]>, Refusal> {
    elements(points)?.iter().map(|row| elements(Some(row))).collect()
}

fn elements(value: Option<&Json>) -> Result<&[Json], Refusal> {
    match value {
        None | Some(Json::Null) => Ok(&[]),
        Some(value) => value.as_array().ok_or_else(|| wrong_type(value, "[]interface {}")),
    }
}

/// Times and sequence numbers pass through a double: above 2^53 they round, and fractions are cut.
fn whole_number(column: &str, cell: &Json) -> Result<i64, Refusal> {
    let found = match cell {
        #[expect(clippy::cast_possible_truncation, reason = "what the server does")]
        Json::Number(text) => return Ok(double(text)? as i64),
        Json::Null => "<nil> (<nil>)".to_owned(),
        Json::Bool(value) => format!("bool ({value})"),
        Json::String(text) => format!("string ({text})"),
        Json::Array(_) => "[]interface {}".to_owned(),
        Json::Object(_) => "map[string]interface {}".to_owned(),
    };
    Err(Refusal::invalid(format!("{column} field must be float but is {found}")))
}

fn value(cell: &Json) -> Result<Value, Refusal> {
    match cell {
        Json::Null => Ok(Value::Null),
        Json::Bool(value) => Ok(Value::Bool(*value)),
        Json::String(text) => Ok(Value::String(text.clone())),
        Json::Number(text) => match text.parse::<i64>() {
            Ok(whole) => Ok(Value::Int(whole)),
            Err(_) => Ok(Value::Float(double(text)?)),
        },
        Json::Array(_) => Err(Refusal::invalid("Unknown type []interface {}")),
        Json::Object(_) => Err(Refusal::invalid("Unknown type map[string]interface {}")),
    }
}

fn double(text: &str) -> Result<f64, Refusal> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => {
            let text = format!("strconv.ParseFloat: parsing \"{text}\": value out of range");
            Err(Refusal::invalid(text))
        }
    }
}

fn wrong_type(found: &Json, wanted: &str) -> Refusal {
    let found = found.kind();
    Refusal::invalid(format!("json: cannot unmarshal {found} into Go value of type {wanted}"))
}
