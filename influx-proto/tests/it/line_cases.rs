//! The hard cases of the line protocol, one by one.

use influx_proto::TimeUnit;
use influx_proto::encode::{EncodeError, EncodeOptions, MAX_KEY_LEN, PointPart, PointProblem};
use influx_proto::line::{FieldValue, LineEncoder, lines};

/// Checks that the point is written as this line, and read back as it was.
fn check(
    (measurement, tags, field, value): (&str, &[(&str, &str)], &str, FieldValue<'_>),
    timestamp: Option<i64>,
    expected: &str,
) {
    let mut encoder = LineEncoder::new();
    let fields = [(field, value.clone())];
    let point = encoder.point(measurement).unwrap().tags(tags.iter().copied()).unwrap();
    let point = point.fields(fields).unwrap();
    match timestamp {
        Some(timestamp) => point.timestamp(timestamp).unwrap(),
        None => point.untimed().unwrap(),
    }
    assert_eq!(std::str::from_utf8(encoder.as_bytes()).unwrap(), format!("{expected}\n"));

    let read: Vec<_> = lines(encoder.as_bytes()).collect::<Result<_, _>>().unwrap();
    let [line] = &*read else { panic!("{expected}: {} lines", read.len()) };
    assert_eq!(line.measurement, measurement);
    assert!(line.tags.iter().map(|(key, value)| (&**key, &**value)).eq(tags.iter().copied()));
    assert_eq!(line.fields, [(field.into(), value)]);
    assert_eq!(line.timestamp, timestamp);
}

#[test]
fn names_are_escaped_where_they_must_be() {
    for (name, measurement, tag_or_field_key) in [
        ("a b", r"a\ b", r"a\ b"),
        ("a,b", r"a\,b", r"a\,b"),
        ("a=b", "a=b", r"a\=b"),
        ("\"a\"", "\"a\"", "\"a\""),
        ("'a'", "'a'", "'a'"),
        ("é😀", "é😀", "é😀"),
        (r"C:\new\table", r"C:\new\table", r"C:\new\table"),
        (r"a\\b", r"a\\b", r"a\\b"),
        ("a\tb", "a\tb", "a\tb"),
        ("_field", "_field", "_field"),
    ] {
        check((name, &[], "f", 1.into()), None, &format!("{measurement} f=1i"));
        check(("m", &[(name, "v")], "f", 1.into()), None, &format!("m,{tag_or_field_key}=v f=1i"));
        check(("m", &[("t", name)], "f", 1.into()), None, &format!("m,t={tag_or_field_key} f=1i"));
        check(("m", &[], name, 1.into()), None, &format!("m {tag_or_field_key}=1i"));
    }
    // Only keys are reserved, and only measurements can be taken for comments.
    check(("time", &[("#a", "time")], "#b", 1.into()), None, "time,#a=time #b=1i");
}

#[test]
fn values_keep_type_and_every_bit() {
    for (value, text) in [
        (1.0.into(), "1.0"),
        (1e300.into(), "1e+300"),
        (5e-324.into(), "5e-324"),
        ((-0.0).into(), "-0.0"),
        ((0.1 + 0.2).into(), "0.30000000000000004"),
        (1.into(), "1i"),
        (i64::MIN.into(), "-9223372036854775808i"),
        (i64::MAX.into(), "9223372036854775807i"),
        (true.into(), "true"),
        (false.into(), "false"),
        ("".into(), r#""""#),
        ("a\nb\r\nm v=1".into(), "\"a\nb\r\nm v=1\""),
        ("a, b=c \0".into(), "\"a, b=c \0\""),
        (r#"\"quoted\"\"#.into(), r#""\\\"quoted\\\"\\""#),
        (r"C:\new\".into(), r#""C:\\new\\""#),
    ] {
        let point: (&str, &[(&str, &str)], &str, FieldValue<'_>) = ("m", &[], "f", value);
        check(point, Some(1), &format!("m f={text} 1"));
    }
}

#[test]
fn timestamps_have_the_range_of_the_server() {
    for timestamp in [-9_223_372_036_854_775_806, -1, 0, 9_223_372_036_854_775_806] {
        let line = format!("m f=1i {timestamp}");
        check(("m", &[], "f", 1.into()), Some(timestamp), &line);
    }
    let problem = PointProblem::TimeOutOfRange;
    for timestamp in [i64::MIN, -i64::MAX, i64::MAX] {
        check_refused(PointPart::Timestamp, &problem, |encoder| {
            encoder.point("m")?.field("f", 1)?.timestamp(timestamp)
        });
    }
    for (unit, nanos, line) in [
        (TimeUnit::Microseconds, 1_999, "m f=1i 1\n"),
        (TimeUnit::Milliseconds, -1, "m f=1i -1\n"),
        (TimeUnit::Seconds, 9_223_372_036_854_775_806, "m f=1i 9223372036\n"),
    ] {
        let mut options = EncodeOptions::default();
        options.time_unit = Some(unit);
        let mut encoder = LineEncoder::with_options(options);
        encoder.point("m").unwrap().field("f", 1).unwrap().timestamp(nanos).unwrap();
        assert_eq!(encoder.take(), line.as_bytes());
        // The server would multiply it to a time out of its range.
        let point = encoder.point("m").unwrap().field("f", 1).unwrap();
        let error = point.timestamp(-9_223_372_036_854_775_806).unwrap_err();
        assert_eq!(error.problem, PointProblem::TimeOutOfRange);
    }
}

/// Checks that a point is refused for this reason, and leaves no trace.
fn check_refused(
    position: PointPart,
    problem: &PointProblem,
    write: impl Fn(&mut LineEncoder) -> Result<(), EncodeError>,
) {
    let mut encoder = LineEncoder::new();
    encoder.point("before").unwrap().field("f", 1).unwrap().untimed().unwrap();
    let error = write(&mut encoder).unwrap_err();
    assert_eq!((error.point, error.part, &error.problem), (1, position, problem), "{error}");
    assert_eq!(encoder.as_bytes(), b"before f=1i\n", "{error}");
    encoder.point("after").unwrap().field("f", 1).unwrap().untimed().unwrap();
    assert_eq!(encoder.take(), b"before f=1i\nafter f=1i\n", "{error}");
    assert!(encoder.is_empty() && encoder.as_bytes().is_empty());
}

#[test]
fn what_cannot_be_represented_is_refused() {
    use PointPart::{FieldKey, FieldValue, Measurement, Point, TagKey, TagValue};
    use PointProblem::{Backslash, Comment, ControlCharacter, Duplicate, Empty, LeadingTab};

    for (name, problem) in [
        ("a v=1\nb", ControlCharacter),
        ("a\rb", ControlCharacter),
        ("a\0b", ControlCharacter),
        (r"a\", Backslash),
        (r"a\\", Backslash),
        (r"a\ b", Backslash),
        ("", Empty),
    ] {
        check_refused(Measurement, &problem, |encoder| {
            encoder.point(name)?.field("f", 1)?.untimed()
        });
        check_refused(TagKey, &problem, |encoder| {
            encoder.point("m")?.tag(name, "v")?.field("f", 1)?.untimed()
        });
        check_refused(TagValue, &problem, |encoder| {
            encoder.point("m")?.tag("t", name)?.field("f", 1)?.untimed()
        });
        check_refused(FieldKey, &problem, |encoder| {
            encoder.point("m")?.field("f", 1)?.field(name, 1)?.untimed()
        });
    }
    check_refused(Measurement, &Comment, |encoder| encoder.point("#m").map(drop));
    check_refused(Measurement, &LeadingTab, |encoder| encoder.point("\tm").map(drop));
    check_refused(FieldKey, &LeadingTab, |encoder| encoder.point("m")?.field("\tf", 1).map(drop));
    check_refused(TagKey, &PointProblem::Reserved, |encoder| {
        encoder.point("m")?.tag("time", "1").map(drop)
    });
    check_refused(FieldKey, &PointProblem::Reserved, |encoder| {
        encoder.point("m")?.field("time", 1).map(drop)
    });
    check_refused(TagKey, &Duplicate, |encoder| {
        encoder.point("m")?.tag("a", "1")?.tag("b", "1")?.tag("a", "2").map(drop)
    });
    check_refused(FieldKey, &Duplicate, |encoder| {
        encoder.point("m")?.field("a", 1)?.field("b", 1)?.field("a", 2).map(drop)
    });
    check_refused(Point, &PointProblem::NoFields, |encoder| {
        encoder.point("m")?.tag("t", "v")?.fields([("f", 1); 0])?.timestamp(1)
    });
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        check_refused(FieldValue, &PointProblem::NonFinite, |encoder| {
            encoder.point("m")?.field("f", value).map(drop)
        });
    }
    check_refused(FieldValue, &PointProblem::UnsignedTooLarge, |encoder| {
        encoder.point("m")?.field("f", 1_u64 << 63).map(drop)
    });
}

#[test]
fn a_duplicate_among_many_keys_is_found() {
    let names: Vec<_> = (0..100).map(|index| format!("k{index}")).collect();
    for twice in [0, 10, 50, 99] {
        let keys = || names.iter().chain([&names[twice]]).map(String::as_str);
        check_refused(PointPart::TagKey, &PointProblem::Duplicate, |encoder| {
            encoder.point("m")?.tags(keys().map(|key| (key, "v")))?.field("f", 1)?.untimed()
        });
        check_refused(PointPart::FieldKey, &PointProblem::Duplicate, |encoder| {
            encoder.point("m")?.fields(keys().map(|key| (key, 1)))?.untimed()
        });
    }
    let mut encoder = LineEncoder::new();
    let keys = || names.iter().rev().map(String::as_str);
    let point = encoder.point("m").unwrap().tags(keys().map(|key| (key, "v"))).unwrap();
    point.fields(keys().map(|key| (key, 1))).unwrap().untimed().unwrap();
    assert_eq!(encoder.points(), 1);
}

#[test]
fn the_key_has_the_limit_of_the_server() {
    // The series "m,t=x" and a separator of 4 bytes go with each field key.
    for (len, fits) in [(MAX_KEY_LEN - 9, true), (MAX_KEY_LEN - 8, false)] {
        let key = "k".repeat(len);
        let mut encoder = LineEncoder::new();
        let point = encoder.point("m").unwrap().tag("t", "x").unwrap();
        let result = point.field("f", 1).unwrap().field(&key, 1);
        assert_eq!(result.is_ok(), fits, "{len}");
        let line = lines(&format!("m,t=x f=1,{key}=1")).next().unwrap().map(drop);
        assert_eq!(line.is_ok(), fits, "{len}");
    }
    // Escapes count.
    let spaces = " ".repeat(MAX_KEY_LEN / 2 - 1);
    let what = "measurement, tags and one field key";
    let problem = PointProblem::TooLarge { what, limit: MAX_KEY_LEN };
    check_refused(PointPart::FieldKey, &problem, |encoder| {
        encoder.point(&spaces)?.field("f", 1).map(drop)
    });
}

#[test]
fn a_dropped_point_leaves_no_trace() {
    let mut encoder = LineEncoder::new();
    drop(encoder.point("dropped").unwrap());
    drop(encoder.point("dropped").unwrap().tag("t", "v").unwrap());
    encoder.point("m").unwrap().field("f", 1).unwrap().untimed().unwrap();
    drop(encoder.point("dropped").unwrap().field("f", 1).unwrap());
    assert_eq!((encoder.points(), encoder.len()), (1, 7));
    assert_eq!(encoder.take(), b"m f=1i\n");
}

/// Checks what a text reads as: a point's measurement, or where and why a line is refused.
fn check_read(input: &str, expected: &[Result<&str, &str>]) {
    let read: Vec<_> = lines(input)
        .map(|line| line.map(|line| line.measurement).map_err(|error| error.to_string()))
        .collect();
    let read: Vec<_> = read.iter().map(|line| line.as_deref().map_err(String::as_str)).collect();
    assert_eq!(read, expected, "{input:?}");
}

#[test]
fn errors_say_where_and_reading_goes_on() {
    check_read("", &[]);
    check_read("\n \n\t\n# x=\"\n  #\n", &[]);
    check_read("a v=1\n\nb v=1", &[Ok("a"), Ok("b")]);
    check_read("# v=\"\na v=1\n", &[Ok("a")]);
    check_read(
        "a v=1\nb v=x\nc v=1\n",
        &[
            Ok("a"),
            Err(
                "line 2, column 5: field value is not a number in range, a boolean or a quoted string",
            ),
            Ok("c"),
        ],
    );
    check_read(
        "a v=\"x\ny\",w=\"\n\" z\nb v=1",
        &[
            Err("line 3, column 3: timestamp is not an integer between \
                 -9223372036854775806 and 9223372036854775806"),
            Ok("b"),
        ],
    );
    check_read(
        "a v=1 1\r\n\r\n",
        &[
            Err("line 1, column 8: line contains a line feed, carriage return or NUL"),
            Err("line 2, column 1: line contains a line feed, carriage return or NUL"),
        ],
    );
    check_read("a v=\"1\nb v=1\n", &[Err("line 1, column 5: field value has no closing quote")]);
    for (line, error) in [
        ("m", "column 2: line has no field"),
        ("m ", "column 3: line has no field"),
        (",t=a v=1", "column 1: measurement is empty"),
        ("m,t v=1", "column 4: tag value is empty"),
        ("m,t= v=1", "column 5: tag value is empty"),
        ("m,=a v=1", "column 3: tag key is empty"),
        (
            "m,t=a=b v=1",
            "column 6: tag value is followed by something unexpected; lines end in a line feed alone",
        ),
        ("m,t=a,t=b v=1", "column 10: tag key appears twice"),
        ("m v", "column 4: field value is empty"),
        ("m v=", "column 5: field value is empty"),
        ("m v=1,", "column 7: field key is empty"),
        ("m v=1,v=2", "column 10: field key appears twice"),
        ("m time=1", "column 3: field key is reserved for the timestamp"),
        ("m,time=1 v=1", "column 3: tag key is reserved for the timestamp"),
        (
            "m v=\"a\"b",
            "column 8: field value is followed by something unexpected; lines end in a line feed alone",
        ),
        (
            "m v=1 1 2",
            "column 9: timestamp is followed by something unexpected; lines end in a line feed alone",
        ),
        (
            "m,t=a\\\\ v=1",
            "column 7: tag value has a backslash at its end or before a character that needs one",
        ),
        ("m\0 v=1", "column 2: measurement contains a line feed, carriage return or NUL"),
    ] {
        check_read(line, &[Err(&format!("line 1, {error}"))]);
    }
    let error = lines(b"a v=1\nm v=\"\xff\"").nth(1).unwrap().unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 6: line is not UTF-8");
}

#[test]
fn a_line_above_the_limit_is_skipped_as_a_whole() {
    let input = "a v=\"0123456789\nb v=1\n\"\nc v=1\n";
    let mut read = lines(input).with_max_line_len(20);
    let error = read.next().unwrap().unwrap_err();
    assert_eq!(
        (error.line, error.problem),
        (1, PointProblem::TooLarge { what: "a line", limit: 20 })
    );
    assert_eq!(read.next().unwrap().unwrap().measurement, "c");
    assert!(read.next().is_none());
    assert_eq!(lines(input).with_max_line_len(23).count(), 2);
}
