//! Messages of 200 bytes in one direction, delimited by 0x17.

use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use influx_framing::DelimiterCodec;
use influx_transport::{FrameReader, FrameWriter, FramedSender, TcpConnector, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::{AnyDelimiterCodec, FramedRead, FramedWrite};

use super::{DELIMITER, Job, Received, pair};
use crate::harness::Kind::{Limit, Ours, Peer};
use crate::harness::{Case, Pass, Scale, Workload};

pub(super) fn workloads() -> impl Iterator<Item = Workload> {
    [Workload { name: "transport/one-way".to_owned(), build: Box::new(case) }].into_iter()
}

fn case(scale: Scale) -> Case {
    let job = Job::new(scale, 200, 1);
    job.case(vec![
        job.contender(Limit, "blocks of 64 KiB, discarded", async |job, _| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(discard(server, job.clone()));
            send_blocks(client, &job).await;
            receiver.await.unwrap();
        }),
        job.contender(Peer, "Framed feed and flush, discarded", async |job, _| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(discard(server, job.clone()));
            send_framed(client, &job).await;
            receiver.await.unwrap();
        }),
        job.contender(Peer, "Framed feed and flush, FramedRead", async |job, pass| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(receive_framed(server, job.clone(), pass));
            send_framed(client, &job).await;
            receiver.await.unwrap();
        }),
        job.contender(Peer, "write_all each, FramedRead", async |job, pass| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(receive_framed(server, job.clone(), pass));
            send_each(client, &job).await;
            receiver.await.unwrap();
        }),
        job.contender(Ours, "FrameWriter, FrameReader", async |job, pass| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(receive(server, job.clone(), pass));
            send(client, &job).await;
            receiver.await.unwrap();
        }),
        job.contender(Ours, "FrameWriter, FrameReader, lent", async |job, pass| {
            let (client, server) = pair().await;
            let receiver = tokio::spawn(receive_lent(server, job.clone(), pass));
            send(client, &job).await;
            receiver.await.unwrap();
        }),
        job.contender(Ours, "FramedSender, FrameReader", send_shared),
    ])
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

/// How many messages make 64 KiB.
const BLOCK: usize = 325;

async fn discard(mut stream: TcpStream, job: Job) {
    let mut buffer = vec![0; 64 * 1024];
    let mut left = job.wire_len();
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

async fn send_framed(stream: TcpStream, job: &Job) {
    let mut writer = FramedWrite::new(stream, any_delimiter());
    for message in job.messages() {
        // Its encoder takes text only.
        let message = std::str::from_utf8(message).unwrap();
        writer.feed(message).await.unwrap();
    }
    SinkExt::<&str>::flush(&mut writer).await.unwrap();
}

async fn receive_framed(stream: TcpStream, job: Job, pass: Pass) {
    let mut reader = FramedRead::new(stream, any_delimiter());
    let mut received = Received::new(job, pass);
    while !received.is_complete() {
        received.take(&reader.next().await.unwrap().unwrap());
    }
}

fn any_delimiter() -> AnyDelimiterCodec {
    AnyDelimiterCodec::new(vec![DELIMITER], vec![DELIMITER])
}

async fn send(stream: TcpStream, job: &Job) {
    let mut writer = FrameWriter::new(stream, DelimiterCodec::new(DELIMITER));
    for message in job.messages() {
        writer.feed(message).await.unwrap();
    }
    writer.flush().await.unwrap();
}

async fn receive(stream: TcpStream, job: Job, pass: Pass) {
    let mut reader = FrameReader::new(stream, DelimiterCodec::new(DELIMITER));
    let mut received = Received::new(job, pass);
    while !received.is_complete() {
        received.take(&reader.next().await.unwrap().unwrap().into_complete().unwrap());
    }
}

async fn receive_lent(stream: TcpStream, job: Job, pass: Pass) {
    let mut reader = FrameReader::new(stream, DelimiterCodec::new(DELIMITER));
    let mut received = Received::new(job, pass);
    while !received.is_complete() {
        let lent = reader.next_each(|frame| received.take(frame.into_complete().unwrap()));
        assert!(lent.await.unwrap());
    }
}

async fn send_shared(job: Job, pass: Pass) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let connector = TcpConnector::from(listener.local_addr().unwrap());
    let sender = FramedSender::new(connector, DelimiterCodec::new(DELIMITER));
    let receiver = tokio::spawn({
        let job = job.clone();
        async move { receive(listener.accept().await.unwrap().0, job, pass).await }
    });
    for message in job.messages() {
        drop(sender.enqueue(message.clone()).await);
    }
    sender.disconnect().await.unwrap();
    receiver.await.unwrap();
}
