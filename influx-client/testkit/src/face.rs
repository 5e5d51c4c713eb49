//! The server that is imitated, and the body of its answers.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use influx_transport::http::HttpReply;

use crate::{Data, Options, StoredPoint};

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

/// The parts of a DSN that depend on the face, which has no `Debug` that would show the password.
pub(crate) struct Access {
    pub(crate) scheme: &'static str,
    /// The administrator.
    pub(crate) user: String,
    pub(crate) password: String,
}

/// A server without sockets. Its methods wait for nothing; a long query takes its thread's time, but
/// keeps no other call waiting.
pub(crate) trait Engine: Send + Sync {
    /// Carries out a request; `None` closes the connection without an answer.
    fn handle(&self, request: &Request<Bytes>) -> Option<Response<Body>>;

    /// Takes a datagram, which has no answer.
    fn handle_datagram(&self, database: &str, datagram: &[u8]);

    fn access(&self) -> Access;

    /// Creates a database; returns whether it is new.
    fn create_database(&self, name: &str) -> bool;

    /// The names of the databases, sorted.
    fn databases(&self) -> Vec<String>;

    /// The names of a database's series, sorted.
    fn series_names(&self, database: &str) -> Vec<String>;

    /// The points of a series, the oldest first.
    fn points(&self, database: &str, series: &str) -> Vec<StoredPoint>;

    /// The number of points in a database.
    fn count(&self, database: &str) -> usize;

    /// Takes out all data.
    fn take_data(&self) -> Data;
}

/// The body of an answer, with its framing in HTTP/1.1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "HTTP/1.1 has these two framings")]
pub enum Body {
    /// Sent as HTTP chunks of exactly these sizes.
    Chunks(Vec<Bytes>),
    /// Sent with its length.
    Full(Bytes),
}

impl Body {
    /// The whole body.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Chunks(chunks) => chunks.concat().into(),
            Self::Full(bytes) => bytes.clone(),
        }
    }

    pub(crate) fn into_reply(self) -> HttpReply {
        match self {
            Self::Chunks(chunks) => HttpReply::chunks(chunks),
            Self::Full(bytes) => HttpReply::full(bytes),
        }
    }
}
