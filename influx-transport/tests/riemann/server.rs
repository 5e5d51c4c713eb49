//! A small Riemann: the example's server with a store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use influx_transport::Listen;
use influx_transport::udp::UdpListener;
use prost::Message;

use crate::message::{Event, Msg};
use crate::serve::serve;
use crate::store::{Store, refusal};

/// Serves any number of listeners from one store.
pub(crate) struct Server {
    state: Mutex<State>,
    /// Is shown every event that is stored.
    observe: fn(&Event),
}

#[derive(Default)]
struct State {
    store: Store,
    counts: Counts,
}

/// The counters of a server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counts {
    pub(crate) messages: u64,
    pub(crate) events: u64,
    pub(crate) refused: u64,
}

impl Server {
    pub(crate) fn new(observe: fn(&Event)) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), observe })
    }

    pub(crate) fn counts(&self) -> Counts {
        self.state().counts
    }

    /// The number of events that are kept.
    pub(crate) fn stored(&self) -> usize {
        self.state().store.len()
    }

    /// Serves the peers of a listener for ever. Dropping the future closes their connections.
    pub(crate) async fn serve(self: &Arc<Self>, listener: impl Listen) {
        let server = Arc::clone(self);
        serve(listener, move |request| server.answer(request)).await;
    }

    /// Takes datagrams for ever, and ignores those that are not messages.
    pub(crate) async fn receive(&self, mut listener: UdpListener) {
        loop {
            let (datagram, _) = listener.recv().await;
            if let Ok(request) = Msg::decode(datagram) {
                self.answer(request);
            }
        }
    }

    /// Stores a message's events and answers its query. A message may have both, or nothing.
    fn answer(&self, request: Msg) -> Msg {
        let mut state = self.state();
        state.counts.messages += 1;
        if let Some(reason) = request.events.iter().find_map(unacceptable) {
            state.counts.refused += 1;
            return refusal(reason);
        }
        for event in request.events {
            (self.observe)(&event);
            state.counts.events += 1;
            state.store.add(event);
        }
        match request.query {
            Some(query) => state.store.query(&query.string.unwrap_or_default()),
            None => Msg { ok: Some(true), ..Msg::default() },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reason why an event cannot be stored.
fn unacceptable(event: &Event) -> Option<String> {
    let metric = event.metric_d.or(event.metric_f.map(f64::from))?;
    let service = event.service.as_deref().unwrap_or("an event without a service");
    (!metric.is_finite()).then(|| format!("the metric of {service} is {metric}"))
}
