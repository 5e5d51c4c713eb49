//! The events as a stream.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Waker};
use std::time::Duration;

use futures_core::Stream;
use influx_framing::Frame;
use influx_transport::bridge::{BridgeEvent, BridgeEvents, BridgeOptions, PeerId};

use crate::support::{in_memory, raw_peer, run_paused};

type Events<'a> = BridgeEvents<'a, Frame>;

async fn next(events: &mut Events<'_>) -> Option<(PeerId, BridgeEvent<Frame>)> {
    poll_fn(|cx| Pin::new(&mut *events).poll_next(cx)).await
}

fn is_pending(events: &mut Events<'_>) -> bool {
    Pin::new(events).poll_next(&mut Context::from_waker(Waker::noop())).is_pending()
}

/// An event in a few words.
fn name(event: Option<(PeerId, BridgeEvent<Frame>)>) -> String {
    match event {
        Some((_, BridgeEvent::Joined(_))) => "joined".to_owned(),
        Some((_, BridgeEvent::Message(frame))) => {
            String::from_utf8(frame.into_complete().unwrap().to_vec()).unwrap()
        }
        Some((_, BridgeEvent::Left { departure, .. })) => format!("left: {departure}"),
        None => "the end".to_owned(),
    }
}

#[test]
fn a_stream_gives_all_events_in_order_and_ends_with_the_bridge() {
    run_paused(async {
        let (server, connector) = in_memory(BridgeOptions::default());
        let mut events = server.events();
        let mut peer = raw_peer(&connector).await;
        assert_eq!(name(next(&mut events).await), "joined");
        for message in ["a", "b"] {
            peer.say([message, "\x17"].concat()).await;
            assert_eq!(name(next(&mut events).await), message);
        }
        let close = async {
            server.close(Duration::from_secs(1)).await;
        };
        let rest = async {
            assert_eq!(name(next(&mut events).await), "left: the bridge was closed");
            assert_eq!(name(next(&mut events).await), "the end");
            assert_eq!(name(next(&mut events).await), "the end");
        };
        tokio::join!(close, rest);
    });
}

#[test]
fn a_dropped_stream_and_a_dropped_future_lose_no_event() {
    run_paused(async {
        let (server, connector) = in_memory(BridgeOptions::default());
        let (_, mut peer) = server.join(&connector).await;
        for message in 0..20 {
            let mut waiting = server.events();
            assert!(is_pending(&mut waiting));
            drop(pin!(next(&mut waiting)).as_mut().poll(&mut Context::from_waker(Waker::noop())));
            peer.say(format!("{message}\x17")).await;
            server.until(|server| server.stats().received == message + 1).await;
            // The event has arrived, and the stream knows of it.
            drop(waiting);
            assert_eq!(name(next(&mut server.events()).await), message.to_string());
        }
    });
}

#[test]
fn a_stream_that_is_not_polled_holds_up_no_other_receiver() {
    run_paused(async {
        let (server, connector) = in_memory(BridgeOptions::default());
        let (_, mut peer) = server.join(&connector).await;
        let (mut first, mut second) = (server.events(), server.events());
        assert!(is_pending(&mut first) && is_pending(&mut second));
        let received = tokio::join!(server.recv(), async { peer.say("a\x17").await }).0;
        assert_eq!(name(received), "a");
        assert!(is_pending(&mut first));
        peer.say("b\x17").await;
        assert_eq!(name(next(&mut second).await), "b");
        assert!(is_pending(&mut first), "each event reaches one receiver");
    });
}
