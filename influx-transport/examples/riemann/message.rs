//! Riemann's messages and their frames.
//!
//! Over TCP and TLS, a message follows its length in four bytes, the most significant first. A
//! datagram is a message without a length.

use bytes::Bytes;
use influx_transport::framing::{LengthCodec, Prefix};
use prost::Message;
use serde::Serialize;

/// Frames of up to 16 MiB: about 500,000 small events.
pub(crate) fn codec() -> LengthCodec {
    let mut codec = LengthCodec::new(Prefix::U32_BE);
    codec.max_len = 16 * 1024 * 1024;
    codec
}

/// A request or an answer.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Msg {
    #[prost(bool, optional, tag = "2")]
    pub(crate) ok: Option<bool>,
    #[prost(string, optional, tag = "3")]
    pub(crate) error: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub(crate) query: Option<Query>,
    #[prost(message, repeated, tag = "6")]
    pub(crate) events: Vec<Event>,
}

impl Msg {
    pub(crate) fn to_bytes(&self) -> Bytes {
        self.encode_to_vec().into()
    }
}

/// An event of a service on a host. Every field may be absent.
#[derive(Clone, PartialEq, Message, Serialize)]
pub(crate) struct Event {
    /// Seconds since 1970.
    #[prost(int64, optional, tag = "1")]
    pub(crate) time: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub(crate) state: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) service: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) host: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) description: Option<String>,
    #[prost(string, repeated, tag = "7")]
    pub(crate) tags: Vec<String>,
    /// For how many seconds the event is valid.
    #[prost(float, optional, tag = "8")]
    pub(crate) ttl: Option<f32>,
    #[prost(message, repeated, tag = "9")]
    pub(crate) attributes: Vec<Attribute>,
    /// Microseconds since 1970. Servers that know this field prefer it to `time`.
    #[prost(int64, optional, tag = "10")]
    pub(crate) time_micros: Option<i64>,
    /// An event has one metric. If it has several, Riemann takes the first in this order.
    #[prost(sint64, optional, tag = "13")]
    pub(crate) metric_sint64: Option<i64>,
    #[prost(double, optional, tag = "14")]
    pub(crate) metric_d: Option<f64>,
    #[prost(float, optional, tag = "15")]
    pub(crate) metric_f: Option<f32>,
}

/// A further property of an event.
#[derive(Clone, PartialEq, Message, Serialize)]
pub(crate) struct Attribute {
    #[prost(string, required, tag = "1")]
    pub(crate) key: String,
    #[prost(string, optional, tag = "2")]
    pub(crate) value: Option<String>,
}

/// Asks for the events for which an expression is true.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Query {
    #[prost(string, optional, tag = "1")]
    pub(crate) string: Option<String>,
}
