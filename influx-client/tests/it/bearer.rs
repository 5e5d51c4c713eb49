//! Tokens that expire: a refused one is renewed, and the call sent once more.

use std::sync::Mutex;

use http::header::AUTHORIZATION;
use influx_client::{Auth, Error, Point};
use influx_proto::{Outcome, Secret, TokenSource};
use influx_transport::Delivery;

use crate::memory::replying;

/// Hands out these tokens: the next one as soon as the server has refused the present one.
struct Tokens(Mutex<Vec<&'static str>>);

impl TokenSource for Tokens {
    fn token(&self) -> Option<Secret> {
        self.0.lock().unwrap().first().copied().map(Secret::new)
    }

    fn refused(&self, token: &Secret) {
        let mut tokens = self.0.lock().unwrap();
        if tokens.len() > 1 && tokens.first().is_some_and(|first| *first == token.expose()) {
            tokens.remove(0);
        }
    }
}

/// Writes a point, which is not repeated after other failures, and returns the `Authorization` of
/// each request.
async fn write<const N: usize>(
    auth: Auth,
    replies: [(u16, &'static str); N],
) -> (Vec<String>, Result<(), Error>) {
    let client = replying("influxdb://h/db?attempts=1", replies);
    let database = client.with_auth(auth).default_database().unwrap();
    let written = database.write(Point::new("cpu").field("load", 0.5)).await;
    let requests = client.requests().into_iter().map(|request| {
        let value = &request.headers()[AUTHORIZATION];
        assert!(value.is_sensitive());
        value.to_str().unwrap().to_owned()
    });
    (requests.collect(), written.map(drop))
}

fn tokens(tokens: &[&'static str]) -> Auth {
    Auth::bearer(Tokens(Mutex::new(tokens.to_vec())))
}

const REFUSED: (u16, &str) = (401, "Invalid username/password");

#[tokio::test]
async fn a_refused_token_is_renewed_for_one_more_attempt() {
    let (sent, written) = write(tokens(&["a", "b"]), [REFUSED, (200, "")]).await;
    assert_eq!(sent, ["Bearer a", "Bearer b"]);
    written.unwrap();
}

#[tokio::test]
async fn a_call_is_sent_again_once_and_only_with_another_token() {
    for (auth, expected) in [(tokens(&["a"]), "Bearer a"), (Auth::Token("a".into()), "Token a")] {
        let (sent, written) = write(auth, [REFUSED]).await;
        assert_eq!(sent, [expected]);
        assert_eq!(written.unwrap_err().outcome(), Outcome::Hold);
    }
    let (sent, written) = write(tokens(&["a", "b", "c"]), [REFUSED, REFUSED]).await;
    assert_eq!(sent, ["Bearer a", "Bearer b"]);
    assert_eq!(written.unwrap_err().outcome(), Outcome::Hold);
}

#[tokio::test]
async fn another_refusal_renews_nothing() {
    let (sent, written) = write(tokens(&["a", "b"]), [(403, "")]).await;
    assert_eq!(sent, ["Bearer a"]);
    assert_eq!(written.unwrap_err().outcome(), Outcome::Hold);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let (sent, written) = write(tokens(&[]), []).await;
    assert!(sent.is_empty());
    assert_eq!(written.unwrap_err().delivery(), Delivery::NotSent);
}
