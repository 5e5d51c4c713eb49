//! The calls of InfluxDB 0.8, against recorded exchanges with a 0.8.9 server.

mod calls;
mod exceptions;
mod exchanges;
mod names;
mod python;
mod recorded;
mod refusals;
mod routes;
mod secrets;
