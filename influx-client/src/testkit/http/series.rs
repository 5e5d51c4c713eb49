//! `/db/:db/series`: points in and out.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::StatusCode;

use super::call::Call;
use super::reply::Reply;
use crate::testkit::engine::{Batch, Engine};
use crate::testkit::json::{Json, decode};
use crate::testkit::query::{Block, parse};
use crate::testkit::refusal::Refusal;

impl Engine {
    pub(super) fn write_points(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        // Checked before the credentials.
        let precision = call.precision().map_err(Refusal::early)?;
        let mut state = self.state();
        let requester = call.user_or_admin(&state)?;
        let body = call.decompressed_body(self.settings.max_body)?;
        let body = decode(&body).map_err(|error| Refusal::invalid(error.to_string()))?;
        let now = self.now();
        let batches = Batch::read_all(&body, precision, now)?;
        state.write(&requester, call.segment(0), batches, now)?;
        Ok(Reply::status(StatusCode::OK))
    }

    pub(super) fn query(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let requester = call.user_or_admin(&state)?;
        let precision = call.precision()?;
        let statements = parse(call.parameter("q"))?;
        let (database, now) = (call.segment(0), self.now());
        let pretty = call.flag("pretty");
        if !call.flag("chunked") {
            let mut merged: BTreeMap<String, Block> = BTreeMap::new();
            state.run(statements, &requester, database, now, &mut |block| match merged
                .get_mut(&block.series)
            {
                Some(first) => first.merge(block),
                None => _ = merged.insert(block.series.clone(), block),
            })?;
            let blocks = merged.values().map(|block| block.to_json(precision)).collect();
            return Ok(Reply::json(&Json::Array(blocks), pretty));
        }
        let mut chunks = Vec::new();
        let run = state.run(statements, &requester, database, now, &mut |block| {
            chunks.push(Bytes::from(block.to_json(precision).print(pretty)));
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

    pub(super) fn drop_series(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let requester = call.user_or_admin(&state)?;
        // The server pastes the name into a query, without quotes.
        let statements = parse(&format!("drop series {}", call.segment(1)))?;
        state.run(statements, &requester, call.segment(0), self.now(), &mut |_| {})?;
        Ok(Reply::status(StatusCode::NO_CONTENT))
    }
}
