//! The loop of a relay.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::time::SystemTime;

use influx_proto::{Point, Time};
use tokio::time::{Instant, sleep, sleep_until};

use super::batch::Batch as Waiting;
use super::delivery::deliver;
use super::{Incoming, Mapping, Relay, RelayReport, Source, Unmapped};
use crate::{Batch, Error};

/// A batch on its way into the database.
struct Flight {
    points: Vec<Point>,
    /// `None` if the points cannot be encoded.
    batch: Option<Batch>,
    landing: Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>,
}

impl<M> Relay<M> {
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
        let mut batch = Waiting::default();
        let mut flight: Option<Flight> = None;
        let mut failure = None;
        loop {
            let full = batch.is_full(&self.options);
            let due = batch.due(&self.options);
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
            if flight.is_none() && batch.is_full(&self.options) {
                flight = Some(self.take_off(&mut batch));
            }
        }
        let undelivered = self.close(flight, batch).await;
        RelayReport { stats: self.monitor.stats(), undelivered, failure }
    }

    fn take<I>(&mut self, incoming: Incoming<I>, batch: &mut Waiting)
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
        match self.points(message) {
            Ok((points, bytes)) => {
                self.monitor.count(|stats| {
                    stats.points += points.len() as u64;
                    stats.pending += points.len() as u64;
                });
                batch.add(points, bytes);
            }
            Err(unmapped) => {
                self.monitor.count(|stats| stats.unmapped += 1);
                (self.on_unmapped)(&unmapped);
            }
        }
    }

    /// The points of a message, with their time, and the bytes that they take.
    ///
    /// They are encoded here once to find out what cannot be written: later, one bad point would
    /// take a whole batch along.
    fn points<I>(&mut self, message: I) -> Result<(Vec<Point>, usize), Unmapped>
    where
        M: Mapping<I>,
    {
        let arrival = Time::from(SystemTime::now());
        let points = self.mapping.map(message)?;
        let points: Vec<_> = points.into_iter().map(|point| point.or_time(arrival)).collect();
        let batch = self.database.encode(&points).map_err(Unmapped::of)?;
        Ok((points, batch.bytes()))
    }

    fn take_off(&self, batch: &mut Waiting) -> Flight {
        let points = std::mem::take(batch).into_points();
        let (database, encoded) = (self.database.clone(), self.database.encode(&points));
        let (backoff, monitor) = (self.options.backoff, self.monitor.clone());
        let batch = encoded.as_ref().ok().cloned();
        let landing =
            Box::pin(async move { deliver(&database, &encoded?, backoff, &monitor).await });
        Flight { points, batch, landing }
    }

    fn landed(&mut self, flight: &mut Option<Flight>, outcome: Result<(), Error>) {
        let Some(Flight { points, .. }) = flight.take() else { return };
        let count = points.len() as u64;
        self.monitor.set_trouble(None);
        self.monitor.count(|stats| {
            stats.pending -= count;
            match &outcome {
                Ok(()) => stats.written += count,
                Err(_) => stats.rejected += count,
            }
        });
        if let Err(error) = outcome {
            (self.on_rejected)(&error, &points);
        }
    }

    async fn close(&mut self, mut flight: Option<Flight>, mut batch: Waiting) -> Vec<Batch> {
        let mut end = pin!(sleep(self.options.close_timeout));
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
        let waiting = (!batch.is_empty()).then(|| self.take_off(&mut batch));
        flight.into_iter().chain(waiting).filter_map(|flight| flight.batch).collect()
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
