//! `cargo xtask interop`: other people's programs against ours.
//!
//! What is not installed is skipped loudly; where `CI=true` it is a failure.

mod python_client_v08;
mod server;

use std::fmt;

use crate::Result;

/// A program that somebody else wrote and that speaks with ours.
struct Peer {
    name: &'static str,
    /// Who calls whom.
    direction: &'static str,
    /// Makes the peer ready to run; the error says what is missing.
    available: fn() -> Result,
    /// Runs the checks and says how many passed.
    run: fn() -> Result<u64>,
}

const PEERS: &[Peer] = &[python_client_v08::PEER];

pub(crate) fn run() -> Result {
    let must_run = std::env::var("CI").is_ok_and(|value| value == "true");
    let outcomes: Vec<Outcome> = PEERS.iter().map(Outcome::of).collect();
    println!("\n{}", row("peer", "direction", "result"));
    for (peer, outcome) in PEERS.iter().zip(&outcomes) {
        println!("{}", row(peer.name, peer.direction, &outcome.to_string()));
    }
    let bad = outcomes.iter().filter(|outcome| outcome.is_bad(must_run)).count();
    match bad {
        0 => Ok(()),
        _ => Err(format!("{bad} of {} peers failed, or are missing where CI=true", PEERS.len())),
    }
}

enum Outcome {
    Failed(String),
    Passed(u64),
    Skipped(String),
}

impl Outcome {
    fn of(peer: &Peer) -> Self {
        println!("--- {}, {} ---", peer.name, peer.direction);
        if let Err(missing) = (peer.available)() {
            println!("!!! SKIPPED: {missing}");
            return Self::Skipped(missing);
        }
        match (peer.run)() {
            Ok(0) => Self::Failed("it made no check".to_owned()),
            Ok(checks) => Self::Passed(checks),
            Err(failure) => Self::Failed(failure),
        }
    }

    fn is_bad(&self, must_run: bool) -> bool {
        match self {
            Self::Failed(_) => true,
            Self::Passed(_) => false,
            Self::Skipped(_) => must_run,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => write!(f, "FAILED: {failure}"),
            Self::Passed(checks) => write!(f, "ok, {checks} checks"),
            Self::Skipped(missing) => write!(f, "SKIPPED: {missing}"),
        }
    }
}

fn row(peer: &str, direction: &str, result: &str) -> String {
    format!("{peer:<26} | {direction:<26} | {result}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(available: fn() -> Result, run: fn() -> Result<u64>) -> Peer {
        Peer { name: "a peer", direction: "it -> us", available, run }
    }

    fn check(peer: &Peer, result: &str, is_bad: bool, is_bad_in_ci: bool) {
        let outcome = Outcome::of(peer);
        assert_eq!(outcome.to_string(), result);
        assert_eq!((outcome.is_bad(false), outcome.is_bad(true)), (is_bad, is_bad_in_ci));
    }

    #[test]
    fn a_missing_peer_is_skipped_but_not_in_ci() {
        check(&peer(|| Ok(()), || Ok(3)), "ok, 3 checks", false, false);
        check(&peer(|| Err("no python".into()), || Ok(3)), "SKIPPED: no python", false, true);
        check(&peer(|| Ok(()), || Err("refused".into())), "FAILED: refused", true, true);
        check(&peer(|| Ok(()), || Ok(0)), "FAILED: it made no check", true, true);
    }
}
