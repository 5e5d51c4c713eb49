//! The bodies of points: completed, split, and safe to repeat or not.

use influx_proto::encode::{Body, EncodeOptions, NonFinite, SeriesEncoder};
use influx_proto::{Format, Lines, Point, Points, Series, Table, Time, Value};
use serde::Serialize;

use crate::points::{Row, check, cpu, encode, text};

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
        "point 0 of \"cpu\" is above the limit of 19 bytes for the body of a write"
    );
}
