//! Many clients that lose one server at once do not come back at once.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use influx_transport::framed::FramedTransport;
use influx_transport::memory::{MemoryConnector, memory_pair};
use influx_transport::{Connect, Endpoint, Error, Transport};
use tokio::io::DuplexStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::frames::{Echo, Random, codec, ms, options};
use crate::support::{run_paused, seed};

const CLIENTS: usize = 50;

/// The way to a server that goes away and comes back at another place, and the moments of
/// successful connects.
struct Bouncing {
    endpoint: Endpoint,
    current: Mutex<MemoryConnector>,
    connected: Mutex<Vec<Instant>>,
}

impl Bouncing {
    fn start() -> (Arc<Self>, Echo) {
        let (connector, listener) = memory_pair();
        let bouncing = Self {
            endpoint: connector.endpoint().clone(),
            current: Mutex::new(connector),
            connected: Mutex::default(),
        };
        (Arc::new(bouncing), Echo::start(listener))
    }

    fn restart(&self) -> Echo {
        let (connector, listener) = memory_pair();
        *self.current.lock().unwrap() = connector;
        self.connected.lock().unwrap().clear();
        Echo::start(listener)
    }
}

struct Way(Arc<Bouncing>);

impl Connect for Way {
    type Stream = DuplexStream;

    async fn connect(&self) -> Result<DuplexStream, Error> {
        let current = self.0.current.lock().unwrap().clone();
        let stream = current.connect().await?;
        self.0.connected.lock().unwrap().push(Instant::now());
        Ok(stream)
    }

    fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }
}

/// Fifty clients that never stop asking lose their server for some seconds. How many of them are
/// back in each 100 ms from its return.
async fn returns(random: fn() -> f64) -> Vec<usize> {
    let (server, echo) = Bouncing::start();
    let mut options = options();
    options.random = random;
    options.retry_for = Duration::from_secs(60);
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let way = Way(Arc::clone(&server));
        let transport = FramedTransport::with_options(way, codec(), options.clone());
        transport.connect().await.unwrap();
        clients.spawn(async move {
            loop {
                // A message under way when the server went is lost; the next one waits for its return.
                drop(transport.send("x".into()).await);
                sleep(ms(500)).await;
            }
        });
    }
    sleep(ms(100)).await;
    drop(echo);
    sleep(ms(4900)).await;
    let _echo = server.restart();
    let returned = Instant::now();
    sleep(Duration::from_secs(10)).await;
    let connected = server.connected.lock().unwrap();
    let mut buckets = vec![0; 100];
    for time in connected.iter() {
        let bucket = (*time - returned).as_millis() / 100;
        buckets[usize::try_from(bucket).unwrap()] += 1;
    }
    assert_eq!(connected.len(), CLIENTS, "each client is back, once: {buckets:?}");
    buckets
}

thread_local! {
    static RANDOM: RefCell<Random> = const { RefCell::new(Random(0)) };
}

fn random() -> f64 {
    const STEPS: u32 = 1 << 30;
    let step = RANDOM.with_borrow_mut(|random| random.below(u64::from(STEPS)));
    f64::from(u32::try_from(step).unwrap()) / f64::from(STEPS)
}

#[test]
fn clients_that_lost_their_server_together_come_back_one_after_the_other() {
    RANDOM.set(Random(seed()));
    run_paused(async {
        let buckets = returns(random).await;
        let most = *buckets.iter().max().unwrap();
        assert!(most * 100 <= CLIENTS * 15, "{most} at once: {buckets:?}");
        // Without random pauses they would all come at once.
        assert_eq!(returns(|| 1.0).await.into_iter().max(), Some(CLIENTS));
    });
}
