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
    /// microseconds. A series without points is left out before any check of its names.
    /// Error: the server's answer to a body of another shape.
    pub(crate) fn read_all(body: &Json, unit: i64, now: i64) -> Result<Vec<Self>, Refusal> {
        let all = match body {
            Json::Null => &[][..],
            Json::Array(all) => all,
            _ => return Err(body.wrong_type("[]*common.SerializedSeries")),
        };
        let all = all.iter().filter_map(|each| Self::read(each, unit, now).transpose());
        let all: Vec<Self> = all.collect::<Result<_, _>>()?;
        if all.iter().any(|batch| batch.series.is_empty()) {
            return Err(Refusal::invalid("Series name cannot be empty"));
        }
        Ok(all)
    }

    fn read(series: &Json, unit: i64, now: i64) -> Result<Option<Self>, Refusal> {
        match series {
            Json::Object(_) => {}
            Json::Null => return Err(Refusal::Crash),
            _ => return Err(series.wrong_type("common.SerializedSeries")),
        }
        let name = series.member("name").map_or(Ok(""), Json::text)?;
        let columns = elements(series.member("columns"))?;
        let columns = columns.iter().map(column_name).collect::<Result<Vec<_>, _>>()?;
        let points = elements(series.member("points"))?;
        let points = points.iter().map(|row| elements(Some(row))).collect::<Result<Vec<_>, _>>()?;
        if points.is_empty() {
            return Ok(None);
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
        Ok(Some(Self { series: name.to_owned(), columns, points }))
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
                // The server keeps the low 64 bits.
                "time" => point.time = signed(key(column, cell)?).wrapping_mul(unit),
                "sequence_number" => point.sequence = Some(unsigned(key(column, cell)?)),
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

/// A null names the column without a name.
fn column_name(name: &Json) -> Result<&str, Refusal> {
    if *name == Json::Null { Ok("") } else { name.text() }
}

/// Times and sequence numbers pass through a double: above 2^53 they round, and fractions are cut.
fn key(column: &str, cell: &Json) -> Result<f64, Refusal> {
    let kind = match cell {
        Json::Number(text) => return double(text),
        Json::Null => "<nil>",
        Json::Bool(_) => "bool",
        Json::String(_) => "string",
        Json::Array(_) => "[]interface {}",
        Json::Object(_) => "map[string]interface {}",
    };
    let text = format!("{column} field must be float but is {kind} ({})", shown(cell));
    Err(Refusal::invalid(text))
}

/// A value as the server's language prints it.
fn shown(value: &Json) -> String {
    let list = |items: Vec<String>| items.join(" ");
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(text) | Json::String(text) => text.clone(),
        Json::Array(elements) => format!("[{}]", list(elements.iter().map(shown).collect())),
        Json::Object(members) => {
            let member = |(name, value): &(String, Json)| format!("{name}:{}", shown(value));
            format!("map[{}]", list(members.iter().map(member).collect()))
        }
    }
}

/// The server's conversion on its usual processors: a number that does not fit is the smallest.
fn signed(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "fractions are cut")]
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}

/// As [`signed`], so that -1 reads back as the largest number.
fn unsigned(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "fractions are cut")]
    #[expect(clippy::cast_sign_loss, reason = "only a positive number gets here")]
    if (9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&number) {
        number as u64
    } else {
        u64::from_ne_bytes(signed(number).to_ne_bytes())
    }
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
