//! See [`influx_fuzz::path_segment`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::path_segment(data));
