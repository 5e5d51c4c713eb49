//! The memory that a decoded answer takes, against its bytes on the wire.
//!
//! A test binary of its own, since all that its process allocates counts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use http::{HeaderMap, StatusCode};
use influx_proto::{Operation, Reply, v08};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The bytes in memory for one byte on the wire, at most: as `SECURITY.md` says.
const FACTOR: f64 = 40.0;

/// The greatest amount of memory while this answer is read, for each of its bytes.
fn factor(body: &str) -> f64 {
    let headers = HeaderMap::new();
    let reply = Reply::new(StatusCode::OK, &headers, body.as_bytes());
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let answer = v08::RunQuery::new("db", "q").response(&reply).map(|all| all.len());
    let peak = MEMORY.peak_usage() - before;
    assert!(answer.is_ok(), "{answer:?}");
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let factor = peak as f64 / body.len() as f64;
    factor
}

/// One series of these columns, with this row again and again.
fn series(columns: &[&str], row: &str, rows: usize) -> String {
    let columns = serde_json::to_string(columns).unwrap();
    let rows = vec![row; rows].join(",");
    format!(r#"{{"name":"s","columns":{columns},"points":[{rows}]}}"#)
}

#[test]
fn a_decoded_answer_takes_a_limited_multiple_of_its_bytes() {
    let names: Vec<_> = (0..4_096).map(|_| "").collect();
    let wide = |cell: &str| format!("[{}]", vec![cell; names.len()].join(","));
    let mut greatest = 0.0_f64;
    for (name, body) in [
        ("series", format!("[{}]", vec![series(&[""], "[0]", 0); 20_000].join(","))),
        ("columns", vec![series(&names, "[]", 0); 100].join("")),
        ("short names", vec![series(&vec!["a"; 4_096], "[]", 0); 100].join("")),
        ("digits", series(&names, &wide("0"), 129)),
        ("texts", series(&names, &wide("\"\""), 129)),
        ("short texts", series(&names, &wide("\"a\""), 129)),
        ("escapes", series(&names, &wide("\"\\n\""), 129)),
        ("narrow", series(&["v"], "[0]", (1 << 19) + 1)),
        ("numbers", series(&["time", "v"], "[1700000000000,0.25]", 100_000)),
    ] {
        let factor = factor(&body);
        println!("{name}: {factor:.1}");
        assert!(factor < FACTOR, "{name}: {factor}");
        greatest = greatest.max(factor);
    }
    assert!(greatest > FACTOR / 2.0, "the limit is too large: {greatest}");
}
