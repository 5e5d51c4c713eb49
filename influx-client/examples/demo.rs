//! The main job, end to end: create a database, write 100,000 points in batches,
//! query them back as typed rows, and check that every one came through.
//!
//! Talks to the server in `INFLUX_DSN`, or to an embedded one if that is not set.
//! If the DSN names a database, that one is used and must exist; otherwise one is created,
//! and dropped again.

use std::error::Error as StdError;
use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use influx_client::{Config, Error, testkit, v08};
use influx_proto::{Precision, Series, SeriesError};
use serde::Deserialize;

const POINTS: usize = 100_000;
const BATCH: usize = 5_000;
const SERIES: &str = "influx_demo_cpu";

#[derive(Deserialize)]
struct Cpu {
    time: i64,
    host: String,
    load: f64,
    requests: i64,
}

/// What must be equal before and after.
#[derive(Debug, Default, PartialEq)]
struct Totals {
    points: usize,
    on_web: usize,
    load: f64,
    requests: i64,
    seconds: i64,
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
    let server = testkit::Server::start().await?;
    println!("no INFLUX_DSN is set: using an embedded server");
    let result = on_server(&Config::new("127.0.0.1").with_port(server.addr().port())).await;
    server.shutdown().await;
    result
}

async fn on_server(config: &Config) -> Result<(), Box<dyn StdError>> {
    println!("server    {config}");
    let client = v08::Client::new(config)?;
    if config.database().is_some() {
        return transfer(&client).await;
    }
    let name = format!("influx_demo_{}", std::process::id());
    client.create_database(&name).await?;
    let result = transfer(&client.with_database(&name)).await;
    client.drop_database(&name).await?;
    result
}

async fn transfer(client: &v08::Client) -> Result<(), Box<dyn StdError>> {
    let started = Instant::now();
    let mut sent = Totals::default();
    while sent.points < POINTS {
        let batch = generate(sent.points, &mut sent)?;
        client.write(&[batch]).precision(Precision::Seconds).await?;
        progress("written", sent.points);
    }
    report("written", sent.points, started.elapsed());

    let started = Instant::now();
    let mut received = Totals::default();
    let query = format!("select host, load, requests from {SERIES}");
    let mut rows = client.query(&query).precision(Precision::Seconds).rows::<Cpu>().await?;
    while let Some(cpu) = rows.next().await? {
        received.add(&cpu);
        progress("read back", received.points);
    }
    report("read back", received.points, started.elapsed());

    println!("{:<18}{:>14}{:>14}", "sum", "written", "read back");
    println!("{:<18}{:>14.1}{:>14.1}", "load", sent.load, received.load);
    println!("{:<18}{:>14}{:>14}", "requests", sent.requests, received.requests);
    if sent != received {
        return Err(format!("wrote {sent:?}, but read back {received:?}").into());
    }
    println!("every point came back as it was written");
    Ok(())
}

/// One batch of points, one a second up to now.
fn generate(first: usize, totals: &mut Totals) -> Result<Series, SeriesError> {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let mut series = Series::new(SERIES, ["time", "host", "load", "requests"])?;
    for number in first..(first + BATCH).min(POINTS) {
        let step = i64::try_from(number).unwrap_or_default();
        let cpu = Cpu {
            time: now - i64::try_from(POINTS).unwrap_or_default() + step,
            host: if number % 4 == 0 { "web-1".to_owned() } else { format!("db-{}", number % 4) },
            // Quarters add up without rounding, so that the sums can be compared exactly.
            load: f64::from(u32::try_from(number % 400).unwrap_or_default()) * 0.25,
            requests: step * 7 % 1_000,
        };
        totals.add(&cpu);
        series.push([cpu.time.into(), cpu.host.into(), cpu.load.into(), cpu.requests.into()])?;
    }
    Ok(series)
}

impl Totals {
    fn add(&mut self, cpu: &Cpu) {
        self.points += 1;
        self.on_web += usize::from(cpu.host == "web-1");
        self.load += cpu.load;
        self.requests += cpu.requests;
        self.seconds += cpu.time;
    }
}

/// Shows how far it is, on a terminal only.
fn progress(what: &str, points: usize) {
    if points % BATCH == 0 && stderr().is_terminal() {
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
