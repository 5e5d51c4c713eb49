//! `Series`: from any JSON of a server to rows, and back to what a server takes.

use std::collections::{BTreeMap, HashSet};

use arbitrary::Unstructured;
use influx_proto::encode::{EncodeOptions, PointPart, PointProblem};
use influx_proto::{EncodeError, Format, Series, Table, TimeUnit, Value, from_row, to_row};

/// The size of a datagram, then JSON.
///
/// A series keeps its width, its rows keep every value, and its encoded form reads back the same.
pub fn series_rows(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let datagram = usize::from(input.arbitrary::<u8>().unwrap_or_default());
    let Ok(series) = serde_json::from_slice::<Series>(input.take_rest()) else { return };

    check_rows(&series);
    let json = serde_json::to_vec(&series).expect("a series is JSON");
    assert_eq!(serde_json::from_slice::<Series>(&json).expect("its JSON is a series"), series);

    match encode(&series, usize::MAX) {
        Ok(bodies) if series.is_empty() => assert!(bodies.is_empty(), "a body without points"),
        Ok(bodies) if has_plain_times(&series) => {
            let [body] = &*bodies else { panic!("{} bodies without a limit", bodies.len()) };
            let read: [Series; 1] = serde_json::from_slice(body).expect("a body is JSON");
            assert_eq!(read, std::slice::from_ref(&series)[..]);
            let again = encode(&read[0], usize::MAX).expect("it was written before");
            assert_eq!(again, bodies, "another text of the same series");
            check_datagrams(&series, datagram);
        }
        Ok(_) => {}
        Err(error) => check_refusal(&series, &error),
    }
}

/// Encodes with times that travel as they are.
fn encode(series: &Series, max_bytes: usize) -> Result<Vec<Vec<u8>>, EncodeError> {
    let mut options = EncodeOptions::default();
    options.time_unit = Some(TimeUnit::Nanoseconds);
    options.max_bytes = max_bytes;
    let bodies = Format::SeriesJson.encode(&Table::new("").series(series), &options, None)?;
    Ok(bodies.into_iter().map(|body| body.bytes.into()).collect())
}

/// Whether times are integers, which read back as they were; texts do not.
fn has_plain_times(series: &Series) -> bool {
    let time = series.column_index("time");
    time.is_none_or(|column| {
        let mut times = series.points().filter_map(|point| point.get(column));
        times.all(|time| matches!(time, Value::Int(_) | Value::Null))
    })
}

fn check_rows(series: &Series) {
    let width = series.columns().len();
    assert_eq!(series.points().len(), series.len());
    for (point, row) in series.points().zip(series.rows::<Vec<Value>>()) {
        assert_eq!(point.len(), width);
        assert_eq!(row.expect("a row is a list of values"), point);
    }
    if !has_unique_columns(series) {
        return;
    }
    for row in series.rows::<BTreeMap<String, Value>>() {
        let row = row.expect("a row is a map of values");
        assert_eq!(row.len(), width);
        let (columns, point) = to_row(&row).expect("a map of values is a row");
        let read: BTreeMap<String, Value> = from_row(&columns, &point).expect("it is a row");
        assert_eq!(read, row);
    }
}

fn has_unique_columns(series: &Series) -> bool {
    series.columns().iter().collect::<HashSet<_>>().len() == series.columns().len()
}

/// JSON has no infinity, so a series from JSON is refused for its names and times only.
fn check_refusal(series: &Series, error: &EncodeError) {
    match (error.part, &error.problem) {
        (PointPart::Measurement, PointProblem::Empty) => assert_eq!(series.name(), ""),
        (PointPart::Point, PointProblem::NoFields) => assert!(series.columns().is_empty()),
        (PointPart::Column, PointProblem::Duplicate) => assert!(!has_unique_columns(series)),
        (PointPart::Timestamp, _) => assert!(series.column_index("time").is_some(), "{error}"),
        _ => panic!("{error}"),
    }
}

/// Datagrams keep to their size and carry all points in order.
fn check_datagrams(series: &Series, limit: usize) {
    match encode(series, limit) {
        Ok(bodies) => {
            let mut points = Vec::new();
            for body in &bodies {
                assert!(body.len() <= limit);
                let read: Vec<Series> = serde_json::from_slice(body).expect("a body is JSON");
                points.extend(read.iter().flat_map(Series::points).map(<[Value]>::to_vec));
            }
            assert!(points.iter().eq(series.points()), "points were lost");
        }
        Err(error) => {
            let PointProblem::TooLarge { limit: found, .. } = error.problem else {
                panic!("{error}")
            };
            assert_eq!(found, limit);
        }
    }
}
