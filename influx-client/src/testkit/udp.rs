//! Points by datagram.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use influx_proto::Precision;
use influx_transport::{Endpoint, Error, ErrorKind, Phase};
use tokio::net::UdpSocket;
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
pub(super) struct UdpListener {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl UdpListener {
    pub(super) async fn bind(engine: Arc<Engine>, database: String) -> Result<Self, Error> {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let failed = |error| {
            let endpoint = Endpoint::from(any_port);
            Error::new(ErrorKind::Io, Phase::Bind).with_endpoint(&endpoint).with_source(error)
        };
        let socket = UdpSocket::bind(any_port).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let task = tokio::spawn(async move {
            let mut buffer = [0; MAX_DATAGRAM];
            // A socket that only receives fails for no reason that would pass.
            while let Ok(length) = socket.recv(&mut buffer).await {
                engine.handle_datagram(&database, buffer.get(..length).unwrap_or_default());
            }
        });
        Ok(Self { address, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for UdpListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}
