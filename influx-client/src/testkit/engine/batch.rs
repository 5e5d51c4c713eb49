//! The points of a request.

use std::collections::BTreeSet;

use influx_proto::{Precision, Value};

use super::table::PointKey;
use crate::testkit::json::Json;
use crate::testkit::refusal::Refusal;

/// The points of one series as a request gives them.
#[derive(Debug)]
pub(in crate::testkit) struct Batch {
    pub(super) series: String,
    /// The columns besides `time` and `sequence_number`.
    pub(super) columns: Vec<String>,
    pub(super) points: Vec<NewPoint>,
}

#[derive(Debug)]
pub(super) struct NewPoint {
    /// Microseconds since 1970.
    pub(super) time: i64,
    pub(super) sequence: Option<u64>,
    /// The values with the positions of their columns.
    pub(super) cells: Vec<(usize, Value)>,
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
            _ => Err(Refusal::wrong_type(body, "[]*common.SerializedSeries")),
        }
    }

    fn read(series: &Json, precision: Precision, now: i64) -> Result<Self, Refusal> {
        match series {
            Json::Object(_) => {}
            Json::Null => return Err(Refusal::Crash),
            _ => return Err(Refusal::wrong_type(series, "common.SerializedSeries")),
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
        let columns = columns
            .into_iter()
            .filter(|name| !PointKey::is_column(name))
            .map(str::to_owned)
            .collect();
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
        let mut point = Self { time: now, sequence: None, cells: Vec::new() };
        for (&column, cell) in columns.iter().zip(row) {
            match column {
                "time" => {
                    let time = whole_number(column, cell)?;
                    point.time = time.saturating_mul(precision.microseconds());
                }
                #[expect(clippy::cast_sign_loss, reason = "-1 reads back as the largest number")]
                "sequence_number" => point.sequence = Some(whole_number(column, cell)? as u64),
                _ => point.cells.push((point.cells.len(), value(cell)?)),
            }
        }
        Ok(point)
    }
}

fn texts(columns: Option<&Json>) -> Result<Vec<&str>, Refusal> {
    elements(columns)?.iter().map(text).collect()
}

fn text(value: &Json) -> Result<&str, Refusal> {
    value.as_str().ok_or_else(|| Refusal::wrong_type(value, "string"))
}

fn rows(points: Option<&Json>) -> Result<Vec<&[Json]>, Refusal> {
    elements(points)?.iter().map(|row| elements(Some(row))).collect()
}

fn elements(value: Option<&Json>) -> Result<&[Json], Refusal> {
    match value {
        None | Some(Json::Null) => Ok(&[]),
        Some(value) => value.as_array().ok_or_else(|| Refusal::wrong_type(value, "[]interface {}")),
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
