//! Calls that are repeated, and those that are not.

use std::time::Duration;

use influx_client::Outcome;
use influx_transport::{Delivery, ErrorKind as TransportErrorKind, Phase};
use tokio::time::Instant;

use crate::defects::series;
use crate::memory::{Answer, client, sent};

const DSN: &str = "influxdb://u:p@h/db";

#[tokio::test(start_paused = true)]
async fn repetitions_are_few_and_have_pauses() {
    let refused = || Answer::Fail(TransportErrorKind::Io, Phase::Connect);
    let client = client(DSN, [refused(), refused(), refused()]);
    let started = Instant::now();
    let error = client.db().write(series(1)).await.unwrap_err();
    assert_eq!(error.attempts(), 3, "{error:?}");
    assert!(error.to_string().contains("gave up after 3 attempts"), "{error}");
    assert_eq!(sent(&client).len(), 3);
    assert!(started.elapsed() <= Duration::from_millis(300), "{:?}", started.elapsed());
    assert!(started.elapsed() > Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_attempt_may_have_done_is_not_forgotten() {
    let lost = || Answer::Fail(TransportErrorKind::Closed, Phase::Response);
    let refused = || Answer::Fail(TransportErrorKind::Io, Phase::Connect);
    let busy = || Answer::Reply(503, "");
    for (last, expected) in [
        ([lost(), refused(), refused()], Delivery::MaybeSent),
        ([lost(), busy(), busy()], Delivery::MaybeSent),
        ([busy(), lost(), refused()], Delivery::MaybeSent),
        ([busy(), refused(), refused()], Delivery::Answered),
        ([refused(), busy(), refused()], Delivery::Answered),
        ([refused(), refused(), busy()], Delivery::Answered),
        ([refused(), refused(), refused()], Delivery::NotSent),
    ] {
        let error = client(DSN, last).create_database("db").await.unwrap_err();
        assert_eq!(error.delivery(), expected, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_may_ask_to_wait() {
    let cases = [("7", 7), ("0", 0), ("-1", 0), ("soon", 0), ("99999999999999999999", 0)];
    for (value, seconds) in cases {
        let client = client(DSN, [Answer::RetryAfter(value), Answer::Reply(200, "[]")]);
        let started = Instant::now();
        client.databases().await.unwrap();
        let (least, most) = (Duration::from_secs(seconds), Duration::from_secs(seconds + 1));
        assert!((least..most).contains(&started.elapsed()), "{value}: {:?}", started.elapsed());
    }
    // Waiting that long would take longer than the call may.
    let client = client(DSN, [Answer::RetryAfter("60")]);
    let error = client.databases().await.unwrap_err();
    assert_eq!(error.server().unwrap().status, 503);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_arrived_is_not_repeated_unless_it_can_be() {
    let lost = || Answer::Fail(TransportErrorKind::Closed, Phase::Response);
    let once = client(DSN, [lost()]);
    let error = once.db().write(series(1)).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(sent(&once).len(), 1);

    let twice = client(DSN, [lost(), Answer::Reply(200, "")]);
    let batch = twice.db().encode(series(2)).unwrap();
    twice.db().send(&batch).await.unwrap();
    let requests = sent(&twice);
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0], requests[1], "a repetition is the same to the byte");
    assert!(requests[0].2.contains(r#""columns":["v","time","sequence_number"]"#), "{requests:?}");
}

#[tokio::test]
async fn a_batch_may_be_sent_again_by_the_caller() {
    let lost = || Answer::Fail(TransportErrorKind::Closed, Phase::Response);
    let client = client("influxdb://h/db?attempts=1", [lost(), Answer::Reply(200, "")]);
    let batch = client.db().encode(series(2)).unwrap();
    assert_eq!(batch.len(), 2);
    let error = client.db().send(&batch).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    client.db().send(&batch).await.unwrap();
    let requests = sent(&client);
    assert_eq!(requests[0], requests[1], "the same identities, so that no point is stored twice");
}

/// A failure of the transport that can pass is tried again, and no other.
#[tokio::test(start_paused = true)]
async fn a_failure_of_the_transport_has_one_judgement() {
    use TransportErrorKind as Kind;
    let late = Kind::Timeout(Duration::from_secs(1));
    for (kind, phase, passes) in [
        (late, Phase::Resolve, true),
        (late, Phase::Connect, true),
        (late, Phase::Handshake, true),
        (late, Phase::Send, true),
        (late, Phase::Response, true),
        (late, Phase::Body, true),
        (Kind::TooSlow { min_rate: 100 }, Phase::Body, true),
        (Kind::Closed, Phase::Body, true),
        (Kind::Io, Phase::Send, true),
        (Kind::Closed, Phase::Handshake, false),
        (Kind::Io, Phase::Handshake, false),
        (Kind::Protocol, Phase::Response, false),
        (Kind::TooLarge { what: "head of an answer", limit: 9 }, Phase::Response, false),
        (Kind::Ended, Phase::Response, false),
    ] {
        let calls = if passes { 2 } else { 1 };
        let answers = [Answer::Fail(kind, phase), Answer::Reply(200, "[]")].into_iter().take(calls);
        let client = client(DSN, answers);
        assert_eq!(client.databases().await.is_ok(), passes, "{kind:?} {phase}");
        assert_eq!(sent(&client).len(), calls, "{kind:?} {phase}");
    }
}

/// A status that can pass is tried again by all that may be repeated, and by nothing else.
#[tokio::test(start_paused = true)]
async fn a_status_has_one_judgement() {
    let later = [
        408, 421, 425, 429, 500, 502, 503, 504, 506, 507, 508, 520, 521, 522, 523, 524, 525, 526,
        527, 529, 530, 598, 599,
    ];
    let final_ones =
        [400, 401, 403, 404, 405, 409, 410, 411, 414, 417, 422, 426, 431, 451, 501, 505, 511];
    for (status, passes) in later
        .into_iter()
        .map(|status| (status, true))
        .chain(final_ones.map(|status| (status, false)))
    {
        let calls = if passes { 2 } else { 1 };
        let answers =
            || [Answer::Reply(status, ""), Answer::Reply(200, "")].into_iter().take(calls);

        let asked = client(DSN, answers());
        assert_eq!(asked.db().query("select v from s").all().await.is_ok(), passes, "{status}");
        assert_eq!(sent(&asked).len(), calls, "{status}");

        let streamed = client(DSN, answers());
        let rows = streamed.db().query("select v from s").rows::<(i64,)>().await;
        assert_eq!((rows.is_ok(), sent(&streamed).len()), (passes, calls), "{status}");

        let batch = client(DSN, answers());
        let points = batch.db().encode(series(1)).unwrap();
        assert_eq!(batch.db().send(&points).await.is_ok(), passes, "{status}");
        assert_eq!(sent(&batch).len(), calls, "{status}");

        // Points without an identity may have been stored.
        let write = client(DSN, answers().take(1));
        let error = write.db().write(series(1)).await.unwrap_err();
        assert_eq!(
            (error.outcome() == Outcome::Later, sent(&write).len()),
            (passes, 1),
            "{status}"
        );
    }
}
