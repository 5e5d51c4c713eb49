//! The crate as its users see it, against recorded exchanges of a real server.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod assembler;
mod chunk_cuts;
mod chunk_documents;
mod chunk_limits;
mod columns;
mod fixtures;
mod flavours;
mod hostile;
mod json_encode;
mod line_cases;
mod line_judge;
mod line_points;
mod line_reference;
mod line_round_trip;
mod line_server;
mod msgpack;
mod msgpack_limits;
mod points;
mod points_bodies;
mod row_decoder;
mod row_times;
mod rows;
mod rows_as_lines;
mod rows_as_series;
mod series_batches;
mod series_cuts;
mod series_events;
mod series_limits;
mod series_rows;
mod v08;
mod v1;
