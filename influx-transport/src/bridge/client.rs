//! A bridge that connects to its only peer, again and again.

use std::pin::pin;
use std::sync::Arc;

use influx_framing::Decoder;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::event::PeerId;
use super::peer::Peer;
use super::shared::{End, Shared};
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
    let _end = End(Arc::clone(&shared));
    let options = &shared.hub.options;
    let mut redial = Redial::new(options.backoff, options.random);
    // A connection has a task of its own, which may panic.
    let mut connections = JoinSet::new();
    {
        let (shared, connections) = (&shared, &mut connections);
        let mut work = pin!(async move {
            while !shared.is_closing() || !shared.hub.state.lock().is_drained(SERVER) {
                let connected = shared.unless_interrupted(connector.connect()).await;
                let Some(connected) = connected else { continue };
                match connected {
                    Ok(stream) => {
                        let opened = Instant::now();
                        let endpoint = connector.endpoint().clone();
                        let peer = Peer::new(SERVER, stream, endpoint, codec.clone(), shared);
                        connections.spawn(peer.run());
                        let proven = matches!(connections.join_next().await, Some(Ok(true)));
                        // A server that closes each connection at once counts as a failure.
                        if proven || opened.elapsed() >= PROBATION {
                            redial.reset();
                        }
                    }
                    Err(_) => shared.hub.state.lock().totals.connect_failures += 1,
                }
                shared.unless_interrupted(sleep(redial.pause())).await;
            }
        });
        if let Err(deadline) = shared.until_closing(work.as_mut()).await {
            // The work ends when the queue is empty.
            drop(timeout_at(deadline, work).await);
        }
    }
    connections.shutdown().await;
    shared.hub.leave(SERVER);
}
