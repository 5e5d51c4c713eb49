//! See [`influx_fuzz::line_encode`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::line_encode(data));
