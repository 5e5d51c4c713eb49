//! InfluxDB 1.x: line protocol in, InfluxQL out, with typed parameters instead of quoted text.
//!
//! | subject | calls |
//! |---|---|
//! | data | [`WriteLines`], [`RunQuery`], [`DropMeasurement`], [`DropSeries`] |
//! | databases | [`ListDatabases`], [`CreateDatabase`], [`DropDatabase`] |
//! | retention policies | [`ListRetentionPolicies`], [`CreateRetentionPolicy`], [`DropRetentionPolicy`] |
//! | users | [`ListUsers`], [`CreateUser`], [`DropUser`], [`SetPassword`], [`Grant`], [`Revoke`], [`ListGrants`] |
//! | schema | [`ListMeasurements`], [`ListSeries`], [`ListTagKeys`], [`ListTagValues`], [`ListFieldKeys`] |
//! | continuous queries | [`ListContinuousQueries`], [`DropContinuousQuery`] |
//! | subscriptions | [`ListSubscriptions`], [`CreateSubscription`], [`DropSubscription`] |
//! | running queries | [`ListQueries`], [`KillQuery`] |
//! | server | [`Ping`] |
//!
//! [`Param`] is a value that a statement names as `$name`, [`Refusal`] the meaning of a refusal.
//!
//! Times travel as nanoseconds only: other units have spellings that some versions read as
//! nanoseconds without a complaint. Statements, statuses and texts are those of a real 1.6.7
//! server, unless a call says otherwise.

use http::Method;

use crate::Target;
use crate::http::RequestBuilder;

mod databases;
mod go_duration;
mod param;
mod ping;
mod query;
mod refusal;
mod reply;
mod schema;
mod statement;
mod subscriptions;
mod users;
mod write;

pub use databases::{
    CreateDatabase, CreateRetentionPolicy, DropDatabase, DropRetentionPolicy, ListDatabases,
    ListRetentionPolicies, RetentionPolicy,
};
pub use param::Param;
pub use ping::Ping;
pub use query::RunQuery;
pub use refusal::Refusal;
pub use schema::{
    ContinuousQuery, DropContinuousQuery, DropMeasurement, DropSeries, FieldKey, KillQuery,
    ListContinuousQueries, ListFieldKeys, ListMeasurements, ListQueries, ListSeries, ListTagKeys,
    ListTagValues, RunningQuery, TagValue,
};
pub use subscriptions::{CreateSubscription, DropSubscription, ListSubscriptions, Subscription};
pub use users::{
    CreateUser, DropUser, Grant, ListGrants, ListUsers, Permission, Privilege, Revoke, SetPassword,
    User,
};
pub use write::{Consistency, WriteLines};

/// InfluxDB 1.x as a [`Dialect`](crate::Dialect).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct V1;

fn get<'a>(target: &'a Target, segment: &str) -> RequestBuilder<'a> {
    RequestBuilder::new::<V1>(target, Method::GET, &[segment])
}

fn post<'a>(target: &'a Target, segment: &str) -> RequestBuilder<'a> {
    RequestBuilder::new::<V1>(target, Method::POST, &[segment])
}
