//! Queries.

use super::{Param, V1, get, param, post, reply};
use crate::decode::{AnswerFormat, DecodeOptions};
use crate::http::percent_encode;
use crate::{Idempotency, Operation, Reply, Request, RequestError, ResponseError, Series, Target};

/// Runs a statement of InfluxQL: `GET /query?q=…&epoch=ns`, or `POST` if it changes something or is
/// long.
///
/// Names and values come into the statement as parameters, see [`Param`].
///
/// A request should have one statement: the answer to several, unless it is chunked, hides the
/// reason of an error in all but the last (measured on InfluxDB 1.6.7).
///
/// In a chunked reply, a refusal can follow data. This call then returns the refusal and loses
/// the data; a streaming client hands over both.
///
/// ```
/// use influx_proto::v1::{Param, RunQuery};
/// use influx_proto::{Operation, Target};
///
/// let target = Target::new("http://localhost:8086".parse()?)?;
/// let query = RunQuery::new("SHOW FIELD KEYS FROM $m")
///     .database("metrics")
///     .bind("m", Param::identifier("cpu"));
/// assert_eq!(
///     query.request(&target)?.uri(),
///     "http://localhost:8086/query?db=metrics&epoch=ns&q=SHOW%20FIELD%20KEYS%20FROM%20%24m\
///         &params=%7B%22m%22%3A%7B%22identifier%22%3A%22cpu%22%7D%7D",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunQuery<'a> {
    statement: &'a str,
    database: Option<&'a str>,
    policy: Option<&'a str>,
    params: Vec<(&'a str, Param)>,
    chunked: bool,
    chunk_size: Option<u32>,
    format: AnswerFormat,
    max_values: usize,
}

/// The longest address of a query, in bytes. A longer query travels as a form.
const MAX_ADDRESS: usize = 4096;

impl<'a> RunQuery<'a> {
    /// Runs this statement.
    pub fn new(statement: &'a str) -> Self {
        Self {
            statement,
            database: None,
            policy: None,
            params: Vec::new(),
            chunked: false,
            chunk_size: None,
            format: AnswerFormat::Msgpack,
            max_values: DecodeOptions::default().max_values,
        }
    }

    /// Sets the database, unless the statement names it.
    #[must_use]
    pub fn database(mut self, database: &'a str) -> Self {
        self.database = Some(database);
        self
    }

    /// Sets the retention policy, instead of the database's default.
    #[must_use]
    pub fn policy(mut self, policy: &'a str) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets the value of `$name` in the statement.
    #[must_use]
    pub fn bind(mut self, name: &'a str, param: impl Into<Param>) -> Self {
        self.params.push((name, param.into()));
        self
    }

    /// Asks for a reply in documents of at most 10,000 rows, which neither side has to hold in
    /// memory.
    #[must_use]
    pub fn chunked(mut self, chunked: bool) -> Self {
        self.chunked = chunked;
        self
    }

    /// Sets the rows of a document of a chunked reply; 0 counts as 10,000.
    #[must_use]
    pub fn chunk_size(mut self, rows: u32) -> Self {
        self.chunk_size = Some(rows);
        self
    }

    /// Sets the format of the reply, [`AnswerFormat::Msgpack`] unless set.
    #[must_use]
    pub fn format(mut self, format: AnswerFormat) -> Self {
        self.format = format;
        self
    }

    /// Limits the values of a reply that are collected, as [`DecodeOptions::max_values`] does. The
    /// default is the same.
    #[must_use]
    pub fn max_values(mut self, max_values: usize) -> Self {
        self.max_values = max_values;
        self
    }
}

impl RunQuery<'_> {
    /// The options of a decoder that reads the reply piece by piece, and judges it as this call does.
    pub fn decode_options(&self) -> DecodeOptions {
        DecodeOptions { max_values: self.max_values, ..reply::options() }
    }
}

impl Operation for RunQuery<'_> {
    type Dialect = V1;
    type Output = Vec<Series>;
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        let params = param::to_text(&self.params)?;
        let length = self.statement.len() + params.as_ref().map_or(0, String::len);
        let is_short = length <= MAX_ADDRESS && self.idempotency() == Idempotency::Safe;
        let chunk_size = self.chunk_size.map(|rows| rows.to_string());
        let request = if is_short { get(target, "query") } else { post(target, "query") };
        let request = request
            .accept(self.format.media_type())
            .optional_pair("db", self.database)
            .optional_pair("rp", self.policy)
            .pair("epoch", "ns")
            .optional_pair("chunked", self.chunked.then_some("true"))
            .optional_pair("chunk_size", chunk_size.as_deref());
        if is_short {
            return request
                .pair("q", self.statement)
                .optional_pair("params", params.as_deref())
                .build();
        }
        let mut form = format!("q={}", percent_encode(self.statement));
        if let Some(params) = params {
            form.push_str("&params=");
            form.push_str(&percent_encode(&params));
        }
        request.body("application/x-www-form-urlencoded", form)
    }

    fn response(&self, reply: &Reply<'_>) -> Result<Vec<Series>, ResponseError> {
        reply::series(reply, self.decode_options())
    }

    /// [`Idempotency::Safe`] for a single `SELECT` without `INTO`, `SHOW` or `EXPLAIN`;
    /// everything else is [`Idempotency::NonIdempotent`].
    fn idempotency(&self) -> Idempotency {
        if only_reads(self.statement) { Idempotency::Safe } else { Idempotency::NonIdempotent }
    }
}

/// Whether a text surely changes nothing. A word inside quotes counts too: it only costs a retry.
fn only_reads(text: &str) -> bool {
    let text = text.trim();
    let statement = text.strip_suffix(';').unwrap_or(text);
    let mut words = statement.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let reads = words.next().is_some_and(|first| {
        ["explain", "select", "show"].iter().any(|verb| first.eq_ignore_ascii_case(verb))
    });
    reads && !statement.contains(';') && !words.any(|word| word.eq_ignore_ascii_case("into"))
}
