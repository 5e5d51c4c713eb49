//! A bridge that connects to its only peer, again and again.

use std::pin::pin;
use std::sync::Arc;

use influx_framing::Decoder;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::event::PeerId;
use super::outbox::Lifetime;
use super::peer::Peer;
use super::shared::Shared;
use crate::Connect;
use crate::link::{PROBATION, Redial};

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
        if let Err(deadline) = shared.until_closing(work.as_mut()).await {
            // The work ends when the queue is empty.
            drop(timeout_at(deadline, work).await);
        }
    }
    connection.shutdown().await;
    shared.hub.leave(SERVER);
}

/// Opens one connection after the other, until the bridge is being closed and the queue is empty.
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
    let mut redial = Redial::new(options.backoff, options.random);
    while !shared.is_closing() || !shared.hub.is_drained(SERVER) {
        let Some(connected) = shared.unless_interrupted(connector.connect()).await else {
            continue;
        };
        match connected {
            Ok(stream) => {
                let opened = Instant::now();
                let endpoint = connector.endpoint().clone();
                let life = Lifetime::Bridge;
                let peer = Peer::new(SERVER, stream, endpoint, codec.clone(), life, shared);
                connection.spawn(peer.run());
                // A server that closes each connection at once is no better than one that refuses it.
                if matches!(connection.join_next().await, Some(Ok(true)))
                    || opened.elapsed() >= PROBATION
                {
                    redial.reset();
                }
            }
            Err(_) => shared.hub.connect_failed(),
        }
        shared.unless_interrupted(sleep(redial.pause())).await;
    }
}
