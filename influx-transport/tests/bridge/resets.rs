//! Connections of a client that are reset while messages wait.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use influx_framing::{Decoder, FrameError};
use influx_transport::Listen;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::test_util::{Direction, FaultProxy, ProxyEvent, Script, ScriptedConnector};
use tokio::io::AsyncReadExt;
use tokio::task::JoinHandle;

use crate::support::{Audited, Shared, delimited, options, run, run_paused};

/// Collects the messages of one connection after the other.
struct Collector {
    messages: Arc<Mutex<Vec<u32>>>,
    task: JoinHandle<()>,
}

impl Collector {
    fn start(listener: TcpListener) -> Self {
        let messages = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&messages);
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await;
                let (mut codec, mut input) = (delimited(), BytesMut::new());
                while let Ok(1..) = stream.read_buf(&mut input).await {
                    while let Some(frame) = codec.decode(&mut input).unwrap() {
                        let text = frame.into_complete().unwrap();
                        all.lock().unwrap().push(number(std::str::from_utf8(&text).unwrap()));
                    }
                }
                let end = codec.decode_eof(&mut input);
                assert!(matches!(end, Ok(None) | Err(FrameError::Truncated { .. })), "{end:?}");
            }
        });
        Self { messages, task }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Messages of different lengths, of which no part is another one.
fn message(number: u32) -> String {
    format!("<{number}{}>", "-".repeat(number as usize % 7))
}

/// The number of a whole message.
fn number(text: &str) -> u32 {
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    let inner = inner.unwrap_or_else(|| panic!("{text:?} is not whole"));
    let number = inner.trim_end_matches('-').parse().unwrap();
    assert_eq!(text, message(number));
    number
}

const MESSAGES: u32 = 60;

/// Resets the first connections after `bytes` bytes.
async fn check(bytes: u64) {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let proxy = FaultProxy::start(listener.local_addr()).await.unwrap();
    proxy.reset_after(Direction::ToServer, bytes);
    let collector = Collector::start(listener);
    let mut options = options();
    options.random = || 0.0;
    let client = Audited::client(TcpConnector::from(proxy.local_addr()), delimited(), options);
    for number in 0..MESSAGES {
        client.send(message(number)).await.unwrap();
        // Connections are reset while messages wait, not only before.
        tokio::task::yield_now().await;
    }
    tokio::select! {
        () = proxy.wait_for(ProxyEvent::Closed(5)) => {}
        () = client.until_delivered(MESSAGES.into()) => {}
    }
    proxy.pass().await.unwrap();
    client.send(message(MESSAGES)).await.unwrap();
    assert!(client.close(Duration::from_secs(10)).await.is_empty());
    proxy.wait_for(ProxyEvent::Closed(proxy.accepted())).await;
    let complete = || collector.messages.lock().unwrap().last() == Some(&MESSAGES);
    while !complete() {
        tokio::task::yield_now().await;
    }

    let messages = collector.messages.lock().unwrap();
    assert!(messages.is_sorted_by(|a, b| a < b), "{bytes}: {messages:?}");
    let sent = client.stats().sent;
    assert_eq!(sent.delivered, u64::from(MESSAGES) + 1, "{bytes}: {sent:?}");
}

#[test]
fn whichever_byte_a_connection_is_reset_at_messages_arrive_whole_and_once() {
    for bytes in 1..=40 {
        run(check(bytes));
    }
    for bytes in [100, 200, 300, 500, 1000] {
        run(check(bytes));
    }
}

#[test]
fn a_frame_of_which_a_part_was_taken_is_sent_again_from_its_beginning() {
    run_paused(async {
        let frames: Vec<Vec<u8>> =
            (b'a'..=b'j').map(|letter| [vec![letter; 99], vec![0x17]].concat()).collect();
        // The connection holds up to 64 bytes more than the server reads.
        for read in (0..900).step_by(7) {
            let scripts = [Script::new().read(read), Script::new().read_to_end()];
            let connector = Arc::new(ScriptedConnector::new(scripts).capacity(64));
            let client = Audited::client(Shared(Arc::clone(&connector)), delimited(), options());
            for frame in &frames {
                client.send(&frame[..99]).await.unwrap();
            }
            assert!(client.close(Duration::from_secs(10)).await.is_empty());
            let received = &connector.received()[1];
            let mut possible = (read / 100)..=((read + 64) / 100);
            assert!(possible.any(|taken| *received == frames[taken..].concat()), "{read} bytes");
        }
    });
}
