//! One connection to a peer.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use influx_framing::Decoder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::event::{BridgeEvent, Departure, PeerId};
use super::inbox::Measured;
use super::intake::Intake;
use super::outbox::Order;
use super::outlet::Outlet;
use super::shared::Shared;
use crate::alarm::Alarm;
use crate::{Endpoint, link};

/// One connection to a peer. Dropping it closes it.
pub(super) struct Peer<S, K: Decoder> {
    id: PeerId,
    stream: S,
    intake: Intake<K>,
    outlet: Outlet,
    orders: mpsc::Receiver<Order>,
    shared: Arc<Shared<K::Item>>,
    /// Whether it ends as soon as all is written.
    finishing: bool,
    half_closed_since: Option<Instant>,
    alarm: Alarm,
    /// The last to be dropped: a program that learns of the departure finds all else done.
    farewell: Farewell<K::Item>,
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
            finishing: false,
            half_closed_since: None,
            alarm: Alarm::new(),
            farewell: Farewell { peer: id, shared: Arc::clone(shared), is_reported: false },
        }
    }

    /// Carries messages until the connection ends, and reports its end. Returns whether the peer has
    /// shown that it works.
    pub(super) async fn run(mut self) -> bool {
        let departure = loop {
            if let Err(departure) = poll_fn(|cx| self.poll_work(cx)).await {
                break departure;
            }
            // A stream that is always ready must not keep the thread to itself.
            tokio::task::consume_budget().await;
        };
        if matches!(departure, Departure::Closing) {
            let close = link::close(&mut self.stream, link::FAREWELL);
            drop(timeout(link::FAREWELL, close).await);
        }
        let proven = self.intake.has_read || self.outlet.is_shut();
        let Self { stream, intake, outlet, farewell, .. } = self;
        drop((stream, outlet));
        farewell.report(intake.decoded, departure).await;
        proven
    }

    /// Reads once and writes once, so that a peer that never stops sending or reading holds up nothing
    /// else.
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
                if !self.shared.hub.half_close(self.id) {
                    return Poll::Ready(Err(Departure::Closed));
                }
                self.half_closed_since = Some(Instant::now());
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

    fn deadlines(&self) -> [Option<(Instant, Departure)>; 4] {
        let options = &self.shared.hub.options;
        let last_write = self.outlet.last_write;
        let writing = self.outlet.is_writing();
        let idle_since = last_write.max(self.intake.last_read);
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
}

/// Reports that a peer has left, whatever the reason.
struct Farewell<M> {
    peer: PeerId,
    shared: Arc<Shared<M>>,
    is_reported: bool,
}

impl<M> Farewell<M> {
    /// Reports it behind the other events of the peer.
    async fn report(mut self, mut events: Vec<Measured<M>>, departure: Departure) {
        self.is_reported = true;
        events.push((BridgeEvent::Left(departure), 0));
        self.shared.report(self.peer, events).await;
    }
}

impl<M> Drop for Farewell<M> {
    fn drop(&mut self) {
        if !self.is_reported {
            let panicked = std::thread::panicking();
            let departure = if panicked { Departure::Panicked } else { Departure::Closing };
            self.shared.inbox.force(self.peer, vec![(BridgeEvent::Left(departure), 0)]);
        }
    }
}
