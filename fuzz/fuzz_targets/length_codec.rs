//! See [`influx_fuzz::length_codec`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::length_codec(data));
