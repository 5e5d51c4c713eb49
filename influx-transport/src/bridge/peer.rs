//! One connection to a peer.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use influx_framing::Decoder;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::inbox::Delivered;
use super::intake::Intake;
use super::outbox::Lifetime;
use super::outlet::Outlet;
use super::{BridgeEvent, Departure, PeerId, Shared};
use crate::Endpoint;
use crate::alarm::Alarm;

/// One connection to a peer. Dropping it closes it.
pub(super) struct Peer<S, K: Decoder> {
    id: PeerId,
    stream: S,
    intake: Intake<K>,
    outlet: Outlet,
    orders: mpsc::Receiver<Order>,
    shared: Arc<Shared<K::Item>>,
    lifetime: Lifetime,
    /// Whether it ends as soon as all is written.
    finishing: bool,
    half_closed_since: Option<Instant>,
    alarm: Alarm,
    /// The last to be dropped: whoever learns of the departure finds all else done.
    farewell: Farewell<K::Item>,
}

/// What the hub wants a connection to do.
pub(super) enum Order {
    /// End now.
    Leave(Departure),
    /// End when all is written.
    Finish,
}

impl<S, K> Peer<S, K>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
    K: Decoder<Item: Send>,
{
    /// Takes over a connection to a peer that has a queue.
    pub(super) fn new(
        id: PeerId,
        stream: S,
        endpoint: Endpoint,
        codec: K,
        lifetime: Lifetime,
        shared: &Arc<Shared<K::Item>>,
    ) -> Self {
        let (orders, traffic) = shared.hub.attach(id);
        Self {
            id,
            stream,
            intake: Intake::new(id, endpoint, codec, traffic, &shared.hub),
            outlet: Outlet::new(&shared.hub, id),
            orders,
            shared: Arc::clone(shared),
            lifetime,
            finishing: false,
            half_closed_since: None,
            alarm: Alarm::new(),
            farewell: Farewell { peer: id, shared: Arc::clone(shared), is_reported: false },
        }
    }

    /// Carries messages until the connection ends, and reports its end. Returns whether the peer
    /// has shown that it works.
    pub(super) async fn run(mut self) -> bool {
        let departure = loop {
            if let Err(departure) = poll_fn(|cx| self.poll_work(cx)).await {
                break departure;
            }
            // A stream that is always ready must not keep the thread to itself.
            tokio::task::consume_budget().await;
        };
        if matches!(departure, Departure::Closing) {
            self.shut_down().await;
        }
        let proven = self.intake.has_read() || self.outlet.is_shut();
        let Self { stream, intake, outlet, farewell, .. } = self;
        drop((stream, outlet));
        farewell.report(intake.into_decoded(), departure).await;
        proven
    }

    /// Does what can be done now: reads once, writes once. Not more, so that a peer that always has
    /// something to say, or always takes more, holds up nothing else.
    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Departure>> {
        let mut done = false;
        while let Poll::Ready(Some(order)) = self.orders.poll_recv(cx) {
            match order {
                Order::Leave(departure) => return Poll::Ready(Err(departure)),
                Order::Finish => self.finishing = true,
            }
            done = true;
        }
        if !self.finishing && self.half_closed_since.is_none() {
            if let Poll::Ready(read) = self.intake.poll(cx, &mut self.stream, &self.shared.inbox) {
                read?;
                done = true;
            }
            if self.intake.is_done() {
                self.half_close()?;
                done = true;
            }
        }
        if let Poll::Ready(written) = self.outlet.poll(cx, &mut self.stream) {
            written.map_err(|error| Departure::Failed(Arc::new(error)))?;
            done = true;
        }
        if self.finishing && self.outlet.is_idle() {
            return Poll::Ready(Err(Departure::Closing));
        }
        if self.half_closed_since.is_some() && self.outlet.is_shut() {
            return Poll::Ready(Err(Departure::Closed));
        }
        let deadline = self.deadlines().into_iter().flatten().min_by_key(|(at, _)| *at);
        if self.alarm.poll(cx, deadline.as_ref().map(|(at, _)| *at)).is_ready()
            && let Some((_, departure)) = deadline
        {
            return Poll::Ready(Err(departure));
        }
        if done { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// The peer sends no more. It may still listen to a server, but a server that has said all
    /// is of no use to a client.
    fn half_close(&mut self) -> Result<(), Departure> {
        if self.lifetime == Lifetime::Bridge {
            return Err(Departure::Closed);
        }
        self.half_closed_since = Some(Instant::now());
        self.shared.hub.half_closed(self.id);
        Ok(())
    }

    fn deadlines(&self) -> [Option<(Instant, Departure)>; 4] {
        let options = &self.shared.hub.options;
        let last_write = self.outlet.last_write();
        let writing = self.outlet.is_writing();
        let idle_since = last_write.max(self.intake.last_read());
        [
            self.intake
                .frame_since()
                .filter(|_| !self.finishing)
                .map(|since| (since + options.frame_timeout, Departure::FrameTimeout)),
            writing.then(|| (last_write + options.write_timeout, Departure::WriteTimeout)),
            options.idle_timeout.map(|limit| (idle_since + limit, Departure::IdleTimeout)),
            self.half_closed_since.filter(|_| !writing).map(|since| {
                (last_write.max(since) + options.half_closed_timeout, Departure::Closed)
            }),
        ]
    }

    /// Tells the peer that no more will come, and waits a moment until it says the same: a system
    /// that closes a connection with unread input makes the peer lose what was sent.
    async fn shut_down(&mut self) {
        let end = async {
            self.stream.shutdown().await?;
            let mut rest = BytesMut::with_capacity(1024);
            while self.stream.read_buf(&mut rest).await? > 0 {
                rest.clear();
            }
            std::io::Result::Ok(())
        };
        // A peer that does not close its side loses nothing by our doing so.
        drop(timeout(SHUT_DOWN, end).await);
    }
}

/// Reports that a peer has left, whatever the reason.
struct Farewell<M> {
    peer: PeerId,
    shared: Arc<Shared<M>>,
    is_reported: bool,
}

impl<M> Farewell<M> {
    /// Reports it behind what the peer had sent before.
    async fn report(mut self, mut events: Vec<Delivered<M>>, departure: Departure) {
        self.is_reported = true;
        events.push(BridgeEvent::Left(departure).into());
        self.shared.report(self.peer, events).await;
    }
}

impl<M> Drop for Farewell<M> {
    fn drop(&mut self) {
        if !self.is_reported {
            let panicked = std::thread::panicking();
            let departure = if panicked { Departure::Panicked } else { Departure::Closing };
            self.shared.inbox.force(self.peer, vec![BridgeEvent::Left(departure).into()]);
        }
    }
}

/// How long a peer may take to close its side of a connection that we close.
const SHUT_DOWN: Duration = Duration::from_secs(1);
