//! A client without a network.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use influx_client::transport::http::HttpBody;
use influx_client::transport::memory::MemoryTransport;
use influx_client::transport::{Error, ErrorKind, Phase};
use influx_client::v08;

/// A client whose requests are recorded.
pub(crate) struct Client {
    client: v08::Client,
    transport: Arc<MemoryTransport<Request<Bytes>, Response<HttpBody>>>,
}

impl Deref for Client {
    type Target = v08::Client;

    fn deref(&self) -> &v08::Client {
        &self.client
    }
}

impl Client {
    /// The database of its DSN.
    pub(crate) fn db(&self) -> v08::Database {
        self.default_database().unwrap()
    }

    /// The requests since the last look.
    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.transport.take_requests()
    }
}

/// One scripted answer.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    Reply(u16, &'static str),
    /// A reply of status 503 with this `Retry-After`.
    RetryAfter(&'static str),
    Fail(ErrorKind, Phase),
}

/// A client whose server answers with these, one after the other.
pub(crate) fn client(dsn: &str, answers: impl IntoIterator<Item = Answer>) -> Client {
    let answers = answers.into_iter().map(|answer| match answer {
        Answer::Reply(status, body) => {
            let body = HttpBody::from(Bytes::from_static(body.as_bytes()));
            Ok(Response::builder().status(status).body(body).unwrap())
        }
        Answer::RetryAfter(value) => {
            let reply = Response::builder().status(503).header("retry-after", value);
            Ok(reply.body(HttpBody::from(Bytes::new())).unwrap())
        }
        Answer::Fail(kind, phase) => Err(Error::new(kind, phase)),
    });
    let transport = Arc::new(MemoryTransport::new(answers));
    let client = v08::Client::with_transport(dsn, Arc::clone(&transport)).unwrap();
    Client { client, transport }
}

/// The usual case: answers with these statuses and bodies.
pub(crate) fn replying<const N: usize>(dsn: &str, replies: [(u16, &'static str); N]) -> Client {
    client(dsn, replies.map(|(status, body)| Answer::Reply(status, body)))
}

/// Method, path with query, and body of the requests since the last look.
pub(crate) fn sent(client: &Client) -> Vec<(String, String, String)> {
    let requests = client.requests().into_iter().map(|request| {
        let target = request.uri().path_and_query().unwrap().to_string();
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        (request.method().to_string(), target, body)
    });
    requests.collect()
}
