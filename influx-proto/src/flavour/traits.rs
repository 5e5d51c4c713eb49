//! The differences between servers, as one table.

use super::Flavour;

/// The properties of a kind of server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Traits {
    /// The name for people.
    pub name: &'static str,
    /// The remedy for a client that expected another server: one sentence without a full stop.
    pub hint: &'static str,
    /// The path that takes points; 0.8 has the name of the database in place of `{db}`.
    pub write_path: &'static str,
    /// The ways to send credentials.
    pub auth: &'static [AuthSpelling],
    /// The parameter for the finest times: nanoseconds, in 0.8 microseconds.
    pub precision: (&'static str, &'static str),
    /// The effect of a line or point that cannot be read.
    pub bad_line: Effect,
    /// The effect of a value of another type than the field has.
    pub type_conflict: Effect,
    /// The largest body of a write.
    pub max_body: MaxBody,
    /// The answer to `GET /ping`.
    pub ping: &'static str,
    /// The answer to `GET /health`.
    pub health: &'static str,
    /// The origin of this row.
    pub source: &'static str,
}

/// A way to send credentials.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthSpelling {
    /// The parameters `u` and `p` of the query string.
    Parameters,
    /// A header `Basic` of user and password.
    Basic,
    /// A header `Bearer` of a token.
    Bearer,
    /// A header `Token` of `user:password`.
    TokenOfUser,
    /// A header `Token` of a token.
    Token,
}

/// The effect of a point that the server cannot store, for the write that has it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// The server stores the other points and answers with this status.
    Partial(u16),
    /// The server stores no point and answers with this status.
    Nothing(u16),
    /// No value conflicts: the server has one type, or one type for each point.
    Impossible,
}

/// The largest body of a write, in bytes, with the settings of a new server.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum MaxBody {
    /// Before decompression.
    Compressed(u64),
    /// After decompression.
    Decompressed(u64),
    /// No limit is known.
    Unknown,
}

impl Flavour {
    /// The properties of this kind of server.
    pub fn traits(self) -> &'static Traits {
        match self {
            Self::V08 => &V08,
            Self::V1_0 => &V1_0,
            Self::V1_8 => &V1_8,
            Self::V2 => &V2,
            Self::V3 => &V3,
            Self::VictoriaMetrics => &VICTORIA_METRICS,
        }
    }
}

const V08: Traits = Traits {
    name: "InfluxDB 0.8",
    hint: "the server looks like InfluxDB 0.8: use v08 and a DSN that begins with influxdb08://",
    write_path: "/db/{db}/series",
    auth: &[AuthSpelling::Parameters, AuthSpelling::Basic],
    precision: ("time_precision", "u"),
    bad_line: Effect::Nothing(400),
    type_conflict: Effect::Impossible,
    max_body: MaxBody::Unknown,
    ping: "200, `{\"status\":\"ok\"}`, version in the header",
    health: "404",
    source: "exchanges recorded from 0.8.9",
};

const V1_0: Traits = Traits {
    name: "InfluxDB 1.0 to 1.7",
    hint: "the server looks like InfluxDB 1: use v1 and a DSN that begins with influxdb1://",
    write_path: "/write",
    auth: &[AuthSpelling::Parameters, AuthSpelling::Basic, AuthSpelling::Bearer],
    precision: ("precision", "ns"),
    bad_line: Effect::Partial(400),
    type_conflict: Effect::Partial(400),
    max_body: MaxBody::Compressed(25_000_000),
    ping: "204, version in the header",
    health: "404",
    source: "exchanges recorded from 1.6.7",
};

const V1_8: Traits = Traits {
    name: "InfluxDB 1.8 and later",
    auth: &[
        AuthSpelling::Parameters,
        AuthSpelling::Basic,
        AuthSpelling::Bearer,
        AuthSpelling::TokenOfUser,
    ],
    health: "200, JSON with `version`",
    source: "source code of 1.8 to 1.12, documentation",
    ..V1_0
};

const V2: Traits = Traits {
    name: "InfluxDB 2.x",
    hint: "the server looks like InfluxDB 2: use v2 and a DSN that begins with influxdb2://",
    write_path: "/api/v2/write",
    auth: &[AuthSpelling::Token],
    precision: ("precision", "ns"),
    bad_line: Effect::Nothing(400),
    type_conflict: Effect::Partial(422),
    max_body: MaxBody::Unknown,
    ping: "204, version in the header",
    health: "200, JSON with `version` and `commit`",
    source: "source code of 2.x, documentation",
};

const V3: Traits = Traits {
    name: "InfluxDB 3.x",
    hint: "the server looks like InfluxDB 3: use v3 and a DSN that begins with influxdb3://",
    write_path: "/api/v3/write_lp",
    auth: &[AuthSpelling::Bearer, AuthSpelling::Token, AuthSpelling::Basic],
    precision: ("precision", "ns"),
    bad_line: Effect::Partial(400),
    type_conflict: Effect::Partial(400),
    max_body: MaxBody::Decompressed(10 * 1024 * 1024),
    ping: "200, JSON with `version`, version in the header",
    health: "200, `OK`",
    source: "source code of 3.10",
};

const VICTORIA_METRICS: Traits = Traits {
    name: "VictoriaMetrics",
    hint: "the server looks like VictoriaMetrics, which takes line protocol at /write but has no \
           other call of InfluxDB",
    write_path: "/write",
    auth: &[AuthSpelling::Basic],
    precision: ("precision", "ns"),
    // 1.79 answers 204 and stores the other lines.
    bad_line: Effect::Nothing(400),
    type_conflict: Effect::Impossible,
    max_body: MaxBody::Unknown,
    ping: "204 without a version, `X-Server-Hostname`",
    health: "200, `OK`",
    source: "exchanges recorded from 1.79.5 and a master of 2026-08; the latter's effect of a bad line",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn documentation() -> String {
        let head = "| server | write path | credentials | finest times | bad line | type conflict | \
             largest body in bytes | ping | health | source |\n|---|---|---|---|---|---|---|---|---|---|\n";
        let rows = Flavour::ALL.into_iter().map(|flavour| {
            let it = flavour.traits();
            let auth: Vec<_> = it.auth.iter().map(|one| format!("{one:?}")).collect();
            let (key, value) = it.precision;
            format!(
                "| {} | `{}` | {} | `{key}={value}` | {:?} | {:?} | {:?} | {} | {} | {} |\n",
                it.name,
                it.write_path,
                auth.join(", "),
                it.bad_line,
                it.type_conflict,
                it.max_body,
                it.ping,
                it.health,
                it.source,
            )
        });
        head.to_owned() + &rows.collect::<Vec<_>>().concat()
    }

    #[test]
    fn the_documentation_is_the_table() {
        let table = documentation();
        assert_eq!(include_str!("traits.md"), table, "traits.md must be:\n{table}");
    }
}
