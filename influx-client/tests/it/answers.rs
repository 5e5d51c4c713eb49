//! One judgement of an answer, whatever its body and however it is read.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use influx_client::proto::{Cell, Value};
use influx_client::transport::http::HttpTransport;
use influx_client::transport::test_util::{Script, ScriptedConnector};
use influx_client::{Error, ErrorKind, Outcome, v08};

use crate::defects::series;

/// A client whose server sends this once: the head as it is, and the pieces of the body as chunks.
fn client(head: &str, pieces: &[&[u8]]) -> v08::Client {
    let head = format!("HTTP/1.1 {head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut script = Script::new().read_request().send(head);
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        script = script.send(Bytes::from(chunk)).pause(Duration::from_millis(1));
    }
    play(script.send("0\r\n\r\n"))
}

fn play(script: Script) -> v08::Client {
    let transport = HttpTransport::new(ScriptedConnector::new([script]));
    v08::Client::with_transport("influxdb://h/db?attempts=1", transport).unwrap()
}

/// The judgement of one way of reading: the rows, and the end.
type Judgement = (Vec<String>, String);

fn end_of(result: Result<(), &Error>) -> String {
    let Err(error) = result else { return "ok".to_owned() };
    assert!(error.to_string().starts_with("h:8086: "), "{error}");
    match error.kind() {
        ErrorKind::Server(refusal) => {
            let (status, text) = (refusal.status.as_u16(), &refusal.message);
            format!("refused {status} {:?}: {text}", error.outcome())
        }
        ErrorKind::Response(error) => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            format!("unreadable: {}", cause.unwrap_or_default())
        }
        ErrorKind::Transport(error) => format!("transport: {error}"),
        other => panic!("{other:?}"),
    }
}

async fn all(client: v08::Client) -> Judgement {
    match client.default_database().unwrap().query("q").all().await {
        Ok(all) => {
            let points = all
                .iter()
                .flat_map(|series| series.points().map(|row| text_of(Cell::from(&row[0]))));
            (points.collect(), end_of(Ok(())))
        }
        Err(error) => (Vec::new(), end_of(Err(&error))),
    }
}

async fn chunks(client: v08::Client) -> Judgement {
    let mut rows = Vec::new();
    let mut chunks = match client.default_database().unwrap().query("q").chunks().await {
        Ok(chunks) => chunks,
        Err(error) => return (rows, end_of(Err(&error))),
    };
    let end = loop {
        match chunks.next().await {
            Ok(Some(series)) => {
                rows.extend(series.points().map(|row| text_of(Cell::from(&row[0]))));
            }
            Ok(None) => break end_of(Ok(())),
            Err(error) => break end_of(Err(&error)),
        }
    };
    assert_eq!(chunks.next().await.unwrap(), None, "the end is final");
    (rows, end)
}

async fn rows(client: v08::Client) -> Judgement {
    let mut found = Vec::new();
    let mut rows = match client.default_database().unwrap().query("q").rows::<Vec<Value>>().await {
        Ok(rows) => rows,
        Err(error) => return (found, end_of(Err(&error))),
    };
    let end = loop {
        match rows.next().await {
            Ok(Some(row)) => found.extend(row.first().map(|value| text_of(value.into()))),
            Ok(None) => break end_of(Ok(())),
            Err(error) => break end_of(Err(&error)),
        }
    };
    assert_eq!(rows.next().await.unwrap(), None, "the end is final");
    (found, end)
}

async fn columns(client: v08::Client) -> Judgement {
    let mut found = Vec::new();
    let mut columns = match client.default_database().unwrap().query("q").columns(2).await {
        Ok(columns) => columns,
        Err(error) => return (found, end_of(Err(&error))),
    };
    let end = loop {
        match columns.next().await {
            Ok(Some(batch)) => found.extend((0..batch.len()).filter_map(|row| {
                let cell = batch.column(0)?.cell(row)?;
                Some(text_of(cell))
            })),
            Ok(None) => break end_of(Ok(())),
            Err(error) => break end_of(Err(&error)),
        }
    };
    (found, end)
}

async fn series_names(client: v08::Client) -> Judgement {
    match client.default_database().unwrap().series_names().await {
        Ok(names) => (names, end_of(Ok(()))),
        Err(error) => (Vec::new(), end_of(Err(&error))),
    }
}

fn text_of(cell: Cell<'_>) -> String {
    match cell {
        Cell::Str(text) => text.to_owned(),
        other => format!("{other:?}"),
    }
}

/// All ways give the rows and the end, whatever the cuts between the pieces of the body.
async fn check(head: &str, body: &[u8], rows_before: &[&str], expected: &str) {
    let middle = body.len() / 2;
    for pieces in [vec![body], vec![&body[..middle], &body[middle..]], body.chunks(1).collect()] {
        let client = || client(head, &pieces);
        let name = format!("{} in {}", String::from_utf8_lossy(body), pieces.len());
        let by_row = rows(client()).await;
        assert_eq!(by_row.0, rows_before, "{name}");
        if expected.ends_with('…') {
            let beginning = expected.trim_end_matches('…');
            assert!(by_row.1.starts_with(beginning), "{name}: {}", by_row.1);
        } else {
            assert_eq!(by_row.1, expected, "{name}");
        }
        assert_eq!(columns(client()).await, by_row, "{name}: columns");
        let whole = [all(client()).await, series_names(client()).await];
        for (rows, end) in whole {
            assert_eq!(end, by_row.1, "{name}: as a whole");
            assert!(rows.is_empty() || rows == by_row.0, "{name}: {rows:?}");
            assert!(end != "ok" || rows == by_row.0, "{name}: {rows:?}");
        }
        let (rows, end) = chunks(client()).await;
        assert_eq!(end, by_row.1, "{name}: chunks");
        // A series that is broken off is not handed out.
        assert!(by_row.0.starts_with(&rows), "{name}: {rows:?}");
        assert!(end.starts_with("unreadable") || rows == by_row.0, "{name}: {rows:?}");
    }
}

const OK: &str = "200 OK\r\n";

const GOOD: &str = r#"{"name":"s","columns":["name","v"],"points":[["a",1],["b",2]]}"#;
const MORE: &str = r#"{"name":"t","columns":["name"],"points":[["c"],["d"],["e"]]}"#;

#[tokio::test(start_paused = true)]
async fn every_way_of_reading_judges_alike() {
    const DOWN: &str = "refused 200 Unknown: shard 7 is down";
    const AB: &[&str] = &["a", "b"];
    let error = r#"{"error":"shard 7 is down"}"#;
    let array = |parts: &[&str]| format!("[{}]", parts.join(","));
    let member = GOOD.replace("]]}", r#"]],"error":"shard 7 is down"}"#);
    let member_first = GOOD.replacen('{', r#"{"error":"shard 7 is down","#, 1);
    let no_name = r#"{"columns":["name"],"points":[["a"]]}"#;
    let ragged = GOOD.replace(r#"["b",2]"#, r#"["b"]"#);
    let wide = GOOD.replace(r#"["b",2]"#, r#"["b",2,3]"#);
    let html = "<html>log in</html>";
    let refused = |text: &str| format!("refused 200 Unknown: {text}");
    let lost = "refused 200 Refused: Couldn't find series: zzz";
    for (body, rows, end) in [
        // The promised bodies.
        (String::new(), &[][..], "ok"),
        (" \r\n\t".to_owned(), &[], "ok"),
        ("[]".to_owned(), &[], "ok"),
        (GOOD.to_owned(), AB, "ok"),
        (array(&[GOOD]), AB, "ok"),
        (array(&[GOOD, MORE]), &["a", "b", "c", "d", "e"], "ok"),
        (format!("{GOOD}\n{MORE}"), &["a", "b", "c", "d", "e"], "ok"),
        (
            r#"{"name":"s","columns":["name","v","v"],"points":[["a",1,1]]}"#.to_owned(),
            &["a"],
            "ok",
        ),
        // An error in JSON.
        (array(&[error]), &[], DOWN),
        (error.to_owned(), &[], DOWN),
        (array(&[GOOD, error]), AB, DOWN),
        (format!("{GOOD}{error}"), AB, DOWN),
        (member.clone(), AB, DOWN),
        (array(&[&member]), AB, DOWN),
        (array(&[MORE, &member_first, GOOD]), &["c", "d", "e"], DOWN),
        // Text.
        (html.to_owned(), &[], &refused(html)),
        ("null".to_owned(), &[], &refused("null")),
        ("true".to_owned(), &[], &refused("true")),
        ("12".to_owned(), &[], &refused("12")),
        (format!("\u{feff}[{GOOD}]"), &[], "refused 200 Unknown: \u{feff}[{\"name\"…"),
        (format!("{GOOD}Couldn't find series: zzz"), AB, lost),
        (format!("[{GOOD}]Couldn't find series: zzz"), AB, lost),
        (format!("[{GOOD}]{html}"), AB, &refused(html)),
        (format!("{GOOD}12"), AB, &refused("12")),
        (format!("{GOOD}]"), AB, &refused("]")),
        // JSON that is not the promised one.
        ("{}".to_owned(), &[], "unreadable: expected the member `name` of a series at byte 1…"),
        ("[{}]".to_owned(), &[], "unreadable: expected the member `name` of a series at byte 2…"),
        (array(&[GOOD, "{}"]), AB, "unreadable: expected the member `name` of…"),
        (r#"{"status":"ok"}"#.to_owned(), &[], "unreadable: expected the member…"),
        (r#"[{"name":"db"}]"#.to_owned(), &[], "unreadable: expected the member `columns`…"),
        (r#"{"name":"s","points":[["a"]]}"#.to_owned(), &[], "unreadable: the row at byte…"),
        (no_name.to_owned(), &["a"], "unreadable: expected the member `name`…"),
        (r#"{"name":"s","columns":["v"]}"#.to_owned(), &[], "unreadable: expected the member…"),
        (r#"{"results":[{"series":[]}]}"#.to_owned(), &[], "unreadable: expected the member…"),
        (ragged, &["a"], "unreadable: the row at byte…"),
        (wide, &["a"], "unreadable: the row at byte…"),
        ("[[]]".to_owned(), &[], "unreadable: expected an object…"),
        ("[1]".to_owned(), &[], "unreadable: expected an object…"),
        (format!("[{GOOD}{MORE}]"), AB, "unreadable: expected `,` or `]`…"),
        (format!("[{GOOD},]"), AB, "unreadable: expected an object…"),
        (GOOD.replace("[\"b\"", "[;"), &["a"], "unreadable: expected…"),
        (GOOD.replace(r#""s""#, "7"), &[], "unreadable: invalid type…"),
        // JSON that is cut.
        ("{".to_owned(), &[], "unreadable: the input ended too early…"),
        ("[".to_owned(), &[], "unreadable: the input ended too early…"),
        (format!("[{GOOD}"), AB, "unreadable: the input ended too early…"),
        (format!("[{GOOD},"), AB, "unreadable: the input ended too early…"),
        (GOOD[..GOOD.len() - 1].to_owned(), AB, "unreadable: the input ended too early…"),
        (GOOD[..GOOD.len() - 2].to_owned(), AB, "unreadable: the input ended too early…"),
        (GOOD[..GOOD.len() - 4].to_owned(), &["a"], "unreadable: the input ended too early…"),
        (GOOD[..15].to_owned(), &[], "unreadable: the input ended too early…"),
        (format!("{GOOD}{}", &MORE[..20]), AB, "unreadable: the input ended too early…"),
    ] {
        check(OK, body.as_bytes(), rows, end).await;
    }
    // Bytes that are not text.
    check(OK, b"\x1f\x8b\x08\0\0\0\0\0", &[], "refused 200 Unknown: \u{1f}\u{fffd}\u{8}…").await;
    check(
        OK,
        &[GOOD.as_bytes(), b"\xff\xfe"].concat(),
        AB,
        "refused 200 Unknown: \u{fffd}\u{fffd}",
    )
    .await;
    let broken = GOOD.replace('b', "\u{0}").into_bytes();
    check(OK, &broken, &["a"], "unreadable: …").await;
}

#[tokio::test(start_paused = true)]
async fn the_status_and_not_the_type_of_content_decides() {
    let html = "Content-Type: text/html\r\n";
    check(&format!("200 OK\r\n{html}"), GOOD.as_bytes(), &["a", "b"], "ok").await;
    let json = "200 OK\r\nContent-Type: application/json\r\n";
    check(json, b"<html>", &[], "refused 200 Unknown: <html>").await;
    for status in [201, 202, 203, 205, 206, 207, 226, 299] {
        let expected = format!("refused {status} Unknown: {GOOD}");
        check(&format!("{status} X\r\n"), GOOD.as_bytes(), &[], &expected).await;
        check(&format!("{status} X\r\n"), b"", &[], &format!("refused {status} Unknown: ")).await;
    }
    for body in ["", GOOD] {
        let script = || {
            let head = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            Script::new().read_request().send(format!("{head}{body}"))
        };
        let expected: Judgement = (Vec::new(), "refused 204 Unknown: ".to_owned());
        assert_eq!(all(play(script())).await, expected);
        assert_eq!(chunks(play(script())).await, expected);
        assert_eq!(rows(play(script())).await, expected);
        assert_eq!(columns(play(script())).await, expected);
        assert_eq!(series_names(play(script())).await, expected);
    }
}

/// Calls that promise nothing but success, each with the body and the status that tell it.
#[tokio::test(start_paused = true)]
async fn a_call_is_done_only_if_the_server_says_so() {
    const PONG: &str = r#"{"status":"ok"}"#;
    let bodies = [
        "",
        PONG,
        "<html>log in</html>",
        "OK",
        "[]",
        "[{}]",
        "{}",
        "null",
        r#"{"error":"shard 7 is down"}"#,
        r#"[{"error":"shard 7 is down"}]"#,
        r#"{"status":"fail"}"#,
        "true",
        "\u{feff}",
    ];
    let mut wrong = String::new();
    for body in bodies {
        let replying = |status: u16| client(&format!("{status} X\r\n"), &[body.as_bytes()]);
        let ok = || replying(200);
        let db = || ok().default_database().unwrap();
        let batch = db().encode(series(2)).unwrap();
        let results = [
            ("write", "", db().write(series(1)).await.map(drop)),
            ("send", "", db().send(&batch).await.map(drop)),
            ("ping", PONG, ok().ping().await),
            ("authenticate", "", db().authenticate().await),
            ("authenticate an administrator", "", ok().cluster().authenticate().await),
            ("create_user", "", db().create_user("u", "pass").await),
            ("set_password", "", db().set_password("u", "pass").await),
            ("set_admin", "", db().set_admin("u", true).await),
            ("drop_user", "", db().drop_user("u").await),
            ("create_admin", "", ok().cluster().create_admin("u", "pass").await),
            ("drop_admin", "", ok().cluster().drop_admin("u").await),
            ("create_database", "", replying(201).create_database("d").await),
            ("drop_shard_space", "", ok().cluster().drop_shard_space("d", "s").await),
            ("force_compaction", "OK", ok().cluster().force_compaction().await),
        ];
        for (call, promised, result) in results {
            let is_ok = match &result {
                Ok(()) => true,
                Err(error) => {
                    let is_unknown = error.outcome() == Outcome::Unknown;
                    let begins = body.chars().next().map(|first| first.escape_debug().to_string());
                    let says = error.to_string().contains(&begins.unwrap_or_default());
                    assert!(is_unknown && says, "{call} {body}: {error:?}");
                    false
                }
            };
            if is_ok != (body == promised) {
                writeln!(wrong, "{call} {body:?}: {result:?}").unwrap();
            }
        }
        for (call, result) in [
            ("create", db().create_continuous_query("select * from a into b").await),
            ("drop", db().drop_continuous_query(1).await),
        ] {
            if result.is_ok() != ["", "[]"].contains(&body) {
                writeln!(wrong, "{call} {body:?}: {result:?}").unwrap();
            }
        }
        let listed = ok().databases().await;
        if body.contains("shard 7") {
            let error = listed.as_ref().unwrap_err();
            assert_eq!(error.server().unwrap().message, "shard 7 is down", "{body}");
        }
        if listed.is_ok() != ["[]", "null"].contains(&body) {
            writeln!(wrong, "databases {body:?}: {listed:?}").unwrap();
        }
    }
    assert_eq!(wrong, "");
    // A query that answers with points is not a continuous one.
    let db = client(OK, &[GOOD.as_bytes()]).default_database().unwrap();
    assert!(db.create_continuous_query("select * from a").await.is_err());
}

/// A redirect names its address, without the part that can hold credentials.
#[tokio::test(start_paused = true)]
async fn a_redirect_says_where_to() {
    for (status, name, is_redirect) in [
        (301, "Moved Permanently", true),
        (308, "Permanent Redirect", true),
        (300, "Multiple Choices", false),
        (304, "Not Modified", false),
    ] {
        let head = format!(
            "HTTP/1.1 {status} X\r\nLocation: https://other:1/db?u=root&p=CANARY\r\n\
             Connection: close\r\nContent-Length: 0\r\n\r\n"
        );
        let script = || Script::new().read_request().send(head.clone());
        let db = || play(script()).default_database().unwrap();
        for error in [
            play(script()).ping().await.unwrap_err(),
            db().query("q").all().await.unwrap_err(),
            db().query("q").rows::<(i64,)>().await.unwrap_err(),
            db().write(series(1)).await.unwrap_err(),
        ] {
            let text = error.to_string();
            assert!(text.contains(name), "{text}");
            let says = text.contains("redirect to https://other:1/db, which is not followed");
            assert_eq!((says, text.contains("redirect")), (is_redirect, is_redirect), "{text}");
            assert_eq!(error.server().unwrap().location.as_deref(), Some("https://other:1/db"));
            assert!(!format!("{error:?}").contains("CANARY"));
            assert_eq!(error.outcome(), Outcome::Hold);
            assert_eq!(error.hint().is_some(), is_redirect, "{:?}", error.hint());
        }
    }
}

/// The server's text in the error of a row cannot disturb a terminal or a log.
#[tokio::test(start_paused = true)]
async fn the_servers_text_is_escaped_in_every_error() {
    #[derive(Debug, serde::Deserialize)]
    enum State {
        Up,
    }
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Known {
        #[expect(dead_code, reason = "only its name matters")]
        v: Option<i64>,
    }
    const EVIL: &str = "x\u{1b}[31m\n\u{7}\u{202e}\u{2028}y";
    let json = serde_json::to_string(EVIL).unwrap();
    let value = format!(r#"[{{"name":{json},"columns":["v"],"points":[[{json}]]}}]"#);
    let column = format!(r#"[{{"name":"s","columns":[{json}],"points":[[1]]}}]"#);
    let database = |body: &str| client(OK, &[body.as_bytes()]).default_database().unwrap();
    let mut errors = Vec::new();
    let mut rows = database(&value).query("q").rows::<(State,)>().await.unwrap();
    errors.push(rows.next().await.map(|row| matches!(row, Some((State::Up,)))).unwrap_err());
    let mut rows = database(&column).query("q").rows::<Known>().await.unwrap();
    errors.push(rows.next().await.unwrap_err());
    let mut rows = database(&value).query("q").rows::<(i64,)>().await.unwrap();
    errors.push(rows.next().await.unwrap_err());
    errors.push(database(EVIL).query("q").all().await.unwrap_err());
    errors.push(database(EVIL).write(series(1)).await.unwrap_err());
    let raw = format!(r#"{{"name":"s{}"}}"#, EVIL.replace('\n', ""));
    errors.push(database(&raw).query("q").all().await.unwrap_err());
    errors.push(client(OK, &[EVIL.as_bytes()]).databases().await.unwrap_err());
    let head = format!("301 X\r\nLocation: /{}\r\n", "\u{202e}");
    errors.push(client(&head, &[b""]).ping().await.unwrap_err());
    for error in errors {
        let shown = format!("{error} {error:?}");
        let is_plain = |c: char| !c.is_control() && !matches!(c, '\u{202e}' | '\u{2028}');
        assert!(shown.chars().all(is_plain), "{shown:?}");
    }
}
