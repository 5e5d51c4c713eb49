//! See [`influx_fuzz::msgpack_decoder`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| influx_fuzz::msgpack_decoder(data));
