//! Goes through all calls of the 1.x client against a server, and checks every answer.
//!
//! `interop_v1 DSN` for an empty server without users; `interop_v1 DSN first-admin` for one that
//! demands credentials and has no user yet: it creates the administrator of the DSN.
//! `interop_v1 DSN tokens EXPIRED VALID` takes an expired and a valid bearer token to such a server.
//! `interop_v1 DSN lines LINE_DSN` writes to a listener that stores into the database of the DSN, and
//! reads back by the DSN.
//! Closes with `N checks passed`. `cargo xtask interop` runs it.

mod administration;
mod checks;
mod points;
mod reading;
mod refusals;
mod tokens;

use influx_client::{Config, v1};

use self::checks::{Checks, Result};

#[tokio::main]
async fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut checks = Checks::default();
    let (dsn, is_new) = match &arguments[..] {
        [dsn, word, expired, valid] if word == "tokens" => {
            tokens::renewed(&mut checks, &v1::Client::new(dsn)?, expired, valid).await?;
            println!("{checks}");
            return Ok(());
        }
        [dsn, word, lines] if word == "lines" => {
            let database = v1::Client::new(dsn)?.default_database()?;
            let writer = v1::LineWriter::new(lines)?;
            points::without_answers(&mut checks, &database, &writer).await?;
            println!("{checks}");
            return Ok(());
        }
        [dsn] => (dsn, false),
        [dsn, word] if word == "first-admin" => (dsn, true),
        _ => {
            return Err(
                "usage: interop_v1 DSN [first-admin | tokens EXPIRED VALID | lines LINE_DSN]"
                    .into(),
            );
        }
    };
    let client = v1::Client::new(dsn)?;
    client.ping().await?;
    if is_new {
        administration::first_admin(&mut checks, &client, &dsn.parse::<Config>()?).await?;
    }
    let before = administration::listing(&client).await?;
    administration::databases(&mut checks, &client).await?;
    administration::policies(&mut checks, &client).await?;
    administration::users(&mut checks, &client, is_new).await?;
    points::round_trip(&mut checks, &client).await?;
    reading::groups(&mut checks, &client).await?;
    reading::many_rows(&mut checks, &client).await?;
    reading::texts(&mut checks, &client).await?;
    reading::cancelled(&mut checks, &client).await?;
    refusals::typed(&mut checks, &client).await?;
    let after = administration::listing(&client).await?;
    checks.equal("the server after all calls", after, before)?;
    println!("{checks}");
    Ok(())
}
