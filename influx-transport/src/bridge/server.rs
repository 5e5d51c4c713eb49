//! A bridge that peers connect to.

use std::sync::Arc;

use influx_framing::Decoder;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::outbox::Lifetime;
use super::peer::Peer;
use super::race::{First, race};
use super::{PeerId, Shared};
use crate::Listen;

/// Serves peers until the bridge is closed. Dropping the future ends all connections.
pub(super) async fn serve<L, K>(listener: L, codec: K, shared: Arc<Shared<K::Item>>)
where
    L: Listen,
    K: Decoder<Item: Send + 'static> + Clone + Send + 'static,
{
    let _end = shared.end_on_drop();
    let mut peers = JoinSet::new();
    let deadline = accept(listener, codec, &shared, &mut peers).await;
    let finished = async { while peers.join_next().await.is_some() {} };
    drop(timeout_at(deadline, finished).await);
    peers.shutdown().await;
}

/// Accepts peers until the bridge is closed. Returns when the last of them must have left.
async fn accept<L, K>(
    listener: L,
    codec: K,
    shared: &Arc<Shared<K::Item>>,
    peers: &mut JoinSet<bool>,
) -> Instant
where
    L: Listen,
    K: Decoder<Item: Send + 'static> + Clone + Send + 'static,
{
    let mut ids = (1..).map(PeerId);
    loop {
        while peers.try_join_next().is_some() {}
        if peers.len() >= shared.hub.options.max_peers {
            shared.hub.make_room_for_peer();
            let change = race(peers.join_next(), shared.hub.dispensable.notified());
            match race(shared.closing(), change).await {
                First::Left(deadline) => return deadline,
                First::Right(_) => continue,
            }
        }
        let (stream, endpoint) = match race(shared.closing(), listener.accept()).await {
            First::Left(deadline) => return deadline,
            First::Right(accepted) => accepted,
        };
        let Some(id) = ids.next() else { continue };
        shared.hub.join(id, endpoint.clone(), Lifetime::Connection);
        let peer = Peer::new(id, stream, endpoint, codec.clone(), Lifetime::Connection, shared);
        peers.spawn(peer.run());
    }
}
