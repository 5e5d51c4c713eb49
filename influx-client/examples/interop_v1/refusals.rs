//! Refusals, each with its meaning.

use influx_client::v1::{Client, Param, Refusal};
use influx_client::{Lines, Outcome, Point};

use crate::checks::{Checks, Result};

pub(crate) async fn typed(checks: &mut Checks, client: &Client) -> Result {
    let missing = client.database("missing");
    let held = (Refusal::DatabaseNotFound, Outcome::Hold);
    checks.refused("a query", missing.query("SELECT v FROM m").all().await, held)?;
    checks.refused("a write", missing.write(Point::new("m").field("v", 1)).await, held)?;

    let database = client.ensure_database("refusals").await?;
    let syntax = (Refusal::Syntax, Outcome::Refused);
    checks.refused("a syntax error", database.query("SELEC v FROM m").all().await, syntax)?;
    let open = database.query("SELEC").rows::<(i64,)>().await;
    checks.refused("a syntax error", open.map(drop), syntax)?;
    let policy = database.retention_policy("missing").write(Point::new("m").field("v", 1)).await;
    checks.refused("a policy", policy, (Refusal::RetentionPolicyNotFound, Outcome::Hold))?;

    // Of several statements, the failed one is named, and the rows before it come first.
    database.write(Point::new("m").field("v", 1.5)).await?;
    let text = "SELECT v FROM m; SELECT v FROM missing..m; SELECT v FROM m";
    let mut rows = database.query(text).rows::<(i64, f64)>().await?;
    checks.equal("the first row", rows.next().await?.map(|row| row.1), Some(1.5))?;
    checks.refused("the second statement", rows.next().await, held)?;

    // The good points of a write are stored.
    let conflict = [
        Point::new("m").tag("n", "1").field("v", 2.5),
        Point::new("m").tag("n", "2").field("v", "text"),
        Point::new("m").tag("n", "3").field("v", 3.5),
    ];
    let partial = (Refusal::PartialWrite, Outcome::Partial);
    checks.refused("a type conflict", database.write(&conflict[..]).await, partial)?;
    let points = database.query("SELECT v FROM m WHERE n =~ $n").bind("n", Param::regex("[13]"));
    checks.equal("stored", points.rows::<(i64, f64)>().await?.collect().await?.len(), 2)?;
    let future = database.write(Lines(b"m,n=4 v=1 9223372036854775806")).await;
    checks.equal("the last time", future?.points, 1)?;

    // The server does not mind if most of what is to be dropped is missing.
    database.drop_measurement("missing").await?;
    database.drop_series("missing", "t", "v").await?;
    database.drop_retention_policy("missing").await?;
    database.drop_continuous_query("missing").await?;
    let nobody = (Refusal::UserNotFound, Outcome::Refused);
    checks.refused("a missing user", client.drop_user("missing").await, nobody)?;
    let other = (Refusal::BadRequest, Outcome::Refused);
    let subscription = database.drop_subscription("autogen", "missing").await;
    checks.refused("a missing subscription", subscription, other)?;
    checks.refused("a missing query", client.kill_query(99_999).await, other)?;
    Ok(client.drop_database("refusals").await?)
}
