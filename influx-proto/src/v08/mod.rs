//! InfluxDB 0.8: every call of its HTTP API, its query language and its refusals.
//!
//! | subject | calls |
//! |---|---|
//! | data | [`WriteSeries`], [`RunQuery`], [`ListSeries`], [`DeleteSeries`], [`Export`] |
//! | databases | [`ListDatabases`], [`CreateDatabase`], [`ConfigureDatabase`], [`DeleteDatabase`] |
//! | users of a database | [`ListDatabaseUsers`], [`ShowDatabaseUser`], [`CreateDatabaseUser`], [`UpdateDatabaseUser`], [`DeleteDatabaseUser`], [`AuthenticateDatabaseUser`] |
//! | cluster administrators | [`ListClusterAdmins`], [`CreateClusterAdmin`], [`UpdateClusterAdmin`], [`DeleteClusterAdmin`], [`AuthenticateClusterAdmin`] |
//! | continuous queries | [`ListContinuousQueries`], [`CreateContinuousQuery`], [`DropContinuousQuery`]; in 0.8.0 to 0.8.3 also [`ListContinuousQueriesByRest`], [`CreateContinuousQueryByRest`], [`DeleteContinuousQueryByRest`] |
//! | shards | [`ListShards`], [`CreateShards`], [`DeleteShard`] |
//! | shard spaces | [`ListShardSpaces`], [`CreateShardSpace`], [`UpdateShardSpace`], [`DeleteShardSpace`] |
//! | cluster | [`ListServers`], [`DeleteServer`], [`ShowConfiguration`], [`CheckSync`], [`ForceCompaction`], [`MigrateData`] |
//! | server | [`Ping`], [`ListInterfaces`] |
//!
//! [`Refusal`] is the meaning of a refusal, [`quote`] writes names and texts of a query,
//! [`Precision`] is the unit of the times that travel.
//!
//! Paths, parameters, statuses and texts are those of a real 0.8.9 server, unless a call says
//! otherwise. The 0.8 servers do not have routes for scheduled deletes, database administrators
//! (they are users with administrator rights), subscriptions, `/write` or `/query`.
//!
//! A name that cannot be sent is an error before anything is sent. So is a name that the server
//! creates but can never find again by its path, such as a database `a/b`, and a name that it
//! always refuses, such as a database `a%b`.

mod access;
mod call;
mod cluster;
mod cluster_admins;
mod continuous_queries;
mod databases;
mod dialect;
mod path;
mod precision;
mod query;
pub mod quote;
mod refusal;
mod reply;
mod series;
mod shard_spaces;
mod shards;
mod users;
mod write;

pub use cluster::{
    CheckSync, DeleteServer, ForceCompaction, ListInterfaces, ListServers, MigrateData, Ping,
    Server, ShowConfiguration,
};
pub use cluster_admins::{
    AuthenticateClusterAdmin, CreateClusterAdmin, DeleteClusterAdmin, ListClusterAdmins,
    UpdateClusterAdmin,
};
pub use continuous_queries::{
    ContinuousQuery, CreateContinuousQuery, CreateContinuousQueryByRest,
    DeleteContinuousQueryByRest, DropContinuousQuery, ListContinuousQueries,
    ListContinuousQueriesByRest,
};
pub use databases::{ConfigureDatabase, CreateDatabase, DeleteDatabase, ListDatabases};
pub use dialect::V08;
pub use path::{MAX_SEGMENT, drop_series_segment, path_segment};
pub use precision::Precision;
pub use query::RunQuery;
pub use refusal::Refusal;
pub use series::{DeleteSeries, Export, ExportPart, ListSeries};
pub use shard_spaces::{
    CreateShardSpace, DeleteShardSpace, ListShardSpaces, ShardSpace, UpdateShardSpace,
};
pub use shards::{CreateShards, DeleteShard, ListShards, Shard};
pub use users::{
    AuthenticateDatabaseUser, CreateDatabaseUser, DatabaseUser, DeleteDatabaseUser,
    ListDatabaseUsers, Permissions, ShowDatabaseUser, UpdateDatabaseUser,
};
pub use write::WriteSeries;
