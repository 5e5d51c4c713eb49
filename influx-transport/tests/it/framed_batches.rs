//! Many messages of one caller at once.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use influx_framing::{LengthCodec, OversizePolicy, Prefix};
use influx_transport::framed::{FramedSender, FramedTransport};
use influx_transport::memory::memory_pair;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{Script, ScriptedConnector};
use influx_transport::{Delivery, Error, ErrorKind, Transport};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::frames::{Echo, Random, Shared, codec, exchange, ms, options, scripted, wire};
use crate::support::{run, run_paused};

fn requests(count: usize) -> Vec<Bytes> {
    (0..count).map(|number| Bytes::from(format!("request {number}"))).collect()
}

/// These messages as they go over the wire together.
fn wires(messages: &[&str]) -> Bytes {
    messages.iter().flat_map(|message| wire(message)).collect()
}

/// Fails if one failed.
fn all<T>(outcomes: Vec<Result<T, Error>>) -> Vec<T> {
    outcomes.into_iter().collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_answers_are_in_the_order_of_the_requests_whatever_the_limits_are() {
    let check = async |count, max_in_flight, max_queued_bytes| {
        let (connector, listener) = memory_pair();
        let echo = Echo::start(listener);
        let mut options = options();
        (options.max_in_flight, options.max_queued_bytes) = (max_in_flight, max_queued_bytes);
        let transport = FramedTransport::with_options(connector, codec(), options);
        let requests = requests(count);
        assert_eq!(all(transport.send_all(requests.clone()).await), requests);
        let (stats, expected) = (transport.stats(), count as u64);
        assert_eq!((stats.sent, stats.received), (expected, expected), "{stats:?}");
        assert_eq!((stats.in_flight, echo.accepted()), (0, count.min(1)), "{stats:?}");
    };
    run_paused(async {
        for count in [0, 1, 2, 3, 64, 300, 1000] {
            for max_in_flight in [1, 2, 3, 256, usize::MAX] {
                check(count, max_in_flight, 1 << 20).await;
            }
            // Of requests with ten bytes and more: none fits, one, two, some.
            for max_queued_bytes in [1, 15, 20, 100] {
                check(count, 256, max_queued_bytes).await;
            }
        }
    });
}

#[test]
fn who_waits_for_a_batch_is_woken_once() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let _echo = Echo::start(listener);
        let transport = exchange(connector);
        let mut sent = pin!(transport.send_all(requests(64)));
        let mut polls = 0;
        let answers = poll_fn(|cx| {
            polls += 1;
            sent.as_mut().poll(cx)
        });
        assert_eq!(answers.await.len(), 64);
        assert_eq!(polls, 2);
    });
}

#[test]
fn a_connection_that_breaks_fails_the_requests_without_a_whole_answer() {
    run_paused(async {
        let answers = wires(&["one", "two", "three"]);
        for cut in 0..=answers.len() {
            let script = Script::new().read(15).send(answers.slice(..cut));
            let (_, transport) = scripted([script]);
            let outcomes = transport.send_all(["1", "2", "3"].map(Bytes::from)).await;
            let mut end = 0;
            for (outcome, answer) in outcomes.into_iter().zip(["one", "two", "three"]) {
                end += wire(answer).len();
                match outcome {
                    Ok(found) => assert!(end <= cut && found == answer, "cut at {cut}"),
                    Err(error) => {
                        assert!(end > cut && error.is_closed(), "cut at {cut}: {error:?}");
                        assert_eq!(error.delivery(), Delivery::MaybeSent, "cut at {cut}");
                    }
                }
            }
            let stats = transport.stats();
            assert_eq!((stats.received + stats.failed, stats.in_flight), (3, 0), "cut at {cut}");
        }
    });
}

#[test]
fn requests_that_were_not_sent_when_a_connection_broke_go_over_the_next() {
    run_paused(async {
        let first = Script::new().read(5).send(wire("one")).read(5);
        let second = Script::new().read(5).send(wire("three")).read_to_end();
        let connector = Arc::new(ScriptedConnector::new([first, second]));
        let mut options = options();
        options.max_in_flight = 1;
        let shared = Shared(Arc::clone(&connector));
        let transport = FramedTransport::with_options(shared, codec(), options);
        let outcomes = transport.send_all(["1", "2", "3"].map(Bytes::from)).await;
        let [one, two, three] = outcomes.try_into().unwrap();
        assert_eq!((one.unwrap(), three.unwrap()), ("one".into(), "three".into()));
        assert_eq!(two.unwrap_err().delivery(), Delivery::MaybeSent);
        assert_eq!(connector.received(), [wires(&["1", "2"]), wire("3")]);
    });
}

#[test]
fn a_request_that_fails_alone_leaves_the_others_their_answers() {
    run_paused(async {
        let mut codec = LengthCodec::new(Prefix::U32_BE);
        (codec.max_len, codec.oversize) = (3, OversizePolicy::Skip);
        let answers = wires(&["one", "long", "two"]);
        let script = Script::new().read(15).send(answers).read_to_end();
        let transport = FramedTransport::new(ScriptedConnector::new([script]), codec);
        let requests = ["1", "what is long", "2", "3"].map(Bytes::from);
        let outcomes = transport.send_all(requests).await;
        let [first, refused, skipped, last] = outcomes.try_into().unwrap();
        assert_eq!((first.unwrap(), last.unwrap()), ("one".into(), "two".into()));
        let (refused, skipped) = (refused.unwrap_err(), skipped.unwrap_err());
        assert_eq!(refused.kind(), ErrorKind::TooLarge { what: "frame", limit: 3 });
        assert_eq!(refused.delivery(), Delivery::NotSent);
        assert_eq!(skipped.kind(), ErrorKind::Protocol);
        let stats = transport.stats();
        assert_eq!((stats.sent, stats.received, stats.failed), (3, 2, 2));
    });
}

#[test]
fn a_batch_may_be_dropped_after_any_number_of_polls() {
    run_paused(async {
        let mut finished = false;
        for polls in 0..50 {
            let (connector, listener) = memory_pair();
            let echo = Echo::start(listener);
            let mut options = options();
            options.max_in_flight = 2;
            let transport = FramedTransport::with_options(connector, codec(), options);
            {
                let mut dropped = pin!(transport.send_all(requests(9)));
                for _ in 0..polls {
                    let polled = poll_fn(|cx| Poll::Ready(dropped.as_mut().poll(cx))).await;
                    if let Poll::Ready(answers) = polled {
                        assert_eq!(all(answers), requests(9));
                        finished = true;
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            }
            let kept = ["kept", "kept too", "and kept"].map(Bytes::from);
            assert_eq!(all(transport.send_all(kept.clone()).await), kept, "after {polls} polls");
            let stats = transport.stats();
            assert_eq!((stats.failed, stats.in_flight, echo.accepted()), (0, 0, 1), "{stats:?}");
            assert_eq!(stats.received + stats.discarded, stats.sent, "{stats:?}");
        }
        assert!(finished, "no number of polls was enough");
    });
}

#[test]
fn batches_of_many_callers_who_give_up_at_random_moments_get_their_own_answers() {
    for seed in 1..=3 {
        run(async move {
            let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
            let mut options = options();
            options.max_in_flight = 20;
            let connector = TcpConnector::from(listener.local_addr());
            let transport = FramedTransport::with_options(connector, codec(), options);
            let _echo = Echo::start(listener);
            let mut callers = JoinSet::new();
            for caller in 0..16 {
                let transport = transport.clone();
                let mut random = Random(seed * 1000 + caller);
                callers.spawn(async move {
                    for batch in 0..30 {
                        let request = |number| Bytes::from(format!("{caller} {batch} {number}"));
                        let requests: Vec<_> = (0..random.below(50)).map(request).collect();
                        let patience = Duration::from_micros(random.below(4000));
                        let sent = transport.send_all(requests.clone());
                        if let Ok(answers) = timeout(patience, sent).await {
                            assert_eq!(all(answers), requests, "seed {seed}");
                        }
                    }
                });
            }
            callers.join_all().await;
            assert_eq!(transport.send("last".into()).await.unwrap(), "last");
            let stats = transport.stats();
            assert_eq!((stats.connects, stats.failed, stats.in_flight), (1, 0, 0), "{stats:?}");
            assert_eq!(stats.received + stats.discarded, stats.sent, "seed {seed}: {stats:?}");
        });
    }
}

/// Sends ten messages to a peer that closes the first connection after it has read `read` bytes,
/// and reads all of the second.
async fn send_over_two(read: usize, retry_for: Duration) -> (Vec<Result<(), Error>>, [Bytes; 2]) {
    let scripts = [Script::new().read(read), Script::new().read_to_end()];
    let connector = Arc::new(ScriptedConnector::new(scripts).capacity(CAPACITY));
    let mut options = options();
    (options.max_in_flight, options.retry_for) = (4, retry_for);
    let shared = Shared(Arc::clone(&connector));
    let sender = FramedSender::with_options(shared, codec(), options);
    let outcomes = sender.send_all(numbers()).await;
    let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
    let stats = sender.stats();
    assert_eq!((stats.sent, stats.failed), (taken, 10 - taken), "{read}: {stats:?}");
    assert_eq!(stats.in_flight, 0, "{read}: {stats:?}");
    sender.disconnect().await.unwrap();
    let mut received = connector.received();
    received.resize(2, Bytes::new());
    (outcomes, received.try_into().unwrap())
}

/// Ten messages of five bytes on the wire.
fn numbers() -> impl Iterator<Item = Bytes> {
    (0..10).map(|number| Bytes::from(number.to_string()))
}

/// How many bytes the system holds that the peer has not read.
const CAPACITY: usize = 7;

#[test]
fn the_outcome_of_a_one_way_message_says_whether_the_system_took_it() {
    run_paused(async {
        let mut failed = 0;
        for read in 0..50 {
            let (outcomes, [first, second]) = send_over_two(read, Duration::ZERO).await;
            let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            let on_first = taken - second.len() / 5;
            let possible = first.len() / 5..=(first.len() + CAPACITY) / 5;
            assert!(possible.contains(&on_first), "{on_first} after {read} bytes");
            for error in outcomes.into_iter().filter_map(Result::err) {
                assert_eq!(error.delivery(), Delivery::NotSent, "after {read} bytes");
                failed += 1;
            }
        }
        assert!(failed > 0, "no connection broke before all was sent");
    });
}

#[test]
fn one_way_messages_that_the_system_did_not_take_go_over_the_next_connection() {
    run_paused(async {
        let sent = wires(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        for read in 0..=50 {
            let (outcomes, [first, second]) = send_over_two(read, ms(1000)).await;
            assert_eq!(all(outcomes).len(), 10);
            assert!(sent.starts_with(&first), "after {read} bytes");
            assert!(sent.ends_with(&second) && second.len() % 5 == 0, "after {read} bytes");
            assert!(first.len() + CAPACITY + second.len() >= sent.len(), "after {read} bytes");
        }
    });
}

#[test]
fn one_way_messages_that_were_in_the_queue_are_sent_though_nobody_waits() {
    run_paused(async {
        let connector = Arc::new(ScriptedConnector::new([Script::new().read_to_end()]));
        let mut options = options();
        options.max_in_flight = 4;
        let sender = FramedSender::with_options(Shared(Arc::clone(&connector)), codec(), options);
        {
            let mut dropped = pin!(sender.send_all(numbers()));
            assert!(poll_fn(|cx| Poll::Ready(dropped.as_mut().poll(cx))).await.is_pending());
        }
        sender.disconnect().await.unwrap();
        assert_eq!(connector.received(), [wires(&["0", "1", "2", "3"])]);
    });
}
