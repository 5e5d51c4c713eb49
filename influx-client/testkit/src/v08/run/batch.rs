//! The points of a request.

use std::collections::BTreeSet;

use crate::StoredValue;
use crate::v08::json::Json;
use crate::v08::refusal::Refusal;
use crate::v08::store::PointKey;

/// The points of one series as a request gives them.
pub(crate) struct Batch {
    pub(crate) series: String,
    /// The columns besides `time` and `sequence_number`.
    pub(crate) columns: Vec<String>,
    pub(crate) points: Vec<NewPoint>,
}

pub(crate) struct NewPoint {
    /// Microseconds since 1970.
    pub(crate) time: i64,
    pub(crate) sequence: Option<u64>,
    /// The values with the positions of their columns.
    pub(crate) cells: Vec<(usize, StoredValue)>,
}

impl Batch {
    /// Reads the body of a write: an array of series, or null, whose times are in units of this many
    /// microseconds.
    /// Error: the server's answer to a body of another shape.
    pub(crate) fn read_all(body: &Json, unit: i64, now: i64) -> Result<Vec<Self>, Refusal> {
        match body {
            Json::Null => Ok(Vec::new()),
            Json::Array(all) => all.iter().map(|each| Self::read(each, unit, now)).collect(),
            _ => Err(body.wrong_type("[]*common.SerializedSeries")),
        }
    }

    fn read(series: &Json, unit: i64, now: i64) -> Result<Self, Refusal> {
        match series {
            Json::Object(_) => {}
            Json::Null => return Err(Refusal::Crash),
            _ => return Err(series.wrong_type("common.SerializedSeries")),
        }
        let name = series.member("name").map_or(Ok(""), Json::text)?;
        let columns = elements(series.member("columns"))?;
        let columns = columns.iter().map(Json::text).collect::<Result<Vec<_>, _>>()?;
        let points = elements(series.member("points"))?;
        let points = points.iter().map(|row| elements(Some(row))).collect::<Result<Vec<_>, _>>()?;
        if name.is_empty() {
            return Err(Refusal::invalid("Series name cannot be empty"));
        }
        if columns.iter().collect::<BTreeSet<_>>().len() < columns.len() {
            return Err(Refusal::invalid("Cannot have duplicate field names"));
        }
        let points = points
            .into_iter()
            .map(|row| NewPoint::read(&columns, row, unit, now))
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
    fn read(columns: &[&str], row: &[Json], unit: i64, now: i64) -> Result<Self, Refusal> {
        if row.len() != columns.len() {
            return Err(Refusal::invalid("invalid payload"));
        }
        let mut point = Self { time: now, sequence: None, cells: Vec::new() };
        for (&column, cell) in columns.iter().zip(row) {
            match column {
                "time" => {
                    let time = whole_number(column, cell)?;
                    point.time = time.saturating_mul(unit);
                }
                #[expect(clippy::cast_sign_loss, reason = "-1 reads back as the largest number")]
                "sequence_number" => point.sequence = Some(whole_number(column, cell)? as u64),
                _ => point.cells.push((point.cells.len(), value(cell)?)),
            }
        }
        Ok(point)
    }
}

fn elements(value: Option<&Json>) -> Result<&[Json], Refusal> {
    match value {
        None | Some(Json::Null) => Ok(&[]),
        Some(value) => value.as_array().ok_or_else(|| value.wrong_type("[]interface {}")),
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

fn value(cell: &Json) -> Result<StoredValue, Refusal> {
    match cell {
        Json::Null => Ok(StoredValue::Null),
        Json::Bool(value) => Ok(StoredValue::Bool(*value)),
        Json::String(text) => Ok(StoredValue::String(text.clone())),
        Json::Number(text) => match text.parse::<i64>() {
            Ok(whole) => Ok(StoredValue::Int(whole)),
            Err(_) => Ok(StoredValue::Float(double(text)?)),
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
