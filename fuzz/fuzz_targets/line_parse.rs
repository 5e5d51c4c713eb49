//! See [`influx_fuzz::line_parse`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::line_parse(data));
