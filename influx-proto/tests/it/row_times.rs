//! Times in rows: whatever unit travels, a program sees nanoseconds or its own type of time.

use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use influx_proto::decode::{DecodeOptions, Event, SeriesDecoder};
use influx_proto::{
    Cell, ColumnBatch, ColumnValues, RowError, Series, SeriesError, Time, TimeUnit, Value, from_row,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const UNITS: [TimeUnit; 4] =
    [TimeUnit::Nanoseconds, TimeUnit::Microseconds, TimeUnit::Milliseconds, TimeUnit::Seconds];

#[derive(Debug, Deserialize, PartialEq)]
struct At<T> {
    time: T,
}

/// Decodes a series and gives each row to `take`.
fn for_each_row(
    columns: &str,
    rows: &str,
    unit: Option<TimeUnit>,
    piece: usize,
    mut take: impl FnMut(influx_proto::decode::Row<'_>),
) {
    let mut options = DecodeOptions::default();
    options.time_unit = unit;
    let mut decoder = SeriesDecoder::with_options(options);
    let input = format!(r#"{{"columns":{columns},"points":[{rows}]}}"#);
    for piece in input.as_bytes().chunks(piece) {
        decoder.push(piece);
        while let Some(event) = decoder.next_event().unwrap() {
            if let Event::Row(row) = event {
                take(row);
            }
        }
    }
}

fn read<T: DeserializeOwned>(cell: &str, unit: Option<TimeUnit>) -> Result<T, RowError> {
    let mut found = Vec::new();
    for_each_row(
        r#"["value","time"]"#,
        &vec![format!("[1,{cell}]"); 3].join(","),
        unit,
        1000,
        |row| {
            found.push(row.deserialize::<At<T>>());
        },
    );
    assert_eq!(found.len(), 3);
    // The last row was read by position, the first one by name.
    let (first, last) = (found.remove(0), found.remove(1));
    assert_eq!(first.as_ref().err(), last.as_ref().err());
    last.map(|row| row.time)
}

/// A cell is read as a type, by the decoder and out of a series in memory.
#[track_caller]
fn check<T: DeserializeOwned + Debug + PartialEq>(cell: &str, unit: TimeUnit, expected: T) {
    assert_eq!(read::<T>(cell, Some(unit)).as_ref(), Ok(&expected), "{cell}");
    let mut series = Series::new("x", ["time"]).unwrap();
    series.push([serde_json::from_str(cell).unwrap()]).unwrap();
    series.scale_times(unit).unwrap();
    let point = series.points().next().unwrap();
    assert_eq!(from_row::<At<T>>(series.columns(), point), Ok(At { time: expected }), "{cell}");
}

#[test]
fn a_time_is_what_the_type_asks_for() {
    let since = Duration::from_millis(1_700_000_000_250);
    let time = Time::from(UNIX_EPOCH + since);
    for (cell, unit) in [
        ("1700000000250000000", TimeUnit::Nanoseconds),
        ("1700000000250000", TimeUnit::Microseconds),
        ("1700000000250", TimeUnit::Milliseconds),
        ("1.70000000025e12", TimeUnit::Milliseconds),
    ] {
        check(cell, unit, time);
        check(cell, unit, Some(time));
        check(cell, unit, time.nanos());
        check(cell, unit, time.nanos().cast_unsigned());
        check(cell, unit, i128::from(time.nanos()));
        check(cell, unit, "2023-11-14T22:13:20.25Z".to_owned());
        check(cell, unit, UNIX_EPOCH + since);
        check(cell, unit, Some(UNIX_EPOCH + since));
        check::<chrono::DateTime<chrono::Utc>>(cell, unit, (UNIX_EPOCH + since).into());
        check(cell, unit, jiff::Timestamp::try_from(UNIX_EPOCH + since).unwrap());
    }
    for unit in UNITS {
        check("-1", unit, Time::from_nanos(-unit.nanos()));
        check("0", unit, UNIX_EPOCH);
        check("null", unit, None::<Time>);
    }
}

#[test]
fn a_text_in_rfc_3339_is_a_time_to_those_who_ask() {
    let text = "\"2023-11-14T23:13:20.25+01:00\"";
    for unit in UNITS {
        let time = Time::from_millis(1_700_000_000_250).unwrap();
        check(text, unit, time);
        check(text, unit, SystemTime::from(time));
        check::<chrono::DateTime<chrono::Utc>>(text, unit, SystemTime::from(time).into());
        check(text, unit, jiff::Timestamp::try_from(SystemTime::from(time)).unwrap());
        check(text, unit, "2023-11-14T23:13:20.25+01:00".to_owned());
    }
    assert_eq!(
        read::<Time>("\"now\"", None).unwrap_err().to_string(),
        "column \"time\": expected an RFC 3339 time between 1677 and 2262, \
         such as 2023-11-14T22:13:20Z"
    );
    assert!(read::<SystemTime>("\"now\"", None).is_err());
    assert_eq!(
        read::<SystemTime>("-1", Some(TimeUnit::Seconds)).unwrap_err().to_string(),
        "column \"time\": 1969-12-31T23:59:59Z is before 1970; use `Time`"
    );
}

#[test]
fn a_time_out_of_range_is_an_error_of_its_row_only() {
    let unit = TimeUnit::Milliseconds;
    let (last, beyond) = (i64::MAX / unit.nanos(), i64::MAX / unit.nanos() + 1);
    let beyond_u64 = u64::MAX.to_string();
    let bad = [beyond.to_string(), (-beyond - 1).to_string(), beyond_u64, "1.5".to_owned()];
    for bad in &bad {
        for piece in [1, 20, 10_000] {
            let rows = vec![format!("[{last}],[{bad}]"); 100].join(",");
            let mut index = 0;
            for_each_row(r#"["time"]"#, &rows, Some(unit), piece, |row| {
                let cell = row.cells().next().unwrap();
                if index % 2 == 0 {
                    let time = Time::from_millis(last).unwrap();
                    assert_eq!(cell, Cell::Time(time));
                    assert_eq!(row.deserialize(), Ok(At { time }));
                } else {
                    assert_eq!(serde_json::to_string(&Value::from(cell)).unwrap(), **bad);
                    let error = match index % 6 {
                        1 => row.deserialize::<At<i64>>().unwrap_err(),
                        3 => row.deserialize::<At<Option<f64>>>().unwrap_err(),
                        _ => row.deserialize::<At<SystemTime>>().unwrap_err(),
                    };
                    assert_eq!(
                        error.to_string(),
                        format!("column \"time\": the time {bad} is not between 1677 and 2262")
                    );
                }
                index += 1;
            });
            assert_eq!(index, 200);
        }
        let mut series = Series::new("x", ["time"]).unwrap();
        for cell in [&last.to_string(), bad] {
            series.push([serde_json::from_str(cell).unwrap()]).unwrap();
        }
        let before = series.clone();
        let error = series.scale_times(unit).unwrap_err();
        assert!(matches!(error, SeriesError::Row { point: 1, .. }), "{error}");
        assert_eq!(series, before);
    }
}

#[test]
fn without_a_unit_numbers_stay_numbers() {
    for_each_row(r#"["time"]"#, "[5],[1.5]", None, 1000, |row| {
        assert!(matches!(row.cells().next(), Some(Cell::Int(5) | Cell::Float(_))));
    });
    // Nor are those of other columns times.
    for_each_row(r#"["times","Time"]"#, "[5,5]", Some(TimeUnit::Seconds), 1000, |row| {
        assert!(row.cells().all(|cell| cell == Cell::Int(5)));
    });
}

#[test]
fn times_are_a_column_of_their_own() {
    let mut batch = ColumnBatch::new(["time"]);
    let rows = ["[1],[null],[2]", "[\"a text\"]"];
    for_each_row(r#"["time"]"#, rows[0], Some(TimeUnit::Microseconds), 7, |row| {
        batch.push(row.cells()).unwrap();
    });
    let column = batch.column(0).unwrap();
    assert_eq!(column.values(), ColumnValues::Time(&[1_000, 0, 2_000]));
    assert_eq!(column.validity(), Some(&[true, false, true][..]));
    assert_eq!(column.cell(2), Some(Cell::Time(Time::from_nanos(2_000))));
    for_each_row(r#"["time"]"#, rows[1], Some(TimeUnit::Microseconds), 7, |row| {
        batch.push(row.cells()).unwrap();
    });
    let ColumnValues::Mixed(values) = batch.column(0).unwrap().values() else { panic!() };
    let [one, two] = [1_000, 2_000].map(|nanos| Value::Time(Time::from_nanos(nanos)));
    assert_eq!(values, [one, Value::Null, two, "a text".into()]);
}
