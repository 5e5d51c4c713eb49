//! Rust values and series as line protocol.

use std::collections::BTreeMap;

use influx_proto::encode::PointPart;
use influx_proto::line::LineEncoder;
use influx_proto::{Points, Series, Table, Value};
use serde::ser::Serialize;

fn check<R: Serialize>(rows: &[R], expected: Result<&str, &str>) {
    let table = Table::new("m").tags(["host", "zone"]).time("time");
    let mut encoder = LineEncoder::new();
    let result = table.rows(rows).encode(&mut encoder).map_err(|error| error.to_string());
    let lines = String::from_utf8(encoder.take()).unwrap();
    match expected {
        Ok(expected) => assert_eq!((result, &*lines), (Ok(()), expected)),
        Err(expected) => assert_eq!(result, Err(expected.to_owned())),
    }
}

#[derive(Clone, Copy, serde::Serialize)]
struct Row<'a> {
    load: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<char>,
    time: Option<u64>,
    #[serde(rename = "my count")]
    count: Option<u8>,
    host: Host<'a>,
    state: Option<State>,
    text: Option<&'a str>,
    unit: (),
}

#[derive(Clone, Copy, serde::Serialize)]
#[serde(untagged)]
enum Host<'a> {
    Name(&'a str),
    Number(i16),
}

#[derive(Clone, Copy, serde::Serialize)]
enum State {
    Up,
}

const SPARSE: Row<'_> = Row {
    load: 0.0,
    zone: None,
    time: None,
    count: None,
    host: Host::Number(-1),
    state: None,
    text: None,
    unit: (),
};

const FULL: Row<'_> = Row {
    load: 0.5,
    zone: Some('é'),
    time: Some(7),
    count: Some(8),
    host: Host::Name("web 1"),
    state: Some(State::Up),
    text: Some("a\nb"),
    unit: (),
};

#[derive(serde::Serialize)]
struct Four<T> {
    time: i64,
    host: &'static str,
    zone: &'static str,
    value: T,
}

#[derive(serde::Serialize)]
struct NoZone {
    time: i64,
    host: &'static str,
    value: i64,
}

fn four<T>(value: T) -> Four<T> {
    Four { time: 1, host: "a", zone: "b", value }
}

#[test]
fn fields_of_a_struct_become_tags_fields_and_the_timestamp() {
    let sparse = "m,host=-1 load=0.0\n";
    let full = "m,zone=é,host=web\\ 1 load=0.5,my\\ count=8i,state=\"Up\",text=\"a\nb\" 7\n";
    check(&[SPARSE, FULL, SPARSE], Ok(&[sparse, full, sparse].concat()));
    check(&[FULL, SPARSE], Ok(&[full, sparse].concat()));
    check(&[Some(&Box::new(four(1)))], Ok("m,host=a,zone=b value=1i 1\n"));
}

#[test]
fn what_does_not_fit_is_named() {
    let refused = |what| format!(r#"point 0 of "m": column "value": a column cannot hold {what}"#);
    check(&[four(vec![1])], Err(&refused("a sequence")));
    check(&[four((1, 2))], Err(&refused("a tuple")));
    check(&[four(four(1))], Err(&refused("a struct")));
    let wide = r#"point 0 of "m": column "value": 1e38 does not fit into 64 bits"#;
    let digits = "1".to_owned() + &"0".repeat(38);
    check(&[four(10_i128.pow(38))], Err(&wide.replace("1e38", &digits)));
    check(&[four(1_i128)], Ok("m,host=a,zone=b value=1i 1\n"));
    check(
        &[four(1), Four { host: "", ..four(1) }],
        Err(r#"point 1 of "m": tag value of "host" "" is empty"#),
    );
    check(
        &[Row { time: Some(u64::MAX), ..FULL }],
        Err("point 0 of \"m\": timestamp of \"time\" \"18446744073709551615\" \
             is not between the years 1677 and 2262"),
    );
    check(&[four(None::<i64>)], Err(r#"point 0 of "m" has no field"#));
    check(
        &[NoZone { time: 1, host: "a", value: 1 }],
        Err(r#"point 0 of "m": column "zone" is named by the table, but the data do not have it"#),
    );
}

#[test]
fn only_a_struct_is_a_row() {
    let expected = Err(r#"point 0 of "m": only a struct or a map is a row"#);
    check(&[(1, 2)], expected);
    check(&[1], expected);
    check(&[None::<i64>], expected);
    let map = Err(r#"point 0 of "m": only a struct is a row"#);
    check(&[BTreeMap::from([("v", 1)])], map);
    check::<i64>(&[], Ok(""));
}

fn check_series(
    name: &str,
    table: &Table,
    columns: &[&str],
    point: &[Value],
    expected: Result<&str, &str>,
) {
    let mut series = Series::new(name, columns.iter().copied()).unwrap();
    series.push(point.iter().cloned()).unwrap();
    let mut encoder = LineEncoder::new();
    let result = table.series(&series).encode(&mut encoder).map_err(|error| error.to_string());
    let line = String::from_utf8(encoder.take()).unwrap();
    assert_eq!(result.map(|()| line), expected.map(str::to_owned).map_err(str::to_owned));
}

#[test]
fn columns_become_tags_fields_and_the_timestamp() {
    let table = Table::new("my cpu").tags(["host", "a tag"]).time("at");
    let columns = ["value", "host", "at", "a tag", "text", "n"];
    let point = [0.5.into(), 7.into(), 1_700.into(), "x=y".into(), "a \"b\"".into(), Value::Int(3)];
    check_series(
        "my cpu",
        &table,
        &columns,
        &point,
        Ok("my\\ cpu,a\\ tag=x\\=y,host=7 value=0.5,text=\"a \\\"b\\\"\",n=3i 1700\n"),
    );
    let sparse = [Value::Null, Value::Null, Value::Null, Value::Null, Value::Null, false.into()];
    check_series("my cpu", &table, &columns, &sparse, Ok("my\\ cpu n=false\n"));
    check_series(
        "my cpu",
        &table,
        &columns,
        &[Value::Null, "h".into(), 1.into(), Value::Null, Value::Null, Value::Null],
        Err("point 0 of \"my cpu\" has no field"),
    );
}

#[test]
fn a_column_that_does_not_fit_is_named() {
    let table = Table::new("m").tags(["host"]).time("time");
    let columns = ["time", "host", "v"];
    for (columns, point, expected) in [
        (
            columns,
            [1.5.into(), "a".into(), 1.into()],
            "point 0 of \"m\": timestamp of \"time\" \"1.5\" \
             is not an integer, an RFC 3339 text or another form of a time",
        ),
        (
            columns,
            [1.into(), "".into(), 1.into()],
            "point 0 of \"m\": tag value of \"host\" \"\" is empty",
        ),
        (
            columns,
            [1.into(), "a".into(), f64::NAN.into()],
            "point 0 of \"m\": field value of \"v\" \"NaN\" is not finite; \
             leave it out or choose `NonFinite::Omit`",
        ),
        (
            ["time", "hsot", "v"],
            [1.into(), "a".into(), 1.into()],
            "point 0 of \"m\": column \"host\" is named by the table, but the data do not have it",
        ),
        (
            ["time", "host", "a\nb"],
            [1.into(), "a".into(), 1.into()],
            "point 0 of \"m\": field key \"a\\nb\" contains a line feed, carriage return or NUL",
        ),
    ] {
        check_series("m", &table, &columns, &point, Err(expected));
    }
    let other_time = Table::new("m").tags(["host"]).time("v");
    check_series(
        "m",
        &other_time,
        &columns,
        &[1.into(), "a".into(), 1.into()],
        Err("point 0 of \"m\": field key \"time\" is reserved for the timestamp"),
    );
}

#[test]
fn the_points_before_a_bad_one_stay() {
    let mut series = Series::new("m", ["v"]).unwrap();
    for value in [1.0, 2.0, f64::NAN, 4.0] {
        series.push([value.into()]).unwrap();
    }
    let mut encoder = LineEncoder::new();
    let error = series.encode(&mut encoder).unwrap_err();
    assert_eq!((error.point, error.part), (2, PointPart::FieldValue));
    assert_eq!(encoder.as_bytes(), b"m v=1.0\nm v=2.0\n");
}
