//! The loop of a relay.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::Arc;

use influx_proto::Series;
use tokio::time::{Instant, sleep, sleep_until};

use super::batch::Batch;
use super::delivery::deliver;
use super::{Incoming, Mapping, Points, Relay, RelayReport, Source, Unmapped};
use crate::Error;
use crate::exchange::HttpExchange;
use crate::v08::now_in_microseconds;

/// A batch on its way into the database.
struct Flight {
    batch: Arc<Vec<Series>>,
    landing: Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>,
}

impl<M, T: HttpExchange> Relay<M, T> {
    /// Runs until the source has ended or `stop` is done. Then it writes what is left.
    ///
    /// At most two batches are in memory: one on its way into the database, and one that fills up.
    ///
    /// # Cancel safety
    ///
    /// A dropped future loses these two batches. Let `stop` end it instead.
    pub async fn run<S>(mut self, source: &mut S, stop: impl Future<Output = ()>) -> RelayReport
    where
        S: Source,
        M: Mapping<S::Message>,
    {
        let mut stop = pin!(stop);
        let mut batch = Batch::default();
        let mut flight: Option<Flight> = None;
        let mut failure = None;
        loop {
            let full = batch.is_full(&self.limits);
            let due = batch.due(&self.limits);
            tokio::select! {
                biased;
                () = &mut stop => break,
                landed = landing(flight.as_mut()) => self.landed(&mut flight, landed),
                () = until(due), if flight.is_none() => flight = Some(self.take_off(&mut batch)),
                incoming = source.next(), if !full => match incoming {
                    Ok(Some(incoming)) => self.take(incoming, &mut batch),
                    Ok(None) => break,
                    Err(error) => {
                        failure = Some(error);
                        break;
                    }
                },
            }
            if flight.is_none() && batch.is_full(&self.limits) {
                flight = Some(self.take_off(&mut batch));
            }
        }
        let undelivered = self.close(flight, batch).await;
        RelayReport { stats: self.monitor.stats(), undelivered, failure }
    }

    fn take<I>(&mut self, incoming: Incoming<I>, batch: &mut Batch)
    where
        M: Mapping<I>,
    {
        self.monitor.count(|stats| stats.messages += 1);
        let message = match incoming {
            Incoming::Message(message) => message,
            Incoming::Unreadable(reason) => {
                self.monitor.count(|stats| stats.unreadable += 1);
                return (self.on_unmapped)(&Unmapped::new(reason));
            }
        };
        let mut points = Points::new(now_in_microseconds(), self.database.identities());
        if let Err(unmapped) = self.mapping.map(message, &mut points) {
            self.monitor.count(|stats| stats.unmapped += 1);
            return (self.on_unmapped)(&unmapped);
        }
        for series in points.into_series() {
            self.monitor.count(|stats| {
                stats.points += series.len() as u64;
                stats.pending += series.len() as u64;
            });
            batch.add(series);
        }
    }

    fn take_off(&self, batch: &mut Batch) -> Flight {
        let batch = Arc::new(std::mem::take(batch).into_series());
        let (database, series) = (self.database.clone(), Arc::clone(&batch));
        let (backoff, monitor) = (self.backoff, self.monitor.clone());
        let landing = Box::pin(async move { deliver(&database, &series, backoff, &monitor).await });
        Flight { batch, landing }
    }

    fn landed(&mut self, flight: &mut Option<Flight>, outcome: Result<(), Error>) {
        let Some(Flight { batch, .. }) = flight.take() else { return };
        let points = count(&batch);
        self.monitor.set_trouble(None);
        self.monitor.count(|stats| {
            stats.pending -= points;
            match &outcome {
                Ok(()) => stats.written += points,
                Err(_) => stats.rejected += points,
            }
        });
        if let Err(error) = outcome {
            (self.on_rejected)(&error, &batch);
        }
    }

    async fn close(&mut self, mut flight: Option<Flight>, mut batch: Batch) -> Vec<Series> {
        let mut end = pin!(sleep(self.close_timeout));
        loop {
            if flight.is_none() {
                if batch.is_empty() {
                    break;
                }
                flight = Some(self.take_off(&mut batch));
            }
            tokio::select! {
                landed = landing(flight.as_mut()) => self.landed(&mut flight, landed),
                () = &mut end => break,
            }
        }
        let in_flight = flight.iter().flat_map(|flight| flight.batch.iter().cloned());
        in_flight.chain(batch.into_series()).collect()
    }
}

async fn landing(flight: Option<&mut Flight>) -> Result<(), Error> {
    match flight {
        Some(flight) => flight.landing.as_mut().await,
        None => pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

fn count(batch: &[Series]) -> u64 {
    batch.iter().map(Series::len).sum::<usize>() as u64
}
