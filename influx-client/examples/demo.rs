//! The main job, end to end: create a database, write 100,000 points in batches,
//! query them back as typed rows, and compare each with what was written.
//!
//! Talks to the server in `INFLUX_DSN`, or to an embedded one if that is not set.
//! If the DSN names a database, that one is used and must exist; otherwise one is created,
//! and dropped again. Either way nothing of the demo is left behind.

use std::error::Error as StdError;
use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use influx_client::v08::{Client, Database};
use influx_client::{Config, Error, Table};
use influx_testkit::{Face, Server};
use serde::{Deserialize, Serialize};

const POINTS: usize = 100_000;
const BATCH: usize = 5_000;

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Cpu {
    /// Nanoseconds since 1970.
    time: i64,
    host: String,
    load: f64,
    requests: i64,
}

impl Cpu {
    /// The points are a second apart, the last one now: newer ones would not be found.
    fn generate(number: usize, now: i64) -> Self {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let last = i64::try_from(POINTS).unwrap_or(i64::MAX) - 1;
        Self {
            time: (now - last + number) * 1_000_000_000,
            host: format!("web-{}", number % 4),
            // Quarters add up without rounding, so that the sums are exact.
            load: f64::from(u16::try_from(number % 400).unwrap_or(0)) * 0.25,
            requests: number * 7 % 1_000,
        }
    }
}

#[derive(Default)]
struct Totals {
    points: usize,
    load: f64,
    requests: i64,
}

impl Totals {
    fn add(&mut self, cpu: &Cpu) {
        self.points += 1;
        self.load += cpu.load;
        self.requests += cpu.requests;
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", one_line(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn StdError>> {
    if let Some(config) = Config::from_env().map_err(Error::from)? {
        return on_server(&config).await;
    }
    let server = Server::start(Face::V08).await?;
    println!("no INFLUX_DSN is set: using an embedded server");
    let result = on_server(&Config::new("127.0.0.1").port(server.local_addr().port())).await;
    server.stop().await;
    result
}

async fn on_server(config: &Config) -> Result<(), Box<dyn StdError>> {
    println!("server    {config}");
    let client = Client::new(config)?;
    let name = format!("influx_demo_{}_{}", std::process::id(), now());
    if let Ok(database) = client.default_database() {
        let result = transfer(&database, &name).await;
        // The first failure says more than those that it leads to.
        return result.and(database.drop_series(&name).await.map_err(Into::into));
    }
    let result = transfer(&client.ensure_database(&name).await?, "cpu").await;
    result.and(client.drop_database(&name).await.map_err(Into::into))
}

async fn transfer(database: &Database, series: &str) -> Result<(), Box<dyn StdError>> {
    let now = now();
    let table = Table::new(series).tag("host");
    let started = Instant::now();
    let mut sent = Totals::default();
    while sent.points < POINTS {
        let batch = sent.points..sent.points + BATCH;
        let points: Vec<_> = batch.map(|number| Cpu::generate(number, now)).collect();
        database.write(table.rows(&points)).await?;
        for point in &points {
            sent.add(point);
        }
        progress("written", sent.points);
    }
    report("written", sent.points, started.elapsed());

    let started = Instant::now();
    let mut received = Totals::default();
    let query = format!("select host, load, requests from {series} order asc");
    let mut rows = database.query(query).rows::<Cpu>().await?;
    while let Some(cpu) = rows.next().await? {
        let expected = Cpu::generate(received.points, now);
        if cpu != expected {
            return Err(format!("wrote {expected:?}, but read back {cpu:?}").into());
        }
        received.add(&cpu);
        progress("read back", received.points);
    }
    report("read back", received.points, started.elapsed());

    println!("{:<18}{:>14}{:>14}", "sum", "written", "read back");
    println!("{:<18}{:>14.1}{:>14.1}", "load", sent.load, received.load);
    println!("{:<18}{:>14}{:>14}", "requests", sent.requests, received.requests);
    if received.points != sent.points {
        let (sent, received) = (sent.points, received.points);
        return Err(format!("wrote {sent} points, but read back {received}").into());
    }
    println!("every point came back as it was written");
    Ok(())
}

fn now() -> i64 {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}

/// Shows the progress, on a terminal only.
fn progress(what: &str, points: usize) {
    if points.is_multiple_of(BATCH) && stderr().is_terminal() {
        eprint!("\r{what} {points} of {POINTS}\x1b[K");
    }
}

fn report(what: &str, points: usize, elapsed: Duration) {
    if stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    #[expect(clippy::cast_precision_loss, reason = "100,000 is exact")]
    let rate = points as f64 / elapsed.as_secs_f64();
    println!("{what:<10}{points:>7} points in {elapsed:>8.2?}, {rate:>9.0} points/s");
}

/// An error with its causes, and what to do about it.
fn one_line(error: &(dyn StdError + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    if let Some(hint) = error.downcast_ref::<Error>().and_then(Error::hint) {
        line.push_str("; ");
        line.push_str(hint);
    }
    line.replace('\n', " ")
}
