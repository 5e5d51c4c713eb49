//! Finds the addresses of a host.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use crate::connect::deadline;
use crate::{Endpoint, Error, Phase};

/// Finds the addresses of a host: by the system, or in a way of the program's own.
///
/// Every connect asks again, so that it finds a peer that moved. A host that is an address already
/// is not looked up.
pub trait Resolve: Send + Sync + 'static {
    /// All addresses of a host, the best first. Only the first 16 are used.
    ///
    /// # Errors
    ///
    /// The host has no address, or the lookup failed.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when it takes too long.
    fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;
}

/// Asks the operating system, which uses its configuration, its files and the name servers.
///
/// A lookup cannot be cancelled: after its caller gave up, it goes on in a thread of its own, which
/// delays neither the runtime nor the end of the program. A resolver and its clones run at most two
/// lookups at once; further ones wait.
#[derive(Clone, Debug)]
pub struct SystemResolver {
    free: Arc<Semaphore>,
}

impl SystemResolver {
    async fn run(
        &self,
        lookup: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
    ) -> io::Result<Vec<SocketAddr>> {
        let place = Arc::clone(&self.free).acquire_owned().await.map_err(io::Error::other)?;
        let (answer, answered) = oneshot::channel();
        // A blocking task of the runtime would hold up its end.
        std::thread::Builder::new().name("lookup".to_owned()).spawn(move || {
            let found = lookup();
            drop(place);
            // The caller may have given up.
            drop(answer.send(found));
        })?;
        answered.await.map_err(io::Error::other)?
    }
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let host = host.to_owned();
        self.run(move || Ok((host, port).to_socket_addrs()?.collect())).await
    }
}

/// Any resolver, chosen at run time. Clones share it. Default: a [`SystemResolver`].
#[derive(Clone)]
pub struct BoxResolver(Arc<dyn ResolveBoxed>);

impl BoxResolver {
    /// Takes over a resolver.
    pub fn new(resolver: impl Resolve) -> Self {
        Self(Arc::new(resolver))
    }

    /// The addresses of a host in the order in which to try them; an address stands for itself.
    pub(crate) async fn addresses(
        &self,
        endpoint: &Endpoint,
        limit: Duration,
    ) -> Result<Vec<SocketAddr>, Error> {
        let (host, port) = (endpoint.host(), endpoint.port());
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        deadline(limit, Phase::Resolve, endpoint, async {
            let found = self.0.resolve_boxed(host, port).await;
            found.map(alternate).map_err(|error| Error::io(Phase::Resolve, endpoint, error))
        })
        .await
    }
}

impl Default for BoxResolver {
    fn default() -> Self {
        Self::new(SystemResolver::default())
    }
}

impl fmt::Debug for BoxResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxResolver").finish_non_exhaustive()
    }
}

/// [`Resolve`] as an object.
trait ResolveBoxed: Send + Sync {
    fn resolve_boxed<'a>(&'a self, host: &'a str, port: u16) -> Lookup<'a>;
}

impl<R: Resolve> ResolveBoxed for R {
    fn resolve_boxed<'a>(&'a self, host: &'a str, port: u16) -> Lookup<'a> {
        Box::pin(self.resolve(host, port))
    }
}

type Lookup<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Puts IPv6 and IPv4 in turns, beginning with the first address: a host whose IPv6 is broken must
/// not use up the time for its IPv4 (RFC 8305).
fn alternate(mut found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    found.truncate(MAX_ADDRESSES);
    let ipv6_first = found.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|address| address.is_ipv6() == ipv6_first);
    let mut second = second.into_iter();
    let mut turns = Vec::new();
    for address in first {
        turns.push(address);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns
}

/// The number of lookups at once.
const LOOKUPS: usize = 2;

/// The number of addresses of a host that are tried.
const MAX_ADDRESSES: usize = 16;

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Sender};

    use tokio::task::yield_now;

    use super::*;

    fn check(found: &[&str], expected: &[&str]) {
        let parse = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| SocketAddr::new(text.parse().unwrap(), 1)).collect()
        };
        assert_eq!(alternate(parse(found)), parse(expected));
    }

    #[test]
    fn the_families_take_turns() {
        check(&[], &[]);
        check(&["::1"], &["::1"]);
        check(&["::1", "::2", "::3", "0.0.0.1"], &["::1", "0.0.0.1", "::2", "::3"]);
        check(&["0.0.0.1", "0.0.0.2", "::1"], &["0.0.0.1", "::1", "0.0.0.2"]);
        check(&["::1", "0.0.0.1", "0.0.0.2"], &["::1", "0.0.0.1", "0.0.0.2"]);
        check(&["::1"; 99], &["::1"; 16]);
    }

    struct Fixed(Vec<SocketAddr>);

    impl Resolve for Fixed {
        async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
            Ok(self.0.clone())
        }
    }

    #[tokio::test]
    async fn found_addresses_are_tried_in_turns_and_an_address_stands_for_itself() {
        let [a, b, c] = ["[::1]:1", "[::2]:1", "0.0.0.1:1"].map(|text| text.parse().unwrap());
        let resolver = BoxResolver::new(Fixed(vec![a, b, c]));
        for (host, expected) in [("example.org", vec![a, c, b]), ("::2", vec![b])] {
            let endpoint = Endpoint::new(host, 1).unwrap();
            assert_eq!(resolver.addresses(&endpoint, Duration::MAX).await.unwrap(), expected);
        }
    }

    /// A lookup that tells when it begins and goes on when it is let.
    fn stuck(begun: Sender<()>) -> (Sender<()>, impl FnOnce() -> io::Result<Vec<SocketAddr>>) {
        let (release, released) = mpsc::channel();
        let lookup = move || {
            begun.send(()).unwrap();
            let _ = released.recv();
            Ok(Vec::new())
        };
        (release, lookup)
    }

    #[tokio::test]
    async fn lookups_whose_callers_gave_up_count_until_they_end() {
        let resolver = SystemResolver::default();
        let (begun, begins) = mpsc::channel();
        let mut releases = Vec::new();
        for _ in 0..LOOKUPS {
            let (release, lookup) = stuck(begun.clone());
            tokio::select! {
                biased;
                _ = resolver.run(lookup) => panic!("it is stuck"),
                () = yield_now() => {}
            }
            begins.recv().unwrap();
            releases.push(release);
        }
        let third = resolver.run(|| Ok(vec![SocketAddr::from(([127, 0, 0, 1], 1))]));
        tokio::pin!(third);
        tokio::select! {
            biased;
            _ = third.as_mut() => panic!("two are under way"),
            () = yield_now() => {}
        }
        releases.pop();
        assert_eq!(third.await.unwrap().len(), 1);
    }

    #[test]
    fn a_stuck_lookup_does_not_hold_up_the_end_of_the_runtime() {
        let (begun, begins) = mpsc::channel();
        let (_release, lookup) = stuck(begun);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.spawn(async { SystemResolver::default().run(lookup).await });
        runtime.block_on(async {
            while begins.try_recv().is_err() {
                yield_now().await;
            }
        });
        // With the lookup in the runtime's own threads this would wait for it.
        drop(runtime);
    }
}
