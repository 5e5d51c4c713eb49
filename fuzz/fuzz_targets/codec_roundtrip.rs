//! See [`influx_fuzz::codec_roundtrip`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::codec_roundtrip(data));
