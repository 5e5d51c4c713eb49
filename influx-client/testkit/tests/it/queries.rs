//! What queries answer that was not recorded, and what they change.

use http::StatusCode;
use influx_testkit::Engine;

use crate::support::{engine, query, write};

/// Six points of `cpu`, at 1000 s to 1005 s.
fn prepared() -> Engine {
    let engine = engine();
    write(
        &engine,
        r#"[{"name":"cpu","columns":["time","sequence_number","host","load"],"points":[
            [1000,1,"a",1],[1001,2,"b",2.5],[1002,3,"a",-3],[1003,4,"b",4],[1004,5,"a",5],[1005,6,null,6]
        ]}]"#,
    );
    engine
}

fn check(text: &str, expected: &str) {
    assert_eq!(query(&prepared(), text), (StatusCode::OK, expected.to_owned()), "{text}");
}

fn check_error(text: &str, expected: &str) {
    let (status, answer) = query(&prepared(), text);
    assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
    assert_eq!(answer.lines().next(), Some(expected), "{text}");
}

fn points(columns: &str, points: &str) -> String {
    format!(r#"[{{"name":"cpu","columns":["time",{columns}],"points":[{points}]}}]"#)
}

#[test]
fn conditions() {
    for (condition, expected) in [
        ("load >= 4 and load <= 5", "[1004,5,5],[1003,4,4]"),
        ("host <> 'a' and not_null = 1 or load = 1", "[1000,1,1]"),
        ("host != 'a'", "[1003,4,4],[1001,2,2.5]"),
        ("(load < 0 or host = 'b') and load < 3", "[1002,3,-3],[1001,2,2.5]"),
        ("load = -3", "[1002,3,-3]"),
        ("load * 2 > 10", "[1005,6,6]"),
        ("host in ('b', 'c')", "[1003,4,4],[1001,2,2.5]"),
        ("host =~ /^A$/i and load > 1", "[1004,5,5]"),
        ("time > now() - 999s and time < 1001s + 1s", "[1002,3,-3],[1001,2,2.5]"),
        ("time < '1970-01-01 00:16:40.500'", "[1000,1,1]"),
        ("time = 1003s and sequence_number = 4 and host = 'b'", "[1003,4,4]"),
    ] {
        let engine = prepared();
        // A column that is always null must still exist.
        write(
            &engine,
            r#"[{"name":"cpu","columns":["time","sequence_number","not_null"],"points":[[1,1,null]]}]"#,
        );
        let answer = query(&engine, &format!("select load from cpu where {condition}"));
        let expected = points("\"sequence_number\",\"load\"", expected);
        assert_eq!(answer, (StatusCode::OK, expected), "{condition}");
    }
}

#[test]
fn aggregates() {
    for (function, expected) in [
        ("bottom(load, 2)", r#""bottom"],"points":[[0,-3],[0,1]]"#),
        ("count(host)", r#""count"],"points":[[0,5]]"#),
        ("count(distinct(host))", r#""count"],"points":[[0,2]]"#),
        ("derivative(load)", r#""derivative"],"points":[[0,1]]"#),
        ("difference(load)", r#""difference"],"points":[[0,-5]]"#),
        ("first(load), last(load)", r#""first","last"],"points":[[0,6,1]]"#),
        ("histogram(load, 4)", r#""bucket_start","count"],"points":[[0,4,3],[0,-4,1],[0,0,2]]"#),
        ("min(load), max(load)", r#""min","max"],"points":[[0,-3,6]]"#),
        ("mean(load + 1)", r#""mean"],"points":[[0,3.5833333333333335]]"#),
        ("median(load)", r#""median"],"points":[[0,2.5]]"#),
        ("percentile(load, 100)", r#""percentile"],"points":[[0,6]]"#),
        ("percentile(load, 1)", r#""percentile"],"points":[[0,null]]"#),
        ("mode(host)", r#""mode"],"points":[[0,"a"]]"#),
    ] {
        let expected = format!(r#"[{{"name":"cpu","columns":["time",{expected}}}]"#);
        check(&format!("select {function} from cpu"), &expected);
    }
    check(
        "select count(load) from cpu where time > 1001s group by time(2s), host order asc limit 3",
        &points("\"count\",\"host\"", r#"[1000,1,"b"],[1002,1,"a"],[1002,1,"b"]"#),
    );
    check(
        "select sum(load) from cpu where time > 1004s and time < 1009s group by time(2s) fill(-1)",
        &points("\"sum\"", "[1008,-1],[1006,-1],[1004,11]"),
    );
}

#[test]
fn columns() {
    let row = "[1005,6,null,6]";
    let all = points("\"sequence_number\",\"host\",\"load\"", row);
    check("select * from cpu limit 1", &all);
    check("select *, load, *, time from cpu limit 1", &all);
    check("select host, load from cpu limit 1", &all);
    let computed = points("\"sequence_number\",\"expr0\",\"load\",\"expr1\"", "[1000,1,2,1,0.5]");
    check("select load + 1, load, load / 2 from cpu limit 1 order asc", &computed);
    let missing = r#"[{"name":"cpu","columns":["time","sequence_number"],"points":[[1003,9]]}]"#;
    check("select * from cpu where time = 1003s and sequence_number = 9", missing);
}

#[test]
fn errors_name_the_fault() {
    for (text, expected) in [
        ("select mean() from cpu", "function mean() requires exactly one argument"),
        ("select load from cpu where x = 1", "Field x doesn't exist in series cpu"),
        (
            "select load from cpu where sequence_number = 4",
            "Error while filtering points: Cannot find column sequence_number \
             [query = select load from \"cpu\" where sequence_number = 4]",
        ),
        ("select load from cpu group by x", "Field x doesn't exist in series cpu"),
        ("select load from cpu where time > 'x'", "x isn't a valid time string"),
        ("select load from cpu where time > load", "Invalid time condition load"),
        (
            "select load from cpu group by time(5)",
            "syntax error, unexpected INT_VALUE, expecting DURATION",
        ),
        (
            "select load from cpu limit x",
            "syntax error, unexpected SIMPLE_NAME, expecting INT_VALUE",
        ),
        (
            "select load from cpu where (load = 1",
            "syntax error, unexpected end of file, expecting ')'",
        ),
        ("drop table cpu", "syntax error, unexpected SIMPLE_NAME, expecting CONTINUOUS"),
        ("select load from \"cpu", "syntax error, unexpected $undefined"),
    ] {
        check_error(text, expected);
    }
}

#[test]
fn points_and_series_are_deleted() {
    let engine = prepared();
    let remaining = || engine.series("d", "cpu").map(|series| series.len());
    let done = (StatusCode::OK, "[]".to_owned());
    assert_eq!(query(&engine, "delete from cpu where time < 1001s"), done);
    assert_eq!(remaining(), Some(4));
    let (status, _) = query(&engine, "delete from cpu where load = 5");
    assert_eq!((status, remaining()), (StatusCode::BAD_REQUEST, Some(4)));
    assert_eq!(query(&engine, "delete from /^c/"), done);
    assert_eq!(remaining(), Some(0));
    assert_eq!(query(&engine, "drop series cpu"), done);
    assert_eq!(remaining(), None);
    assert_eq!(engine.series_names("d"), [""; 0]);
}

#[test]
fn a_fanout_copies_points_as_they_are_written() {
    let engine = prepared();
    query(&engine, "select load from /^c/ where load > 1 into copy.:series_name.[host]");
    write(
        &engine,
        r#"[{"name":"cpu","columns":["time","host","load"],"points":[[1,"a",1],[2,"b",2]]}]"#,
    );
    assert_eq!(engine.series_names("d"), ["copy.cpu.[host]", "cpu"]);
    let copy = engine.series("d", "copy.cpu.[host]").unwrap();
    assert_eq!((copy.len(), copy.columns().len()), (1, 3));
}

#[test]
fn the_state_can_be_inspected() {
    let engine = prepared();
    assert!(!engine.create_database("d"));
    assert_eq!(engine.databases(), ["d"]);
    assert_eq!(engine.requests(), 1);
    let cpu = engine.series("d", "cpu").unwrap();
    assert_eq!(cpu.columns(), ["time", "sequence_number", "host", "load"]);
    let first = cpu.points().next().unwrap();
    assert_eq!(first, [1_000_000_000.into(), 1.into(), "a".into(), 1.into()]);
    assert_eq!(engine.series("d", "other"), None);
    assert_eq!(format!("{engine:?}"), r#"Engine { databases: ["d"], .. }"#);
}
