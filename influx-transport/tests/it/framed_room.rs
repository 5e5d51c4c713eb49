//! Callers that wait for room in the queue, and messages for the next connection.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use influx_framing::LengthCodec;
use influx_transport::framed::{FramedSender, FramedTransport};
use influx_transport::memory::memory_pair;
use influx_transport::test_util::{Gate, Script, ScriptedConnector};
use influx_transport::{Delivery, Error, Transport};
use tokio::runtime::Builder;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::frames::{Echo, Random, Shared, codec, ms, options, wire};
use crate::support::run_paused;

/// Polls once.
async fn is_ready(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
}

/// The messages `1`, `2` and so on.
fn numbers(count: usize) -> impl Iterator<Item = Bytes> {
    (1..=count).map(|number| Bytes::from(number.to_string()))
}

type Sender = FramedSender<Shared<ScriptedConnector>, LengthCodec>;

/// A sender whose peer takes nothing before the gate opens. These messages are being written, as
/// many as may be under way, or wait in the queue, which has room for no more.
async fn stuck(
    max_in_flight: usize,
    messages: impl IntoIterator<Item = Bytes>,
) -> (Gate, Arc<ScriptedConnector>, Sender) {
    let gate = Gate::new();
    let script = Script::new().pass(&gate).read_to_end();
    let connector = Arc::new(ScriptedConnector::new([script]).capacity(1));
    let mut options = options();
    (options.max_in_flight, options.max_queued_bytes) = (max_in_flight, 10);
    let shared = Shared(Arc::clone(&connector));
    let sender = FramedSender::with_options(shared, codec(), options);
    for message in messages {
        drop(timeout(ms(1), sender.enqueue(message)).await.unwrap());
    }
    (gate, connector, sender)
}

/// Callers who wait for room, one behind the other.
async fn line_up(sender: &Sender, messages: [&'static str; 3]) -> Vec<JoinHandle<()>> {
    let mut line = Vec::new();
    for message in messages {
        let sender = sender.clone();
        line.push(tokio::spawn(async move { sender.send(message.into()).await.unwrap() }));
        tokio::task::yield_now().await;
    }
    line
}

#[test]
fn a_large_message_that_waits_for_room_is_not_passed_by_small_ones() {
    run_paused(async {
        // Six bytes of ten are taken.
        let messages = ["1", "2", "3", "fourth"];
        let (gate, connector, sender) = stuck(3, messages.map(Bytes::from)).await;
        let line = line_up(&sender, ["a large one", "6", "7"]).await;
        // There is room for small ones, but not their turn.
        assert!(!is_ready(sender.enqueue("8".into())).await);
        gate.open();
        for sent in line {
            sent.await.unwrap();
        }
        sender.disconnect().await.unwrap();
        let expected = ["1", "2", "3", "fourth", "a large one", "6", "7"].map(wire).concat();
        assert_eq!(connector.received(), [expected]);
    });
}

#[test]
fn callers_who_give_up_while_they_wait_for_room_hold_up_nobody() {
    run_paused(async {
        for gone in 0..3 {
            let (gate, connector, sender) = stuck(1, numbers(2)).await;
            let mut line = line_up(&sender, ["a", "b", "c"]).await;
            line.remove(gone).abort();
            assert!(!is_ready(sender.enqueue("too late".into())).await);
            gate.open();
            for sent in line {
                sent.await.unwrap();
            }
            sender.disconnect().await.unwrap();
            let mut expected = vec!["1", "2", "a", "b", "c"];
            expected.remove(2 + gone);
            let expected: Vec<_> = expected.into_iter().map(wire).collect();
            assert_eq!(connector.received(), [expected.concat()], "{gone} has gone");
        }
    });
}

#[test]
fn a_caller_who_gives_up_after_its_turn_came_gives_the_room_back() {
    run_paused(async {
        let (gate, connector, sender) = stuck(1, numbers(2)).await;
        {
            let mut given_up = pin!(sender.enqueue("given up".into()));
            assert!(poll_fn(|cx| Poll::Ready(given_up.as_mut().poll(cx))).await.is_pending());
            gate.open();
            // Time only moves when all wait for something: the queue is empty by then.
            tokio::time::sleep(ms(1)).await;
        }
        let sent = timeout(ms(1000), sender.send("3".into())).await;
        sent.expect("there is room").unwrap();
        sender.disconnect().await.unwrap();
        assert_eq!(connector.received(), [["1", "2", "3"].map(wire).concat()]);
    });
}

/// Callers on several threads, some of which give up, and too little room for all of them.
async fn crowd() {
    let (connector, listener) = memory_pair();
    let echo = Echo::start(listener);
    let mut options = options();
    (options.max_in_flight, options.max_queued_bytes) = (3, 40);
    let transport = FramedTransport::with_options(connector, codec(), options);
    let mut callers = JoinSet::new();
    for caller in 0..32 {
        let transport = transport.clone();
        let mut random = Random(caller);
        callers.spawn(async move {
            for number in 0..50 {
                let requests: Vec<_> = (0..=random.below(4))
                    .map(|part| Bytes::from(format!("{caller} {number} {part}")))
                    .collect();
                let patience = Duration::from_micros(random.below(2000));
                let sent = transport.send_all(requests.clone());
                if let Ok(answers) = timeout(patience, sent).await {
                    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
                    assert_eq!(answers, requests);
                }
            }
        });
    }
    callers.join_all().await;
    // Callers that gave up have given back all their room.
    let large = Bytes::from(vec![b'x'; 1000]);
    let all = transport.send_all([large.clone(), "1".into(), "2".into(), large]).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let stats = transport.stats();
    assert_eq!((echo.accepted(), stats.failed, stats.in_flight), (1, 0, 0), "{stats:?}");
}

#[test]
fn no_caller_on_several_threads_is_forgotten_in_the_line_and_no_room_is_lost() {
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let asked = runtime.block_on(async { timeout(ms(20_000), tokio::spawn(crowd())).await });
    asked.expect("the test takes too long").unwrap();
}

#[test]
fn a_batch_of_requests_is_cut_at_any_byte_and_the_rest_goes_over_the_next_connection() {
    /// How many bytes the stream holds that the peer has not read.
    const CAPACITY: usize = 7;

    run_paused(async {
        // Eight of five bytes.
        for read in 0..40 {
            let scripts = [Script::new().read(read), Script::new().read_to_end()];
            let connector = Arc::new(ScriptedConnector::new(scripts).capacity(CAPACITY));
            let mut options = options();
            (options.retry_for, options.response_timeout) = (ms(1000), ms(100));
            let shared = Shared(Arc::clone(&connector));
            let transport = FramedTransport::with_options(shared, codec(), options);
            // The peer never answers: requests on the first connection fail with it, and those on
            // the second run into the timeout.
            let outcomes = transport.send_all(numbers(8)).await;
            let errors: Vec<_> = outcomes.into_iter().map(Result::unwrap_err).collect();
            assert!(errors.iter().all(|error| error.delivery() == Delivery::MaybeSent));
            let broken = errors.iter().take_while(|error| error.is_closed()).count();
            assert!(errors.iter().skip(broken).all(Error::is_timeout), "{read}: {errors:?}");
            // A peer may have executed a request that was cut off.
            let possible = read.max(CAPACITY)..=read + CAPACITY;
            let mut possible = possible.map(|written| written.div_ceil(5).min(8));
            assert!(possible.any(|count| count == broken), "{broken} after {read} bytes");
            let stats = transport.stats();
            assert_eq!((stats.failed, stats.in_flight), (8, 0), "after {read} bytes: {stats:?}");
            transport.disconnect().await.unwrap();
            let wires: Vec<_> = ["1", "2", "3", "4", "5", "6", "7", "8"].map(wire).into();
            let second = connector.received().get(1).cloned().unwrap_or_default();
            assert_eq!(second, wires[broken..].concat(), "after {read} bytes");
        }
    });
}
