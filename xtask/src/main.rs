//! The CI driver: `cargo xtask ci`.

fn main() {}
