//! Streams that hold back what was written, as encrypted ones do, and how they are closed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use influx_transport::framed::{FrameWriter, FramedSender};
use influx_transport::memory::{MemoryConnector, MemoryListener, memory_pair};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{Script, ScriptedServer};
use influx_transport::tls::{TlsConnector, TlsListener};
use influx_transport::{Connect, Endpoint, Error, Listen, SocketOptions, Transport};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::certificates::Authority;
use crate::frames::{Echo, codec, exchange, ms, scripted, wire};
use crate::support::{run, run_paused};

#[test]
fn an_answer_that_comes_before_the_flush_ends_is_the_answer() {
    run_paused(async {
        let (connector, listener) = memory_pair();
        let echo = Echo::start(listener);
        let transport = exchange(Hesitant(connector));
        let answers = tokio::join!(transport.send("1".into()), transport.send("2".into()));
        assert_eq!((answers.0.unwrap(), answers.1.unwrap()), ("1".into(), "2".into()));
        assert_eq!(transport.send("3".into()).await.unwrap(), "3");
        let stats = transport.stats();
        assert_eq!((echo.accepted(), stats.sent, stats.received), (1, 3, 3));
        transport.disconnect().await.unwrap();
    });
}

#[test]
fn requests_through_small_buffers_are_answered_encrypted_too() {
    run(async {
        let mut small = SocketOptions::default();
        (small.send_buffer, small.receive_buffer) = (Some(4096), Some(4096));
        let authority = Authority::new();
        let address = ([127, 0, 0, 1], 0).into();
        let listener = TcpListener::bind_with(address, small.clone()).await.unwrap();
        let connector = TcpConnector::with_options(listener.local_addr(), small.into());
        let connector = TlsConnector::with_options(connector, authority.options()).unwrap();
        let listener = TlsListener::new(listener, authority.server_options("127.0.0.1")).unwrap();
        let _echo = Echo::start(listener);
        let transport = exchange(connector);
        let mut callers = JoinSet::new();
        for caller in 0..128 {
            let transport = transport.clone();
            callers.spawn(async move {
                let request = Bytes::from(vec![b'x'; 1000 - caller]);
                assert_eq!(transport.send(request.clone()).await.unwrap(), request);
            });
        }
        callers.join_all().await;
        assert_eq!(transport.stats().connects, 1);
    });
}

/// A way to an encrypting listener, in memory.
fn encrypted() -> (TlsConnector<MemoryConnector>, TlsListener<MemoryListener>) {
    let authority = Authority::new();
    let (connector, listener) = memory_pair();
    let options = authority.options_for("peer");
    let connector = TlsConnector::with_options(connector, options).unwrap();
    (connector, TlsListener::new(listener, authority.server_options("peer")).unwrap())
}

#[test]
fn closing_waits_for_a_slow_peer() {
    run_paused(async {
        let (connector, listener) = encrypted();
        let (client, (mut server, _)) = tokio::join!(connector.connect(), listener.accept());
        let mut writer = FrameWriter::new(client.unwrap(), codec());
        let write = async {
            // More than the stream below holds, and less than that and the encryption hold.
            for _ in 0..100 {
                writer.feed([b'x'; 1000]).await.unwrap();
            }
            writer.close().await.unwrap();
        };
        let read = async {
            sleep(ms(60_000)).await;
            let mut received = Vec::new();
            server.read_to_end(&mut received).await.unwrap();
            received.len()
        };
        assert_eq!(tokio::join!(write, read).1, 100 * 1004);
    });
}

#[test]
fn disconnecting_tells_the_peer_in_tls_and_takes_no_longer_than_it() {
    run_paused(async {
        let (connector, listener) = encrypted();
        let transport = exchange(connector);
        let serve = async {
            let (mut stream, _) = listener.accept().await;
            stream.read_exact(&mut [0; 5]).await.unwrap();
            stream.write_all(&wire("one")).await.unwrap();
            stream.flush().await.unwrap();
            // It would be an error if the end was not announced.
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        };
        let ask = async {
            assert_eq!(transport.send("1".into()).await.unwrap(), "one");
            let start = Instant::now();
            transport.disconnect().await.unwrap();
            assert_eq!(start.elapsed(), ms(0));
        };
        tokio::join!(serve, ask);
    });
}

#[test]
fn what_the_peer_still_says_while_it_is_disconnected_is_taken() {
    run(async {
        // A system resets a connection that is closed before all of that was read.
        let farewell = Script::new().read_to_end().send(vec![b'x'; 4 << 20]);
        let server = ScriptedServer::start([farewell]).await.unwrap();
        let sender = FramedSender::new(TcpConnector::from(server.local_addr()), codec());
        sender.send("1".into()).await.unwrap();
        sender.disconnect().await.unwrap();
        assert_eq!(server.finish().await.unwrap(), [wire("1")]);
    });
}

#[test]
fn a_peer_that_does_not_close_its_side_holds_up_disconnecting_for_a_second() {
    run_paused(async {
        let (_peer, transport) = scripted([Script::new().read(5).send(wire("one")).stall()]);
        assert_eq!(transport.send("1".into()).await.unwrap(), "one");
        let start = Instant::now();
        transport.disconnect().await.unwrap();
        assert_eq!(start.elapsed(), ms(1000));
    });
}

/// Connects by streams that pass on what is written, but say so only when something was read.
struct Hesitant(MemoryConnector);

impl Connect for Hesitant {
    type Stream = HesitantStream;

    async fn connect(&self) -> Result<HesitantStream, Error> {
        Ok(HesitantStream { stream: self.0.connect().await?, written: false })
    }

    fn endpoint(&self) -> &Endpoint {
        self.0.endpoint()
    }
}

struct HesitantStream {
    stream: DuplexStream,
    written: bool,
}

impl AsyncRead for HesitantStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.written &= read.is_pending();
        read
    }
}

impl AsyncWrite for HesitantStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written = true;
        Pin::new(&mut self.stream).poll_write(cx, data)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The task also waits to read, and is woken for that.
        if self.written { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
