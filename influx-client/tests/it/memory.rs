//! A client without a network.

use bytes::Bytes;
use http::{Request, Response};
use influx_client::{Config, v08};
use influx_transport::{Body, Error, ErrorKind, MemoryTransport, Phase};

pub(crate) type Memory = MemoryTransport<Request<Bytes>, Response<Body>>;
pub(crate) type Client = v08::Client<Memory>;

/// One scripted answer.
pub(crate) enum Answer {
    Reply(u16, &'static str),
    /// A reply of status 503 with this `Retry-After`.
    RetryAfter(&'static str),
    Fail(ErrorKind, Phase),
}

/// A client whose server answers with these, one after the other.
pub(crate) fn client(dsn: &str, answers: impl IntoIterator<Item = Answer>) -> Client {
    let config: Config = dsn.parse().unwrap();
    let answers = answers.into_iter().map(|answer| match answer {
        Answer::Reply(status, body) => {
            let body = Body::from(Bytes::from_static(body.as_bytes()));
            Ok(Response::builder().status(status).body(body).unwrap())
        }
        Answer::RetryAfter(value) => {
            let reply = Response::builder().status(503).header("retry-after", value);
            Ok(reply.body(Body::from(Bytes::new())).unwrap())
        }
        Answer::Fail(kind, phase) => Err(Error::new(kind, phase)),
    });
    v08::Client::with_transport(&config, MemoryTransport::new(answers)).unwrap()
}

/// The usual case: answers with these statuses and bodies.
pub(crate) fn replying<const N: usize>(dsn: &str, replies: [(u16, &'static str); N]) -> Client {
    client(dsn, replies.map(|(status, body)| Answer::Reply(status, body)))
}

/// Method, path with query, and body of what was sent since the last look.
pub(crate) fn sent(client: &Client) -> Vec<(String, String, String)> {
    let requests = client.transport().take_requests().into_iter().map(|request| {
        let target = request.uri().path_and_query().unwrap().to_string();
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        (request.method().to_string(), target, body)
    });
    requests.collect()
}
