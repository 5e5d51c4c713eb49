//! A server that closes connections whenever it likes, while requests are on their way to it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use influx_transport::http::HttpTransport;
use influx_transport::tcp::TcpConnector;
use influx_transport::test_util::{Script, ScriptedConnector, ScriptedServer};
use influx_transport::{Connect, Delivery, Transport};
use tokio::time::sleep;

use crate::frames::{Random, Shared, ms};
use crate::support::{post, run, run_paused, seed, text, with_length};

const REQUESTS: usize = 1000;
const LONGEST_PAUSE: u64 = 20;

/// Answers up to three requests, then ends the connection at any moment: while it is not in use, or
/// anywhere in the next request or in the answer to it.
fn script(random: &mut Random, pause: fn(u64) -> Duration) -> Script {
    let answer = with_length("ok");
    let mut script = Script::new();
    for _ in 0..random.below(4) {
        script = script.read_request().send(answer.clone());
    }
    let cut = usize::try_from(random.below(answer.len() as u64)).unwrap();
    match random.below(6) {
        0 => script,
        1 => script.pause(pause(random.below(LONGEST_PAUSE))),
        2 => script.read(1 + cut),
        3 => script.read(1 + cut).reset(),
        4 => script.read_request().send(answer[..cut].to_owned()),
        _ => script.read_request().send(answer[..cut].to_owned()).reset(),
    }
}

/// The body of a request, which tells it from all others.
fn mark(request: usize) -> String {
    format!("{request:08}")
}

/// How often each request came to its end at the server.
fn effects(received: &[Bytes]) -> Vec<usize> {
    let mut effects = vec![0; REQUESTS];
    for received in received {
        let received = std::str::from_utf8(received).unwrap();
        for body in received.split("\r\n\r\n").skip(1) {
            if let Some(mark) = body.get(..8) {
                effects[mark.parse::<usize>().unwrap()] += 1;
            }
        }
    }
    effects
}

/// The outcome of each of a thousand requests: the answer, or how far it may have come.
async fn outcomes<C: Connect>(
    transport: HttpTransport<C>,
    random: &mut Random,
    pause: fn(u64) -> Duration,
) -> Vec<Result<(), Delivery>> {
    let mut outcomes = Vec::new();
    for request in 0..REQUESTS {
        sleep(pause(random.below(LONGEST_PAUSE))).await;
        let answer = match transport.send(post(mark(request))).await {
            Ok(response) => text(response).await,
            Err(error) => Err(error),
        };
        let outcome = answer.map(|answer| assert_eq!(answer, "ok"));
        outcomes.push(outcome.map_err(|error| error.delivery()));
    }
    outcomes
}

/// No request took effect twice, and what its caller heard is true.
fn check(outcomes: &[Result<(), Delivery>], received: &[Bytes]) {
    for (request, (outcome, effects)) in outcomes.iter().zip(effects(received)).enumerate() {
        let possible = match outcome {
            Ok(()) | Err(Delivery::Answered) => 1..=1,
            Err(Delivery::MaybeSent) => 0..=1,
            Err(Delivery::NotSent) => 0..=0,
        };
        assert!(possible.contains(&effects), "request {request}: {outcome:?}, {effects} effects");
    }
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    // Both happen often, or the test shows nothing.
    assert!((REQUESTS / 10..REQUESTS * 9 / 10).contains(&failed), "{failed} failed");
}

#[test]
fn of_1000_requests_to_a_server_that_closes_at_random_none_takes_effect_twice() {
    let seed = seed();
    run_paused(async {
        let mut random = Random(seed);
        let scripts: Vec<_> = (0..REQUESTS).map(|_| script(&mut random, ms)).collect();
        let peer = Arc::new(ScriptedConnector::new(scripts));
        let transport = HttpTransport::new(Shared(Arc::clone(&peer)));
        let outcomes = outcomes(transport, &mut random, ms).await;
        check(&outcomes, &peer.received());
    });
    run(async {
        // Here the system decides who is first, and no pause is needed for that.
        let none = |_| Duration::ZERO;
        let mut random = Random(seed);
        let scripts: Vec<_> = (0..REQUESTS).map(|_| script(&mut random, none)).collect();
        let server = ScriptedServer::start(scripts).await.unwrap();
        let transport = HttpTransport::new(TcpConnector::from(server.local_addr()));
        let outcomes = outcomes(transport, &mut random, none).await;
        check(&outcomes, &server.received());
    });
}
