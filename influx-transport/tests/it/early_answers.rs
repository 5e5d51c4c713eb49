//! Servers that answer before they have read the request, and close: the answer counts.
//!
//! Each server has a thread of its own, as real ones do. In the thread of the client it would act
//! only while the client waits, and so hide the races.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use influx_transport::http::{HttpReply, HttpServer, HttpServerOptions, HttpTransport};
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::FaultProxy;
use influx_transport::tls::{TlsConnector, TlsListener, TlsOptions};
use influx_transport::{Connect, Delivery, Endpoint, Listen, Transport};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::certificates::Authority;
use crate::ends::acceptor;
use crate::leaks::run_on;
use crate::support::{post, text};

const STATUSES: [u16; 6] = [413, 401, 400, 403, 503, 307];

/// The way in which a server answers.
#[derive(Clone, Copy, Debug, Default)]
struct Manner {
    encrypted: bool,
    /// It pauses behind the head.
    late: bool,
    end: End,
}

/// The way in which it ends the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum End {
    /// With a part of the request unread.
    #[default]
    Closes,
    /// On purpose.
    Resets,
    /// In order first, which ends the answer.
    EndsAnswer,
}

/// A server in a thread of its own, which ends with it.
struct Threaded {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Threaded {
    fn start<F: Future<Output = ()>>(
        serve: impl FnOnce(TcpListener) -> F + Send + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = serve(listener) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Answers each request with the next of the statuses, behind its head.
    fn refusing(manner: Manner, acceptor: Option<TlsAcceptor>) -> Self {
        Self::start(move |listener| async move {
            for status in STATUSES.into_iter().cycle() {
                let (stream, _) = listener.accept().await.unwrap();
                // Otherwise the system may keep the answer back until the close throws it away.
                stream.set_nodelay(true).unwrap();
                if manner.end == End::Resets {
                    stream.set_zero_linger().unwrap();
                }
                match &acceptor {
                    None => refuse(stream, status, manner).await,
                    Some(acceptor) => {
                        refuse(acceptor.accept(stream).await.unwrap(), status, manner).await;
                    }
                }
            }
        })
    }
}

impl Drop for Threaded {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, status: u16, manner: Manner) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut head).await.unwrap() > 0);
    }
    if manner.late {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ends_answer = manner.end == End::EndsAnswer;
    let length = if ends_answer { "" } else { "Content-Length: 2\r\n" };
    let answer = format!("HTTP/1.1 {status} No\r\nConnection: close\r\n{length}\r\nno");
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    if ends_answer {
        stream.shutdown().await.unwrap();
    }
}

/// Sends requests of 8 MiB, each over a connection of its own, to a server that gives these
/// answers again and again.
async fn ask<C: Connect>(
    transport: &HttpTransport<C>,
    count: usize,
    statuses: &[u16],
    what: &dyn std::fmt::Debug,
) {
    for (at, status) in statuses.iter().cycle().take(count).enumerate() {
        let response = transport.send(post(vec![b' '; 8 << 20])).await;
        let response = response.unwrap_or_else(|error| panic!("{at} {what:?}: {error:?}"));
        assert_eq!(response.status().as_u16(), *status, "{at} {what:?}");
        text(response).await.unwrap_or_else(|error| panic!("{at} {what:?}: {error:?}"));
    }
}

/// Runs a test on both runtimes of tokio, where nothing may be left behind.
fn on_both<F: Future<Output = ()>>(test: impl Fn() -> F) {
    let guarded = || async { tokio::time::timeout(Duration::from_secs(60), test()).await };
    run_on(Builder::new_current_thread().enable_all(), guarded()).expect("too long");
    let mut threads = Builder::new_multi_thread();
    run_on(threads.worker_threads(2).enable_all(), guarded()).expect("too long");
}

fn check(manner: Manner, count: usize) {
    on_both(|| async {
        let (acceptor, tls) = manner.encrypted.then(acceptor).unzip();
        let server = Threaded::refusing(manner, acceptor);
        let tcp = TcpConnector::from(server.address);
        match tls {
            None => ask(&HttpTransport::new(tcp), count, &STATUSES, &manner).await,
            Some(options) => ask(&https(tcp, options), count, &STATUSES, &manner).await,
        }
    });
}

fn https(tcp: TcpConnector, options: TlsOptions) -> HttpTransport<TlsConnector<TcpConnector>> {
    HttpTransport::new(TlsConnector::with_options(tcp, options).unwrap())
}

#[test]
fn the_answer_of_a_server_that_closes_at_once_is_not_lost() {
    check(Manner::default(), 100);
    check(Manner { encrypted: true, ..Manner::default() }, 100);
}

#[test]
fn the_answer_of_a_server_that_closes_later_is_not_lost() {
    check(Manner { late: true, ..Manner::default() }, 20);
    check(Manner { late: true, encrypted: true, ..Manner::default() }, 20);
}

#[test]
fn the_answer_of_a_server_that_resets_is_not_lost() {
    check(Manner { end: End::Resets, ..Manner::default() }, 100);
    check(Manner { end: End::Resets, encrypted: true, ..Manner::default() }, 100);
    check(Manner { end: End::Resets, late: true, ..Manner::default() }, 10);
}

#[test]
fn the_end_of_an_answer_without_a_length_is_not_taken_for_a_cut() {
    check(Manner { end: End::EndsAnswer, ..Manner::default() }, 50);
    check(Manner { end: End::EndsAnswer, encrypted: true, ..Manner::default() }, 20);
}

#[test]
fn the_answer_reaches_a_client_through_a_proxy() {
    on_both(|| async {
        for end in [End::Closes, End::Resets] {
            let server = Threaded::refusing(Manner { end, ..Manner::default() }, None);
            let proxy = FaultProxy::start(server.address).await.unwrap();
            let transport = HttpTransport::new(TcpConnector::from(proxy.local_addr()));
            ask(&transport, 100, &STATUSES, &"a proxy").await;
        }
    });
}

#[test]
fn the_refusal_of_our_own_server_is_not_lost() {
    on_both(|| async {
        for encrypted in [false, true] {
            let authority = Authority::new();
            let tls = encrypted.then(|| authority.server_options("127.0.0.1"));
            let server = Threaded::start(move |listener| async move {
                let endpoint = listener.local_addr().unwrap().into();
                let listener = Bound { listener, endpoint };
                let mut options = HttpServerOptions::default();
                options.max_body = 1024;
                let answer = |_| async { Some(http::Response::new(HttpReply::full(""))) };
                let _server = match tls {
                    None => HttpServer::with_options(listener, options, answer),
                    Some(tls) => {
                        let listener = TlsListener::new(listener, tls).unwrap();
                        HttpServer::with_options(listener, options, answer)
                    }
                };
                std::future::pending::<()>().await;
            });
            let tcp = TcpConnector::from(server.address);
            if encrypted {
                let transport = https(tcp, authority.options());
                ask(&transport, 100, &[413], &"our server, TLS").await;
            } else {
                ask(&HttpTransport::new(tcp), 100, &[413], &"our server").await;
            }
        }
    });
}

/// A listener that was bound in another thread.
struct Bound {
    listener: TcpListener,
    endpoint: Endpoint,
}

impl Listen for Bound {
    type Stream = TcpStream;

    async fn accept(&self) -> (TcpStream, Endpoint) {
        let (stream, peer) = self.listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        (stream, peer.into())
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// A program in Python, which prints its port. Dropping it ends the program.
struct Python {
    child: Child,
    port: u16,
}

impl Python {
    fn start(program: &str) -> Option<Self> {
        let mut command = Command::new("python3");
        command.args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().ok()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Self { child, port: line.trim().parse().unwrap() })
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn the_answer_of_python_is_not_lost() {
    const SERVER: &str = "
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_error(413)
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
";
    let Some(server) = Python::start(SERVER) else {
        eprintln!("skipped: there is no python3");
        return;
    };
    on_both(|| async {
        let transport = HttpTransport::new(TcpConnector::new("127.0.0.1", server.port).unwrap());
        ask(&transport, 100, &[413], &"Python").await;
    });
}

#[test]
fn a_server_that_closes_without_an_answer_is_reported_as_before() {
    on_both(|| async {
        let server = Threaded::start(|listener| async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.read_u8().await.unwrap();
            }
        });
        let transport = HttpTransport::new(TcpConnector::from(server.address));
        for _ in 0..20 {
            let error = transport.send(post(vec![b' '; 8 << 20])).await.unwrap_err();
            assert!(error.is_closed(), "{error:?}");
            assert_eq!(error.delivery(), Delivery::MaybeSent, "{error:?}");
        }
    });
}
