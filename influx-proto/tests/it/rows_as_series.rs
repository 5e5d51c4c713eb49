//! Rust values as the points of a series.

use std::collections::BTreeMap;

use influx_proto::encode::SeriesEncoder;
use influx_proto::{Points, Series, Table};
use serde::ser::Serialize;

/// Checks the body, or the error.
fn check<T: Serialize>(rows: &[T], expected: Result<&str, &str>) {
    let mut encoder = SeriesEncoder::new();
    let result = Table::new("m").rows(rows).encode(&mut encoder);
    match expected {
        Ok(points) => {
            assert_eq!(result, Ok(()));
            let bodies = encoder.finish();
            assert_eq!(bodies[0].bytes, format!("[{{\"name\":\"m\",{points}}}]"));
        }
        Err(expected) => assert_eq!(result.unwrap_err().to_string(), expected),
    }
}

#[derive(Clone, Copy, serde::Serialize)]
struct Row<'a> {
    at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<char>,
    host: &'a str,
    state: State,
    load: f32,
    unit: (),
}

#[derive(Clone, Copy, serde::Serialize)]
enum State {
    Up,
    Since(i64),
}

#[derive(serde::Serialize)]
struct One<T> {
    value: T,
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Either {
    A { one: bool, two: u64 },
    B { two: u64 },
    C { two: u64, one: bool },
}

const ROW: Row<'_> = Row { at: 1, zone: None, host: "a\"b", state: State::Up, load: 0.5, unit: () };

#[test]
fn structs_become_points() {
    check(
        &[ROW, Row { zone: Some('é'), at: i64::MIN, ..ROW }],
        Ok(concat!(
            r#""columns":["at","zone","host","state","load","unit"],"#,
            r#""points":[[1,null,"a\"b","Up",0.5,null],"#,
            r#"[-9223372036854775808,"é","a\"b","Up",0.5,null]]"#
        )),
    );
    check(
        &[Some(&One { value: u64::MAX })],
        Ok(r#""columns":["value"],"points":[[18446744073709551615]]"#),
    );
    check(
        &[Either::A { one: true, two: 1 }, Either::B { two: 2 }],
        Ok(r#""columns":["one","two"],"points":[[true,1],[null,2]]"#),
    );
}

#[test]
fn the_body_is_that_of_a_series() {
    let rows = [ROW, ROW, Row { host: "\u{1}", load: -0.0, ..ROW }];
    let rows = rows.map(|row| Row { zone: Some('z'), ..row });
    let series = Series::from_rows("m", rows).unwrap();
    let (mut expected, mut encoder) = (SeriesEncoder::new(), SeriesEncoder::new());
    series.encode(&mut expected).unwrap();
    Table::new("m").rows(&rows).encode(&mut encoder).unwrap();
    assert_eq!(encoder.finish(), expected.finish());
}

#[test]
fn what_does_not_fit_is_named() {
    let refused =
        |column, what| format!("point 0 of \"m\": column {column:?}: a column cannot hold {what}");
    let since = Row { state: State::Since(1), ..ROW };
    check(&[since], Err(&refused("state", "an enum with data")));
    check(&[One { value: vec![1] }], Err(&refused("value", "a sequence")));
    check(
        &[One { value: 1.0 }, One { value: f64::NAN }],
        Err("point 1 of \"m\": field value of \"value\" \"NaN\" is not finite; \
             leave it out or choose `NonFinite::Omit`"),
    );
    let unordered = "point 1 of \"m\": column \"one\": \
                     the first row has no such column, or not in this order";
    check(&[Either::B { two: 1 }, Either::C { two: 2, one: true }], Err(unordered));
    let rows = [Either::A { one: true, two: 1 }, Either::C { two: 2, one: true }];
    check(&rows, Err(unordered));
    let not_a_row = Err("point 0 of \"m\": only a struct or a map is a row");
    check(&[1], not_a_row);
    check(&[None::<i64>], not_a_row);
    let map = Err("point 0 of \"m\": only a struct is a row");
    check(&[BTreeMap::from([("value", 1)])], map);
}
