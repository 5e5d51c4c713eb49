//! Client for InfluxDB: write points, query them back as typed rows.
