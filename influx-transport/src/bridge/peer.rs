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
    stream: S,
    intake: Intake<K>,
    outlet: Outlet,
    orders: mpsc::Receiver<Order>,
    /// Whether it ends as soon as all is written.
    finishing: bool,
    half_closed_since: Option<Instant>,
    alarm: Alarm,
    /// The last to be dropped: a program that learns of the departure finds all else done.
    membership: Membership<K::Item>,
}

impl<S, K> Peer<S, K>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
    K: Decoder<Item: Send>,
{
    pub(super) fn new(
        id: PeerId,
        stream: S,
        endpoint: Endpoint,
        codec: K,
        shared: &Arc<Shared<K::Item>>,
    ) -> Self {
        let (orders, traffic) = shared.hub.attach(id);
        Self {
            stream,
            intake: Intake::new(id, endpoint, codec, traffic, &shared.hub),
            outlet: Outlet::new(&shared.hub, id),
            orders,
            finishing: false,
            half_closed_since: None,
            alarm: Alarm::new(),
            membership: Membership { id, shared: Arc::clone(shared), is_over: false },
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
            let close = link::close(&mut self.stream, link::FAREWELL);
            drop(timeout(link::FAREWELL, close).await);
        }
        let proven = self.intake.has_read || self.outlet.is_shut();
        let Self { stream, intake, outlet, membership, .. } = self;
        let lost_bytes = intake.count_lost();
        membership.shared.hub.state.lock().totals.cut_off += u64::from(lost_bytes > 0);
        drop((stream, outlet));
        membership.end(intake.decoded, BridgeEvent::Left { departure, lost_bytes }).await;
        proven
    }

    /// Reads once and writes once, so that a peer that never stops sending or reading holds up
    /// nothing else.
    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Departure>> {
        let shared = &self.membership.shared;
        let mut done = false;
        while let Poll::Ready(Some(order)) = self.orders.poll_recv(cx) {
            match order {
                Order::Leave(departure) => return Poll::Ready(Err(departure)),
                Order::Finish => self.finishing = true,
            }
            done = true;
        }
        if !self.finishing && self.half_closed_since.is_none() {
            if let Poll::Ready(read) = self.intake.poll(cx, &mut self.stream, &shared.inbox) {
                read?;
                done = true;
            }
            if self.intake.is_done() {
                if !shared.hub.half_close(self.membership.id) {
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
        let options = &self.membership.shared.hub.options;
        let last_write = self.outlet.last_write;
        let writing = self.outlet.is_writing();
        let idle_since = last_write.max(self.intake.last_read);
        [
            self.intake
                .frame_since()
                .filter(|_| !self.finishing)
                .map(|since| (since + options.frame_timeout, Departure::FrameTimeout)),
            writing.then(|| (last_write + options.send_timeout, Departure::SendTimeout)),
            options.idle_timeout.map(|limit| (idle_since + limit, Departure::IdleTimeout)),
            self.half_closed_since.filter(|_| !writing).map(|since| {
                (last_write.max(since) + options.half_closed_timeout, Departure::Closed)
            }),
        ]
    }
}

/// A connection's part in the bridge, whose end is reported in any case.
struct Membership<M> {
    id: PeerId,
    shared: Arc<Shared<M>>,
    is_over: bool,
}

impl<M> Membership<M> {
    /// Reports the end behind these events: when there is room, or at once if the bridge is being
    /// closed.
    async fn end(mut self, mut events: Vec<Measured<M>>, left: BridgeEvent<M>) {
        self.is_over = true;
        events.push((left, 0));
        let Shared { inbox, .. } = &*self.shared;
        let pushed = poll_fn(|cx| inbox.poll_push(cx, self.id, &mut events));
        if self.shared.until_closing(pushed).await.is_err() {
            inbox.force(self.id, events);
        }
    }
}

impl<M> Drop for Membership<M> {
    fn drop(&mut self) {
        if !self.is_over {
            let panicked = std::thread::panicking();
            let departure = if panicked { Departure::Panicked } else { Departure::Closing };
            let left = BridgeEvent::Left { departure, lost_bytes: 0 };
            self.shared.inbox.force(self.id, vec![(left, 0)]);
        }
    }
}
