//! Serves an embedded InfluxDB 0.8 until standard input ends, for programs in other languages.
//!
//! Prints `listening on http://127.0.0.1:PORT`; the administrator is `root` with password `root`.
//! Arguments are the names of settings with their values, sizes in bytes:
//!
//!     serve_v08 address=127.0.0.1:8086 udp_database=metrics max_body=1000000

use std::error::Error;

use influx_testkit::{Face, Options, Server};
use tokio::io::{AsyncReadExt, stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start_with(Face::V08, options(std::env::args().skip(1))?).await?;
    println!("listening on {}", server.url());
    if let Some(address) = server.udp_local_addr() {
        println!("datagrams to {address}");
    }
    stdin().read_to_end(&mut Vec::new()).await?;
    println!("{:?}", server.stats());
    server.stop().await;
    Ok(())
}

fn options(arguments: impl Iterator<Item = String>) -> Result<Options, Box<dyn Error>> {
    let mut options = Options::default();
    for argument in arguments {
        let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
        let limits = &mut options.limits;
        match name {
            "address" => options.address = value.parse()?,
            "udp_address" => options.udp_address = value.parse()?,
            "udp_database" => options.udp_database = Some(value.to_owned()),
            "seed" => options.seed = value.parse()?,
            "password" => options.password = Some(value.to_owned()),
            "max_body" => limits.max_body = value.parse()?,
            "max_columns" => limits.max_columns = value.parse()?,
            "max_connections" => limits.max_connections = value.parse()?,
            "max_head" => limits.max_head = value.parse()?,
            "max_points" => limits.max_points = value.parse()?,
            "max_answer" => limits.max_answer = value.parse()?,
            "max_shards" => limits.max_shards = value.parse()?,
            "max_rows" => limits.max_rows = value.parse()?,
            "max_values" => limits.max_values = value.parse()?,
            _ => return Err(format!("unknown setting {name}").into()),
        }
    }
    Ok(options)
}
