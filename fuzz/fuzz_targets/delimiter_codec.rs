//! See [`influx_fuzz::delimiter_codec`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::delimiter_codec(data));
