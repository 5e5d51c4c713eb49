//! The data of a server, and the rules by which it changes.

mod accounts;
mod cluster;
mod database;
mod space;
mod state;
mod table;

pub(crate) use accounts::{DatabaseUser, Permissions, Requester};
pub(crate) use cluster::{Cluster, Place, Shard};
pub(crate) use database::{AllSeries, Database};
pub(crate) use space::Space;
pub(crate) use state::{State, Store};
pub(crate) use table::{Columns, Point, PointKey, Table};
