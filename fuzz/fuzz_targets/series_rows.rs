//! See [`influx_fuzz::series_rows`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::series_rows(data));
