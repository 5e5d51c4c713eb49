//! The server that is imitated, and the data that it keeps.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use crate::{Body, Options, Point};

/// The generation of servers that a [`Server`](crate::Server) imitates.
#[derive(Clone, Copy)]
pub struct Face {
    pub(crate) name: &'static str,
    /// Makes an engine, unless the data of the options belongs to another face.
    pub(crate) engine: fn(&Options) -> Option<Box<dyn Engine>>,
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Face({})", self.name)
    }
}

/// Everything that a server has stored: points, users and other entries.
#[derive(Clone, Default)]
pub struct Data(Option<Arc<dyn Any + Send + Sync>>);

impl Data {
    pub(crate) fn new<T: Any + Send + Sync>(state: T) -> Self {
        Self(Some(Arc::new(state)))
    }

    /// A copy of the data, or the default if it is empty; `None` if it is of another type.
    pub(crate) fn copy<T: Any + Clone>(&self, default: impl FnOnce() -> T) -> Option<T> {
        match &self.0 {
            Some(state) => state.downcast_ref().cloned(),
            None => Some(default()),
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Data(..)" } else { "Data(empty)" })
    }
}

/// The parts of a DSN that depend on the face, which has no `Debug` that would show the password.
pub(crate) struct Access {
    pub(crate) scheme: &'static str,
    /// The administrator.
    pub(crate) user: String,
    pub(crate) password: String,
}

/// A server without sockets. All methods return at once, without waiting.
pub(crate) trait Engine: Send + Sync {
    /// Carries out a request; `None` closes the connection without an answer.
    fn handle(&self, request: &Request<Bytes>) -> Option<Response<Body>>;

    /// Takes a datagram, to which there is no answer.
    fn handle_datagram(&self, database: &str, datagram: &[u8]);

    fn access(&self) -> Access;

    /// Creates a database; returns whether it is new.
    fn create_database(&self, name: &str) -> bool;

    /// The names of the databases, sorted.
    fn databases(&self) -> Vec<String>;

    /// The names of a database's series, sorted.
    fn series_names(&self, database: &str) -> Vec<String>;

    /// The points of a series, the oldest first.
    fn points(&self, database: &str, series: &str) -> Vec<Point>;

    /// The number of points in a database.
    fn count(&self, database: &str) -> usize;

    /// Takes out all data.
    fn take_data(&self) -> Data;
}
