//! Every call of the InfluxDB 0.8 HTTP API, one small struct each.
//!
//! | subject | calls |
//! |---|---|
//! | data | [`WriteSeries`], [`Query`], [`ListSeries`], [`DeleteSeries`], [`Export`] |
//! | databases | [`ListDatabases`], [`CreateDatabase`], [`ConfigureDatabase`], [`DeleteDatabase`] |
//! | users of a database | [`ListDatabaseUsers`], [`ShowDatabaseUser`], [`CreateDatabaseUser`], [`UpdateDatabaseUser`], [`DeleteDatabaseUser`], [`AuthenticateDatabaseUser`] |
//! | cluster administrators | [`ListClusterAdmins`], [`CreateClusterAdmin`], [`UpdateClusterAdmin`], [`DeleteClusterAdmin`], [`AuthenticateClusterAdmin`] |
//! | continuous queries | [`ListContinuousQueries`]; in 0.8.0 to 0.8.3 also [`ListContinuousQueriesByRest`], [`CreateContinuousQueryByRest`], [`DeleteContinuousQueryByRest`] |
//! | shards | [`ListShards`], [`CreateShards`], [`DeleteShard`] |
//! | shard spaces | [`ListShardSpaces`], [`CreateShardSpace`], [`UpdateShardSpace`], [`DeleteShardSpace`] |
//! | cluster | [`ListServers`], [`DeleteServer`], [`ShowConfiguration`], [`CheckSync`], [`ForceCompaction`], [`MigrateData`] |
//! | server | [`Ping`], [`ListInterfaces`] |
//!
//! Paths, parameters, statuses and texts are those of a real 0.8.9 server, unless a call says
//! otherwise. No 0.8 server has routes for scheduled deletes, database administrators
//! (they are users with administrator rights), subscriptions, `/write` or `/query`.
//!
//! A call with a name that cannot be sent is an error before anything is sent. That includes
//! names that the server accepts when it creates them but can never find again by their path,
//! such as a database `a/b`, and those that it always refuses, such as a database `a%b`.

mod cluster;
mod cluster_admins;
mod continuous_queries;
mod databases;
mod export;
mod name;
mod query;
mod reply;
mod series;
mod server;
mod shard_spaces;
mod shards;
mod user_changes;
mod users;
mod write;

pub use cluster::{
    CheckSync, DeleteServer, ForceCompaction, ListServers, MigrateData, Server, ShowConfiguration,
};
pub use cluster_admins::{
    AuthenticateClusterAdmin, CreateClusterAdmin, DeleteClusterAdmin, ListClusterAdmins,
    UpdateClusterAdmin,
};
pub use continuous_queries::{
    ContinuousQuery, CreateContinuousQueryByRest, DeleteContinuousQueryByRest,
    ListContinuousQueries, ListContinuousQueriesByRest,
};
pub use databases::{ConfigureDatabase, CreateDatabase, DeleteDatabase, ListDatabases};
pub use export::{Export, ExportPart};
pub use query::Query;
pub use series::{DeleteSeries, ListSeries};
pub use server::{ListInterfaces, Ping};
pub use shard_spaces::{
    CreateShardSpace, DeleteShardSpace, ListShardSpaces, ShardSpace, UpdateShardSpace,
};
pub use shards::{CreateShards, DeleteShard, ListShards, Shard};
pub use user_changes::{CreateDatabaseUser, Permissions, UpdateDatabaseUser};
pub use users::{
    AuthenticateDatabaseUser, DatabaseUser, DeleteDatabaseUser, ListDatabaseUsers, ShowDatabaseUser,
};
pub use write::WriteSeries;
