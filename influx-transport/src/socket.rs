//! The settings of TCP and UDP sockets.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpSocket, UdpSocket};

/// The settings of a socket. Those of TCP have no effect on UDP: `nodelay`, the three of keepalive
/// and `user_timeout`.
///
/// ```
/// use influx_transport::SocketOptions;
///
/// let mut options = SocketOptions::default();
/// options.nodelay = false;
/// options.bind_address = Some("127.0.0.1".parse()?);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SocketOptions {
    /// Whether small writes leave at once (`TCP_NODELAY`). Default: yes.
    pub nodelay: bool,
    /// The time after which the system probes a silent connection, in whole seconds. Default: 30 s;
    /// `None` never probes.
    pub keepalive: Option<Duration>,
    /// The time between two probes, in whole seconds. Default: 10 s.
    pub keepalive_interval: Duration,
    /// The number of unanswered probes after which the connection is closed. Default: 3.
    pub keepalive_probes: u32,
    /// The time after which the system closes a connection whose sent bytes are unacknowledged
    /// (`TCP_USER_TIMEOUT`, on Linux only). Default: 30 s; `None` means the system's, about 15
    /// minutes.
    pub user_timeout: Option<Duration>,
    /// The size of the system's send buffer in bytes; Linux doubles it. Default: the system's.
    pub send_buffer: Option<usize>,
    /// The size of the system's receive buffer in bytes; Linux doubles it, and limits it by
    /// `net.core.rmem_max`. Datagrams that find it full are lost. Default: the system's.
    pub receive_buffer: Option<usize>,
    /// The number of networks that a packet may cross, 1 to 255: 1 keeps it in its own. A listener
    /// for both families sets it for IPv6 peers only. Default: the system's, mostly 64.
    pub ttl: Option<u32>,
    /// The network interface to connect through, such as `eth0` (`SO_BINDTODEVICE`, on Linux
    /// only). Default: the system chooses by the peer's address.
    pub interface: Option<String>,
    /// The local address to connect from. With it, only addresses of its family are tried.
    /// Default: the system chooses.
    pub bind_address: Option<IpAddr>,
}

impl SocketOptions {
    /// Whether a socket with these options can connect to this address.
    pub(crate) fn reaches(&self, peer: SocketAddr) -> bool {
        self.bind_address.is_none_or(|local| local.is_ipv4() == peer.is_ipv4())
    }

    /// A TCP socket with these options that can connect to this address.
    pub(crate) fn tcp_socket(&self, peer: SocketAddr) -> io::Result<TcpSocket> {
        let socket = self.socket(peer, Type::STREAM)?;
        self.apply_tcp(&SockRef::from(&socket))?;
        self.bind(&socket)?;
        Ok(TcpSocket::from_std_stream(socket.into()))
    }

    /// A UDP socket with these options that is connected to this address.
    pub(crate) fn udp_socket(&self, peer: SocketAddr) -> io::Result<UdpSocket> {
        let socket = self.socket(peer, Type::DGRAM)?;
        self.bind(&socket)?;
        socket.connect(&peer.into())?;
        UdpSocket::from_std(socket.into())
    }

    /// A socket with the options that TCP and UDP share, in the family of this address.
    pub(crate) fn socket(&self, family: SocketAddr, kind: Type) -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(family), kind, None)?;
        self.apply_shared(&SockRef::from(&socket))?;
        #[cfg(target_os = "linux")]
        socket.bind_device(self.interface.as_ref().map(String::as_bytes))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    fn bind(&self, socket: &Socket) -> io::Result<()> {
        self.bind_address.map_or(Ok(()), |local| socket.bind(&SocketAddr::new(local, 0).into()))
    }

    /// Applies these options to a TCP socket, except for `interface` and `bind_address`.
    pub(crate) fn apply(&self, system: &SockRef<'_>) -> io::Result<()> {
        self.apply_shared(system)?;
        self.apply_tcp(system)
    }

    fn apply_tcp(&self, system: &SockRef<'_>) -> io::Result<()> {
        system.set_tcp_nodelay(self.nodelay)?;
        if let Some(idle) = self.keepalive {
            let keepalive = TcpKeepalive::new()
                .with_time(idle)
                .with_interval(self.keepalive_interval)
                .with_retries(self.keepalive_probes);
            system.set_tcp_keepalive(&keepalive)?;
        }
        #[cfg(target_os = "linux")]
        system.set_tcp_user_timeout(self.user_timeout)?;
        Ok(())
    }

    fn apply_shared(&self, system: &SockRef<'_>) -> io::Result<()> {
        if let Some(size) = self.send_buffer {
            system.set_send_buffer_size(size)?;
        }
        if let Some(size) = self.receive_buffer {
            system.set_recv_buffer_size(size)?;
        }
        if let Some(ttl) = self.ttl {
            if system.local_addr()?.is_ipv4() {
                system.set_ttl_v4(ttl)?;
            } else {
                system.set_unicast_hops_v6(ttl)?;
            }
        }
        Ok(())
    }
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            nodelay: true,
            keepalive: Some(Duration::from_secs(30)),
            keepalive_interval: Duration::from_secs(10),
            keepalive_probes: 3,
            user_timeout: Some(Duration::from_secs(30)),
            send_buffer: None,
            receive_buffer: None,
            ttl: None,
            interface: None,
            bind_address: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a socket with these options and asks the system about it.
    fn check(options: &SocketOptions, assert: impl FnOnce(SockRef<'_>)) {
        let socket = options.tcp_socket("127.0.0.1:1".parse().unwrap()).unwrap();
        assert(SockRef::from(&socket));
    }

    #[test]
    fn the_defaults_reach_the_socket() {
        check(&SocketOptions::default(), |socket| {
            assert!(socket.tcp_nodelay().unwrap());
            assert!(socket.keepalive().unwrap());
            assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(30));
            assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(10));
            assert_eq!(socket.tcp_keepalive_retries().unwrap(), 3);
            #[cfg(target_os = "linux")]
            assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_secs(30)));
        });
    }

    #[test]
    fn every_option_reaches_the_socket() {
        let options = SocketOptions {
            nodelay: false,
            keepalive: Some(Duration::from_secs(7)),
            keepalive_interval: Duration::from_secs(3),
            keepalive_probes: 5,
            user_timeout: Some(Duration::from_secs(11)),
            // Not what the system has anyway.
            send_buffer: Some(24 * 1024),
            receive_buffer: Some(12 * 1024),
            ttl: Some(17),
            interface: Some("lo".to_owned()),
            bind_address: Some("127.0.0.1".parse().unwrap()),
        };
        check(&options, |socket| {
            assert!(!socket.tcp_nodelay().unwrap());
            assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(7));
            assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(3));
            assert_eq!(socket.tcp_keepalive_retries().unwrap(), 5);
            #[cfg(target_os = "linux")]
            assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_secs(11)));
            let (sent, received) = (24 * 1024, 12 * 1024);
            assert!([sent, 2 * sent].contains(&socket.send_buffer_size().unwrap()));
            assert!([received, 2 * received].contains(&socket.recv_buffer_size().unwrap()));
            assert_eq!(socket.ttl_v4().unwrap(), 17);
            #[cfg(target_os = "linux")]
            assert_eq!(socket.device().unwrap().unwrap(), b"lo");
            let local = socket.local_addr().unwrap().as_socket().unwrap();
            assert_eq!(local.ip().to_string(), "127.0.0.1");
        });
    }

    #[test]
    fn a_socket_for_ipv6_counts_networks_in_its_own_way() {
        let options = SocketOptions { ttl: Some(17), ..SocketOptions::default() };
        let socket = options.tcp_socket("[::1]:1".parse().unwrap()).unwrap();
        assert_eq!(SockRef::from(&socket).unicast_hops_v6().unwrap(), 17);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interface_that_is_not_there_is_an_error() {
        let interface = Some("missing".to_owned());
        let options = SocketOptions { interface, ..SocketOptions::default() };
        let error = options.tcp_socket("127.0.0.1:1".parse().unwrap()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(19), "ENODEV: {error}");
    }

    #[test]
    fn keepalive_and_user_timeout_can_be_off() {
        let options =
            SocketOptions { keepalive: None, user_timeout: None, ..SocketOptions::default() };
        check(&options, |socket| {
            assert!(!socket.keepalive().unwrap());
            #[cfg(target_os = "linux")]
            assert_eq!(socket.tcp_user_timeout().unwrap(), None);
        });
    }

    #[test]
    fn a_bind_address_reaches_its_own_family_only() {
        let bind_address = Some("127.0.0.1".parse().unwrap());
        let options = SocketOptions { bind_address, ..SocketOptions::default() };
        assert!(options.reaches("127.0.0.1:1".parse().unwrap()));
        assert!(!options.reaches("[::1]:1".parse().unwrap()));
        assert!(SocketOptions::default().reaches("[::1]:1".parse().unwrap()));
    }
}
