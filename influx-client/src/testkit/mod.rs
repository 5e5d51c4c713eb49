//! An InfluxDB 0.8 inside your process.
mod answer;
mod engine;
mod http;
mod json;
mod query;
mod refusal;
mod unsupported;

pub use answer::{Answer, Body};
pub use engine::{Engine, EngineBuilder};
pub use unsupported::UNSUPPORTED;
