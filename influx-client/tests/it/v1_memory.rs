//! A client of InfluxDB 1.x without a network.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use influx_client::transport::http::HttpBody;
use influx_client::transport::memory::MemoryTransport;
use influx_client::v1;

pub(crate) const JSON: &str = "application/json";
pub(crate) const MSGPACK: &str = "application/x-msgpack";

/// One scripted answer: its status, its content type and its body.
pub(crate) type Answer = (u16, &'static str, Bytes);

/// An answer in JSON.
pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Answer {
    (status, JSON, body.into())
}

/// A client whose requests are recorded.
pub(crate) struct Client {
    client: v1::Client,
    transport: Arc<MemoryTransport<Request<Bytes>, Response<HttpBody>>>,
}

impl Deref for Client {
    type Target = v1::Client;

    fn deref(&self) -> &v1::Client {
        &self.client
    }
}

impl Client {
    /// The database of its DSN.
    pub(crate) fn db(&self) -> v1::Database {
        self.default_database().unwrap()
    }

    /// The requests since the last look.
    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.transport.take_requests()
    }

    /// Method, path with query, and body of the requests since the last look.
    pub(crate) fn sent(&self) -> Vec<String> {
        let requests = self.requests().into_iter().map(|request| {
            let target = request.uri().path_and_query().unwrap();
            let body = String::from_utf8(request.body().to_vec()).unwrap();
            format!("{} {target} {body}", request.method()).trim_end().to_owned()
        });
        requests.collect()
    }
}

/// A client whose server answers with these, one after the other.
pub(crate) fn client(dsn: &str, answers: impl IntoIterator<Item = Answer>) -> Client {
    let answers = answers.into_iter().map(|(status, media_type, body)| {
        let reply = Response::builder().status(status).header("content-type", media_type);
        Ok(reply.body(HttpBody::from(body)).unwrap())
    });
    let transport = Arc::new(MemoryTransport::new(answers));
    let client = v1::Client::with_transport(dsn, Arc::clone(&transport)).unwrap();
    Client { client, transport }
}
