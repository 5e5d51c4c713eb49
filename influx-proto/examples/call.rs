//! Builds a request, prints it, and reads a reply: the HTTP client between both is yours.
//!
//! ```sh
//! cargo run -p influx-proto --example call
//! ```

use std::error::Error;

use http::{HeaderMap, StatusCode};
use influx_proto::v08::{Precision, Refusal, RunQuery};
use influx_proto::{Auth, Operation, Reply, ResponseError, Target};

fn main() -> Result<(), Box<dyn Error>> {
    let target = Target::new("http://localhost:8086".parse()?)?;
    let target = target.with_auth(Auth::basic("reader", "secret"));
    let query = RunQuery::new("metrics", "select * from cpu").precision(Precision::Microseconds);
    let request = query.request(&target)?;
    println!("{} {}\n{:?}\n", request.method(), request.uri(), request.headers());

    let rows = r#"[{"name":"cpu","columns":["time","host","load"],"points":[[7,"web-1",0.5]]}]"#;
    for (status, body) in [(200, rows), (400, "Couldn't find series: cpu"), (503, "")] {
        let headers = HeaderMap::new();
        let reply = Reply::new(StatusCode::from_u16(status)?, &headers, body.as_bytes());
        println!("{status} means {:?}", query.outcome(&reply));
        match query.response(&reply) {
            Ok(series) => println!("  {series:?}"),
            Err(ResponseError::Server(error)) => println!("  {:?}: {error}", Refusal::of(&error)),
            Err(error) => println!("  {error}"),
        }
    }
    Ok(())
}
