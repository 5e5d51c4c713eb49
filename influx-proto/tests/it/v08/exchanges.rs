//! Every recorded exchange with a 0.8.9 server: our calls send what it was sent,
//! and read what it answered.

use http::{HeaderMap, HeaderName, HeaderValue};
use influx_proto::Outcome::{Done, Hold, Refused};
use influx_proto::v08::{self, V08};
use influx_proto::{Auth, Dialect, Operation, Placement, ResponseError, Target};
use serde_json::{Deserializer, Value, json};

use super::calls::{Call, Missing, with_call};
use super::exceptions::EXCEPTIONS;
use super::recorded::{Recorded, reply};
use crate::fixtures::exchanges;

/// How our request relates to a recorded one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sameness {
    /// It is the same.
    Same,
    /// It differs.
    Differs,
    /// Our types cannot hold it.
    NotExpressible,
    /// No call has this route.
    NoRoute,
    /// It is an error before anything is sent.
    Refused,
}

/// All exchanges that the server took part in by HTTP.
pub(crate) fn all() -> Vec<Value> {
    let files = [
        "01_meta",
        "02_databases",
        "03_cluster_admins",
        "04_db_users",
        "05_write",
        "06_query",
        "07_chunked",
        "09_auth",
        "10_cluster",
    ];
    files.iter().flat_map(|file| exchanges(&format!("v08/{file}.jsonl"))).collect()
}

/// The status and the body of an answer; `None` if the server closed without one.
pub(crate) fn answer(exchange: &Value) -> Option<(u16, &str)> {
    let response = &exchange["response"];
    let status = u16::try_from(response["status"].as_u64()?).unwrap();
    let body = response["decoded_body"].as_str().or(response["body"].as_str()).unwrap();
    Some((status, body))
}

/// The headers of an answer.
fn headers(exchange: &Value) -> HeaderMap {
    let headers = exchange["response"]["headers"].as_array().unwrap().iter();
    let headers = headers.map(|pair| {
        let name = HeaderName::from_bytes(pair[0].as_str().unwrap().as_bytes()).unwrap();
        (name, HeaderValue::from_str(pair[1].as_str().unwrap()).unwrap())
    });
    headers.collect()
}

/// Compares our call for a recorded request with it.
pub(crate) fn compare(recorded: &Recorded) -> Sameness {
    let mut target = Target::new("http://127.0.0.1:8086".parse().unwrap()).unwrap();
    if let Some((user, password)) = recorded.credentials() {
        let (user, password) = (user.to_owned(), password.into());
        target = target.with_auth(Auth::Basic { user, password, placement: Placement::Query });
    }
    let request = with_call(recorded, |call| call.request(&target));
    match request {
        Err(Missing::Content) => Sameness::NotExpressible,
        Err(Missing::Route) => Sameness::NoRoute,
        Err(Missing::Unwritable) | Ok(Err(_)) => Sameness::Refused,
        Ok(Ok(request)) if Recorded::of_call(&request) == *recorded => Sameness::Same,
        Ok(Ok(_)) => Sameness::Differs,
    }
}

#[test]
fn every_request_is_ours_or_a_listed_exception() {
    let exchanges = all();
    let mut exceptions = 0;
    let mut unexpected = Vec::new();
    for exchange in &exchanges {
        let id = exchange["id"].as_str().unwrap();
        let listed =
            EXCEPTIONS.iter().find(|(_, _, ids)| ids.split_whitespace().any(|it| it == id));
        let expected = listed.map_or(Sameness::Same, |(outcome, _, _)| *outcome);
        let found = compare(&Recorded::of_exchange(exchange));
        if found != expected {
            unexpected.push((id, found, expected));
        }
        exceptions += usize::from(expected != Sameness::Same);
    }
    assert_eq!(unexpected, []);
    let listed: usize = EXCEPTIONS.iter().map(|(_, _, ids)| ids.split_whitespace().count()).sum();
    assert_eq!(exceptions, listed, "an exception is listed twice or in vain");
    assert_eq!(exchanges.len() - exceptions, 645, "requests that are the same");
}

#[test]
fn every_answer_is_the_promised_value_or_the_servers_words() {
    let mut late_refusals = Vec::new();
    for exchange in all() {
        let id = exchange["id"].as_str().unwrap();
        // Asked for gzip, the server compressed this one twice. We ask for no compression.
        let Some((status, body)) = answer(&exchange).filter(|_| id != "k-export-gzip") else {
            continue;
        };
        let recorded = Recorded::of_exchange(&exchange);
        let headers = headers(&exchange);
        let mut reply = reply(status, body);
        reply.headers = &headers;
        let both = |call: &dyn Call| (call.response(&reply), call.outcome(&reply));
        let Ok((answer, outcome)) = with_call(&recorded, both) else {
            continue;
        };
        match answer {
            Ok(value) => {
                assert!(reply.status.is_success() && outcome == Done, "{id}: {value}");
                check_value(id, &recorded, &value, body);
            }
            Err(ResponseError::Server(error)) if reply.status.is_success() => {
                assert!(body.ends_with(&error.message) && outcome != Done, "{id}: {error}");
                late_refusals.push((id.to_owned(), error.message));
            }
            Err(ResponseError::Server(error)) => {
                assert_eq!((error.status, &*error.message), (reply.status, body), "{id}");
                let version =
                    headers.get("x-influxdb-version").map(|value| value.to_str().unwrap());
                assert_eq!(error.version.as_deref(), version, "{id}");
                assert_eq!(outcome, V08::outcome(&error), "{id}");
                // Every refusal on record is final or a matter of rights.
                assert!(matches!(outcome, Refused | Hold), "{id}: {outcome:?}");
            }
            Err(error) => panic!("{id}: {error:?}"),
        }
    }
    let expected = [
        ("a-mid-1", "Couldn't find series: zzz"),
        ("a-mid-3", "User doesn't have read access to x1"),
        ("a-mid-4", "Couldn't find series: zzz"),
    ];
    assert_eq!(late_refusals, expected.map(|(id, text)| (id.to_owned(), text.to_owned())));
}

/// Compares an answer with its JSON. A call that answers nothing has an empty or a fixed body.
fn check_value(id: &str, recorded: &Recorded, value: &Value, body: &str) {
    let is_list_of_series = recorded.parameter("q").is_some();
    let expected = match body {
        "" | "OK" | r#"{"status":"ok"}"# if !is_list_of_series => Value::Null,
        text if text.starts_with("# D") => text.into(),
        text if is_list_of_series && !text.starts_with('[') => {
            Deserializer::from_str(text).into_iter::<Value>().map(Result::unwrap).collect()
        }
        text => serde_json::from_str(text).unwrap(),
    };
    assert_eq!(*value, expected, "{id}");
}

#[test]
fn the_header_is_the_one_that_the_server_accepted() {
    let exchanges = all();
    let header = |id: &str| {
        let exchange = exchanges.iter().find(|exchange| exchange["id"] == id).unwrap();
        let headers = exchange["request"]["headers"].as_array().unwrap();
        let value = headers.iter().find(|header| header[0] == "Authorization").unwrap();
        assert_eq!(exchange["response"]["status"], 200, "{id}");
        value[1].as_str().unwrap().to_owned()
    };
    for (id, user, password) in [
        ("a-basic", "root", "root"),
        ("a-pw-b-0", "pw0", "p&q=r"),
        ("a-pw-b-2", "pw2", "p+w1"),
        ("a-pw-b-3", "pw3", "päß☃"),
        ("a-pw-b-4", "pw4", "p%41x"),
        ("a-pw-b-5", "pw5", "p\"w\\"),
        ("a-pw-b-6", "pw6", "p#?/;x"),
    ] {
        let target = Target::new("http://h".parse().unwrap())
            .unwrap()
            .with_auth(Auth::basic(user, password));
        let request = v08::AuthenticateDatabaseUser::new("ad").request(&target).unwrap();
        assert_eq!(request.headers()[http::header::AUTHORIZATION], header(id), "{id}");
    }
}

#[test]
fn lists_find_their_columns_by_name() {
    let (mut series_lists, mut query_lists) = (0, 0);
    for exchange in all() {
        let recorded = Recorded::of_exchange(&exchange);
        let Some((200, body)) = answer(&exchange) else {
            continue;
        };
        let cells = |column: &str| -> Vec<Value> {
            let body = body.trim_start_matches('[').trim_end_matches(']');
            let reply: Value = serde_json::from_str(body).unwrap();
            let columns = reply["columns"].as_array().unwrap();
            let index = columns.iter().position(|name| name == column).unwrap();
            reply["points"].as_array().unwrap().iter().map(|point| point[index].clone()).collect()
        };
        match recorded.parameter("q") {
            Some("list series") if recorded.method == "GET" => {
                let names = v08::ListSeries::new("x").response(&reply(200, body));
                assert_eq!(json!(names.unwrap()), json!(cells("name")));
                series_lists += 1;
            }
            Some("list continuous queries") => {
                let queries = v08::ListContinuousQueries::new("x").response(&reply(200, body));
                let queries = queries.unwrap();
                let ids: Vec<_> = queries.iter().map(|query| query.id).collect();
                let texts: Vec<_> = queries.iter().map(|query| &query.query).collect();
                assert_eq!(json!(ids), json!(cells("id")));
                assert_eq!(json!(texts), json!(cells("query")));
                query_lists += 1;
            }
            _ => {}
        }
    }
    assert_eq!((series_lists, query_lists), (20, 7));
}
