//! Rust values as rows and back.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use influx_proto::{RowError, Series, SeriesError, Value, from_row, to_row};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::json_encode::any_value;

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    High,
    Low,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Host(String);

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Everything {
    time: i64,
    sequence_number: u64,
    host: Host,
    level: Level,
    load: f64,
    small: Option<i8>,
    narrow: Option<f32>,
    letter: char,
    up: bool,
    nothing: (),
    wide: i128,
    any: Value,
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().copied().map(str::to_owned).collect()
}

/// Reads one cell as `T`, alone in a tuple.
#[expect(clippy::needless_pass_by_value, reason = "the table below reads better")]
fn check_cell<T: DeserializeOwned + Debug + PartialEq>(cell: impl Into<Value>, expected: T) {
    let (columns, row) = (columns(&["c"]), [cell.into()]);
    let (found,) = from_row::<(T,)>(&columns, &row).unwrap();
    assert_eq!(found, expected, "{row:?}");
}

fn refuse_cell<T: DeserializeOwned + Debug>(cell: impl Into<Value>, reason: &str) {
    let (columns, row) = (columns(&["c"]), [cell.into()]);
    let error = from_row::<(T,)>(&columns, &row).unwrap_err();
    assert_eq!(error.to_string(), format!("column \"c\": {reason}"));
}

#[test]
fn numbers_are_read_as_far_as_nothing_is_lost() {
    check_cell(3, 3.0);
    check_cell(u64::MAX, 18_446_744_073_709_551_616.0);
    check_cell(6e6, 6_000_000_u32);
    check_cell(-0.0, 0_u8);
    check_cell(-9_223_372_036_854_775_808.0, i64::MIN);
    check_cell(9_223_372_036_854_775_808.0, 1_u64 << 63);
    check_cell(9_223_372_036_854_775_808.0, 1_i128 << 63);
    check_cell(255, u8::MAX);
    check_cell(u64::MAX, u128::from(u64::MAX));
    check_cell(Value::Null, None::<i64>);
    check_cell(1, Some(1_i64));

    refuse_cell::<u8>(256, "integer `256` where u8 was expected");
    refuse_cell::<u64>(-1, "integer `-1` where u64 was expected");
    refuse_cell::<i64>(u64::MAX, "integer `18446744073709551615` where i64 was expected");
    refuse_cell::<i64>(1.5, "double `1.5` where i64 was expected");
    refuse_cell::<u64>(1e300, "double `1e300` where u64 was expected");
    refuse_cell::<i64>(f64::NAN, "double `NaN` where i64 was expected");
    refuse_cell::<i64>(Value::Null, "null where i64 was expected");
    refuse_cell::<f64>("1", "string \"1\" where f64 was expected");
}

#[test]
fn texts_are_strings_characters_and_enums() {
    check_cell("web-1", Host("web-1".to_owned()));
    check_cell("x", 'x');
    check_cell("low", Level::Low);
    check_cell(Value::Null, ());
    refuse_cell::<Level>("middle", "unknown variant `middle`, expected `high` or `low`");
    refuse_cell::<Level>(1, "integer `1` where enum Level was expected");
    refuse_cell::<String>(1, "integer `1` where a string was expected");
}

#[test]
fn structs_take_columns_by_name() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Load<'a> {
        value: f64,
        host: Option<&'a str>,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[expect(dead_code, reason = "only its name matters")]
        value: f64,
    }
    let row: [Value; 3] = [1.into(), "web-1".into(), 2.into()];
    let columns_of_row = columns(&["time", "host", "value"]);
    let load: Load<'_> = from_row(&columns_of_row, &row).unwrap();
    assert_eq!(load, Load { value: 2.0, host: Some("web-1") });

    let other = columns(&["time", "other", "value"]);
    assert_eq!(from_row::<Load<'_>>(&other, &row).unwrap(), Load { value: 2.0, host: None });

    for (names, message) in [
        (["a", "b", "c"], "column \"value\": the column is missing"),
        (["value", "host", "value"], "column \"value\": the column appears twice"),
        (["a", "value", "c"], "column \"value\": string \"web-1\" where f64 was expected"),
    ] {
        let error = from_row::<Load<'_>>(&columns(&names), &row).map(drop).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    let error = from_row::<Strict>(&columns_of_row, &row).unwrap_err();
    assert_eq!(error.column.as_deref(), Some("time"));
}

#[test]
fn tuples_take_all_cells_by_position() {
    let names = columns(&["a", "b"]);
    let row: [Value; 2] = [1.into(), "x".into()];
    assert_eq!(from_row::<(u8, &str)>(&names, &row), Ok((1, "x")));
    assert_eq!(from_row::<Vec<Value>>(&names, &row), Ok(row.to_vec()));
    let map = HashMap::from([("a", Value::from(1)), ("b", Value::from("x"))]);
    assert_eq!(from_row::<HashMap<&str, Value>>(&names, &row), Ok(map));

    let error = from_row::<(u8,)>(&names, &row).unwrap_err();
    assert_eq!(error.to_string(), "row: 2 cells where 1 were expected");
    assert!(from_row::<(u8, &str, u8)>(&names, &row).is_err());
    assert!(from_row::<Vec<Value>>(&names, &row[..1]).is_err());
    assert!(from_row::<u8>(&names[..1], &row[..1]).is_err(), "a row is not a scalar");
}

#[test]
fn series_are_made_of_rows() {
    let rows = || [BTreeMap::from([("a", 1), ("b", 2)]), BTreeMap::from([("b", 3)])];
    let series = Series::from_rows("s", rows()).unwrap();
    assert_eq!(series.columns(), ["a", "b"]);
    assert!(series.points().eq([[1.into(), 2.into()], [Value::Null, 3.into()]]));

    let error = Series::from_rows("s", rows().into_iter().rev()).unwrap_err();
    let source = RowError::clone(match &error {
        SeriesError::Row { series, point: 1, source } if series == "s" => source,
        _ => panic!("{error}"),
    });
    assert_eq!(source.to_string(), "column \"a\": the first row has no such column");

    let none = Series::from_rows("s", [] as [BTreeMap<&str, i64>; 0]).unwrap_err();
    assert_eq!(none, SeriesError::NoColumns { series: "s".to_owned() });
}

#[test]
fn what_is_no_row_is_refused() {
    fn check(value: &impl Serialize, message: &str) {
        assert_eq!(to_row(value).unwrap_err().to_string(), message);
    }
    for value in [serde_json::json!(1), serde_json::json!([1]), serde_json::json!(null)] {
        check(&value, "row: only a struct or a map is a row");
    }
    check(&serde_json::json!({ "a": [1] }), "column \"a\": a column cannot hold a sequence");
    check(&serde_json::json!({ "a": { "b": 1 } }), "column \"a\": a column cannot hold a map");
    check(&HashMap::from([(1, 1)]), "row: the name of a column must be a text");
    let wide = HashMap::from([("a", i128::MAX)]);
    check(&wide, &format!("column \"a\": {} does not fit into 64 bits", i128::MAX));
}

/// The float's bits, whatever they are; only "not a number" has no equal.
fn any_float() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits).prop_filter("equal to itself", |value| !value.is_nan())
}

prop_compose! {
    fn any_everything()(
        (time, sequence_number, wide) in (any::<i64>(), any::<u64>(), any::<u64>()),
        (host, high, up, letter) in any::<(String, bool, bool, char)>(),
        load in any_float(),
        small in any::<Option<i8>>(),
        narrow in prop::option::of(prop::num::f32::NORMAL),
        any in any_value(),
    ) -> Everything {
        let level = if high { Level::High } else { Level::Low };
        let host = Host(host);
        let wide = wide.into();
        Everything {
            time, sequence_number, host, level, load, small, narrow, letter, up, nothing: (), wide,
            any,
        }
    }
}

fn check_round_trip<T>(rows: &[T]) -> Result<(), TestCaseError>
where
    T: Debug + PartialEq + Serialize + for<'de> Deserialize<'de>,
{
    for row in rows {
        let (columns, cells) = to_row(row).unwrap();
        prop_assert_eq!(&from_row::<T>(&columns, &cells).unwrap(), row);
    }
    let series = Series::from_rows("s", rows).unwrap();
    let found: Vec<T> = series.rows().collect::<Result<_, _>>().unwrap();
    prop_assert_eq!(&found, rows);
    Ok(())
}

proptest! {
    #[test]
    fn structs_come_back(rows in vec(any_everything(), 1..5)) {
        check_round_trip(&rows)?;
    }

    #[test]
    fn maps_come_back(row in btree_map(any::<String>(), any_value(), 1..8)) {
        check_round_trip(&[row])?;
    }
}
