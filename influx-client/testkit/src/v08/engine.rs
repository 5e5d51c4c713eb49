//! A 0.8 server without sockets.

use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use http::{Request, Response};

use super::store::{State, Store, Table};
use crate::face::{Access, Engine};
use crate::{Body, Data, Options, StoredPoint};

/// A 0.8 server without sockets. The endpoints are its methods, in the folder `http`.
pub(crate) struct V08 {
    pub(crate) options: Options,
    pub(super) store: Store,
    /// The number of queries so far.
    queries: AtomicU64,
}

impl V08 {
    /// `None` if the data of the options belongs to another face.
    pub(crate) fn open(options: &Options) -> Option<Box<dyn Engine>> {
        let mut options = options.clone();
        let password = options.password.take().unwrap_or_else(|| "root".to_owned());
        let mut state = std::mem::take(&mut options.data).copy(|| State::new(password))?;
        state.limits = options.limits;
        Some(Box::new(Self { options, store: Store::new(state), queries: AtomicU64::new(0) }))
    }

    /// Microseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let since_1970 = (self.options.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.store.lock()
    }

    /// A seed of its own for each query, from that of the options.
    pub(crate) fn next_seed(&self) -> u64 {
        self.options.seed.wrapping_add(self.queries.fetch_add(1, Ordering::Relaxed))
    }
}

impl Engine for V08 {
    fn handle(&self, request: &Request<Bytes>) -> Option<Response<Body>> {
        self.respond(request)
    }

    fn handle_datagram(&self, database: &str, datagram: &[u8]) {
        self.write_datagram(database, datagram);
    }

    fn access(&self) -> Access {
        let password = self.state().admins.password("root").unwrap_or_default().to_owned();
        Access { scheme: "influxdb08", user: "root".to_owned(), password }
    }

    fn create_database(&self, name: &str) -> bool {
        let databases = &mut self.state().databases;
        let is_new = !databases.contains_key(name);
        databases.entry(name.to_owned()).or_default();
        is_new
    }

    fn databases(&self) -> Vec<String> {
        self.state().databases.keys().cloned().collect()
    }

    fn series_names(&self, database: &str) -> Vec<String> {
        let state = self.state();
        let database = state.databases.get(database);
        database.into_iter().flat_map(|database| database.series.names().cloned()).collect()
    }

    fn points(&self, database: &str, series: &str) -> Vec<StoredPoint> {
        let state = self.state();
        let database = state.databases.get(database);
        let table = database.and_then(|database| database.series.get(series));
        let points = table.into_iter().flat_map(Table::all_points);
        points
            .map(|point| {
                let cells = point.cells().map(|(name, value)| (name.to_owned(), value.clone()));
                let sequence = ("sequence_number".to_owned(), point.key.sequence.into());
                let values = cells.chain([sequence]).collect();
                StoredPoint { time: point.key.time.saturating_mul(1_000), values }
            })
            .collect()
    }

    fn count(&self, database: &str) -> usize {
        self.state().databases.get(database).map_or(0, |database| database.series.points())
    }

    fn take_data(&self) -> Data {
        Data::new(std::mem::take(&mut *self.state()))
    }
}
