//! See [`influx_fuzz::dsn`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::dsn(data));
