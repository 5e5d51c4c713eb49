//! `Series`: from any JSON of a server to rows, and back to what a server takes.

use std::collections::{BTreeMap, HashSet};

use arbitrary::Unstructured;
use influx_proto::json::{NonFinite, encode_series, encode_split};
use influx_proto::{EncodeError, Series, Value, from_row, to_row};

/// The size of a datagram, then JSON.
///
/// A series keeps its width, its rows keep every value, and what is encoded reads back the same.
pub fn series_rows(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let datagram = usize::from(input.arbitrary::<u8>().unwrap_or_default());
    let Ok(series) = serde_json::from_slice::<Series>(input.take_rest()) else { return };

    check_rows(&series);
    let json = serde_json::to_vec(&series).expect("a series is JSON");
    assert_eq!(serde_json::from_slice::<Series>(&json).expect("its JSON is a series"), series);

    let mut body = Vec::new();
    match encode_series([&series], NonFinite::Error, &mut body) {
        Ok(()) => {
            let read: [Series; 1] = serde_json::from_slice(&body).expect("a body is JSON");
            assert_eq!(read, std::slice::from_ref(&series)[..]);
            let mut again = Vec::new();
            encode_series(&read, NonFinite::Error, &mut again).expect("it was written before");
            assert_eq!(again, body, "another text of the same series");
            check_datagrams(&series, datagram);
        }
        Err(error) => {
            assert!(body.is_empty(), "an error leaves the output as it was");
            check_refusal(&series, &error);
        }
    }
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

/// JSON has no infinity, so a series from JSON is refused for its names only.
fn check_refusal(series: &Series, error: &EncodeError) {
    match error {
        EncodeError::Unnamed => assert_eq!(series.name(), ""),
        EncodeError::Series(_) => {
            assert!(series.columns().is_empty() || !has_unique_columns(series), "{error}");
        }
        _ => panic!("{error}"),
    }
}

/// Datagrams keep to their size and carry all points in order.
fn check_datagrams(series: &Series, limit: usize) {
    match encode_split([series], NonFinite::Error, limit) {
        Ok(bodies) => {
            let mut points = Vec::new();
            for body in &bodies {
                assert!(body.len() <= limit);
                let read: Vec<Series> = serde_json::from_slice(body).expect("a body is JSON");
                points.extend(read.iter().flat_map(Series::points).map(<[Value]>::to_vec));
            }
            assert!(points.iter().eq(series.points()), "points were lost");
        }
        Err(EncodeError::PointTooLong { length, .. }) => assert!(length > limit),
        Err(error) => panic!("{error}"),
    }
}
