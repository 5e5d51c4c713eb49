//! Requests of 64 bytes and their answers, with a length prefix of four bytes; the server answers
//! with the request.

use std::io::{Read, Write};
use std::net;

use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use influx_framing::{LengthCodec, Prefix};
use influx_transport::Transport;
use influx_transport::framed::{FrameReader, FrameWriter, FramedTransport};
use influx_transport::tcp::TcpConnector;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use super::{Job, Received, pair};
use crate::harness::Kind::{Limit, Ours, TimedOurs};
use crate::harness::{Case, Contender, Pass, Scale, Workload};

pub(super) fn workloads() -> impl Iterator<Item = Workload> {
    [1, 16, 64].into_iter().map(|depth| Workload {
        name: format!("transport/exchange/depth-{depth}"),
        build: Box::new(move |scale| case(scale, depth)),
    })
}

fn case(scale: Scale, depth: usize) -> Case {
    let job = Job::new(scale, 64, depth);
    let blocking = job.clone();
    let blocking = move |_| system_calls(&blocking);
    let mut contenders = vec![
        Contender { kind: Limit, name: "system calls, blocking", pass: Box::new(blocking) },
        job.contender(Limit, "Framed, answers coalesced by hand", async |job, pass| {
            let (client, server) = pair().await;
            let echo = tokio::spawn(echo_coalesced(server));
            framed(client, job, pass).await;
            echo.await.unwrap();
        }),
    ];
    contenders.extend(job.peer("Framed", async |job, pass| {
        let (client, server) = pair().await;
        let echo = tokio::spawn(echo_framed(server));
        framed(client, job, pass).await;
        echo.await.unwrap();
    }));
    if depth == 1 {
        contenders.extend(job.peer("read_exact, write_all", exact));
    }
    contenders.extend([
        job.contender(Ours, "FrameWriter, FrameReader", halves),
        job.contender(Ours, "FrameWriter, FrameReader, lent", lent),
        job.contender(TimedOurs, "FramedTransport", shared),
    ]);
    if depth > 1 {
        contenders.push(job.contender(TimedOurs, "FramedTransport, send_all", batches));
    }
    job.case(contenders)
}

/// The system calls for each batch, and nothing else.
fn system_calls(job: &Job) {
    let listener = net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let mut client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let mut batch = vec![0; (4 + job.messages[0].len()) * job.depth];
    for _ in 0..job.count / job.depth {
        client.write_all(&batch).unwrap();
        server.read_exact(&mut batch).unwrap();
        server.write_all(&batch).unwrap();
        client.read_exact(&mut batch).unwrap();
    }
}

async fn exact(job: Job, pass: Pass) {
    let (mut client, mut server) = pair().await;
    let echo = tokio::spawn(async move {
        let mut buffer = vec![0; 1024];
        while let Ok(length) = server.read_u32().await {
            let end = 4 + length as usize;
            buffer[..4].copy_from_slice(&length.to_be_bytes());
            server.read_exact(&mut buffer[4..end]).await.unwrap();
            server.write_all(&buffer[..end]).await.unwrap();
        }
    });
    let mut received = Received::new(job.clone(), pass);
    let (mut request, mut answer) = (Vec::new(), vec![0; 1024]);
    for message in job.messages() {
        request.clear();
        request.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
        request.extend_from_slice(message);
        client.write_all(&request).await.unwrap();
        let length = client.read_u32().await.unwrap() as usize;
        client.read_exact(&mut answer[..length]).await.unwrap();
        received.take(&answer[..length]);
    }
    drop(client);
    echo.await.unwrap();
}

async fn framed(client: TcpStream, job: Job, pass: Pass) {
    let mut framed = Framed::new(client, LengthDelimitedCodec::new());
    let mut received = Received::new(job.clone(), pass);
    let mut requests = job.messages();
    for _ in 0..job.count / job.depth {
        for request in requests.by_ref().take(job.depth) {
            framed.feed(request.clone()).await.unwrap();
        }
        SinkExt::<Bytes>::flush(&mut framed).await.unwrap();
        for _ in 0..job.depth {
            received.take(&framed.next().await.unwrap().unwrap());
        }
    }
}

async fn echo_framed(stream: TcpStream) {
    let mut framed = Framed::new(stream, LengthDelimitedCodec::new());
    while let Some(Ok(request)) = framed.next().await {
        framed.send(request.freeze()).await.unwrap();
    }
}

async fn echo_coalesced(stream: TcpStream) {
    let mut framed = Framed::new(stream, LengthDelimitedCodec::new());
    while let Some(Ok(request)) = framed.next().await {
        framed.feed(request.freeze()).await.unwrap();
        while let Some(Some(Ok(request))) = framed.next().now_or_never() {
            framed.feed(request.freeze()).await.unwrap();
        }
        SinkExt::<Bytes>::flush(&mut framed).await.unwrap();
    }
}

fn codec() -> LengthCodec {
    LengthCodec::new(Prefix::U32_BE)
}

/// As the documentation of `FrameReader::next_buffered` does it.
async fn echo(mut stream: TcpStream) {
    let (input, output) = stream.split();
    let mut requests = FrameReader::new(input, codec());
    let mut answers = FrameWriter::new(output, codec());
    while let Some(frame) = requests.next().await.unwrap() {
        let mut next = Some(frame);
        while let Some(frame) = next {
            answers.feed(frame.into_complete().unwrap()).await.unwrap();
            next = requests.next_buffered().unwrap();
        }
        answers.flush().await.unwrap();
    }
}

async fn halves(job: Job, pass: Pass) {
    let (mut client, server) = pair().await;
    let echo = tokio::spawn(echo(server));
    let (input, output) = client.split();
    let mut requests = FrameWriter::new(output, codec());
    let mut answers = FrameReader::new(input, codec());
    let mut received = Received::new(job.clone(), pass);
    let mut messages = job.messages();
    for _ in 0..job.count / job.depth {
        for message in messages.by_ref().take(job.depth) {
            requests.feed(message).await.unwrap();
        }
        requests.flush().await.unwrap();
        for _ in 0..job.depth {
            let answer = answers.next().await.unwrap().unwrap();
            received.take(&answer.into_complete().unwrap());
        }
    }
    drop(client);
    echo.await.unwrap();
}

/// As the documentation of `FrameReader` does it: frames are lent.
async fn echo_lent(mut stream: TcpStream) {
    let (input, output) = stream.split();
    let mut requests = FrameReader::new(input, codec());
    let mut answers = FrameWriter::new(output, codec());
    while requests
        .try_next_each(|request| answers.try_feed(request.into_complete().unwrap()))
        .await
        .unwrap()
    {
        answers.flush().await.unwrap();
    }
}

async fn lent(job: Job, pass: Pass) {
    let (mut client, server) = pair().await;
    let echo = tokio::spawn(echo_lent(server));
    let (input, output) = client.split();
    let mut requests = FrameWriter::new(output, codec());
    let mut answers = FrameReader::new(input, codec());
    let mut received = Received::new(job.clone(), pass);
    let mut messages = job.messages();
    for batch in 1..=job.count / job.depth {
        for message in messages.by_ref().take(job.depth) {
            if requests.try_feed(message).unwrap().is_break() {
                requests.flush().await.unwrap();
            }
        }
        requests.flush().await.unwrap();
        while received.count < batch * job.depth {
            let lent = answers.next_each(|frame| received.take(frame.into_complete().unwrap()));
            assert!(lent.await.unwrap());
        }
    }
    drop(client);
    echo.await.unwrap();
}

/// A transport whose peer echoes one connection.
async fn transport() -> (FramedTransport<TcpConnector, LengthCodec>, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let connector = TcpConnector::from(listener.local_addr().unwrap());
    let echo = tokio::spawn(async move { echo_lent(listener.accept().await.unwrap().0).await });
    (FramedTransport::new(connector, codec()), echo)
}

/// Each of as many callers as the depth says waits for its answer before it asks again.
async fn shared(job: Job, pass: Pass) {
    let (transport, echo) = transport().await;
    let mut callers = JoinSet::new();
    for _ in 0..job.depth {
        let (job, transport) = (job.clone(), transport.clone());
        callers.spawn(async move {
            let mut received = Received::new(job.clone(), pass);
            for request in job.messages().take(job.count / job.depth) {
                received.take(&transport.send(request.clone()).await.unwrap());
            }
            received.count
        });
    }
    assert_eq!(callers.join_all().await.into_iter().sum::<usize>(), job.count);
    transport.disconnect().await.unwrap();
    echo.await.unwrap();
}

/// One caller has as many requests at a time as the depth says.
async fn batches(job: Job, pass: Pass) {
    let (transport, echo) = transport().await;
    let mut received = Received::new(job.clone(), pass);
    let mut messages = job.messages();
    for _ in 0..job.count / job.depth {
        let batch = messages.by_ref().take(job.depth).cloned();
        for answer in transport.send_all(batch).await {
            received.take(&answer.unwrap());
        }
    }
    transport.disconnect().await.unwrap();
    echo.await.unwrap();
}
