//! Serves an embedded InfluxDB 0.8 until standard input ends, for programs in other languages.
//!
//! Prints `listening on http://127.0.0.1:PORT`; the administrator is `root` with password `root`.

use std::error::Error;

use influx_client::testkit;
use tokio::io::{AsyncReadExt, stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = testkit::Server::start().await?;
    println!("listening on {}", server.url());
    let mut input = Vec::new();
    stdin().read_to_end(&mut input).await?;
    server.shutdown().await;
    Ok(())
}
