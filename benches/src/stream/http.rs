//! Requests over one HTTP connection that stays open. The server runs on a thread of its own, so
//! that only the client counts.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use influx_proto::decode::{Event, SeriesDecoder};
use influx_transport::Transport;
use influx_transport::http::{HttpReply, HttpServer, HttpTransport};
use influx_transport::tcp::{TcpConnector, TcpListener};
use serde::Deserialize;
use tokio::net::TcpStream;

use super::runtime;
use crate::generate::{Answer, Row, points};
use crate::harness::Kind::{self, Limit, Peer, TimedOurs, TimedPeer};
use crate::harness::{Case, Contender, Pass, Scale, Workload, with_timer};
use crate::tally::Tally;

pub(super) fn workloads() -> impl Iterator<Item = Workload> {
    let get = |scale| small(scale, 20_000, Bytes::new());
    let post = |scale| small(scale, 200, Bytes::from(vec![b'x'; 512 * 1024]));
    [
        Workload { name: "transport/http/get".to_owned(), build: Box::new(get) },
        Workload { name: "transport/http/post-512KiB".to_owned(), build: Box::new(post) },
        Workload { name: "transport/http/query".to_owned(), build: Box::new(query) },
    ]
    .into_iter()
}

/// Requests with this body, one after the other; an empty answer to each.
fn small(scale: Scale, count: usize, body: Bytes) -> Case {
    let count = if matches!(scale, Scale::Full) { count } else { count.min(100) };
    let address = serve(None);
    let bytes = count * body.len().max(1);
    let request = Rc::new(move || {
        let builder = if body.is_empty() { Request::get("/ping") } else { Request::post("/write") };
        builder.header("host", address.to_string()).body(body.clone()).unwrap()
    });
    let (by_hyper, by_reqwest, by_us) = (Rc::clone(&request), Rc::clone(&request), request);
    let mut contenders = Vec::from(peer("hyper http1 connection", async move |_| {
        let mut connection = hyper_connection(address).await;
        for _ in 0..count {
            let body = exchange(&mut connection, by_hyper()).await;
            assert!(body.collect().await.unwrap().to_bytes().is_empty());
        }
    }));
    contenders.extend(peer("reqwest", async move |_| {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        for _ in 0..count {
            let request = by_reqwest();
            let url = format!("http://{address}{}", request.uri());
            let builder = client.request(request.method().clone(), url);
            let answer = builder.body(request.into_body()).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            assert!(answer.bytes().await.unwrap().is_empty());
        }
    }));
    contenders.push(contender(TimedOurs, "HttpTransport", async move |_| {
        let transport = HttpTransport::new(TcpConnector::from(address));
        for _ in 0..count {
            let answer = transport.send(by_us()).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            assert!(answer.into_body().collect(1024).await.unwrap().is_empty());
        }
    }));
    Case { bytes, points: count, contenders }
}

/// One answer of 200 chunks with 1,000 rows each, decoded to structs.
fn query(scale: Scale) -> Case {
    let points = Rc::new(points(scale.points(), false));
    let answer = Answer::new(&points, 1_000);
    let (bytes, documents) = (answer.body.len(), answer.ends.len());
    let address = serve(Some(answer.body.into()));
    let expected = Rc::new(Tally::of(&points));
    let request = move || {
        let request = Request::get("/query").header("host", address.to_string());
        request.body(Bytes::new()).unwrap()
    };
    let (by_peer, by_us) = (Rc::clone(&expected), expected);
    let mut contenders = vec![contender(Limit, "hyper, discarded", async move |_| {
        let mut connection = hyper_connection(address).await;
        let mut body = exchange(&mut connection, request()).await;
        let mut len = 0;
        while let Some(frame) = body.frame().await {
            len += frame.unwrap().data_ref().map_or(0, Bytes::len);
        }
        assert_eq!(len, bytes);
    })];
    contenders.extend(peer("hyper, collected, sonic-rs typed", async move |pass| {
        let mut connection = hyper_connection(address).await;
        let body = exchange(&mut connection, request()).await;
        let body = body.collect().await.unwrap().to_bytes();
        let mut tally = Tally::new(pass);
        let series = sonic_rs::Deserializer::from_slice(&body).into_stream::<Series<'_>>();
        for series in series.take(documents) {
            let series = series.unwrap();
            tally.take(series.points.len(), series.points.iter().copied());
        }
        tally.verify(&by_peer);
    }));
    contenders.push(contender(TimedOurs, "HttpTransport, SeriesDecoder", async move |pass| {
        let transport = HttpTransport::new(TcpConnector::from(address));
        let mut body = transport.send(request()).await.unwrap().into_body();
        let mut tally = Tally::new(pass);
        let mut decoder = SeriesDecoder::new();
        while let Some(chunk) = body.chunk().await.unwrap() {
            decoder.push(&chunk);
            while let Some(event) = decoder.next_event().unwrap() {
                if let Event::Row(row) = event {
                    let row: Row<'_> = row.deserialize().unwrap();
                    tally.take(1, std::iter::once(row));
                }
            }
        }
        tally.verify(&by_us);
    }));
    Case { bytes, points: points.len(), contenders }
}

#[derive(Deserialize)]
struct Series<'a> {
    #[serde(borrow)]
    points: Vec<Row<'a>>,
}

/// A peer without time limits, then the same with a pending timer.
fn peer(name: &'static str, work: impl AsyncFn(Pass) + Clone + 'static) -> [Contender; 2] {
    [contender(Peer, name, work.clone()), contender(TimedPeer, name, work)]
}

fn contender(kind: Kind, name: &'static str, work: impl AsyncFn(Pass) + 'static) -> Contender {
    let pass = move |pass| runtime().block_on(with_timer(kind, work(pass)));
    Contender { kind, name, pass: Box::new(pass) }
}

/// Starts a server that gives this answer in chunks of 16 KiB, or an empty one. It ends with the
/// program.
fn serve(answer: Option<Bytes>) -> SocketAddr {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
            sender.send(listener.local_addr()).unwrap();
            let _server = HttpServer::new(listener, move |_| {
                let reply = match answer.clone() {
                    None => HttpReply::full(""),
                    Some(body) => HttpReply::chunks(chunks(body)),
                };
                async { Some(Response::new(reply)) }
            });
            std::future::pending::<Infallible>().await
        })
    });
    address.recv().unwrap()
}

fn chunks(mut body: Bytes) -> impl Iterator<Item = Bytes> + Send {
    std::iter::from_fn(move || (!body.is_empty()).then(|| body.split_to(body.len().min(16 * 1024))))
}

async fn hyper_connection(address: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn exchange(connection: &mut SendRequest<Full<Bytes>>, request: Request<Bytes>) -> Incoming {
    connection.ready().await.unwrap();
    let answer = connection.send_request(request.map(Full::new)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.into_body()
}
