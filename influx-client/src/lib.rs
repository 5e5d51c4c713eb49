//! Client for InfluxDB: write points, query them back as typed rows.

mod config;

pub use config::{Config, ConfigError, Origin, Protocol};
