//! The settings besides the address, by groups, with their defaults.

use std::path::PathBuf;
use std::time::Duration;

use influx_proto::encode::NonFinite;

/// The time limits of a call, one for each phase.
///
/// The names with `_timeout` are the keys of a DSN, as in `connect_timeout=2s`; the error of a
/// limit that was passed names its phase. A limit of zero has passed at once.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Until the addresses of the host are known. Default: 5 s.
    pub resolve: Duration,
    /// Until the connection is open. Default: 5 s.
    pub connect: Duration,
    /// Until the encryption is agreed on. Default: 5 s.
    pub handshake: Duration,
    /// Until the server takes more of the request. Default: 30 s.
    pub send: Duration,
    /// From the end of the request until the answer begins. Default: 10 s.
    pub response: Duration,
    /// Between two pieces of the answer. Default: 20 s.
    pub body: Duration,
    /// The whole call: all attempts and the pauses between them, until the answer is read, or
    /// until it begins if it is read piece by piece. Default: 30 s.
    pub call: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let [connecting, response, body, long] = [5, 10, 20, 30].map(Duration::from_secs);
        Self {
            resolve: connecting,
            connect: connecting,
            handshake: connecting,
            send: long,
            response,
            body,
            call: long,
        }
    }
}

/// The limits of a call besides those of time.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest answer, in bytes, that is collected in memory as a whole. Its values take
    /// several times that once they are decoded. Default: 64 MiB.
    pub max_response: usize,
    /// The largest body of one write request, in bytes before compression. More points travel in
    /// several requests. Default: 8 MiB.
    pub max_request: usize,
    /// The largest number of values of an answer to a query that are collected in memory: cells,
    /// columns and series. Default: 16,000,000.
    pub max_values: usize,
    /// The slowest average pace of an answer, in bytes per second, where 0 allows any. The server
    /// may fall behind it by six times [`Timeouts::body`], and only the time counts for which the
    /// program waits for it. Default: 100.
    pub min_body_rate: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_response: 64 << 20,
            max_request: 8 << 20,
            max_values: 16_000_000,
            min_body_rate: 100,
        }
    }
}

/// When a failed attempt is repeated.
///
/// An attempt is repeated only if it failed for a reason that can pass, and if a second one cannot
/// do harm: if the request was surely not sent, or if a repetition changes nothing more.
/// The pauses are random: up to `first_pause`, then up to twice that, and so on up to
/// `longest_pause`, and not shorter than the server asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Retry {
    /// How many attempts one call makes; 1 means no repetition, and so does 0. Default: 3.
    pub attempts: u32,
    /// The longest pause before the first repetition. Default: 100 ms.
    pub first_pause: Duration,
    /// The longest pause. Default: 5 s.
    pub longest_pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        let [first_pause, longest_pause] = [100, 5_000].map(Duration::from_millis);
        Self { attempts: 3, first_pause, longest_pause }
    }
}

/// TLS client settings: trusted roots, client certificate, server name. They need the feature
/// `tls` and a transport that encrypts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Tls {
    /// A PEM file with the authorities to trust instead of those of the system. Default: none.
    pub ca: Option<PathBuf>,
    /// A PEM file with the chain of the client's certificate. Default: none.
    pub certificate: Option<PathBuf>,
    /// A PEM file with the key of the client's certificate. Default: none.
    pub key: Option<PathBuf>,
    /// The name that the server's certificate must have. Default: the host.
    pub server_name: Option<String>,
}

/// How points are encoded and split into requests.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct WriteOptions {
    /// The treatment of NaN and infinities. Default: the write is refused.
    pub non_finite: NonFinite,
    /// The largest number of points in one request. Default: no limit but
    /// [`Limits::max_request`].
    pub max_points: usize,
    /// Compresses bodies from 1 KiB on; needs the feature `gzip`. Default: false.
    pub gzip: bool,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { non_finite: NonFinite::default(), max_points: usize::MAX, gzip: false }
    }
}
