//! Answers of queries that were not recorded, and their effects.

use http::StatusCode;
use influx_testkit::{Options, Server, StoredValue};

use crate::support::{query, server, server_with, write};

/// Six points of `cpu`, at 1000 s to 1005 s.
async fn prepared() -> Server {
    let server = server().await;
    write(
        &server,
        r#"[{"name":"cpu","columns":["time","sequence_number","host","load"],"points":[
            [1000,1,"a",1],[1001,2,"b",2.5],[1002,3,"a",-3],[1003,4,"b",4],[1004,5,"a",5],[1005,6,null,6]
        ]}]"#,
    );
    server
}

async fn check(text: &str, expected: &str) {
    assert_eq!(query(&prepared().await, text), (StatusCode::OK, expected.to_owned()), "{text}");
}

async fn check_error(text: &str, expected: &str) {
    let (status, answer) = query(&prepared().await, text);
    assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
    assert_eq!(answer.lines().next(), Some(expected), "{text}");
}

fn points(columns: &str, points: &str) -> String {
    format!(r#"[{{"name":"cpu","columns":["time",{columns}],"points":[{points}]}}]"#)
}

#[tokio::test]
async fn conditions() {
    for (condition, expected) in [
        ("load >= 4 and load <= 5", "[1004,5,5],[1003,4,4]"),
        ("host <> 'a' and not_null = 1 or load = 1", "[1000,1,1]"),
        ("host <> 'a'", "[1003,4,4],[1001,2,2.5]"),
        ("(load < 0 or host = 'b') and load < 3", "[1002,3,-3],[1001,2,2.5]"),
        ("load = -3", "[1002,3,-3]"),
        ("load * 2 > 10", "[1005,6,6]"),
        ("host in ('b', 'c')", "[1003,4,4],[1001,2,2.5]"),
        ("host =~ /^A$/i and load > 1", "[1004,5,5]"),
        ("time > now() - 999s and time < 1001s + 1s", "[1002,3,-3],[1001,2,2.5]"),
        ("time < '1970-01-01 00:16:40.500'", "[1000,1,1]"),
        ("time = 1003s and sequence_number = 4", "[1003,4,4]"),
    ] {
        let server = prepared().await;
        // A column that is always null must still exist.
        write(
            &server,
            r#"[{"name":"cpu","columns":["time","sequence_number","not_null"],"points":[[1,1,null]]}]"#,
        );
        let answer = query(&server, &format!("select load from cpu where {condition}"));
        let expected = points("\"sequence_number\",\"load\"", expected);
        assert_eq!(answer, (StatusCode::OK, expected), "{condition}");
    }
}

#[tokio::test]
async fn aggregates() {
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
        ("percentile(load, 99)", r#""percentile"],"points":[[0,6]]"#),
        ("percentile(load, 1)", r#""percentile"],"points":[[0,0]]"#),
        ("mode(host)", r#""mode"],"points":[[0,"a"]]"#),
    ] {
        let expected = format!(r#"[{{"name":"cpu","columns":["time",{expected}}}]"#);
        check(&format!("select {function} from cpu"), &expected).await;
    }
    check(
        "select count(load) from cpu where time > 1001s group by time(2s), host order asc limit 3",
        &points("\"count\",\"host\"", r#"[1000,1,"b"],[1002,1,"a"],[1002,1,"b"]"#),
    )
    .await;
    check(
        "select sum(load) from cpu where time > 1004s and time < 1009s group by time(2s) fill(-1)",
        &points("\"sum\"", "[1008,-1],[1006,-1],[1004,11]"),
    )
    .await;
}

#[tokio::test]
async fn columns() {
    let row = points("\"sequence_number\",\"host\",\"load\"", "[1005,6,null,6]");
    check("select host, load from cpu limit 1", &row).await;
    check("select load, host from cpu limit 1", &row).await;
    check("select load, host, time from cpu where load > 5", &row).await;
    let missing = r#"[{"name":"cpu","columns":["time","sequence_number"],"points":[[1003,9]]}]"#;
    check("select * from cpu where time = 1003s and sequence_number = 9", missing).await;
}

#[tokio::test]
async fn errors_name_the_fault() {
    for (text, expected) in [
        ("select mean() from cpu", "function mean() requires exactly one argument"),
        ("select load from cpu where x = 1", "Field x doesn't exist in series cpu"),
        (
            "select load from cpu where sequence_number = 4",
            "Field sequence_number doesn't exist in series cpu",
        ),
        (
            "select * from cpu where sequence_number = 4",
            "Error while filtering points: Cannot find column sequence_number \
             [query = select * from \"cpu\" where sequence_number = 4]",
        ),
        ("select load from cpu group by x", "Field x doesn't exist in series cpu"),
        ("select load from cpu where time > 'x'", "x isn't a valid time string"),
        ("select load from cpu where time > load", "Field time doesn't exist in series cpu"),
        (
            "select load from cpu limit x",
            "syntax error, unexpected SIMPLE_NAME, expecting INT_VALUE",
        ),
        (
            "select load from cpu where (load = 1",
            "syntax error, unexpected end of file, expecting OR or AND or ')'",
        ),
        ("drop table cpu", "syntax error, unexpected SIMPLE_NAME, expecting CONTINUOUS_QUERY"),
        ("select load from \"cpu", "syntax error, unexpected end of file"),
    ] {
        check_error(text, expected).await;
    }
}

#[tokio::test]
async fn points_and_series_are_deleted() {
    let server = prepared().await;
    let remaining = || server.points("d", "cpu").len();
    let done = (StatusCode::OK, "[]".to_owned());
    assert_eq!(query(&server, "delete from cpu where time < 1001s"), done);
    assert_eq!(remaining(), 4);
    let (status, _) = query(&server, "delete from cpu where load = 5");
    assert_eq!((status, remaining()), (StatusCode::BAD_REQUEST, 4));
    assert_eq!(query(&server, "delete from /^c/"), done);
    assert_eq!((remaining(), server.series_names("d")), (0, vec!["cpu".to_owned()]));
    assert_eq!(query(&server, "drop series cpu"), done);
    assert_eq!(server.series_names("d"), [""; 0]);
}

#[tokio::test]
async fn a_fanout_copies_points_as_they_are_written() {
    let server = prepared().await;
    query(&server, "select load from /^c/ where load > 1 into copy.:series_name.[host]");
    write(
        &server,
        r#"[{"name":"cpu","columns":["time","host","load"],"points":[[1,"a",1],[2,"b",2]]}]"#,
    );
    // The real server copies every point, whatever the query selects.
    assert_eq!(server.series_names("d"), ["copy.cpu.a", "copy.cpu.b", "cpu"]);
    let copies = server.points("d", "copy.cpu.b");
    let [copy] = &copies[..] else { panic!("{copies:?}") };
    assert_eq!(copy.values.keys().collect::<Vec<_>>(), ["load", "sequence_number"]);
}

/// The columns of the answers to one query, asked several times.
fn orders(server: &Server, text: &str) -> Vec<Vec<String>> {
    let answer = || {
        let (_, body) = query(server, text);
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        serde_json::from_value(answer[0]["columns"].clone()).unwrap()
    };
    (0..50).map(|_| answer()).collect()
}

#[tokio::test]
async fn a_seed_determines_the_order_of_all_columns() {
    for (text, count) in [
        ("select * from cpu", 2),
        ("select load + 1, host from cpu", 2),
        ("select * from cpu merge cpu2", 6),
        ("select load, host from cpu", 1),
        ("select max(load), min(load) from cpu group by host", 1),
    ] {
        let mut found = Vec::new();
        for seed in [1, 1, 2] {
            let mut options = Options::default();
            options.seed = seed;
            let server = server_with(options).await;
            assert_eq!(server.seed(), seed);
            write(
                &server,
                r#"[{"name":"cpu","columns":["time","host","load"],"points":[[1,"a",1]]},
                    {"name":"cpu2","columns":["time","u"],"points":[[1,1]]}]"#,
            );
            found.push(orders(&server, text));
        }
        let all: std::collections::BTreeSet<_> = found[0].iter().collect();
        assert_eq!(all.len(), count, "{text}: {all:?}");
        assert_eq!(found[0], found[1], "{text}");
        assert_eq!(found[0] != found[2], count > 1, "{text}");
    }
}

#[tokio::test]
async fn the_state_can_be_inspected() {
    let server = prepared().await;
    assert!(!server.create_database("d"));
    assert_eq!(server.databases(), ["d"]);
    assert_eq!(server.stats().calls, 1);
    assert_eq!(server.count("d"), 6);
    let cpu = server.points("d", "cpu");
    assert_eq!(cpu[0].time, 1_000_000_000_000);
    let values =
        [("host", StoredValue::from("a")), ("load", 1.into()), ("sequence_number", 1.into())];
    assert_eq!(cpu[0].values, values.map(|(name, value)| (name.to_owned(), value)).into());
    assert_eq!(cpu[5].values.get("host"), None);
    assert_eq!((server.points("d", "other"), server.count("other")), (vec![], 0));
    let debug = format!("{server:?}");
    assert!(debug.contains(r#"databases: ["d"]"#), "{debug}");
}
