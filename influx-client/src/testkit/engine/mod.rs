//! What the server keeps, and the rules by which it changes. No sockets, no HTTP.

mod accounts;
mod batch;
mod cluster;
mod database;
mod table;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use influx_proto::{Secret, Series, Value};

use super::refusal::Refusal;

pub(super) use accounts::{ClusterAdmins, DatabaseUser, Permissions, Requester};
pub(super) use batch::Batch;
pub(super) use cluster::{Cluster, Space};
pub(super) use database::Database;
pub(super) use table::{Point, PointKey, Table};

/// An InfluxDB 0.8 without sockets: [`handle`](Self::handle) takes a request and gives the answer.
///
/// It starts with the cluster admin `root` and without a database.
/// Everything is kept in memory, up to the limits of its [`EngineBuilder`].
///
/// ```
/// use bytes::Bytes;
/// use influx_client::testkit::{Answer, Engine};
///
/// let engine = Engine::new();
/// let request = http::Request::get("/ping").body(Bytes::new())?;
/// let Answer::Reply(reply) = engine.handle(&request) else { panic!("no answer") };
/// assert_eq!(reply.body().to_bytes(), r#"{"status":"ok"}"#);
/// # Ok::<(), http::Error>(())
/// ```
pub struct Engine {
    pub(super) settings: Settings,
    state: Mutex<State>,
    requests: AtomicU64,
}

/// What an [`Engine`] can be told before it starts.
pub struct EngineBuilder {
    settings: Settings,
}

pub(super) struct Settings {
    now: Box<dyn Fn() -> i64 + Send + Sync>,
    root_password: Secret,
    pub(super) version: String,
    max_points: usize,
    pub(super) max_body: usize,
}

/// What the server keeps.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) databases: BTreeMap<String, Database>,
    pub(super) admins: ClusterAdmins,
    pub(super) cluster: Cluster,
    /// How many sequence numbers the server has given away.
    sequence: u64,
    max_entries: usize,
}

impl Engine {
    /// The most points that are kept by default: 1,000,000.
    pub const DEFAULT_MAX_POINTS: usize = 1_000_000;

    /// The largest body by default, also after decompression: 16 MiB.
    pub const DEFAULT_MAX_BODY: usize = 16 << 20;

    /// An engine with the defaults of its builder.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// An engine with other limits, another clock or another password.
    pub fn builder() -> EngineBuilder {
        EngineBuilder {
            settings: Settings {
                now: Box::new(system_time),
                root_password: Secret::new("root"),
                version: "0.8.9".to_owned(),
                max_points: Self::DEFAULT_MAX_POINTS,
                max_body: Self::DEFAULT_MAX_BODY,
            },
        }
    }

    /// Creates a database; says whether it is new.
    pub fn create_database(&self, name: &str) -> bool {
        let mut state = self.state();
        let is_new = !state.databases.contains_key(name);
        if is_new {
            state.databases.insert(name.to_owned(), Database::default());
        }
        is_new
    }

    /// The names of the databases, sorted.
    pub fn databases(&self) -> Vec<String> {
        self.state().databases.keys().cloned().collect()
    }

    /// The names of the series of a database, sorted; none if there is no such database.
    pub fn series_names(&self, database: &str) -> Vec<String> {
        let state = self.state();
        let database = state.databases.get(database);
        database.into_iter().flat_map(|database| database.series.keys().cloned()).collect()
    }

    /// All points of a series, the oldest first: `time` in microseconds, `sequence_number`,
    /// and every column in the order in which it was first written.
    pub fn series(&self, database: &str, name: &str) -> Option<Series> {
        let state = self.state();
        let table = state.databases.get(database)?.series.get(name)?;
        let keys = ["time", "sequence_number"].map(str::to_owned);
        let columns: Vec<String> =
            keys.into_iter().chain(table.columns().iter().cloned()).collect();
        let mut series = Series::new(name, columns).ok()?;
        for point in table.points(PointKey::between(&(i64::MIN..=i64::MAX))) {
            let keys = [Value::Int(point.key.time), Value::from(point.key.sequence)];
            let values = table.columns().iter().map(|column| point.value(column).clone());
            series.push(keys.into_iter().chain(values)).ok()?;
        }
        Some(series)
    }

    /// How many requests were handled.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// The password that `root` had at the start.
    pub(super) fn root_password(&self) -> &str {
        self.settings.root_password.expose()
    }

    /// Microseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        (self.settings.now)()
    }

    // No code panics while it holds the lock; a poisoned one is still whole.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("databases", &self.databases()).finish_non_exhaustive()
    }
}

impl EngineBuilder {
    /// The password of the cluster admin `root`; the default is `root`.
    #[must_use]
    pub fn root_password(mut self, password: impl Into<String>) -> Self {
        self.settings.root_password = Secret::new(password);
        self
    }

    /// The clock: microseconds since 1970. The default is the system's.
    #[must_use]
    pub fn now(mut self, now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.settings.now = Box::new(now);
        self
    }

    /// The version in the `X-Influxdb-Version` header; the default is `0.8.9`.
    ///
    /// It changes the header only.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.settings.version = version.into();
        self
    }

    /// The most points that are kept, [`Engine::DEFAULT_MAX_POINTS`] by default.
    /// Columns, users and whatever else is kept count as one point each.
    /// What would exceed it is answered with status 500.
    #[must_use]
    pub fn max_points(mut self, points: usize) -> Self {
        self.settings.max_points = points;
        self
    }

    /// The largest body in bytes, [`Engine::DEFAULT_MAX_BODY`] by default.
    /// A larger one is answered with status 413.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.max_body = bytes;
        self
    }

    /// The engine, ready for requests.
    pub fn build(self) -> Engine {
        let admins = ClusterAdmins::with_root(self.settings.root_password.clone());
        let state = State { admins, max_entries: self.settings.max_points, ..State::default() };
        Engine { settings: self.settings, state: Mutex::new(state), requests: AtomicU64::new(0) }
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder").finish_non_exhaustive()
    }
}

impl State {
    /// # Errors
    ///
    /// A 500 if so many more points or other entries would exceed the limit.
    pub(super) fn must_have_room(&self, added: usize) -> Result<(), Refusal> {
        let databases: usize = self.databases.values().map(Database::entries).sum();
        let entries = databases + self.admins.names().count() + self.cluster.entries();
        if entries.saturating_add(added) <= self.max_entries {
            return Ok(());
        }
        let max = self.max_entries;
        Err(Refusal::internal(format!("The embedded server keeps at most {max} points")))
    }
}

fn system_time() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
}
