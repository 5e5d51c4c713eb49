//! Ports for peers that cannot choose one themselves.

use std::net::{Ipv4Addr, TcpListener};

use crate::Result;

/// Two free ports of loopback. Another program may take one before the peer does.
pub(super) fn free_ports() -> Result<[u16; 2]> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let ports = || {
        // Both are held until both are known, so that they differ.
        let (first, second) = (bind()?, bind()?);
        Ok([first.local_addr()?.port(), second.local_addr()?.port()])
    };
    ports().map_err(|error: std::io::Error| format!("there is no free port: {error}"))
}
