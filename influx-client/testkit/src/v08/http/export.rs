//! `GET /export/:db/:space`: a database as the statements and the lines of a later version.

use std::collections::BTreeMap;
use std::fmt::Write;

use http::StatusCode;

use super::call::Call;
use super::reply::Reply;
use crate::StoredValue;
use crate::v08::engine::V08;
use crate::v08::json::quoted;
use crate::v08::refusal::Refusal;
use crate::v08::run::Block;
use crate::v08::store::Requester;

impl V08 {
    /// The statements that create the database, unless `l=dml`, and all points of the series that
    /// the regex of the space finds, unless `l=ddl`.
    pub(crate) fn export(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let (name, wanted) = (call.segment(0), call.segment(1).to_lowercase());
        let missing =
            |text: String| Refusal::Answer(StatusCode::NOT_FOUND, format!("{text}\n")).early();
        let state = self.admin_state(call)?;
        let Some(database) = state.databases.get(name) else {
            return Err(missing(format!("database not found {name}")));
        };
        let space = state.cluster.spaces(name).find(|space| space.name.to_lowercase() == wanted);
        let Some(space) = space.cloned() else {
            return Err(missing(format!("shard space {wanted} for database {name} not found")));
        };
        let series: Vec<String> =
            database.series.names().filter(|name| space.takes(name)).cloned().collect();
        drop(state);
        let part = call.parameter("l").to_lowercase();
        let mut text = String::new();
        if part != "dml" {
            let (duration, replication) = space.policy();
            let (name, space) = (quoted(name), quoted(&space.name));
            text.push_str("# DDL\n");
            line(&mut text, format_args!("CREATE DATABASE {name};"));
            line(
                &mut text,
                format_args!(
                    "CREATE RETENTION POLICY {space} ON {name} DURATION {duration} \
                     REPLICATION {replication};"
                ),
            );
        }
        if part == "ddl" {
            return Ok(Reply::text(StatusCode::OK, text));
        }
        text.push_str("# DML\n");
        line(&mut text, format_args!("# CONTEXT-DATABASE: {name}"));
        line(&mut text, format_args!("# CONTEXT-RETENTION-POLICY: {}", space.name));
        line(&mut text, format_args!("# Found {} Series for export", series.len()));
        let separator = Some(call.parameter("s")).filter(|text| !text.is_empty()).unwrap_or(".");
        let mut total = 0;
        for name in series {
            let mut points = 0;
            let query = format!("select * from {}", quoted(&name));
            let run = self.run(call, &Requester::ClusterAdmin, &query, |block| {
                points += block.rows.len();
                add_lines(&mut text, &block, separator);
            });
            if let Err(Refusal::Answer(_, error)) = run {
                let database = call.segment(0);
                line(
                    &mut text,
                    format_args!(
                        "failed to query data: database: {database}, query: {query}, err: {error}"
                    ),
                );
            }
            line(&mut text, format_args!("# Series {name} - Points Exported: {points}"));
            total += points;
        }
        line(&mut text, format_args!("# Points Exported: {total}"));
        let reply = if part == "dml" { Reply::bare } else { Reply::text };
        Ok(reply(StatusCode::OK, text))
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    _ = text.write_fmt(content);
    text.push('\n');
}

/// The points of a block as lines. In a name of an odd number of parts all but the last are tags.
///
/// A fault of the server: a point without a value in a column has that of the point before it.
fn add_lines(text: &mut String, block: &Block, separator: &str) {
    let parts: Vec<&str> = block.series.split(separator).collect();
    let (name, tags) = match parts.split_last() {
        Some((name, tags)) if tags.len() % 2 == 0 => (*name, tags),
        _ => (block.series.as_str(), &[][..]),
    };
    let tags: BTreeMap<String, String> = tags
        .chunks(2)
        .filter_map(|pair| Some((escaped(pair.first()?, " ,="), escaped(pair.last()?, " ,="))))
        .collect();
    let mut key = escaped(name, " ,");
    for (name, value) in tags {
        _ = write!(key, ",{name}={value}");
    }
    let mut fields = BTreeMap::new();
    for row in &block.rows {
        for (column, value) in block.columns.iter().zip(&row.values) {
            if !value.is_null() {
                fields.insert(column, value);
            }
        }
        let fields = fields.iter().map(|(column, value)| field(column, value));
        let fields = fields.collect::<Vec<_>>().join(",");
        line(text, format_args!("{key} {fields} {}", i128::from(row.time) * 1_000));
    }
}

fn field(column: &str, value: &StoredValue) -> String {
    let value = match value {
        StoredValue::Int(value) => format!("{value}i"),
        StoredValue::UInt(value) => format!("{value}i"),
        StoredValue::Float(value) if value.fract() == 0.0 => format!("{value}.0"),
        StoredValue::Float(value) => value.to_string(),
        StoredValue::String(text) => format!("\"{}\"", escaped(text, "\\\"")),
        StoredValue::Bool(value) => value.to_string(),
        StoredValue::Null => String::new(),
    };
    format!("{}={value}", escaped(column, " ,=\""))
}

/// A text with a backslash before each of some characters.
fn escaped(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
