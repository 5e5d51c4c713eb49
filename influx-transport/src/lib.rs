//! Exchanges messages over sockets: HTTP, TCP, UDP and in-memory transports.
