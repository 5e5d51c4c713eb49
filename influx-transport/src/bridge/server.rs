//! A bridge that peers connect to.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use influx_framing::Decoder;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use super::event::PeerId;
use super::peer::Peer;
use super::shared::{End, Shared};
use crate::Listen;

/// Serves peers until the bridge is closed. Dropping the future ends all connections.
pub(super) async fn serve<L, K>(listener: L, codec: K, shared: Arc<Shared<K::Item>>)
where
    L: Listen,
    K: Decoder<Item: Send + 'static> + Clone + Send + 'static,
{
    let _end = End(Arc::clone(&shared));
    let mut peers: JoinSet<bool> = JoinSet::new();
    let mut ids = (1..).map(PeerId);
    let deadline = loop {
        while peers.try_join_next().is_some() {}
        if peers.len() >= shared.hub.options.max_peers {
            shared.hub.make_room_for_peer();
            let mut dispensable = pin!(shared.hub.dispensable.notified());
            let change = poll_fn(|cx| match peers.poll_join_next(cx) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => dispensable.as_mut().poll(cx),
            });
            match shared.until_closing(change).await {
                Ok(()) => continue,
                Err(deadline) => break deadline,
            }
        }
        let (stream, endpoint) = match shared.until_closing(listener.accept()).await {
            Ok(accepted) => accepted,
            Err(deadline) => break deadline,
        };
        let Some(id) = ids.next() else { continue };
        shared.hub.join(id, endpoint.clone(), true);
        peers.spawn(Peer::new(id, stream, endpoint, codec.clone(), &shared).run());
    };
    drop(listener);
    let finished = async { while peers.join_next().await.is_some() {} };
    drop(timeout_at(deadline, finished).await);
    peers.shutdown().await;
}
