//! Calls and datagrams, with their counters and faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use influx_transport::http::HttpReply;

use crate::cut::Cuts;
use crate::face::{Body, Engine};
use crate::fault::{Effect, Faults};

/// The counters of a [`Server`](crate::Server).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// The calls received, those with a fault among them.
    pub calls: u64,
    /// The calls that a fault was applied to.
    pub faults: u64,
    /// The datagrams received.
    pub datagrams: u64,
}

/// The part of a server that its connections use.
pub(crate) struct Shared {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) faults: Faults,
    pub(crate) cuts: Cuts,
    calls: AtomicU64,
    datagrams: AtomicU64,
}

impl Shared {
    pub(crate) fn new(engine: Box<dyn Engine>) -> Self {
        Self {
            engine,
            faults: Faults::default(),
            cuts: Cuts::default(),
            calls: AtomicU64::new(0),
            datagrams: AtomicU64::new(0),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            calls: self.calls.load(Ordering::Relaxed),
            faults: self.faults.hits(),
            datagrams: self.datagrams.load(Ordering::Relaxed),
        }
    }

    /// Carries out a call without a fault.
    pub(crate) fn handle(&self, request: &Request<Bytes>) -> Option<Response<Body>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.engine.handle(request)
    }

    /// Answers a call with the fault that applies to it.
    pub(crate) async fn answer(
        self: Arc<Self>,
        request: Request<Bytes>,
    ) -> Option<Response<HttpReply>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let fault = self.faults.next(&request);
        let shared = Arc::clone(&self);
        // A long query must not keep the runtime's thread from other calls. A panic closes the
        // connection, as it does in the real servers.
        let handle = async move {
            let answer = tokio::task::spawn_blocking(move || shared.engine.handle(&request)).await;
            Some(answer.ok()??.map(Body::into_reply))
        };
        let Some((effect, headers)) = fault else { return handle.await };
        let mut answer = match effect {
            Effect::Close => return None,
            Effect::Cut(bytes) => {
                let answer = handle.await?;
                self.cuts.ask(bytes);
                answer
            }
            Effect::Delay(delay) => {
                let answer = handle.await?;
                tokio::time::sleep(delay).await;
                answer
            }
            Effect::LoseAnswer => {
                handle.await;
                return None;
            }
            Effect::Status(status, text) => {
                let mut answer = Response::new(HttpReply::full(text));
                *answer.status_mut() = status;
                answer
            }
        };
        answer.headers_mut().extend(headers);
        Some(answer)
    }

    pub(crate) fn handle_datagram(&self, database: &str, datagram: &[u8]) {
        self.datagrams.fetch_add(1, Ordering::Relaxed);
        self.engine.handle_datagram(database, datagram);
    }
}
