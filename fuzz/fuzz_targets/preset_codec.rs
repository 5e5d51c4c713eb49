//! See [`influx_fuzz::preset_codec`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::preset_codec(data));
