//! `cargo xtask interop`: other people's programs against ours.
//!
//! What is not installed is skipped loudly; where `CI=true` it is a failure.

mod bash;
mod bridge;
mod carbon;
mod collectd;
mod datalogd;
mod examples;
mod frames;
mod gawk;
mod messages;
mod node;
mod node_riemann_client;
mod python;
mod python_client_v08;
mod riemann;
mod riemann_c_client;
mod riemann_script;
mod rsyslog;
mod ruby_riemann_client;
mod syslog_ng;
mod table;
mod tally;
mod work_folder;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::Result;
use table::{Outcome, Row};
use tally::Tally;

/// In the order in which they run: a peer is a file and a line here.
const PEERS: &[Peer] = &[
    gawk::PEER,
    bash::PEER,
    rsyslog::PEER,
    carbon::PEER,
    datalogd::PEER,
    datalogd::READERS,
    riemann_c_client::PEER,
    ruby_riemann_client::PEER,
    node_riemann_client::PEER,
    collectd::PEER,
    syslog_ng::PEER,
    python_client_v08::PEER,
];

/// A program that somebody else wrote and that speaks with ours.
struct Peer {
    name: &'static str,
    /// Makes the peer ready to run; the error says what is missing.
    available: fn() -> Result,
    exchanges: &'static [Exchange],
}

/// What is exchanged with a peer in one direction.
struct Exchange {
    /// Who sends to whom.
    direction: &'static str,
    transport: &'static str,
    run: fn() -> Result<Tally>,
}

pub(crate) fn run() -> Result {
    let must_run = std::env::var("CI").is_ok_and(|value| value == "true");
    let started = Instant::now();
    let rows: Vec<Row> = PEERS.iter().flat_map(rows).collect();
    print!("\n{}", table::text(&rows));
    println!("after {:.1} s", started.elapsed().as_secs_f64());
    table::verdict(&rows, must_run)
}

/// Runs all that is exchanged with a peer.
fn rows(peer: &Peer) -> Vec<Row> {
    println!("\n--- {} ---", peer.name);
    let available = (peer.available)();
    if let Err(missing) = &available {
        println!("!!! SKIPPED: {missing}");
    }
    let run = |exchange: &Exchange| match &available {
        Err(missing) => Outcome::Skipped(missing.clone()),
        Ok(()) => (exchange.run)().map_or_else(failed, Outcome::Ran),
    };
    let row = |exchange: &Exchange| Row {
        peer: peer.name,
        direction: exchange.direction,
        transport: exchange.transport,
        outcome: run(exchange),
    };
    peer.exchanges.iter().map(row).collect()
}

/// The table has room for the first line of a failure only.
fn failed(failure: String) -> Outcome {
    println!("!!! FAILED: {failure}");
    Outcome::Failed(failure)
}

/// Whether there is such a program; the error names the Debian package that has it.
fn installed(program: &str, package: &str) -> Result {
    let missing = || format!("there is no {program}; it is in the Debian package {package}");
    find(program).map(drop).ok_or_else(missing)
}

/// A program that is installed, to be started.
fn daemon(program: &str) -> Command {
    find(program).map_or_else(|| Command::new(program), Command::new)
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Daemons are where only root looks.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXCHANGES: &[Exchange] = &[
        Exchange { direction: "it -> us", transport: "TCP", run: || Ok(Tally::of_checks(3)) },
        Exchange { direction: "us -> it", transport: "TCP", run: || Err("refused".into()) },
    ];

    fn check(available: fn() -> Result, expected: &[(&str, Outcome)]) {
        let rows = rows(&Peer { name: "a peer", available, exchanges: EXCHANGES });
        let found = rows.into_iter().map(|row| (row.direction, row.outcome));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_exchange_has_a_row_whether_it_runs_or_not() {
        let ran = Outcome::Ran(Tally::of_checks(3));
        let failed = Outcome::Failed("refused".to_owned());
        check(|| Ok(()), &[("it -> us", ran), ("us -> it", failed)]);
        let skipped = || Outcome::Skipped("no gawk".to_owned());
        check(|| Err("no gawk".into()), &[("it -> us", skipped()), ("us -> it", skipped())]);
    }

    #[test]
    fn a_missing_program_is_named_with_its_package() {
        assert_eq!(installed("sh", "dash"), Ok(()));
        let missing = "there is no such-program; it is in the Debian package such-package";
        assert_eq!(installed("such-program", "such-package"), Err(missing.to_owned()));
    }
}
