//! Series as the body of a write request of InfluxDB 0.8.

use std::mem;

use super::write::{write_string, write_value};
use crate::{EncodeError, Series, Value};

/// What to do with an infinity or "not a number", which JSON cannot carry.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "JSON leaves no third way")]
pub enum NonFinite {
    /// Refuse to encode.
    #[default]
    Error,
    /// Write `null`. To InfluxDB 0.8 this deletes the cell if the point exists.
    Null,
}

/// Appends the series to `out` as one JSON array:
/// `[{"name":…,"columns":[…],"points":[[…],…]},…]`.
///
/// Integers and floats keep all their bits, and their type: a float always has a fraction or an
/// exponent, by which the 0.8 server tells it from an integer (measured on 0.8.9).
///
/// ```
/// use influx_proto::Series;
/// use influx_proto::json::{NonFinite, encode_series};
///
/// let mut cpu = Series::new("cpu", ["host", "value"])?;
/// cpu.push(["web-1".into(), 1.0.into()])?;
/// let mut body = Vec::new();
/// encode_series([&cpu], NonFinite::Error, &mut body)?;
/// assert_eq!(body, br#"[{"name":"cpu","columns":["host","value"],"points":[["web-1",1.0]]}]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`EncodeError`] if a series cannot be written. `out` is as before then.
pub fn encode_series<'a>(
    series: impl IntoIterator<Item = &'a Series>,
    non_finite: NonFinite,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let before = out.len();
    let result = write_body(series, non_finite, out);
    if result.is_err() {
        out.truncate(before);
    }
    result
}

/// Packs the series into as few bodies as possible, each at most `limit` bytes long,
/// without breaking their order. Every body is what [`encode_series`] writes.
///
/// This is for datagrams, of which InfluxDB 0.8 takes at most 2048 bytes and loses longer ones
/// without a word (measured on 0.8.9). A series without points is left out.
///
/// # Errors
///
/// [`EncodeError`] if a series cannot be written,
/// [`EncodeError::PointTooLong`] if a point does not fit into a body of its own.
pub fn encode_split<'a>(
    series: impl IntoIterator<Item = &'a Series>,
    non_finite: NonFinite,
    limit: usize,
) -> Result<Vec<Vec<u8>>, EncodeError> {
    let mut bodies = Vec::new();
    let mut body = Vec::new();
    let (mut head, mut cells) = (Vec::new(), Vec::new());
    for series in series {
        head.clear();
        write_head(series, &mut head)?;
        let mut is_open = false;
        for (index, point) in series.points().enumerate() {
            cells.clear();
            write_point(series, index, point, non_finite, &mut cells)?;
            let joint = if is_open { COMMA.len() } else { NEXT_SERIES.len() + head.len() };
            if !body.is_empty() && body.len() + joint + cells.len() + END.len() > limit {
                body.extend_from_slice(END);
                bodies.push(mem::take(&mut body));
                is_open = false;
            }
            if is_open {
                body.extend_from_slice(COMMA);
            } else {
                body.extend_from_slice(if body.is_empty() { BEGIN } else { NEXT_SERIES });
                body.extend_from_slice(&head);
                is_open = true;
            }
            body.extend_from_slice(&cells);
            let length = body.len() + END.len();
            if length > limit {
                let series = series.name().to_owned();
                return Err(EncodeError::PointTooLong { series, point: index, length, limit });
            }
        }
    }
    if !body.is_empty() {
        body.extend_from_slice(END);
        bodies.push(body);
    }
    Ok(bodies)
}

const BEGIN: &[u8] = b"[";
const COMMA: &[u8] = b",";
const END_SERIES: &[u8] = b"]}";
const NEXT_SERIES: &[u8] = b"]},";
const END: &[u8] = b"]}]";

fn write_body<'a>(
    series: impl IntoIterator<Item = &'a Series>,
    non_finite: NonFinite,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    out.push(b'[');
    for (position, series) in series.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_head(series, out)?;
        for (index, point) in series.points().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_point(series, index, point, non_finite, out)?;
        }
        out.extend_from_slice(END_SERIES);
    }
    out.push(b']');
    Ok(())
}

/// Writes a series up to its first point.
pub(super) fn write_head(series: &Series, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if series.name().is_empty() {
        return Err(EncodeError::Unnamed);
    }
    series.check_columns()?;
    out.extend_from_slice(br#"{"name":"#);
    write_string(series.name(), out);
    out.extend_from_slice(br#","columns":"#);
    let mut separator = b'[';
    for column in series.columns() {
        out.push(separator);
        write_string(column, out);
        separator = b',';
    }
    out.extend_from_slice(br#"],"points":["#);
    Ok(())
}

fn write_point(
    series: &Series,
    index: usize,
    point: &[Value],
    non_finite: NonFinite,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut separator = b'[';
    for (column, value) in point.iter().enumerate() {
        out.push(separator);
        separator = b',';
        if let Err(value) = write_value(value, out) {
            match non_finite {
                NonFinite::Null => out.extend_from_slice(b"null"),
                NonFinite::Error => return Err(not_finite(series, index, column, value)),
            }
        }
    }
    out.push(b']');
    Ok(())
}

#[cold]
fn not_finite(series: &Series, point: usize, column: usize, value: f64) -> EncodeError {
    EncodeError::NonFinite {
        series: series.name().to_owned(),
        point,
        column: series.columns().get(column).cloned().unwrap_or_default(),
        value,
    }
}
