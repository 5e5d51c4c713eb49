//! `/db/:db/series`: points in and out.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::StatusCode;

use super::call::Call;
use super::reply::Reply;
use crate::v08::engine::V08;
use crate::v08::json::{Json, Printer, decode};
use crate::v08::query::parse;
use crate::v08::refusal::Refusal;
use crate::v08::run::{Batch, Block, Session};
use crate::v08::store::Requester;

/// The bytes of a datagram that the server reads. Of a longer one the rest is lost, and mostly all.
const MAX_DATAGRAM: usize = 2_048;

impl V08 {
    pub(crate) fn write_points(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        // Checked before the credentials.
        let unit = call.unit().map_err(Refusal::early)?;
        let requester = call.user_or_admin(&self.state())?;
        let body = call.decompressed_body(self.options.limits.max_body)?;
        let body = decode(&body).map_err(Refusal::invalid)?;
        let now = self.now();
        let batches = Batch::read_all(&body, unit, now)?;
        self.state().write(&requester, call.segment(0), batches, now)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(crate) fn query(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let requester = call.user_or_admin(&self.state())?;
        let unit = call.unit()?;
        let pretty = call.flag("pretty");
        if !call.flag("chunked") {
            let mut merged: BTreeMap<String, Block> = BTreeMap::new();
            self.run(call, &requester, call.parameter("q"), |block| {
                match merged.get_mut(&block.series) {
                    Some(first) => first.merge(block),
                    None => _ = merged.insert(block.series.clone(), block),
                }
            })?;
            let blocks: Vec<Block> = merged.into_values().collect();
            let mut printer = Printer::new(pretty);
            printer.list('[', ']', &blocks, |printer, block| block.print(unit, printer));
            return Ok(Reply::printed(printer.into_text()));
        }
        let mut chunks = Vec::new();
        let run = self.run(call, &requester, call.parameter("q"), |block| {
            let mut printer = Printer::new(pretty);
            block.print(unit, &mut printer);
            chunks.push(Bytes::from(printer.into_text()));
        });
        match run {
            Ok(()) if chunks.is_empty() => Ok(Reply::empty()),
            Ok(()) => Ok(Reply::chunks(chunks)),
            // The status is sent already, so that the error's text follows the data.
            Err(Refusal::Answer(_, text)) if !chunks.is_empty() => {
                chunks.push(text.into());
                Ok(Reply::chunks(chunks))
            }
            Err(refusal) => Err(refusal),
        }
    }

    pub(crate) fn drop_series(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let requester = call.user_or_admin(&self.state())?;
        // The server pastes the name into a query, without quotes.
        let query = format!("drop series {}", call.segment(1));
        self.run(call, &requester, &query, |_| {})?;
        Ok(Reply::status(StatusCode::NO_CONTENT))
    }

    /// Runs a query; one that the server abandons has the answers so far.
    pub(super) fn run(
        &self,
        call: &Call<'_>,
        requester: &Requester,
        query: &str,
        emit: impl FnMut(Block),
    ) -> Result<(), Refusal> {
        let now = self.now();
        let database = call.segment(0);
        let session =
            Session { store: &self.store, requester, database, now, seed: self.next_seed() };
        let run = parse(query, now).and_then(|statements| session.run(statements, emit));
        run.or_else(Refusal::unless_abandoned)
    }

    /// Writes the points of one datagram: a JSON array of series, its times in seconds.
    ///
    /// A datagram that is not an array, is longer than 2,048 bytes or names a missing database is
    /// lost; of an array only the bad series are. The real 0.8.9 ends at `[null]`; this one loses it.
    pub(crate) fn write_datagram(&self, database: &str, datagram: &[u8]) {
        let readable = datagram.get(..MAX_DATAGRAM).unwrap_or(datagram);
        let Ok(Json::Array(all)) = decode(readable) else { return };
        for series in all {
            let now = self.now();
            // The sender is not told of an error.
            if let Ok(batches) = Batch::read_all(&Json::Array(vec![series]), 1_000_000, now) {
                _ = self.state().write(&Requester::ClusterAdmin, database, batches, now);
            }
        }
    }
}
