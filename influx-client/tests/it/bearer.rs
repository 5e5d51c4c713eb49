//! A token that expires is renewed once in a call.

use std::sync::Mutex;

use influx_client::proto::TokenSource;
use influx_client::transport::{Delivery, ErrorKind as Io, Phase};
use influx_client::{Auth, Error, Secret};

use crate::memory::{Answer, client};

/// Hands out the first token until it is refused, then the next one.
struct Expiring(Mutex<Vec<&'static str>>);

impl TokenSource for Expiring {
    fn token(&self) -> Option<Secret> {
        self.0.lock().unwrap().first().copied().map(Secret::from)
    }

    fn refused(&self, token: &Secret) {
        self.0.lock().unwrap().retain(|other| *other != token.expose());
    }
}

/// Makes a call of one attempt; checks the tokens that it sends.
async fn call(
    tokens: &[&'static str],
    answers: impl IntoIterator<Item = Answer>,
    expected: &[&str],
) -> Result<(), Error> {
    let plain = client("influxdb://h/db?attempts=1", answers);
    let client = plain.with_auth(Auth::bearer(Expiring(Mutex::new(tokens.to_vec()))));
    let result = client.databases().await.map(drop);
    let sent: Vec<_> = plain
        .requests()
        .iter()
        .map(|request| request.headers()["authorization"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(sent, expected);
    result
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let refused = || Answer::Reply(401, "");
    let ok = || Answer::Reply(200, "[]");
    call(&["a", "b"], [refused(), ok()], &["Bearer a", "Bearer b"]).await.unwrap();
    // That is enough.
    let twice = [refused(), refused()];
    let error = call(&["a", "b", "c"], twice, &["Bearer a", "Bearer b"]).await.unwrap_err();
    assert_eq!((error.server().unwrap().status.as_u16(), error.attempts()), (401, 2));
    // Without another token a repetition would fail as well.
    let error = call(&["a"], [refused()], &["Bearer a"]).await.unwrap_err();
    assert_eq!(error.server().unwrap().status, 401);
    // The first request had its answer.
    let lost = [refused(), Answer::Fail(Io::Io, Phase::Connect)];
    let error = call(&["a", "b"], lost, &["Bearer a", "Bearer b"]).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Answered);
    // Other refusals say nothing about the token.
    call(&["a", "b"], [Answer::Reply(403, "")], &["Bearer a"]).await.unwrap_err();
}

#[tokio::test]
async fn a_streamed_query_renews_its_token_too() {
    let plain = client("influxdb://h/db", [Answer::Reply(401, ""), Answer::Reply(200, "")]);
    let client = plain.with_auth(Auth::bearer(Expiring(Mutex::new(vec!["a", "b"]))));
    let mut rows = client.database("db").query("q").rows::<(i64,)>().await.unwrap();
    assert_eq!(rows.next().await.unwrap(), None);
    assert_eq!(plain.requests().len(), 2);
}
