//! See [`influx_fuzz::chunked_json`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::chunked_json(data));
