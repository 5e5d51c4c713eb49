//! All forms of points, in both formats.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use influx_proto::encode::{Body, EncodeOptions, PointProblem};
use influx_proto::{
    EncodeError, Format, Lines, Point, Points, Series, Table, Time, TimeUnit, Value,
};
use serde::Serialize;

/// Encodes with sequence numbers from 1 on.
pub(crate) fn encode<P: Points + ?Sized>(
    format: Format,
    points: &P,
    options: &EncodeOptions,
) -> Result<Vec<Body>, EncodeError> {
    let mut last = 0;
    format.encode(
        points,
        options,
        Some(&mut || {
            last += 1;
            last
        }),
    )
}

pub(crate) fn text(bodies: &[Body]) -> String {
    bodies.iter().map(|body| str::from_utf8(&body.bytes).unwrap()).collect()
}

/// Checks the lines and, without the brackets, the JSON of points.
pub(crate) fn check<P: Points + ?Sized>(points: &P, lines: &str, json: &str) {
    let options = EncodeOptions::default();
    let found = Format::Lines.encode(points, &options, None).unwrap();
    assert_eq!(text(&found), lines);
    let found = Format::SeriesJson.encode(points, &options, None).unwrap();
    assert_eq!(text(&found), if json.is_empty() { String::new() } else { format!("[{json}]") });
}

pub(crate) fn refuse<P: Points + ?Sized>(points: &P, lines: Option<&str>, json: Option<&str>) {
    let options = EncodeOptions::default();
    for (format, expected) in [(Format::Lines, lines), (Format::SeriesJson, json)] {
        let error = format.encode(points, &options, None).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), expected, "{format:?}");
    }
}

pub(crate) fn cpu(load: f64) -> Point {
    Point::new("cpu").tag("host", "a").field("load", load)
}

#[derive(Clone, Serialize)]
pub(crate) struct Row<T> {
    pub(crate) time: T,
    pub(crate) host: &'static str,
    pub(crate) load: Option<f64>,
}

#[test]
fn every_form_of_points() {
    let line = "cpu,host=a load=0.5\n";
    let json = r#"{"name":"cpu","columns":["host","load"],"points":[["a",0.5]]}"#;
    let point = cpu(0.5);
    check(&point, line, json);
    check(&&point, line, json);
    check(&Some(&point), line, json);
    check(&[&point], line, json);
    check(std::slice::from_ref(&point), line, json);
    check(&vec![point.clone()], line, json);
    check(&Some([vec![point]]), line, json);
    check(&None::<Point>, "", "");
    check::<[Point]>(&[], "", "");
    check(&Lines(b"# a comment\n\n  cpu,host=a  load=0.5\n"), "cpu,host=a  load=0.5\n", json);
    check(&Lines(b""), "", "");

    let mut series = Series::new("cpu", ["time", "load", "host"]).unwrap();
    check(&series, "", "");
    series.push([1_500.into(), 0.5.into(), "a".into()]).unwrap();
    series.push([Value::Null, 1.into(), Value::Null]).unwrap();
    let json = concat!(
        r#"{"name":"cpu","columns":["time","load","host"],"points":[[1,0.5,"a"]]},"#,
        r#"{"name":"cpu","columns":["load","host"],"points":[[1,null]]}"#
    );
    check(&series, "cpu load=0.5,host=\"a\" 1500\ncpu load=1i\n", json);
    let table = Table::new("another name").tag("host");
    check(&table.series(&series), "cpu,host=a load=0.5 1500\ncpu load=1i\n", json);

    let rows =
        [Row { time: 1, host: "a", load: Some(0.5) }, Row { time: 2, host: "b", load: Some(1.0) }];
    let table = Table::new("cpu").tag("host").time_unit(TimeUnit::Milliseconds);
    let json = concat!(
        r#"{"name":"cpu","columns":["time","host","load"],"#,
        r#""points":[[1000,"a",0.5],[2000,"b",1.0]]}"#
    );
    check(&table.rows(&rows), "cpu,host=a load=0.5 1000000\ncpu,host=b load=1.0 2000000\n", json);
    let renamed = Table::new("m").time("host");
    refuse(
        &renamed.rows(&rows),
        Some("point 0 of \"m\": field key \"time\" is reserved for the timestamp"),
        Some(
            "point 0 of \"m\": timestamp of \"host\" \"a\" \
             is not an integer, an RFC 3339 text or another form of a time",
        ),
    );
}

#[test]
fn single_points_are_grouped_in_json() {
    let mem = |free: i64| Point::new("mem").field("free", free);
    check(
        &[
            cpu(1.0),
            mem(1),
            cpu(2.0),
            mem(2),
            cpu(3.0).tag("zone", None::<String>),
            cpu(4.0).tag("zone", "z"),
        ],
        "cpu,host=a load=1.0\nmem free=1i\ncpu,host=a load=2.0\nmem free=2i\n\
         cpu,host=a load=3.0\ncpu,host=a,zone=z load=4.0\n",
        concat!(
            r#"{"name":"cpu","columns":["host","load"],"points":[["a",1.0],["a",2.0],["a",3.0]]},"#,
            r#"{"name":"mem","columns":["free"],"points":[[1],[2]]},"#,
            r#"{"name":"cpu","columns":["host","zone","load"],"points":[["a","z",4.0]]}"#,
        ),
    );
}

#[test]
fn a_bad_point_is_named() {
    let both = "point 1 of \"cpu\": column \"host\" is a tag and a field, \
                but series JSON has one column of a name; rename one";
    refuse(&[cpu(1.0), cpu(1.0).field("host", 1)], None, Some(both));
    let no_field = Some("point 0 of \"cpu\" has no field");
    refuse(&Point::new("cpu").tag("host", "a").field("v", Value::Null), no_field, no_field);
    let unnamed = Some("point 0: measurement \"\" is empty");
    refuse(&Point::new("").field("v", 1), unnamed, unnamed);
    let reserved = Some("point 0 of \"m\": field key \"time\" is reserved for the timestamp");
    refuse(&Point::new("m").field("time", 1), reserved, reserved);
    let twice = Some("point 0 of \"m\": field key \"v\" appears twice");
    refuse(&Point::new("m").field("v", 1).field("v", 2), twice, twice);
    let time = Some(
        "point 0 of \"m\": field value of \"v\" \"1970-01-01T00:00:00Z\" is a time, \
         which only the time column takes; write it as a number or a text",
    );
    refuse(&Point::new("m").field("v", Time::from_nanos(0)), time, time);
    let line = Some(
        "point 1: line 2, column 5: field value is not a number in range, a boolean or a quoted string",
    );
    refuse(&Lines(b"m v=1\nm v=x\n"), line, line);
    refuse(
        &Point::new("m").field("v", u64::MAX),
        Some(
            "point 0 of \"m\": field value of \"v\" \"18446744073709551615\" is above \
             9223372036854775807; choose `Unsigned::Suffix` if the server takes it",
        ),
        None,
    );
}

#[test]
fn every_form_of_a_time() {
    fn check_time<T: Serialize + Clone>(time: T) {
        let row = Row { time, host: "a", load: Some(0.5) };
        let table = Table::new("cpu").tag("host");
        check(
            &table.rows(&[row]),
            "cpu,host=a load=0.5 1700000000123456789\n",
            r#"{"name":"cpu","columns":["time","host","load"],"points":[[1700000000123456,"a",0.5]]}"#,
        );
    }
    const NANOS: i64 = 1_700_000_000_123_456_789;
    check_time(NANOS);
    check_time(NANOS.cast_unsigned());
    check_time(Time::from_nanos(NANOS));
    check_time(Some(Time::from_nanos(NANOS)));
    check_time(Value::from(Time::from_nanos(NANOS)));
    check_time(UNIX_EPOCH + Duration::from_nanos(NANOS.cast_unsigned()));
    check_time("2023-11-14T23:13:20.123456789+01:00");
    check_time(chrono::DateTime::from_timestamp_nanos(NANOS));
    check_time(jiff::Timestamp::from_nanosecond(NANOS.into()).unwrap());
    let point = cpu(0.5).time(SystemTime::from(Time::from_nanos(NANOS)));
    check(
        &point,
        "cpu,host=a load=0.5 1700000000123456789\n",
        r#"{"name":"cpu","columns":["host","load","time"],"points":[["a",0.5,1700000000123456]]}"#,
    );
}

/// The unit of the table is that of integers; other forms of a time have their own.
#[test]
fn a_unit_scales_integers_only() {
    fn check_time<T: Serialize + Clone>(time: T) {
        let row = Row { time, host: "a", load: None };
        let table = Table::new("cpu").time_unit(TimeUnit::Seconds);
        check(
            &table.rows(&[row]),
            "cpu host=\"a\" 2000000000\n",
            r#"{"name":"cpu","columns":["time","host","load"],"points":[[2000000,"a",null]]}"#,
        );
    }
    check_time(2);
    check_time(2_u8);
    check_time(2_i128);
    check_time(Time::from_nanos(2_000_000_000));
    check_time(UNIX_EPOCH + Duration::from_secs(2));
    check_time("1970-01-01T02:00:02+02:00");
    check_time("1969-12-31T22:30:02-01:30");
    check_time(chrono::DateTime::from_timestamp_nanos(2_000_000_000));
    let mut series = Series::new("cpu", ["at", "v"]).unwrap();
    series.push([Value::from(UNIX_EPOCH + Duration::from_secs(2)), 1.into()]).unwrap();
    series.push([2.into(), 2.into()]).unwrap();
    let table = Table::new("").time("at").time_unit(TimeUnit::Seconds);
    check(
        &table.series(&series),
        "cpu v=1i 2000000000\ncpu v=2i 2000000000\n",
        r#"{"name":"cpu","columns":["time","v"],"points":[[2000000,1],[2000000,2]]}"#,
    );
}

#[test]
fn a_time_before_1970_is_a_time() {
    let before = UNIX_EPOCH - Duration::from_millis(1_500);
    check(
        &Point::new("m").field("v", 1).time(before),
        "m v=1i -1500000000\n",
        r#"{"name":"m","columns":["v","time"],"points":[[1,-1500000]]}"#,
    );
    let row = |time| Row { time, host: "a", load: None };
    check(
        &Table::new("m").rows(&[row(Time::from(before))]),
        "m host=\"a\" -1500000000\n",
        r#"{"name":"m","columns":["time","host","load"],"points":[[-1500000,"a",null]]}"#,
    );
    // serde itself has no form for it.
    let rows = [Row { time: before, host: "a", load: None }];
    for format in [Format::Lines, Format::SeriesJson] {
        let error = format.encode(&Table::new("m").rows(&rows), &EncodeOptions::default(), None);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("column \"time\": ") && text.contains("UNIX_EPOCH"), "{text}");
    }
}

#[test]
fn names_and_lines_of_all_kinds() {
    #[derive(Serialize)]
    struct Wide {
        v: u128,
    }
    check(
        &Point::new("a \"b\",c").tag("k=\"1\"", "v \"2\"").field("f\"", "\\\"").field("o", Some(1)),
        "a\\ \"b\"\\,c,k\\=\"1\"=v\\ \"2\" f\"=\"\\\\\\\"\",o=1i\n",
        r#"{"name":"a \"b\",c","columns":["k=\"1\"","f\"","o"],"points":[["v \"2\"","\\\"",1]]}"#,
    );
    for format in [Format::Lines, Format::SeriesJson] {
        let error = format.encode(&Lines(b"m v=1\r\nm v=2\r\n"), &EncodeOptions::default(), None);
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("point 0: line 1") && text.contains("carriage return"), "{text}");
    }
    let table = Table::new("m");
    check(
        &table.rows(&[Wide { v: 1 << 62 }]),
        "m v=4611686018427387904i\n",
        r#"{"name":"m","columns":["v"],"points":[[4611686018427387904]]}"#,
    );
    let wide =
        Some("point 0 of \"m\": column \"v\": 36893488147419103232 does not fit into 64 bits");
    refuse(&table.rows(&[Wide { v: 1 << 65 }]), wide, wide);
}

#[test]
fn times_out_of_range_are_refused() {
    fn refuse_time<T: Serialize + Clone>(time: T, unit: TimeUnit) {
        let table = Table::new("cpu").tag("host").time_unit(unit);
        let good = Row { time: None, host: "a", load: Some(0.5) };
        let rows = [good.clone(), Row { time: Some(time), ..good }];
        for format in [Format::Lines, Format::SeriesJson] {
            let mut options = EncodeOptions::default();
            // Also where the same unit travels, so that nothing is scaled.
            options.time_unit = Some(unit);
            let error = format.encode(&table.rows(&rows), &options, None).unwrap_err();
            assert_eq!((error.point, &error.problem), (1, &PointProblem::TimeOutOfRange));
            assert!(error.to_string().starts_with("point 1 of \"cpu\": timestamp"), "{error}");
        }
    }
    refuse_time(i64::MAX, TimeUnit::Nanoseconds);
    refuse_time(9_223_372_037_i64, TimeUnit::Seconds);
    refuse_time(u64::MAX, TimeUnit::Nanoseconds);
    refuse_time(Time::MIN, TimeUnit::Nanoseconds);
    refuse_time(UNIX_EPOCH + Duration::from_secs(10_000_000_000), TimeUnit::Nanoseconds);
}

#[test]
fn tags_and_fields_of_a_struct_stand_in_any_order() {
    #[derive(Serialize)]
    struct Mixed<'a> {
        load: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        zone: Option<&'a str>,
        time: Time,
        idle: f64,
        host: &'a str,
    }
    let time = Time::from_nanos(1);
    let rows = [
        Mixed { load: 0.5, zone: None, time, idle: 0.25, host: "a" },
        Mixed { load: 0.75, zone: Some("z"), time, idle: 1.5, host: "b" },
    ];
    let table = Table::new("m").tags(["host", "zone"]);
    let bodies = Format::Lines.encode(&table.rows(&rows), &EncodeOptions::default(), None).unwrap();
    assert_eq!(
        text(&bodies),
        "m,host=a load=0.5,idle=0.25 1\nm,zone=z,host=b load=0.75,idle=1.5 1\n"
    );
}
