//! Answers, their requests, and input that is not an answer.

use std::io;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use influx_framing::{Envelope, EnvelopeCodec, LengthCodec, OversizePolicy, Prefix};
use influx_transport::framed::FramedTransport;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{Direction, FaultProxy, Gate, Script, ScriptedConnector};
use influx_transport::{Connect, Delivery, Endpoint, Error, ErrorKind, Phase, Transport};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, sleep};

use crate::frames::{Echo, codec, exchange, ms, options, scripted, wire};
use crate::support::{run, run_paused};

/// Reads one message of this length.
fn read(message: &str) -> Script {
    Script::new().read(wire(message).len())
}

#[test]
fn an_answer_in_two_segments_is_one_answer_wherever_it_is_cut() {
    run_paused(async {
        let answer = wire("the answer");
        for cut in 0..=answer.len() {
            let (head, tail) = (answer.slice(..cut), answer.slice(cut..));
            let script = read("ask").send(head).pause(ms(10)).send(tail).read_to_end();
            let (_, transport) = scripted([script]);
            let found = transport.send("ask".into()).await.unwrap();
            assert_eq!(found, "the answer", "cut at {cut}");
        }
    });
}

#[test]
fn answers_in_segments_of_one_byte_are_whole() {
    run(async {
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let proxy = FaultProxy::start(listener.local_addr()).await.unwrap();
        let _echo = Echo::start(listener);
        proxy.chunk(Direction::ToClient, 1);
        proxy.chunk(Direction::ToServer, 1);
        let transport = exchange(TcpConnector::from(proxy.local_addr()));
        for size in [0, 1, 3, 4, 5, 1023, 1024] {
            let message = Bytes::from(vec![b'x'; size]);
            assert_eq!(transport.send(message.clone()).await.unwrap(), message);
        }
    });
}

#[test]
fn two_answers_in_one_segment_reach_their_two_callers() {
    run_paused(async {
        let both = [wire("one"), wire("two")].concat();
        let (peer, transport) = scripted([read("1").read(5).send(both).read_to_end()]);
        let answers = tokio::join!(transport.send("1".into()), transport.send("2".into()));
        assert_eq!((answers.0.unwrap(), answers.1.unwrap()), ("one".into(), "two".into()));
        assert_eq!(peer.received(), [[wire("1"), wire("2")].concat()]);
    });
}

#[test]
fn an_answer_that_comes_after_its_timeout_reaches_nobody() {
    run_paused(async {
        let late = read("1").read(5).send(wire("late"));
        let script = late.pause(ms(10)).send(wire("mine")).read_to_end();
        let (peer, transport) = scripted([script]);
        let error = transport.send("1".into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(options().response_timeout));
        assert_eq!((error.phase(), error.delivery()), (Phase::Response, Delivery::MaybeSent));
        assert_eq!(transport.send("2".into()).await.unwrap(), "mine");
        let stats = transport.stats();
        assert_eq!((stats.failed, stats.discarded, stats.received), (1, 1, 1));
        assert_eq!(peer.connections(), 1);
    });
}

#[test]
fn a_peer_that_answers_no_more_is_given_up_after_twice_the_timeout() {
    run_paused(async {
        let limit = options().response_timeout;
        let silent = Script::new().stall();
        let (peer, transport) = scripted([silent, read("3").send(wire("three")).read_to_end()]);
        let start = Instant::now();
        let later = async {
            sleep(limit * 3 / 2).await;
            transport.send("2".into()).await
        };
        let (first, second) = tokio::join!(transport.send("1".into()), later);
        assert_eq!(first.unwrap_err().kind(), ErrorKind::Timeout(limit));
        // The second is cut short: the first has no answer after twice the timeout.
        assert_eq!(second.unwrap_err().kind(), ErrorKind::Timeout(2 * limit));
        assert_eq!(start.elapsed(), 2 * limit);
        assert_eq!(transport.send("3".into()).await.unwrap(), "three");
        assert_eq!(peer.connections(), 2);
    });
}

#[test]
fn a_peer_that_takes_nothing_runs_into_the_send_timeout() {
    run_paused(async {
        let limit = options().send_timeout;
        let connector = ScriptedConnector::new([Script::new().stall()]).capacity(64);
        let transport = exchange(connector);
        let error = transport.send(vec![0; 1000].into()).await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout(limit), Phase::Send));
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    });
}

#[test]
fn a_cut_off_answer_is_an_error_and_the_connection_is_replaced() {
    run_paused(async {
        let answer = wire("the answer");
        for cut in 0..answer.len() {
            let broken = read("ask").send(answer.slice(..cut));
            let sound = read("ask").send(answer.clone()).read_to_end();
            let (peer, transport) = scripted([broken, sound]);
            let error = transport.send("ask".into()).await.unwrap_err();
            assert!(error.is_closed(), "cut at {cut}: {error:?}");
            assert_eq!(error.delivery(), Delivery::MaybeSent, "cut at {cut}");
            assert_eq!(transport.send("ask".into()).await.unwrap(), "the answer");
            assert_eq!(peer.connections(), 2, "cut at {cut}");
        }
    });
}

/// Sends two requests at once to a peer that gives this instead of answers: what their callers are
/// told. A third request goes over a new connection.
async fn failures(nonsense: Bytes) -> [Error; 2] {
    let broken = read("1").read(5).send(nonsense).stall();
    let (peer, transport) = scripted([broken, read("3").send(wire("three")).read_to_end()]);
    let (first, second) = tokio::join!(transport.send("1".into()), transport.send("2".into()));
    assert_eq!(transport.send("3".into()).await.unwrap(), "three");
    assert_eq!(peer.connections(), 2);
    [first.unwrap_err(), second.unwrap_err()]
}

#[test]
fn an_answer_above_the_limit_fails_all_requests_on_its_connection() {
    run_paused(async {
        for length in [1025, 0x7fff_ffff, 0xffff_ffff_u32] {
            for error in failures(Bytes::copy_from_slice(&length.to_be_bytes())).await {
                assert_eq!(error.kind(), ErrorKind::TooLarge { what: "frame", limit: 1024 });
                assert_eq!(error.delivery(), Delivery::MaybeSent);
                assert!(error.to_string().ends_with("exceeds the limit of 1024 bytes"), "{error}");
            }
        }
    });
}

#[test]
fn what_is_no_frame_fails_all_requests_on_its_connection() {
    run_paused(async {
        // A length that counts itself is at least 4.
        let mut codec = codec();
        codec.adjustment = -4;
        let script = Script::new().read(5).send(Bytes::from_static(&[0, 0, 0, 3])).stall();
        let transport = FramedTransport::new(ScriptedConnector::new([script]), codec);
        let error = transport.send("1".into()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Protocol, Delivery::MaybeSent));
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.starts_with("the length prefix is not a length"), "{cause}");
    });
}

#[test]
fn an_answer_that_nobody_asked_for_ends_the_connection() {
    run_paused(async {
        let gate = Gate::new();
        let chatty = read("1").send(wire("one")).pass(&gate).send(wire("surprise")).stall();
        let sound = read("2").send(wire("two")).read_to_end();
        let (peer, transport) = scripted([chatty, sound]);
        assert_eq!(transport.send("1".into()).await.unwrap(), "one");
        let mut state = transport.state();
        gate.open();
        state.wait_for(influx_transport::framed::ConnectionState::Disconnected).await;
        assert_eq!(transport.send("2".into()).await.unwrap(), "two");
        assert_eq!(peer.connections(), 2);
    });
}

#[test]
fn an_answer_that_the_codec_skips_fails_its_own_request_only() {
    run_paused(async {
        let mut codec = LengthCodec::new(Prefix::U32_BE);
        (codec.max_len, codec.oversize) = (3, OversizePolicy::Skip);
        let answers = [wire("long"), wire("two")].concat();
        let connector = ScriptedConnector::new([read("1").read(5).send(answers).read_to_end()]);
        let transport = FramedTransport::new(connector, codec);
        let (first, second) = tokio::join!(transport.send("1".into()), transport.send("2".into()));
        let error = first.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Protocol, Phase::Body));
        assert_eq!(second.unwrap(), "two");
    });
}

#[test]
fn an_answer_that_breaks_the_framing_fails_its_own_request_only() {
    run_paused(async {
        // SLIP has no such escape.
        let answers = Bytes::from_static(b"\xdb\x01\xc0two\xc0");
        let script = Script::new().read(b"\xc01\xc0\xc02\xc0".len()).send(answers).read_to_end();
        let codec = EnvelopeCodec::new(Envelope::Slip);
        let transport = FramedTransport::new(ScriptedConnector::new([script]), codec);
        let (first, second) = tokio::join!(transport.send("1".into()), transport.send("2".into()));
        let error = first.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Protocol, Phase::Body));
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(second.unwrap(), "two");
    });
}

#[test]
fn a_request_that_the_codec_refuses_harms_nobody() {
    run_paused(async {
        let (peer, transport) = scripted([read("1").send(wire("one")).read_to_end()]);
        let large = Bytes::from(vec![0; 1025]);
        let (error, answer) = tokio::join!(transport.send(large), transport.send("1".into()));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge { what: "frame", limit: 1024 });
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(answer.unwrap(), "one");
        assert_eq!(peer.received(), [wire("1")]);
    });
}

#[test]
fn a_write_that_fails_is_the_reason_and_answers_that_come_nevertheless_count() {
    run_paused(async {
        let transport = exchange(Breaking::after(0, Bytes::new()));
        let error = transport.send("1".into()).await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Closed, Phase::Send));
        assert_eq!(error.delivery(), Delivery::NotSent);

        let transport = exchange(Breaking::after(7, wire("one")));
        let (first, second) = tokio::join!(transport.send("1".into()), transport.send("2".into()));
        assert_eq!(first.unwrap(), "one");
        let error = second.unwrap_err();
        assert_eq!((error.phase(), error.delivery()), (Phase::Send, Delivery::MaybeSent));
    });
}

/// Connects by a stream that takes a number of bytes, then breaks, and only then has an answer.
#[derive(Clone)]
struct Breaking {
    endpoint: Endpoint,
    room: usize,
    answer: Bytes,
    broken: bool,
}

impl Breaking {
    fn after(room: usize, answer: Bytes) -> Self {
        let endpoint = Endpoint::new("breaking", 1).unwrap();
        Self { endpoint, room, answer, broken: false }
    }
}

impl Connect for Breaking {
    type Stream = Self;

    async fn connect(&self) -> Result<Self, Error> {
        Ok(self.clone())
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl AsyncRead for Breaking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.broken {
            return Poll::Pending;
        }
        buffer.put_slice(&take(&mut self.answer));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Breaking {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.room == 0 {
            self.broken = true;
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let taken = data.len().min(self.room);
        self.room -= taken;
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
