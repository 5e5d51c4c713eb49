//! Many senders and peers at once.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use influx_framing::{Decoder, Frame};
use influx_transport::bridge::{BridgeEvent, SlowPeer};
use tokio::io::AsyncReadExt;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::support::{Audited, delimited, in_memory, options, raw_peer, run_paused};

#[test]
fn senders_and_peers_in_many_threads_keep_all_messages_in_their_senders_order() {
    const SENDERS: usize = 4;
    const MESSAGES: usize = 2000;
    const READERS: usize = 8;
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let test = async {
        let mut options = options();
        options.slow_peer = SlowPeer::Wait;
        options.max_queued_messages = 50;
        let server = Arc::new(Audited::tcp(delimited(), options).await);
        let (mut readers, mut senders) = (JoinSet::new(), JoinSet::new());
        for _ in 0..READERS {
            let (id, peer) = server.peer().await;
            readers.spawn(async move {
                let (mut codec, mut stream, mut input) = (delimited(), peer.0, BytesMut::new());
                let mut next = [0; SENDERS];
                let mut own = 0;
                while next != [MESSAGES; SENDERS] || own < MESSAGES {
                    stream.read_buf(&mut input).await.unwrap();
                    while let Some(frame) = codec.decode(&mut input).unwrap() {
                        let text = frame.into_complete().unwrap();
                        let text = std::str::from_utf8(&text).unwrap();
                        let (sender, number) = text.split_once(' ').unwrap();
                        let expected =
                            sender.parse().map_or(&mut own, |sender: usize| &mut next[sender]);
                        assert_eq!(number.parse(), Ok(*expected));
                        *expected += 1;
                    }
                }
                // The connection stays open until all have read all.
                stream
            });
            let server = Arc::clone(&server);
            senders.spawn(async move {
                for number in 0..MESSAGES {
                    server.send_to(id, format!("own {number}")).await.unwrap();
                }
            });
        }
        // Others come and go meanwhile.
        for _ in 0..20 {
            drop(server.peer().await);
        }
        for sender in 0..SENDERS {
            let server = Arc::clone(&server);
            senders.spawn(async move {
                for number in 0..MESSAGES {
                    assert!(server.send(format!("{sender} {number}")).await.unwrap() >= READERS);
                }
            });
        }
        senders.join_all().await;
        let _streams = readers.join_all().await;
        assert!(server.close(Duration::from_secs(10)).await.is_empty());
        let sent = server.stats().sent;
        let expected = READERS * (SENDERS + 1) * MESSAGES;
        assert!(sent.delivered >= expected as u64, "{sent:?}");
    };
    let guarded = async { timeout(Duration::from_secs(20), test).await };
    runtime.block_on(guarded).expect("the test takes too long");
}

#[test]
fn receivers_that_give_up_and_receivers_side_by_side_lose_no_event() {
    run_paused(async {
        let (server, connector) = in_memory(options());
        let server = Arc::new(server);
        let mut receivers = JoinSet::new();
        for number in 1..=3 {
            let server = Arc::clone(&server);
            receivers.spawn(async move {
                let mut received = Vec::new();
                loop {
                    // Each gives up after another time.
                    match timeout(Duration::from_millis(number), server.recv()).await {
                        Ok(Some((_, BridgeEvent::Message(message)))) => received.push(message),
                        Ok(Some(_)) | Err(_) => {}
                        Ok(None) => return received,
                    }
                }
            });
        }
        let mut peer = raw_peer(&connector).await;
        for number in 0..1000 {
            peer.say(format!("{number}\x17")).await;
            sleep(Duration::from_millis(number % 3)).await;
        }
        server.until(|server| server.stats().received == 1000).await;
        server.close(Duration::from_secs(5)).await;
        let mut received = receivers.join_all().await.concat();
        received.sort_by_key(|message| {
            let text = message.clone().into_complete().unwrap();
            std::str::from_utf8(&text).unwrap().parse::<u64>().unwrap()
        });
        let expected = (0..1000).map(|number| Frame::Complete(number.to_string().into()));
        assert!(received.into_iter().eq(expected));
    });
}
