//! Rust values as rows, matched by column name.
