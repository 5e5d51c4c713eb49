//! Client for InfluxDB: write points, query them back as typed rows.

#[cfg(feature = "testkit")]
pub mod testkit;
