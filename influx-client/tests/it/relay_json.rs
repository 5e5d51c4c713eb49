//! From JSON messages to points.

use bytes::Bytes;
use influx_client::relay::{JsonMapping, Mapping, Unfit, Unmapped};
use influx_client::{Point, Time, TimeUnit};

/// The points as they are shown, with their times in nanoseconds.
fn check(mut mapping: JsonMapping, message: &str, expected: &[Point]) {
    let found = mapping.map(Bytes::from(message.to_owned()));
    assert_eq!(found.as_deref(), Ok(expected), "{message}");
}

fn check_refused(mut mapping: JsonMapping, message: &str, expected: &str) {
    let unmapped = mapping.map(Bytes::from(message.to_owned())).unwrap_err();
    assert_eq!(unmapped.to_string(), expected, "{message}");
}

fn s() -> Point {
    Point::new("s")
}

fn all() -> JsonMapping {
    JsonMapping::new("s")
}

#[test]
fn members_become_fields() {
    let point = s().field("a", 1).field("b", "x").field("c", true).field("d", 0.5);
    check(all(), r#"{"a":1,"b":"x","c":true,"d":0.5}"#, &[point]);
    check(all(), r#"{"a":18446744073709551615}"#, &[s().field("a", u64::MAX)]);
    let point = s().field("a.b.c", 1).field("a.d", 2);
    check(all(), r#"{"a":{"b":{"c":1},"d":2}}"#, &[point]);
    check(all(), r#"[{"a":1},{"a":2}]"#, &[s().field("a", 1), s().field("a", 2)]);
    check(all(), r#"{"a":1,"b":null}"#, &[s().field("a", 1)]);
    check(all(), "[]", &[]);
}

#[test]
fn members_are_what_the_mapping_says() {
    let at = |nanos| s().field("v", 1).time(Time::from_nanos(nanos));
    let mapping = all().tag("id").value("v").time("at", TimeUnit::Seconds);
    let tagged = at(2_000_000_000).tag("id", "7");
    check(mapping.clone(), r#"{"id":7,"v":1,"at":2,"more":[3]}"#, &[tagged]);
    check(mapping.clone(), r#"{"v":1,"at":1.0000005}"#, &[at(1_000_000_500)]);
    check_refused(mapping.clone(), r#"{"id":"x","at":2}"#, "it has no value");
    check_refused(mapping, r#"{"v":1,"at":"noon"}"#, r#""at" cannot be a time"#);
    let mapping = all().series_field("name");
    check(mapping.clone(), r#"{"name":"t","v":1}"#, &[Point::new("t").field("v", 1)]);
    check(mapping, r#"{"v":1}"#, &[s().field("v", 1)]);
}

/// No member is the time, or decides about a point's identity, by its name alone.
#[test]
fn only_the_named_member_is_the_time() {
    let seconds = |name| all().time(name, TimeUnit::Seconds);
    let v = || s().field("v", 2);
    let at = |seconds| v().time(Time::from_seconds(seconds).unwrap());
    let refused = r#""time" cannot be a value: databases keep the name"#;
    for message in [
        r#"{"time":1700000000123,"v":2}"#,
        r#"{"time":"2014-05-13T16:53:29Z","v":2}"#,
        r#"{"time":1,"at":3,"v":2}"#,
        r#"{"v":2,"at":3,"time":1}"#,
    ] {
        check_refused(all(), message, refused);
        check_refused(seconds("at"), message, refused);
    }
    check_refused(
        all(),
        r#"{"sequence_number":7,"v":2}"#,
        r#""sequence_number" cannot be a value: databases keep the name"#,
    );
    check_refused(
        all().tag("time"),
        r#"{"time":7,"v":2}"#,
        r#""time" cannot be a tag: databases keep the name"#,
    );
    check_refused(all().value("time"), r#"{"time":7,"v":2}"#, refused);
    check(all().value("v"), r#"{"time":7,"v":2}"#, &[v()]);
    check(all(), r#"{"time":null,"v":2}"#, &[v()]);
    check(all(), r#"{"a":{"time":1},"v":2}"#, &[s().field("a.time", 1).field("v", 2)]);
    check(seconds("time"), r#"{"time":3,"v":2}"#, &[at(3)]);
    check(seconds("time"), r#"{"v":2}"#, &[v()]);
    check(seconds("time"), r#"{"time":null,"v":2}"#, &[v()]);
    check(seconds("time"), r#"{"time":"1970-01-01T01:00:05+01:00","v":2}"#, &[at(5)]);
    let twice = r#"{"a":{"time":3},"a.time":4,"v":2}"#;
    check_refused(seconds("a.time"), twice, r#""a.time" appears twice"#);
    check_refused(
        all().series_field("a.b"),
        r#"{"a":{"b":"x"},"a.b":"y","v":2}"#,
        r#""a.b" appears twice"#,
    );
    check(seconds("a.time"), r#"{"a":{"time":3},"v":2}"#, &[at(3)]);
    let omit = seconds("at").unfit(Unfit::Omit);
    check(omit.clone(), r#"{"time":1,"at":3,"v":2}"#, &[at(3)]);
    check(omit, r#"{"v":2,"at":3,"time":1}"#, &[at(3)]);
}

#[test]
fn the_rest_of_a_message_is_stored_by_the_chosen_rule() {
    let named = || all().time("at", TimeUnit::Seconds).tag("id");
    let v = || s().field("v", 2);
    for (message, refused, text) in [
        (
            r#"{"time":"x","v":2}"#,
            r#""time" cannot be a value: databases keep the name"#,
            s().field("time_", "x").field("v", 2),
        ),
        (r#"{"time":{},"time_":"y","v":2}"#, "", s().field("time_", "y").field("v", 2)),
        (
            r#"{"sequence_number":7,"v":2}"#,
            r#""sequence_number" cannot be a value: databases keep the name"#,
            s().field("sequence_number_", "7").field("v", 2),
        ),
        (
            r#"{"a":[1,"x",{"b":null}],"v":2}"#,
            r#""a" cannot be a value"#,
            s().field("a", r#"[1,"x",{"b":null}]"#).field("v", 2),
        ),
        (
            r#"{"a":{"b":[]},"v":2}"#,
            r#""a.b" cannot be a value"#,
            s().field("a.b", "[]").field("v", 2),
        ),
        (
            r#"{"at":"noon","v":2}"#,
            r#""at" cannot be a time"#,
            s().field("at", "noon").field("v", 2),
        ),
        (
            r#"{"at":1e300,"v":2}"#,
            r#""at" cannot be a time"#,
            s().field("at", "1e+300").field("v", 2),
        ),
        (
            r#"{"at":{"a":1},"v":2}"#,
            r#""at" cannot be a time"#,
            s().field("at", r#"{"a":1}"#).field("v", 2),
        ),
        (r#"{"id":[7],"v":2}"#, r#""id" cannot be a tag"#, s().field("v", 2).tag("id", "[7]")),
    ] {
        check(named().unfit(Unfit::Text), message, std::slice::from_ref(&text));
        if refused.is_empty() {
            continue;
        }
        check_refused(named(), message, refused);
        check_refused(named().unfit(Unfit::Refuse), message, refused);
        check(named().unfit(Unfit::Omit), message, &[v()]);
    }
    check_refused(named().unfit(Unfit::Omit), r#"{"a":[1]}"#, "it has no value");
    check(named().unfit(Unfit::Text).tag("time"), r#"{"time":7,"v":2}"#, &[v().tag("time_", "7")]);
    check(named().unfit(Unfit::Text).value("v"), r#"{"a":[1],"v":2}"#, &[v()]);
}

#[test]
fn a_byte_order_mark_is_dropped() {
    check(all(), "\u{feff}{\"v\":1}", &[s().field("v", 1)]);
    check_refused(all(), "\u{feff}", "EOF while parsing a value at line 1 column 0");
}

#[test]
fn reasons_show_no_character_that_could_disturb() {
    check_refused(all(), "{\"a\u{202e}\":[1]}", r#""a\u{202e}" cannot be a value"#);
    let unmapped = Unmapped::new("\u{1b}[31m\u{2028}ü");
    assert_eq!(unmapped.to_string(), r"\u{1b}[31m\u{2028}ü");
}

#[test]
fn other_messages_are_refused() {
    check_refused(all(), "{}", "it has no value");
    check_refused(all(), "1", "a number is not an object");
    check_refused(all(), "[[]]", "an array is not an object");
    check_refused(all(), r#"{"a":[1]}"#, r#""a" cannot be a value"#);
    check_refused(all().tag("a"), r#"{"a":[1],"b":1}"#, r#""a" cannot be a tag"#);
    check_refused(all(), "{", "EOF while parsing an object at line 1 column 1");
    for time in ["9223372036854775807", "1e300", "-1e300"] {
        let mapping = all().time("t", TimeUnit::Seconds);
        check_refused(mapping, &format!(r#"{{"v":1,"t":{time}}}"#), r#""t" cannot be a time"#);
    }
}

#[test]
fn a_deep_message_takes_no_more_than_its_size() {
    let name = "n".repeat(600);
    let message = format!(r#"{{"{name}":{{"{name}":1}}}}"#);
    check_refused(all(), &message, "a name is longer than 1024 bytes");
    check_refused(
        all(),
        &format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200)),
        "recursion limit exceeded at line 1 column 636",
    );
}
