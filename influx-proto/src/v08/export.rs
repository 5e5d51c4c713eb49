//! Exporting a database for InfluxDB 0.9.

use bytes::Bytes;
use http::Request;

use super::{V08, get, path};
use crate::{Idempotency, Operation, RequestError, Target};

/// What an export contains.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server knows these two")]
pub enum ExportPart {
    /// The statements that create the database and its retention policy.
    Definitions,
    /// The points, as line protocol.
    Points,
}

/// Exports the points of a shard space in the form that InfluxDB 0.9 and later import:
/// `GET /export/:db/:sp`, of 0.8.9.
///
/// The answer is text: `# DDL` with statements, `# DML` with line protocol.
/// It is as large as the data is, so a streaming client should not collect it.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    database: &'a str,
    space: &'a str,
    part: Option<ExportPart>,
}

impl<'a> Export<'a> {
    /// Exports everything of this shard space.
    pub fn new(database: &'a str, space: &'a str) -> Self {
        Self { database, space, part: None }
    }

    /// Exports only this part.
    #[must_use]
    pub fn part(mut self, part: ExportPart) -> Self {
        self.part = Some(part);
        self
    }
}

impl Operation for Export<'_> {
    type Dialect = V08;
    type Output = Vec<u8>;
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, target: &Target) -> Result<Request<Bytes>, RequestError> {
        let part = self.part.map(|part| match part {
            ExportPart::Definitions => "ddl",
            ExportPart::Points => "dml",
        });
        let database = path::database(self.database)?;
        let segments = ["export", &database, &path::shard_space(self.space)?];
        get(target, &segments).optional_pair("l", part).build()
    }
}
