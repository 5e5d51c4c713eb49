//! Points by datagram.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use influx_proto::Precision;
use influx_transport::{Error, UdpListener};
use tokio::task::JoinHandle;

use super::engine::{Batch, Engine, Requester};
use super::json::{Json, decode};
use super::refusal::Refusal;

/// The most that the server reads of a datagram; the rest is lost, and with it the datagram.
const MAX_DATAGRAM: usize = 2_048;

impl Engine {
    /// Writes the points of one datagram: a JSON array of series, its times in seconds.
    ///
    /// Nothing tells the sender what became of it. A datagram that is no array, is longer than
    /// 2,048 bytes or names a missing database is lost; of an array only the bad series are.
    /// Where the real 0.8.9 dies, of `[null]`, this one drops the datagram.
    pub fn handle_datagram(&self, database: &str, datagram: &[u8]) {
        let readable = datagram.get(..MAX_DATAGRAM).unwrap_or(datagram);
        let Ok(Json::Array(all)) = decode(readable) else { return };
        for series in all {
            // The sender is not told, so there is nothing to do about an error.
            let _: Result<(), Refusal> = self.write_series(database, series);
        }
    }

    fn write_series(&self, database: &str, series: Json) -> Result<(), Refusal> {
        let now = self.now();
        let batches = Batch::read_all(&Json::Array(vec![series]), Precision::Seconds, now)?;
        self.state().write(&Requester::ClusterAdmin, database, batches, now)
    }
}

/// Takes datagrams for one database until it is dropped.
#[derive(Debug)]
pub(super) struct UdpPort {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl UdpPort {
    /// Opens any free port of 127.0.0.1.
    pub(super) fn open(engine: Arc<Engine>, database: String) -> Result<Self, Error> {
        let listener = UdpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let mut listener = listener.max_datagram(MAX_DATAGRAM);
        let address = listener.local_addr();
        let task = tokio::spawn(async move {
            loop {
                let (datagram, _) = listener.recv().await;
                engine.handle_datagram(&database, &datagram);
            }
        });
        Ok(Self { address, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for UdpPort {
    fn drop(&mut self) {
        self.task.abort();
    }
}
