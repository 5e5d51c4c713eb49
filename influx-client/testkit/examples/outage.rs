//! A server that is busy for two calls, loses an answer, and is restarted with its data.

use std::error::Error;

use bytes::Bytes;
use http::{Request, StatusCode};
use influx_testkit::{Face, Fault, Options, Server};
use influx_transport::Transport;
use influx_transport::http::HttpTransport;
use influx_transport::tcp::TcpConnector;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start(Face::V08).await?;
    server.create_database("metrics");
    server.inject(Fault::lose_answer());
    server.inject(Fault::status(StatusCode::SERVICE_UNAVAILABLE, "busy").times(2));

    let client = HttpTransport::new(TcpConnector::from(server.local_addr()));
    for _ in 0..4 {
        let write = Request::post("/db/metrics/series?u=root&p=root");
        let write =
            write.body(Bytes::from(r#"[{"name":"cpu","columns":["v"],"points":[[1]]}]"#))?;
        match client.send(write).await {
            Ok(answer) => println!("{}, {} points", answer.status(), server.count("metrics")),
            Err(error) => println!("{error}, {} points", server.count("metrics")),
        }
    }

    let mut options = Options::default();
    options.address = server.local_addr();
    options.data = server.stop().await;
    let server = Server::start_with(Face::V08, options).await?;
    println!("after the restart: {} points", server.count("metrics"));
    Ok(())
}
