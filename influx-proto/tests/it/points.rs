//! All forms of points, in both formats.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use influx_proto::encode::{Body, EncodeOptions, NonFinite, PointProblem, SeriesEncoder};
use influx_proto::{
    EncodeError, Format, Lines, Point, Points, Series, Table, Time, TimeUnit, Value,
};
use serde::Serialize;

/// Encodes with sequence numbers from 1 on.
fn encode<P: Points + ?Sized>(
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

fn text(bodies: &[Body]) -> String {
    bodies.iter().map(|body| str::from_utf8(&body.bytes).unwrap()).collect()
}

/// Checks the lines and, without the brackets, the JSON of points.
fn check<P: Points + ?Sized>(points: &P, lines: &str, json: &str) {
    let options = EncodeOptions::default();
    let found = Format::Lines.encode(points, &options, None).unwrap();
    assert_eq!(text(&found), lines);
    let found = Format::SeriesJson.encode(points, &options, None).unwrap();
    assert_eq!(text(&found), if json.is_empty() { String::new() } else { format!("[{json}]") });
}

fn refuse<P: Points + ?Sized>(points: &P, lines: Option<&str>, json: Option<&str>) {
    let options = EncodeOptions::default();
    for (format, expected) in [(Format::Lines, lines), (Format::SeriesJson, json)] {
        let error = format.encode(points, &options, None).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), expected, "{format:?}");
    }
}

fn cpu(load: f64) -> Point {
    Point::new("cpu").tag("host", "a").field("load", load)
}

#[derive(Clone, Serialize)]
struct Row<T> {
    time: T,
    host: &'static str,
    load: Option<f64>,
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
            let options = EncodeOptions::default();
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

/// A 0.8 server refuses a null in the column `time`, with the whole body.
#[test]
fn points_without_a_time_stand_apart_from_those_that_have_one() {
    #[derive(Serialize)]
    struct OnlyTime {
        time: Option<i64>,
    }

    #[derive(Serialize)]
    struct Load {
        v: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        time: Option<i64>,
        w: i64,
    }
    fn check_times(times: &[Option<i64>], lines: &str, json: &str) {
        let row = |(v, time): (i64, &Option<i64>)| Load { v, time: *time, w: 0 };
        let rows: Vec<_> = (0..).zip(times).map(row).collect();
        check(&Table::new("s").rows(&rows), lines, json);
        let mut series = Series::new("s", ["v", "time", "w"]).unwrap();
        for row in &rows {
            series.push([row.v.into(), row.time.into(), row.w.into()]).unwrap();
        }
        check(&series, lines, json);
    }
    let [timed, untimed] = [r#"["v","time","w"]"#, r#"["v","w"]"#]
        .map(|columns| format!(r#"{{"name":"s","columns":{columns},"points":"#));
    check_times(
        &[Some(1_000), None, None, Some(2_000), None],
        "s v=0i,w=0i 1000\ns v=1i,w=0i\ns v=2i,w=0i\ns v=3i,w=0i 2000\ns v=4i,w=0i\n",
        &format!("{timed}[[0,1,0],[3,2,0]]}},{untimed}[[1,0],[2,0],[4,0]]}}"),
    );

    let rows = |times: &[Option<Time>]| -> Vec<_> {
        times.iter().map(|time| Row { time: *time, host: "a", load: Some(0.5) }).collect()
    };
    let (some, none) = (Some(Time::from_nanos(1_000)), None);
    let cpu =
        |columns, points| format!(r#"{{"name":"m","columns":[{columns}],"points":{points}}}"#);
    let table = Table::new("m");
    let bare = cpu(r#""host","load""#, r#"[["a",0.5],["a",0.5]]"#);
    check(
        &table.rows(&rows(&[none, none])),
        "m host=\"a\",load=0.5\nm host=\"a\",load=0.5\n",
        &bare,
    );

    // Neither limit is exceeded, and only bodies whose points all have identities have one.
    let mut options = EncodeOptions::default();
    options.max_points = 2;
    let found =
        encode(Format::SeriesJson, &table.rows(&rows(&[none, some, none, some, some])), &options);
    let found = found.unwrap();
    assert_eq!(
        found.iter().map(|body| (body.points, body.identified)).collect::<Vec<_>>(),
        [(2, false), (2, false), (1, true)]
    );
    assert_eq!(
        text(&found[..1]),
        format!(
            "[{},{}]",
            cpu(r#""host","load","sequence_number""#, r#"[["a",0.5,1]]"#),
            cpu(r#""time","host","load","sequence_number""#, r#"[[1,"a",0.5,2]]"#)
        )
    );
    options.max_points = usize::MAX;
    for max_bytes in 50..300 {
        options.max_bytes = max_bytes;
        let points = rows(&[some, none, some, none, none]);
        match Format::SeriesJson.encode(&table.rows(&points), &options, None) {
            Ok(bodies) => {
                assert!(bodies.iter().all(|body| body.bytes.len() <= max_bytes), "{max_bytes}");
                assert_eq!(bodies.iter().map(|body| body.points).sum::<usize>(), 5);
            }
            Err(error) => assert!(max_bytes < 70, "{max_bytes}: {error}"),
        }
    }

    let rows = [OnlyTime { time: Some(1) }, OnlyTime { time: None }];
    let none = "point 1 of \"s\" has no field";
    let table = Table::new("s");
    let error = Format::SeriesJson.encode(&table.rows(&rows), &EncodeOptions::default(), None);
    assert_eq!(error.unwrap_err().to_string(), none);
}

/// The number of a point is a column of its own.
#[test]
fn a_sequence_number_is_never_written_twice() {
    #[derive(Serialize)]
    struct Tagged {
        sequence_number: Option<&'static str>,
        v: i64,
    }

    let points = [
        Point::new("s").tag("sequence_number", 5).field("v", 1),
        Point::new("s").field("v", 1).field("sequence_number", Value::Null),
        Point::new("s").field("sequence_number", "x").field("v", 1),
    ];
    for point in &points {
        let Ok(bodies) = encode(Format::SeriesJson, point, &EncodeOptions::default()) else {
            continue;
        };
        assert_eq!(text(&bodies).matches("sequence_number").count(), 1, "{}", text(&bodies));
    }
    let table = Table::new("s").tag("sequence_number");
    for number in [None, Some("x")] {
        let rows = [Tagged { sequence_number: number, v: 1 }];
        let bodies =
            encode(Format::SeriesJson, &table.rows(&rows), &EncodeOptions::default()).unwrap();
        assert_eq!(text(&bodies).matches("sequence_number").count(), 1, "{}", text(&bodies));
    }
}

#[test]
fn points_are_completed() {
    let mut options = EncodeOptions::default();
    options.time = Some(Time::from_nanos(7_000));
    let mut series = Series::new("s", ["time", "sequence_number", "v"]).unwrap();
    series.push([Value::Null, 70.into(), 1.into()]).unwrap();
    series.push([9_000.into(), Value::Null, 2.into()]).unwrap();
    let mut bare = Series::new("b", ["v"]).unwrap();
    bare.push([3.into()]).unwrap();
    let rows = [
        Row { time: None, host: "a", load: None },
        Row { time: Some(8_000), host: "a", load: Some(0.5) },
    ];
    let table = Table::new("r");
    let numbered = Point::new("p").field("sequence_number", 5).field("v", 1);
    let json = |points: &dyn Fn(&mut SeriesEncoder<'_>)| {
        let mut last = 0;
        let mut next = || {
            last += 1;
            last
        };
        let mut encoder = SeriesEncoder::with_options(options.clone()).sequence_numbers(&mut next);
        points(&mut encoder);
        let bodies = encoder.finish();
        assert!(bodies.iter().all(|body| body.identified));
        text(&bodies)
    };
    for (found, expected) in [
        (
            json(&|encoder| series.encode(encoder).unwrap()),
            r#"[{"name":"s","columns":["time","sequence_number","v"],"points":[[7,70,1],[9,1,2]]}]"#,
        ),
        (
            json(&|encoder| bare.encode(encoder).unwrap()),
            r#"[{"name":"b","columns":["v","time","sequence_number"],"points":[[3,7,1]]}]"#,
        ),
        (
            json(&|encoder| table.rows(&rows).encode(encoder).unwrap()),
            concat!(
                r#"[{"name":"r","columns":["time","host","load","sequence_number"],"#,
                r#""points":[[7,"a",null,1],[8,"a",0.5,2]]}]"#
            ),
        ),
        (
            json(&|encoder| [&numbered, &cpu(0.5)].encode(encoder).unwrap()),
            concat!(
                r#"[{"name":"p","columns":["sequence_number","v","time"],"points":[[5,1,7]]},"#,
                r#"{"name":"cpu","columns":["host","load","time","sequence_number"],"#,
                r#""points":[["a",0.5,7,1]]}]"#
            ),
        ),
        (
            json(&|encoder| Lines(b"m v=1\nm v=2 9000").encode(encoder).unwrap()),
            r#"[{"name":"m","columns":["v","time","sequence_number"],"points":[[1.0,7,1],[2.0,9,2]]}]"#,
        ),
    ] {
        assert_eq!(found, expected);
    }
    let bodies = encode(Format::Lines, &(Lines(b"m v=1\nm v=2 9")), &options).unwrap();
    assert_eq!(text(&bodies), "m v=1 7000\nm v=2 9\n");
    assert!(bodies[0].identified);
}

#[test]
fn a_body_knows_whether_it_may_be_repeated() {
    let timed = |point: Point| point.time(Time::from_nanos(1_000));
    let numbered = |point: Point| point.field("sequence_number", 1);
    let nan = timed(cpu(1.0)).field("sequence_number", f64::NAN);
    for (points, lines, json) in [
        (vec![cpu(1.0)], false, false),
        (vec![timed(cpu(1.0))], true, false),
        (vec![numbered(cpu(1.0))], false, false),
        (vec![timed(numbered(cpu(1.0)))], true, true),
        (vec![timed(numbered(cpu(1.0))), timed(cpu(1.0))], true, false),
        (vec![nan], true, false),
    ] {
        let mut options = EncodeOptions::default();
        options.non_finite = NonFinite::Omit;
        for (format, expected) in [(Format::Lines, lines), (Format::SeriesJson, json)] {
            let bodies = format.encode(&points, &options, None).unwrap();
            assert_eq!(bodies[0].identified, expected, "{points:?} {format:?}");
        }
    }
}

#[test]
fn bodies_are_split_between_points() {
    let points: Vec<_> = (0..10).map(|load| cpu(load.into())).collect();
    let rows: Vec<_> = (0..10).map(|load| Row { time: load, host: "a", load: Some(0.5) }).collect();
    let table = Table::new("cpu").tag("host");
    let whole = |format: Format, points: &dyn Fn(&EncodeOptions) -> Vec<Body>| {
        let mut options = EncodeOptions::default();
        let all = points(&options);
        assert_eq!((all.len(), all[0].points), (1, 10));
        options.max_points = 3;
        let bodies = points(&options);
        assert_eq!(bodies.iter().map(|body| body.points).collect::<Vec<_>>(), [3, 3, 3, 1]);
        let longest = bodies.iter().map(|body| body.bytes.len()).max().unwrap();
        options.max_points = usize::MAX;
        options.max_bytes = longest;
        let by_bytes = points(&options);
        assert_eq!(by_bytes, bodies, "{format:?}");
        if format == Format::Lines {
            assert_eq!(text(&bodies), text(&all));
        }
    };
    for format in [Format::Lines, Format::SeriesJson] {
        whole(format, &|options| format.encode(&points, options, None).unwrap());
        whole(format, &|options| format.encode(&table.rows(&rows), options, None).unwrap());
    }
    let mut options = EncodeOptions::default();
    options.max_bytes = 19;
    let error = Format::Lines.encode(&points, &options, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "point 0 of \"cpu\" needs a body of 20 bytes, above the limit of 19; \
         shorten it or raise the limit"
    );
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
