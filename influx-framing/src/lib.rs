//! Delimiter and length codecs: bytes to frames and back; no I/O.
