//! Every call of the InfluxDB 0.8 HTTP API, one small struct each.
