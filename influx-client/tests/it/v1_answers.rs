//! Answers of InfluxDB 1.x in both formats: one judgement, however they are read.

use std::fs;

use bytes::Bytes;
use influx_client::v1::Refusal;
use influx_client::{Error, ErrorKind, Outcome, Series, Time, Value};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::v1_memory::{Answer, JSON, MSGPACK, client, json};

const DSN: &str = "influxdb1://h/db?attempts=1";

/// How an answer ends, in the words that all ways of reading share.
fn end_of(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Server(refusal) => format!("refused {:?}", Refusal::of(refusal)),
        ErrorKind::Response(_) => format!("unreadable {:?}", error.outcome()),
        other => panic!("{other:?}"),
    }
}

/// The number of rows and the end, of one way of reading.
type Judgement = (usize, String);

async fn by_row(answer: &Answer) -> (Judgement, usize) {
    let client = client(DSN, [answer.clone()]);
    let (mut count, mut refused) = (0, 0);
    let mut rows = match client.db().query("q").rows::<Vec<Value>>().await {
        Ok(rows) => rows,
        Err(error) => return ((0, end_of(&error)), 0),
    };
    loop {
        match rows.next().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => return ((count, "ok".to_owned()), refused),
            Err(error) if matches!(error.kind(), ErrorKind::Row { .. }) => refused += 1,
            Err(error) => return ((count, end_of(&error)), refused),
        }
    }
}

async fn by_series(answer: &Answer) -> Judgement {
    let client = client(DSN, [answer.clone()]);
    let mut chunks = match client.db().query("q").chunks().await {
        Ok(chunks) => chunks,
        Err(error) => return (0, end_of(&error)),
    };
    let mut count = 0;
    loop {
        match chunks.next().await {
            Ok(Some(series)) => count += series.len(),
            Ok(None) => return (count, "ok".to_owned()),
            Err(error) => return (count, end_of(&error)),
        }
    }
}

async fn by_column(answer: &Answer) -> Judgement {
    let client = client(DSN, [answer.clone()]);
    let mut columns = match client.db().query("q").columns(3).await {
        Ok(columns) => columns,
        Err(error) => return (0, end_of(&error)),
    };
    let mut count = 0;
    loop {
        match columns.next().await {
            Ok(Some(batch)) => count += batch.len(),
            Ok(None) => return (count, "ok".to_owned()),
            Err(error) => return (count, end_of(&error)),
        }
    }
}

async fn all(answer: &Answer) -> Result<Vec<Series>, Error> {
    client(DSN, [answer.clone()]).db().query("q").all().await
}

/// Reads an answer in all ways, which must agree.
async fn judge(name: &str, answer: &Answer) -> Judgement {
    let ((rows, end), refused) = by_row(answer).await;
    let series = by_series(answer).await;
    assert_eq!(series.1, end, "{name}: series");
    // A series that is broken off is not handed out.
    let lost = if end.starts_with("unreadable") { rows - series.0 } else { 0 };
    assert_eq!(series.0 + lost, rows + refused, "{name}: series");
    assert_eq!(by_column(answer).await, (rows + refused, end.clone()), "{name}: columns");
    match all(answer).await {
        Ok(all) => {
            let points = all.iter().map(Series::len).sum::<usize>();
            assert_eq!((points, "ok"), (rows + refused, &*end), "{name}: all");
        }
        Err(error) => assert_eq!(end_of(&error), end, "{name}: all"),
    }
    (rows, end)
}

/// The recorded answers to queries, by their names.
fn recorded() -> Vec<(String, Answer)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../influx-proto/tests/fixtures/v1");
    let mut answers = Vec::new();
    for file in ["exchanges.jsonl", "msgpack.jsonl"] {
        for line in fs::read_to_string(format!("{folder}/{file}")).unwrap().lines() {
            let exchange: Json = serde_json::from_str(line).unwrap();
            let response = &exchange["response"];
            let media_type = response["headers"].as_array().unwrap().iter().find_map(|header| {
                let is_type = header[0].as_str()?.eq_ignore_ascii_case("content-type");
                is_type.then(|| header[1].as_str())?
            });
            let media_type = [JSON, MSGPACK].into_iter().find(|known| media_type == Some(known));
            let Some(media_type) = media_type else { continue };
            if !exchange["request"]["target"].as_str().unwrap().starts_with("/query") {
                continue;
            }
            let body = response["body"].as_str().unwrap_or_default();
            let body = match response["body_encoding"].as_str() {
                Some("base64") => base64(body),
                _ => body.as_bytes().to_vec(),
            };
            let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
            let answer = (status, media_type, Bytes::from(body));
            answers.push((exchange["id"].as_str().unwrap().to_owned(), answer));
        }
    }
    answers
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = text.trim_end_matches('=');
    let mut bits = 0_u32;
    let mut bytes = Vec::new();
    for (index, digit) in text.bytes().enumerate() {
        let value = ALPHABET.iter().position(|known| *known == digit).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        if index % 4 > 0 {
            bytes.push((bits >> (6 - 2 * (index % 4))).to_le_bytes()[0]);
        }
    }
    bytes
}

#[tokio::test]
async fn every_recorded_answer_is_judged_alike() {
    let mut ends = std::collections::BTreeMap::<String, usize>::new();
    for (id, answer) in recorded() {
        let (_, end) = judge(&id, &answer).await;
        *ends.entry(end).or_default() += 1;
    }
    assert!(ends["ok"] > 100, "{ends:?}");
    for refusal in ["Syntax", "DatabaseNotFound", "InvalidName", "InvalidCredentials", "Limit"] {
        assert!(ends.contains_key(&format!("refused {refusal}")), "{refusal}: {ends:?}");
    }
}

#[tokio::test]
async fn the_end_of_an_answer_is_promised() {
    let results = |results: &str| json(200, format!(r#"{{"results":[{results}]}}"#));
    let rows = r#""series":[{"name":"m","columns":["v"],"values":[[1],[2]]}]"#;
    for (answer, rows, end) in [
        (results(&format!(r#"{{"statement_id":0,{rows}}}"#)), 2, "ok"),
        // Old servers send no number.
        (results(&format!("{{{rows}}}")), 2, "ok"),
        (results(r#"{"statement_id":0}"#), 0, "ok"),
        (
            results(&format!(r#"{{"statement_id":0,{rows},"partial":true}}"#)),
            2,
            "unreadable Unknown",
        ),
        (results(&format!(r#"{{"statement_id":1,{rows}}}"#)), 2, "unreadable Unknown"),
        (results(r#"{"statement_id":0},{"statement_id":2}"#), 0, "unreadable Unknown"),
        (results(""), 0, "unreadable Unknown"),
        (json(200, "{}"), 0, "unreadable Unknown"),
        (json(200, ""), 0, "unreadable Unknown"),
        (json(200, r#"{"name":"m","columns":["v"],"points":[[1]]}"#), 1, "unreadable Unknown"),
        (
            results(&format!(
                r#"{{"statement_id":0,{rows}}},{{"statement_id":1,"error":"not executed"}}"#
            )),
            2,
            "refused BadRequest",
        ),
        (
            results(&format!(r#"{{"statement_id":0,{rows},"error":"query interrupted"}}"#)),
            2,
            "refused QueryKilled",
        ),
        (json(200, r#"{"error":"query-timeout limit exceeded"}"#), 0, "refused Limit"),
        (json(200, "<html>portal</html>"), 0, "refused BadRequest"),
        (json(204, ""), 0, "refused UnexpectedStatus"),
        ((200, MSGPACK, Bytes::new()), 0, "unreadable Unknown"),
        ((200, MSGPACK, Bytes::from_static(b"\x80")), 0, "unreadable Unknown"),
        ((200, MSGPACK, Bytes::from_static(b"{\"results\":[]}")), 0, "refused BadRequest"),
        (
            (400, MSGPACK, Bytes::from_static(b"\x81\xa5error\xb3error parsing query")),
            0,
            "refused Syntax",
        ),
    ] {
        let name = format!("{answer:?}");
        assert_eq!(judge(&name, &answer).await, (rows, end.to_owned()), "{name}");
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Grouped {
    time: Time,
    host: String,
    s: String,
}

#[tokio::test]
async fn tags_of_a_group_are_columns_of_the_rows() {
    let (_, answer) = recorded().into_iter().find(|(id, _)| id == "mp-group-by").unwrap();
    let client = client(DSN, [answer.clone(), answer]);
    let mut rows = client.db().query("q").rows::<Grouped>().await.unwrap();
    let all = client.db().query("q").all().await.unwrap();
    let mut refused = 0;
    for series in &all {
        // A tag that is not UTF-8 refuses its series.
        match rows.next().await {
            Ok(row) => assert_eq!(series.tags()["host"], row.unwrap().host),
            Err(_) => refused += 1,
        }
    }
    assert_eq!((rows.next().await.unwrap(), refused), (None, 1));
    // A column comes before a tag of its name.
    let body = r#"{"results":[{"series":[{"name":"m","tags":{"a":"tag","v":"tag"},
        "columns":["time","v"],"values":[[7,1.5]]}]}]}"#;
    let client = crate::v1_memory::client(DSN, [json(200, body)]);
    let row = client.db().query("q").rows::<(Time, f64, String)>().await.unwrap().next().await;
    assert_eq!(row.unwrap(), Some((Time::from_nanos(7), 1.5, "tag".to_owned())));
}

#[tokio::test]
async fn a_row_that_is_not_utf8_is_an_error_of_that_row() {
    let (_, answer) = recorded().into_iter().find(|(id, _)| id == "mp-not-utf8").unwrap();
    let ((rows, end), refused) = by_row(&answer).await;
    assert!(rows > 0 && refused > 0 && end == "ok", "{rows} {refused} {end}");
}

#[tokio::test]
async fn floats_and_integers_stay_apart() {
    let body =
        b"\x81\xa7results\x91\x81\xa6series\x91\x83\xa4name\xa1m\xa7columns\x93\xa4time\xa1f\xa1i\
        \xa6values\x91\x93\x01\xcb\x3f\xf0\0\0\0\0\0\0\x01";
    let all = all(&(200, MSGPACK, Bytes::from_static(body))).await.unwrap();
    let expected = [Value::Time(Time::from_nanos(1)), Value::Float(1.0), Value::Int(1)];
    assert_eq!(all[0].points().next().unwrap(), expected);
}

#[tokio::test]
async fn a_refusal_has_an_outcome() {
    let client = client(DSN, [json(200, r#"{"results":[{"error":"database not found: db"}]}"#)]);
    let error = client.db().query("q").all().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Hold);
    assert!(error.hint().unwrap().contains("create the database"));
    assert!(error.to_string().starts_with("h:8086: "), "{error}");
}
