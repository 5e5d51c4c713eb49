//! Integration tests of the client.

mod dsn;
