//! Databases, retention policies and users, with hostile names.

use std::time::Duration;

use influx_client::v1::{Client, Permission, Privilege, Refusal, RetentionPolicy};
use influx_client::{Auth, Config, Outcome, Point};

use crate::checks::{Checks, Result};

/// Names that a server without parameters would take for something else.
///
/// The folder of a database has its name, and 1.6.7 cannot write to one with a `[`.
pub(crate) const HOSTILE: &[&str] = &[
    "odd \"name\"; DROP DATABASE metrics",
    "it's",
    "$name",
    "a b,c=d",
    "käse \u{1f600}",
    "select",
    "x'; --",
    "/* y */",
    "%20&q=1",
    "{}<>",
];

/// Everything that a listing of the server has.
pub(crate) async fn listing(client: &Client) -> Result<Vec<String>> {
    let mut all = client.databases().await?;
    all.extend(client.users().await?.into_iter().map(|user| user.name));
    all.extend(client.subscriptions().await?.into_iter().map(|found| found.name));
    all.extend(client.continuous_queries().await?.into_iter().map(|found| found.name));
    all.sort_unstable();
    Ok(all)
}

/// Creates the administrator of the DSN on a server that has no user.
pub(crate) async fn first_admin(checks: &mut Checks, client: &Client, config: &Config) -> Result {
    let nobody = client.with_auth(Auth::None);
    let result = nobody.databases().await;
    checks.refused("no user yet", result, (Refusal::PermissionDenied, Outcome::Hold))?;
    let (user, password) = ("root", "root");
    checks.equal("the DSN", config.to_string().contains("root:***@"), true)?;
    nobody.create_admin(user, password).await?;
    let wrong = client.with_auth(Auth::basic(user, "wrong")).databases().await;
    checks.refused("a wrong password", wrong, (Refusal::InvalidCredentials, Outcome::Hold))?;
    let nothing = nobody.databases().await;
    checks.refused("no credentials", nothing, (Refusal::InvalidCredentials, Outcome::Hold))
}

pub(crate) async fn databases(checks: &mut Checks, client: &Client) -> Result {
    for name in HOSTILE.iter().filter(|name| !name.contains('/')) {
        client.create_database(name).await?;
        let database = client.ensure_database(name).await?;
        database.write(Point::new("m").field("v", 1)).await?;
        checks.equal(name, database.measurements().await?, vec!["m".to_owned()])?;
        checks.equal(name, client.databases().await?.iter().any(|found| found == name), true)?;
        client.drop_database(name).await?;
        client.drop_database(name).await?;
        checks.equal(name, client.databases().await?.iter().any(|found| found == name), false)?;
    }
    let long = "x".repeat(256);
    for name in ["", ".", "..", "a/b", "a\\b", "a\nb", "\0", &long] {
        let refused = client.create_database(name).await;
        checks.refused(name, refused, (Refusal::InvalidName, Outcome::Refused))?;
    }
    Ok(())
}

pub(crate) async fn policies(checks: &mut Checks, client: &Client) -> Result {
    let database = client.ensure_database("kept").await?;
    let before = database.retention_policies().await?;
    for name in HOSTILE.iter().filter(|name| !name.contains('/')) {
        let mut policy = RetentionPolicy::new(*name);
        policy.duration = Duration::from_secs(7 * 24 * 3600);
        policy.shard_group_duration = Duration::from_secs(24 * 3600);
        database.create_retention_policy(&policy).await?;
        let found = database.retention_policies().await?;
        checks.equal(name, found.into_iter().find(|found| found.name == *name), Some(policy))?;
        let weekly = database.retention_policy(name);
        weekly.write(Point::new("m").field("v", 7)).await?;
        let rows: Vec<(i64, i64)> = weekly.query("SELECT v FROM m").rows().await?.collect().await?;
        checks.equal(name, rows.first().map(|row| row.1), Some(7))?;
        let none = database.query("SELECT v FROM m").all().await?;
        checks.equal(name, none.len(), 0)?;
        let addresses = ["http://127.0.0.1:1", "udp://127.0.0.1:1"];
        database.create_subscription(name, "copies", &addresses).await?;
        let found = client.subscriptions().await?;
        let found = found.into_iter().find(|found| found.policy == *name);
        let found = found.map(|found| (found.database, found.to_all, found.destinations.len()));
        checks.equal(name, found, Some(("kept".to_owned(), true, 2)))?;
        database.drop_subscription(name, "copies").await?;
        database.drop_retention_policy(name).await?;
    }
    checks.equal("policies", database.retention_policies().await?, before)?;
    let query = "CREATE CONTINUOUS QUERY $n ON kept BEGIN \
                 SELECT mean(v) INTO x FROM m GROUP BY time(1h) END";
    let bound = influx_client::v1::Param::identifier("hourly \"mean\"");
    database.query(query).bind("n", bound).all().await?;
    let found = client.continuous_queries().await?;
    checks.equal(
        "continuous queries",
        found.iter().map(|found| (&*found.database, &*found.name)).collect::<Vec<_>>(),
        vec![("kept", "hourly \"mean\"")],
    )?;
    database.drop_continuous_query("hourly \"mean\"").await?;
    Ok(client.drop_database("kept").await?)
}

pub(crate) async fn users(checks: &mut Checks, client: &Client, is_guarded: bool) -> Result {
    let database = client.ensure_database("rights").await?;
    for name in HOSTILE {
        client.create_user(name, "it's \"secret\"").await?;
        client.set_password(name, "p\\a's:s").await?;
        let found = client.users().await?.into_iter().find(|user| user.name == *name);
        checks.equal(name, found.map(|user| user.is_admin), Some(false))?;
        client.grant(Privilege::All, "rights", name).await?;
        client.revoke(Privilege::Write, "rights", name).await?;
        let rights = client.grants(name).await?;
        let rights =
            rights.iter().map(|Permission { database, privilege, .. }| (&**database, &**privilege));
        checks.equal(name, rights.collect::<Vec<_>>(), vec![("rights", "READ")])?;
        if is_guarded {
            let reader = client.with_auth(Auth::basic(*name, "p\\a's:s")).database("rights");
            checks.equal(name, reader.query("SELECT v FROM m").all().await?.len(), 0)?;
            let write = reader.write(Point::new("m").field("v", 1)).await;
            checks.refused(name, write, (Refusal::PermissionDenied, Outcome::Hold))?;
        }
        client.drop_user(name).await?;
    }
    checks.equal("measurements", database.measurements().await?, Vec::new())?;
    Ok(client.drop_database("rights").await?)
}
