//! The way of messages into the database.

use std::collections::VecDeque;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use influx_client::relay::{
    Incoming, JsonMapping, Next, Relay, RelayOptions, RelayReport, Source, Unfit, Unmapped,
};
use influx_client::{Batch, Point, TimeUnit};
use influx_transport::{Backoff, ErrorKind, Phase};
use serde_json::{Value as Json, json};
use tokio::time::Instant;

use crate::memory::{Answer, Client, client, sent};

const DSN: &str = "influxdb://root:root@localhost/metrics";

/// Messages from a list. After the last it ends, or stays silent.
struct List {
    messages: VecDeque<Incoming<Json>>,
    ends: bool,
    taken: Arc<Mutex<usize>>,
}

impl Source for List {
    type Message = Json;

    async fn next(&mut self) -> Next<Json> {
        match self.messages.pop_front() {
            Some(message) => {
                *self.taken.lock().unwrap() += 1;
                Ok(Some(message))
            }
            None if self.ends => Ok(None),
            None => pending().await,
        }
    }
}

fn list(messages: impl IntoIterator<Item = Json>) -> List {
    let messages = messages.into_iter().map(Incoming::Message).collect();
    List { messages, ends: true, taken: Arc::default() }
}

fn numbers(count: i64) -> List {
    list((0..count).map(|v| json!({ "v": v })))
}

/// A relay with some options.
fn relay(client: &Client, set: impl FnOnce(&mut RelayOptions)) -> Relay<JsonMapping> {
    let mut options = RelayOptions::default();
    set(&mut options);
    Relay::with_options(client.db(), JsonMapping::new("s"), options)
}

/// Runs a relay of batches of two points against a server that answers with these.
async fn run(answers: impl IntoIterator<Item = Answer>, mut source: List) -> (RelayReport, Client) {
    let client = client(DSN, answers);
    let relay = relay(&client, |options| options.batch_points = 2);
    let report = relay.run(&mut source, pending()).await;
    check_conservation(&report);
    (report, client)
}

fn check_conservation(report: &RelayReport) {
    let stats = report.stats;
    assert_eq!(stats.points, stats.written + stats.rejected + stats.pending, "{stats:?}");
    let undelivered: usize = report.undelivered.iter().map(Batch::len).sum();
    assert_eq!(stats.pending, undelivered as u64, "{stats:?}");
}

/// The column `v` of each request.
fn written(client: &Client) -> Vec<Vec<i64>> {
    let requests = sent(client).into_iter().map(|(method, target, body)| {
        assert_eq!(method, "POST");
        assert!(target.contains("time_precision=u"), "{target}");
        let body: Json = serde_json::from_str(&body).unwrap();
        assert_eq!(body[0]["columns"], json!(["v", "time", "sequence_number"]));
        let points = body[0]["points"].as_array().unwrap().iter();
        points.map(|point| point[0].as_i64().unwrap()).collect()
    });
    requests.collect()
}

fn ok() -> Answer {
    Answer::Reply(200, "")
}

#[tokio::test]
async fn messages_become_points_in_batches() {
    let (report, client) = run([ok(), ok(), ok()], numbers(5)).await;
    assert_eq!(written(&client), [vec![0, 1], vec![2, 3], vec![4]]);
    assert_eq!((report.stats.messages, report.stats.written), (5, 5));
}

#[tokio::test(start_paused = true)]
async fn a_point_does_not_wait_longer_than_the_linger() {
    let client = client(DSN, [ok()]);
    let source = &mut List { ends: false, ..numbers(1) };
    let relay = relay(&client, |options| options.linger = Duration::from_secs(3));
    let watch = relay.monitor();
    let stop = tokio::time::sleep(Duration::from_secs(4));
    let report = relay.run(source, stop).await;
    assert_eq!(watch.stats(), report.stats);
    assert_eq!(report.stats.written, 1);
}

#[tokio::test(start_paused = true)]
async fn a_relay_may_wait_as_long_as_it_likes() {
    let client = client(DSN, [ok()]);
    let source = &mut List { ends: false, ..numbers(1) };
    let relay = relay(&client, |options| {
        (options.linger, options.close_timeout) = (Duration::MAX, Duration::MAX);
    });
    let stop = tokio::time::sleep(Duration::from_secs(3600));
    let report = relay.run(source, stop).await;
    assert_eq!((report.stats.written, written(&client)), (1, vec![vec![0]]));
}

#[tokio::test]
async fn a_message_that_cannot_be_mapped_is_counted_and_harms_no_other() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut source = list([json!({"v": 1}), json!({"v": [1]}), json!(7), json!({"v": 2})]);
    source.messages.push_front(Incoming::Unreadable("no JSON".to_owned()));
    let client = client(DSN, [ok()]);
    let hook = Arc::clone(&told);
    let report = Relay::new(client.db(), JsonMapping::new("s"))
        .on_unmapped(move |unmapped| hook.lock().unwrap().push(unmapped.to_string()))
        .run(&mut source, pending())
        .await;
    check_conservation(&report);
    let stats = report.stats;
    assert_eq!((stats.messages, stats.unreadable, stats.unmapped, stats.written), (5, 1, 2, 2));
    assert_eq!(
        *told.lock().unwrap(),
        ["no JSON", "\"v\" cannot be a value", "a number is not an object"]
    );
    assert_eq!(written(&client), [[1, 2]]);
}

#[tokio::test]
async fn a_closure_that_fails_leaves_nothing() {
    let client = client(DSN, [ok()]);
    let mapping = |message: Json| {
        let first = Point::new("s").field("v", 1);
        let number = message.as_i64().ok_or(Unmapped::new("no integer"))?;
        Ok(vec![first, Point::new("s").field("v", number)])
    };
    let report =
        Relay::new(client.db(), mapping).run(&mut list([json!("x"), json!(2)]), pending()).await;
    assert_eq!((report.stats.unmapped, report.stats.written), (1, 2));
    assert_eq!(written(&client), [[1, 2]]);
}

#[tokio::test]
async fn a_point_that_no_server_could_take_harms_no_other() {
    let client = client(DSN, [ok()]);
    let mapping = |message: Json| {
        let number = message.as_f64().map_or(f64::NAN, |number| number);
        Ok(vec![Point::new("s").field("v", number)])
    };
    let mut source = list([json!(1), json!("NaN"), json!(2)]);
    let report = Relay::new(client.db(), mapping).run(&mut source, pending()).await;
    check_conservation(&report);
    assert_eq!((report.stats.unmapped, report.stats.written), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_is_repeated_with_the_same_identities() {
    let lost = || Answer::Fail(ErrorKind::Closed, Phase::Response);
    let busy = || Answer::Reply(503, "");
    let unknown = || Answer::Reply(400, "Database metrics doesn't exist");
    let denied = || Answer::Reply(401, "Invalid username/password");
    // Three attempts a call of the client, as is its default.
    let answers = [lost(), lost(), lost(), busy(), busy(), busy(), unknown(), denied(), ok()];
    let (report, client) = run(answers, numbers(2)).await;
    assert_eq!((report.stats.written, report.stats.retries), (2, 4));
    let bodies: Vec<_> = sent(&client).into_iter().map(|(_, _, body)| body).collect();
    assert_eq!(bodies.len(), 9);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test(start_paused = true)]
async fn a_database_that_takes_nothing_holds_the_source_back() {
    let down = (0..3).map(|_| Answer::Fail(ErrorKind::Io, Phase::Connect));
    let client = client(DSN, down.chain((0..5).map(|_| ok())));
    let mut source = numbers(10);
    let taken = Arc::clone(&source.taken);
    let forever = Backoff::new(Duration::MAX, Duration::from_secs(365 * 24 * 3600));
    let relay = relay(&client, |options| (options.batch_points, options.backoff) = (2, forever));
    let monitor = relay.monitor();
    let look = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        // One batch is on its way, one is full.
        assert_eq!(*taken.lock().unwrap(), 4);
        assert!(monitor.trouble().unwrap().contains("gave up after 3 attempts"));
    };
    let (report, ()) = tokio::join!(relay.run(&mut source, pending()), look);
    assert_eq!(report.stats.written, 10);
    assert_eq!(monitor.trouble(), None);
    assert_eq!(written(&client)[3..], [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]);
}

#[tokio::test]
async fn what_the_database_refuses_for_good_is_told_and_the_rest_goes_on() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&told);
    let client = client(DSN, [ok(), Answer::Reply(400, "no"), ok()]);
    let report = relay(&client, |options| options.batch_points = 2)
        .on_rejected(move |error, batch| {
            hook.lock().unwrap().push((error.to_string(), batch.len()));
        })
        .run(&mut numbers(6), pending())
        .await;
    check_conservation(&report);
    assert_eq!((report.stats.written, report.stats.rejected), (4, 2));
    assert_eq!(
        *told.lock().unwrap(),
        [("localhost:8086: the server answered 400 Bad Request: no".to_owned(), 2)]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_left_at_the_end_comes_back() {
    let lost = (0..3).map(|_| Answer::Fail(ErrorKind::Closed, Phase::Response));
    let client = client(DSN, lost.chain([ok(), ok()]));
    let forever = Backoff::new(Duration::MAX, Duration::MAX);
    let report = relay(&client, |options| (options.batch_points, options.backoff) = (2, forever))
        .run(&mut numbers(3), pending())
        .await;
    check_conservation(&report);
    assert_eq!((report.stats.pending, report.undelivered.len()), (3, 2));
    // The server may have stored the first two: they have the same identities as before.
    for batch in &report.undelivered {
        client.db().send(batch).await.unwrap();
    }
    let bodies: Vec<_> = sent(&client).into_iter().map(|(_, _, body)| body).collect();
    assert_eq!(bodies.len(), 5);
    assert!(bodies[..4].iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert!(bodies[4].contains("[[2,"), "{bodies:?}");
}

/// A batch that no server takes does not stop those behind it, whatever the reason.
#[tokio::test(start_paused = true)]
async fn a_batch_that_is_too_large_is_refused_for_good() {
    let (report, client) = run([Answer::Reply(413, ""), ok()], numbers(4)).await;
    assert_eq!((report.stats.rejected, report.stats.written, report.stats.retries), (2, 2, 0));
    assert_eq!(written(&client), [[0, 1], [2, 3]]);
}

#[tokio::test(start_paused = true)]
async fn a_relay_writes_at_its_number_of_bytes_too() {
    let client = client(DSN, (0..4).map(|_| ok()));
    let relay = relay(&client, |options| options.batch_bytes = 1);
    let report = relay.run(&mut numbers(4), pending()).await;
    assert_eq!((report.stats.written, written(&client).len()), (4, 4));
}

/// The pauses grow while the database takes nothing.
#[tokio::test(start_paused = true)]
async fn a_relay_asks_less_and_less() {
    let busy = (0..40).map(|_| Answer::Reply(503, ""));
    let client = client("influxdb://h/db?attempts=1", busy.chain([ok()]));
    let relay = relay(&client, |options| options.close_timeout = Duration::from_secs(100_000));
    let started = Instant::now();
    let report = relay.run(&mut numbers(1), pending()).await;
    assert_eq!((report.stats.written, report.stats.retries), (1, 40));
    // 33 pauses of up to 30 s each, where all of 250 ms would be 10 s.
    assert!(started.elapsed() > Duration::from_secs(100), "{:?}", started.elapsed());
}

#[tokio::test]
async fn it_stops_when_it_is_told() {
    let client = client(DSN, []);
    let relay = Relay::new(client.db(), JsonMapping::new("s"));
    let report = relay.run(&mut numbers(3), ready(())).await;
    assert_eq!(report.stats.messages, 0);
}

/// A peer's `time` is not taken for microseconds: it is refused by name, or left out by choice.
#[tokio::test]
async fn the_time_of_a_message_is_its_arrival_unless_a_member_is_named() {
    let message = || json!({"time": 1_700_000_000_123_i64, "v": 2});
    let named = JsonMapping::new("s").time("time", TimeUnit::Milliseconds);
    for (mapping, time, unmapped) in [
        (JsonMapping::new("s"), None, 1),
        (JsonMapping::new("s").unfit(Unfit::Omit), Some(true), 0),
        (named, Some(false), 0),
    ] {
        let client = client(DSN, (unmapped == 0).then(ok));
        let report = Relay::new(client.db(), mapping).run(&mut list([message()]), pending()).await;
        assert_eq!((report.stats.unmapped, report.stats.written), (unmapped, 1 - unmapped));
        let Some(is_arrival) = time else { continue };
        let body: Json = serde_json::from_str(&sent(&client)[0].2).unwrap();
        assert_eq!(body[0]["columns"], json!(["v", "time", "sequence_number"]));
        let micros = body[0]["points"][0][1].as_i64().unwrap();
        assert_eq!(micros == 1_700_000_000_123_000, !is_arrival, "{micros}");
        assert!(micros >= 1_700_000_000_123_000, "{micros}");
    }
}

/// A relay repeats what a call repeats, and gives up what a call gives up.
#[tokio::test(start_paused = true)]
async fn a_status_means_to_a_relay_what_it_means_to_a_call() {
    for (status, written) in [
        (408, 2),
        (421, 2),
        (425, 2),
        (429, 2),
        (503, 2),
        (507, 2),
        (520, 2),
        (529, 2),
        (599, 2),
        (400, 0),
        (422, 0),
        (501, 0),
        (505, 0),
    ] {
        // More than one call tries by itself.
        let refusals = if written > 0 { 4 } else { 1 };
        let refused = vec![Answer::Reply(status, ""); refusals];
        let end = (written > 0).then(ok);
        let (report, _) = run(refused.into_iter().chain(end), numbers(2)).await;
        let stats = report.stats;
        assert_eq!((stats.written, stats.rejected), (written, 2 - written), "{status}");
    }
}

/// A login page in the place of the database stores nothing, and the relay waits.
#[tokio::test(start_paused = true)]
async fn a_success_that_the_server_did_not_promise_is_not_one() {
    let login = Answer::Reply(200, "<html>log in</html>");
    let (report, client) = run([login, login, login, ok()], numbers(2)).await;
    assert_eq!((report.stats.written, report.stats.retries), (2, 3));
    assert_eq!(sent(&client).len(), 4);
}
