//! The data of a server, and the rules by which it changes.

mod accounts;
mod cluster;
mod database;
mod state;
mod table;

pub(crate) use accounts::{DatabaseUser, Permissions, Requester};
pub(crate) use cluster::Space;
pub(crate) use database::Database;
pub(crate) use state::State;
pub(crate) use table::{Point, PointKey, Table};
