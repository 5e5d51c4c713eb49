//! A bridge that connects to its only peer, again and again.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use influx_framing::Decoder;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::outbox::Lifetime;
use super::peer::Peer;
use super::race::{First, race};
use super::{PeerId, Shared};
use crate::Connect;
use crate::alarm::FOREVER;

/// A client's only peer.
pub(super) const SERVER: PeerId = PeerId(0);

/// Keeps a connection until the bridge is closed. Dropping the future ends it.
pub(super) async fn keep_connected<C, K>(connector: C, codec: K, shared: Arc<Shared<K::Item>>)
where
    C: Connect,
    K: Decoder<Item: Send + 'static> + Clone + Send + 'static,
{
    let _end = shared.end_on_drop();
    // A connection has a task of its own, which may panic.
    let mut connection = JoinSet::new();
    {
        let mut work = pin!(connect_for_ever(&connector, codec, &shared, &mut connection));
        if let First::Left(deadline) = race(shared.closing(), work.as_mut()).await {
            // It ends when nothing waits.
            drop(timeout_at(deadline, work).await);
        }
    }
    connection.shutdown().await;
    shared.hub.leave(SERVER);
}

/// Opens one connection after the other, until the bridge is being closed and nothing waits.
async fn connect_for_ever<C, K>(
    connector: &C,
    codec: K,
    shared: &Arc<Shared<K::Item>>,
    connection: &mut JoinSet<bool>,
) where
    C: Connect,
    K: Decoder<Item: Send + 'static> + Clone + Send + 'static,
{
    let options = &shared.hub.options;
    let mut failures = 0;
    while !shared.is_closing() || !shared.hub.is_drained(SERVER) {
        let connected = if shared.is_closing() {
            connector.connect().await
        } else {
            match race(shared.closing(), connector.connect()).await {
                First::Left(_) => continue,
                First::Right(connected) => connected,
            }
        };
        match connected {
            Ok(stream) => {
                let opened = Instant::now();
                let endpoint = connector.endpoint().clone();
                let life = Lifetime::Bridge;
                let peer = Peer::new(SERVER, stream, endpoint, codec.clone(), life, shared);
                connection.spawn(peer.run());
                let proven = matches!(connection.join_next().await, Some(Ok(true)))
                    || opened.elapsed() >= PROBATION;
                // A server that accepts connections and closes them at once is no better than one
                // that accepts none.
                failures = if proven { 0 } else { failures };
            }
            Err(_) => shared.hub.connect_failed(),
        }
        let pause = options.backoff.delay(failures, (options.random)()).min(FOREVER);
        failures = failures.saturating_add(1);
        if shared.is_closing() {
            sleep(pause).await;
        } else {
            race(shared.closing(), sleep(pause)).await;
        }
    }
}

/// How long a connection must last until a server that says nothing is taken to work.
const PROBATION: Duration = Duration::from_secs(1);
