//! Messages of 200 bytes in one direction, delimited by 0x17 or with a length prefix.

use std::fmt::Debug;

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use influx_framing::{Decoder, DelimiterCodec, Encoder, Frame, LengthCodec, Prefix};
use influx_transport::Transport;
use influx_transport::framed::{FrameReader, FrameWriter, FramedSender};
use influx_transport::tcp::TcpConnector;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::codec::{self, AnyDelimiterCodec, FramedRead, FramedWrite, LengthDelimitedCodec};

use super::{DELIMITER, Job, Received, pair};
use crate::harness::Kind::{Limit, Ours, Peer, TimedOurs};
use crate::harness::{Case, Pass, Scale, Workload};

pub(super) fn workloads() -> impl Iterator<Item = Workload> {
    [
        Workload { name: "transport/one-way/byte".to_owned(), build: Box::new(byte) },
        Workload { name: "transport/one-way/length".to_owned(), build: Box::new(length) },
    ]
    .into_iter()
}

fn byte(scale: Scale) -> Case {
    let job = Job::new(scale, 200, 1);
    let mut contenders =
        vec![job.contender(Limit, "blocks of 64 KiB, discarded", async |job, _| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(discard(server, job.bytes() + job.count));
            send_blocks(client, &job).await;
            receiver.await.unwrap();
        })];
    contenders.extend(job.peer("Framed feed and flush, discarded", async |job, _| {
        let (client, server) = pair().await;
        let receiver = tokio::spawn(discard(server, job.bytes() + job.count));
        send_framed(client, &job, any_delimiter(), text).await;
        receiver.await.unwrap();
    }));
    contenders.extend(job.peer("Framed feed and flush, FramedRead", async |job, pass| {
        let (client, server) = pair().await;
        let receiver = tokio::spawn(receive_framed(server, job.clone(), pass, any_delimiter()));
        send_framed(client, &job, any_delimiter(), text).await;
        receiver.await.unwrap();
    }));
    contenders.extend(job.peer("write_all each, FramedRead", async |job, pass| {
        let (client, server) = pair().await;
        let receiver = tokio::spawn(receive_framed(server, job.clone(), pass, any_delimiter()));
        send_each(client, &job).await;
        receiver.await.unwrap();
    }));
    contenders.extend([
        job.contender(Ours, "FrameWriter, FrameReader", async |job, pass| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(receive(server, job.clone(), pass, delimiter()));
            send(client, &job, delimiter()).await;
            receiver.await.unwrap();
        }),
        job.contender(Ours, "FrameWriter, FrameReader, lent", async |job, pass| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(receive_lent(server, job.clone(), pass, delimiter()));
            send(client, &job, delimiter()).await;
            receiver.await.unwrap();
        }),
        job.contender(TimedOurs, "FramedSender, FrameReader, lent", async |job, pass| {
            let (sender, receiver) = sender(&job, pass).await;
            for message in job.messages() {
                drop(sender.enqueue(message.clone()).await);
            }
            sender.disconnect().await.unwrap();
            receiver.await.unwrap();
        }),
        job.contender(TimedOurs, "FramedSender send_all, FrameReader, lent", async |job, pass| {
            let (sender, receiver) = sender(&job, pass).await;
            let mut messages = job.messages().cloned();
            for _ in 0..job.count / BATCH {
                let batch = messages.by_ref().take(BATCH);
                assert!(sender.send_all(batch).await.iter().all(Result::is_ok));
            }
            sender.disconnect().await.unwrap();
            receiver.await.unwrap();
        }),
    ]);
    job.case(contenders)
}

fn length(scale: Scale) -> Case {
    let job = Job::new(scale, 200, 1);
    job.case(vec![
        job.contender(Peer, "Framed feed and flush, discarded", async |job, _| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(discard(server, job.bytes() + 4 * job.count));
            send_framed(client, &job, LengthDelimitedCodec::new(), Bytes::clone).await;
            receiver.await.unwrap();
        }),
        job.contender(Peer, "Framed feed and flush, FramedRead", async |job, pass| {
            let (client, server) = pair().await;
            let codec = LengthDelimitedCodec::new();
            let receiver = tokio::spawn(receive_framed(server, job.clone(), pass, codec));
            send_framed(client, &job, LengthDelimitedCodec::new(), Bytes::clone).await;
            receiver.await.unwrap();
        }),
        job.contender(Ours, "FrameWriter, FrameReader", async |job, pass| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(receive(server, job.clone(), pass, prefix()));
            send(client, &job, prefix()).await;
            receiver.await.unwrap();
        }),
        job.contender(Ours, "FrameWriter, FrameReader, lent", async |job, pass| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(receive_lent(server, job.clone(), pass, prefix()));
            send(client, &job, prefix()).await;
            receiver.await.unwrap();
        }),
    ])
}

fn prefix() -> LengthCodec {
    LengthCodec::new(Prefix::U32_BE)
}

fn delimiter() -> DelimiterCodec {
    DelimiterCodec::new(DELIMITER)
}

/// The delimiter codec of tokio-util.
fn any_delimiter() -> AnyDelimiterCodec {
    AnyDelimiterCodec::new(vec![DELIMITER], vec![DELIMITER])
}

/// Its encoder takes text only.
fn text(message: &Bytes) -> &str {
    std::str::from_utf8(message).unwrap()
}

async fn send_blocks(mut stream: TcpStream, job: &Job) {
    let mut block = BytesMut::new();
    for message in job.messages().take(BLOCK) {
        block.extend_from_slice(message);
        block.extend_from_slice(&[DELIMITER]);
    }
    let frame = job.messages[0].len() + 1;
    let mut left = job.count;
    while left > 0 {
        let frames = left.min(BLOCK);
        stream.write_all(&block[..frames * frame]).await.unwrap();
        left -= frames;
    }
}

/// The messages that make 64 KiB.
const BLOCK: usize = 325;

async fn discard(mut stream: TcpStream, mut left: usize) {
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        left -= stream.read(&mut buffer).await.unwrap();
    }
}

async fn send_each(mut stream: TcpStream, job: &Job) {
    for message in job.messages() {
        let frame = [message, &[DELIMITER][..]].concat();
        stream.write_all(&frame).await.unwrap();
    }
}

async fn send_framed<'a, T>(
    stream: TcpStream,
    job: &'a Job,
    codec: impl codec::Encoder<T, Error: Debug>,
    item: impl Fn(&'a Bytes) -> T,
) {
    let mut writer = FramedWrite::new(stream, codec);
    for message in job.messages() {
        writer.feed(item(message)).await.unwrap();
    }
    writer.flush().await.unwrap();
}

async fn receive_framed(
    stream: TcpStream,
    job: Job,
    pass: Pass,
    codec: impl codec::Decoder<Item: AsRef<[u8]>, Error: Debug>,
) {
    let mut reader = FramedRead::new(stream, codec);
    let mut received = Received::new(job, pass);
    while !received.is_complete() {
        received.take(reader.next().await.unwrap().unwrap().as_ref());
    }
}

async fn send(stream: TcpStream, job: &Job, codec: impl for<'a> Encoder<&'a Bytes>) {
    let mut writer = FrameWriter::new(stream, codec);
    for message in job.messages() {
        writer.feed(message).await.unwrap();
    }
    writer.flush().await.unwrap();
}

async fn receive(stream: TcpStream, job: Job, pass: Pass, codec: impl Decoder<Item = Frame>) {
    let mut reader = FrameReader::new(stream, codec);
    let mut received = Received::new(job, pass);
    while !received.is_complete() {
        received.take(&reader.next().await.unwrap().unwrap().into_complete().unwrap());
    }
}

async fn receive_lent(stream: TcpStream, job: Job, pass: Pass, codec: impl Decoder<Item = Frame>) {
    let mut reader = FrameReader::new(stream, codec);
    let mut received = Received::new(job, pass);
    while !received.is_complete() {
        let lent = reader.next_each(|frame| received.take(frame.into_complete().unwrap()));
        assert!(lent.await.unwrap());
    }
}

/// A sender whose peer receives the messages of the job, lent to it.
async fn sender(
    job: &Job,
    pass: Pass,
) -> (FramedSender<TcpConnector, DelimiterCodec>, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let connector = TcpConnector::from(listener.local_addr().unwrap());
    let job = job.clone();
    let receiver = tokio::spawn(async move {
        receive_lent(listener.accept().await.unwrap().0, job, pass, delimiter()).await;
    });
    (FramedSender::new(connector, delimiter()), receiver)
}

/// The messages that are sent together; it divides the number of all.
const BATCH: usize = 64;
