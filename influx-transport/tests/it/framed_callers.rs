//! Many callers over one connection.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use influx_transport::framed::FramedTransport;
use influx_transport::memory::memory_pair;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{Gate, Script, ScriptedConnector};
use influx_transport::{Connect, Endpoint, Error, Listen, Transport};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, DuplexStream, ReadBuf};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::frames::{Echo, Exchange, Random, codec, exchange, options, scripted, wire};
use crate::support::{run, run_paused};

async fn echo() -> (Echo, Exchange<TcpConnector>) {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let transport = exchange(TcpConnector::from(listener.local_addr()));
    (Echo::start(listener), transport)
}

async fn ask_from_64_callers() {
    let (echo, transport) = echo().await;
    let mut callers = JoinSet::new();
    for caller in 0..64 {
        let transport = transport.clone();
        callers.spawn(async move {
            for number in 0..50 {
                let request = Bytes::from(format!("request {number} of caller {caller}"));
                assert_eq!(transport.send(request.clone()).await.unwrap(), request);
            }
        });
    }
    callers.join_all().await;
    let stats = transport.stats();
    assert_eq!((echo.accepted(), stats.connects), (1, 1));
    assert_eq!((stats.sent, stats.received, stats.in_flight), (3200, 3200, 0));
}

#[test]
fn each_of_64_callers_gets_the_answers_to_its_own_requests() {
    run(ask_from_64_callers());
}

#[test]
fn callers_on_several_threads_get_the_answers_to_their_own_requests() {
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let asked = runtime.block_on(async {
        timeout(Duration::from_secs(20), tokio::spawn(ask_from_64_callers())).await
    });
    asked.expect("the test takes too long").unwrap();
}

#[test]
fn callers_that_give_up_at_random_moments_take_nobodys_answer() {
    for seed in 1..=3 {
        run(async move {
            let (echo, transport) = echo().await;
            let mut callers = JoinSet::new();
            for caller in 0..64 {
                let transport = transport.clone();
                let mut random = Random(seed * 1000 + caller);
                callers.spawn(async move {
                    let mut answers = 0;
                    for number in 0..50 {
                        let request = Bytes::from(format!("request {number} of {caller}"));
                        let patience = Duration::from_micros(random.below(2000));
                        match timeout(patience, transport.send(request.clone())).await {
                            Ok(answer) => assert_eq!(answer.unwrap(), request, "seed {seed}"),
                            Err(_) => continue,
                        }
                        answers += 1;
                    }
                    answers
                });
            }
            let answers: u64 = callers.join_all().await.into_iter().sum();
            assert_eq!(transport.send("last".into()).await.unwrap(), "last");
            let stats = transport.stats();
            assert_eq!((stats.connects, stats.failed, stats.in_flight), (1, 0, 0), "seed {seed}");
            assert!(stats.received > answers, "{stats:?}");
            assert_eq!(stats.received + stats.discarded, stats.sent, "{stats:?}");
            assert_eq!(echo.accepted(), 1);
        });
    }
}

#[test]
fn a_request_may_be_dropped_after_any_number_of_polls() {
    run_paused(async {
        let mut finished = false;
        for polls in 0..50 {
            let (connector, listener) = memory_pair();
            let echo = Echo::start(listener);
            let transport = exchange(connector);
            {
                let mut dropped = pin!(transport.send("dropped".into()));
                for _ in 0..polls {
                    let polled = poll_fn(|cx| Poll::Ready(dropped.as_mut().poll(cx))).await;
                    if let Poll::Ready(answer) = polled {
                        assert_eq!(answer.unwrap(), "dropped");
                        finished = true;
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            }
            let requests = ["kept", "kept too"].map(|request| transport.send(request.into()));
            let [first, second] = requests;
            let (first, second) = tokio::join!(first, second);
            assert_eq!((first.unwrap(), second.unwrap()), ("kept".into(), "kept too".into()));
            assert_eq!(echo.accepted(), 1, "after {polls} polls");
        }
        assert!(finished, "no number of polls was enough");
    });
}

#[test]
fn a_request_whose_caller_gave_up_before_it_was_sent_is_not_sent() {
    run_paused(async {
        let (peer, transport) = scripted([Script::new().read(5).send(wire("two")).read_to_end()]);
        {
            let mut dropped = pin!(transport.send("1".into()));
            assert!(poll_fn(|cx| Poll::Ready(dropped.as_mut().poll(cx))).await.is_pending());
        }
        assert_eq!(transport.send("2".into()).await.unwrap(), "two");
        assert_eq!(peer.received(), [wire("2")]);
    });
}

#[test]
fn more_requests_than_may_be_under_way_wait_for_their_turn() {
    run_paused(async {
        let mut options = options();
        options.max_in_flight = 2;
        let gate = Gate::new();
        let first_two = Script::new().read(10).pass(&gate).send([wire("1"), wire("2")].concat());
        let script = first_two.read(5).send(wire("3")).read_to_end();
        let connector = Arc::new(ScriptedConnector::new([script]));
        let shared = crate::frames::Shared(Arc::clone(&connector));
        let transport = FramedTransport::with_options(shared, codec(), options);
        let test = async {
            // Time only moves when all wait for something.
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert_eq!(connector.received(), [[wire("1"), wire("2")].concat()]);
            // The peer does not read meanwhile, and so does not see a third.
            assert_eq!(transport.stats().sent, 2);
            gate.open();
        };
        let [a, b, c] = ["1", "2", "3"].map(|request| transport.send(request.into()));
        let (a, b, c, ()) = tokio::join!(a, b, c, test);
        assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], ["1", "2", "3"]);
    });
}

#[test]
fn the_connection_ends_with_the_last_clone() {
    run(async {
        let (connector, listener) = memory_pair();
        let transport = exchange(connector);
        let clone = transport.clone();
        let (connected, (mut stream, _)) = tokio::join!(transport.connect(), listener.accept());
        connected.unwrap();
        drop(transport);
        clone.connect().await.unwrap();
        assert_eq!(clone.stats().connects, 1, "it is still the same connection");
        drop(clone);
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    });
}

#[test]
fn requests_that_wait_together_go_out_in_one_write() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let _echo = Echo::start(listener);
        let writes = Arc::new(AtomicUsize::new(0));
        let counting = Counting { connector, writes: Arc::clone(&writes) };
        let transport = exchange(counting);
        let mut callers = JoinSet::new();
        for caller in 0..64 {
            let transport = transport.clone();
            callers.spawn(async move { transport.send(format!("{caller}").into()).await.unwrap() });
        }
        assert_eq!(callers.join_all().await.len(), 64);
        assert_eq!(writes.load(Ordering::Relaxed), 1);
    });
}

/// Counts the writes on the streams of another connector.
struct Counting<C> {
    connector: C,
    writes: Arc<AtomicUsize>,
}

impl<C: Connect<Stream = DuplexStream>> Connect for Counting<C> {
    type Stream = Counted;

    async fn connect(&self) -> Result<Counted, Error> {
        let stream = self.connector.connect().await?;
        Ok(Counted { stream, writes: Arc::clone(&self.writes) })
    }

    fn endpoint(&self) -> &Endpoint {
        self.connector.endpoint()
    }
}

struct Counted {
    stream: DuplexStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
