//! Dialects stay in their folders, and the lower crates do not know any database.

use super::Violation;
use crate::result::Result;
use crate::source::{Kind, Token, starts_with, tokens, without_tests};
use crate::workspace::{File, Workspace, files, root};

/// Their code consists of a root, which all dialects share, and a folder for each dialect.
const SHARED: &[&str] = &["influx-proto/src/", "influx-client/src/"];
const FOLDERS: &[&str] = &["v08", "v1", "v2", "v3"];
/// Tells the dialects apart, for all of them.
const COMPARISON: &str = "influx-proto/src/flavour/";

/// Their code serves every database.
const NEUTRAL: &[&str] = &["influx-framing/src/", "influx-transport/src/"];
const DATABASES: &[&str] = &[
    "clickhouse",
    "graphite",
    "influx",
    "opentsdb",
    "prometheus",
    "questdb",
    "timescale",
    "victoriametrics",
];
const OUR_CRATES: &[&str] =
    &["influx_framing", "influx-framing", "influx_transport", "influx-transport"];

/// Files of a root that may name a dialect.
const ALLOWED: &[(&str, &str)] = &[
    ("influx-client/src/config/dialect.rs", "reads the digit of a DSN"),
    ("influx-client/src/store.rs", "chooses the dialect of a `Store`"),
];

pub(super) fn check(_: &Workspace) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in files(root(), "rs")? {
        violations.extend(breaks(&file)?);
    }
    Ok(violations)
}

fn breaks(file: &File) -> Result<Vec<Violation>> {
    let within = |folders: &[&str]| folders.iter().find_map(|it| file.path.strip_prefix(it));
    let (find, path, why): (fn(Kind, &str) -> _, _, _) = if let Some(path) = within(SHARED) {
        let folder = path.split(['/', '.']).next().unwrap_or_default();
        let allowed = ALLOWED.iter().any(|(allowed, _)| file.path == *allowed);
        if allowed || FOLDERS.contains(&folder) || file.path.starts_with(COMPARISON) {
            return Ok(Vec::new());
        }
        (dialect, path, "the folder of a dialect has all that only one server generation means")
    } else if let Some(path) = within(NEUTRAL) {
        (database, path, "a transport or a codec serves every database")
    } else {
        return Ok(Vec::new());
    };
    let all = tokens(&file.text).map_err(|error| format!("{}: {error}", file.path))?;
    let tokens = without_tests(&all);
    let declares = |at| path == "lib.rs" && declares_folder(tokens, at);
    let found = tokens.iter().enumerate().filter(|(at, _)| !declares(*at));
    let found = found.filter_map(|(_, token)| Some((token.line, find(token.kind, token.text)?)));
    // A file's name is a name too.
    let found = find(Kind::Text, path.trim_end_matches(".rs"))
        .map(|name| (1, name))
        .into_iter()
        .chain(found);
    let violation = |(line, name)| Violation {
        place: format!("{}:{line}", file.path),
        rule: format!("`{name}` must not stand here"),
        why,
    };
    Ok(found.map(violation).collect())
}

/// Is the token at this place the name in `mod v08;`?
fn declares_folder(tokens: &[Token], at: usize) -> bool {
    let rest = at.checked_sub(1).and_then(|before| tokens.get(before..)).unwrap_or_default();
    FOLDERS.iter().any(|folder| starts_with(rest, &format!("mod {folder};")))
}

/// The dialect that a name or a text in the code names.
fn dialect(kind: Kind, text: &str) -> Option<String> {
    let words: Vec<String> = match kind {
        Kind::Comment => return None,
        Kind::Code if text.starts_with(|c: char| c.is_ascii_digit()) => return None,
        Kind::Code => name_words(text.trim_start_matches("r#")),
        Kind::Text => text_words(text),
    };
    let follows_the_name = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        before.is_some_and(|before| before == "influxdb" || before == "influx")
    };
    let is_dialect = |(at, word): &(usize, &String)| is_dialect(word, follows_the_name(*at));
    words.iter().enumerate().find(is_dialect).map(|(_, word)| word.clone())
}

/// Names such as `v08` and `influxdb2`, and versions such as `0.8`, `v0.8.9`, `1.x` and, after the
/// database's name, `2` and `2.7`.
fn is_dialect(word: &str, follows_the_name: bool) -> bool {
    let version = word.strip_prefix('v').unwrap_or(word);
    if version == "0.8" || version.starts_with("0.8.") || ["1.x", "2.x", "3.x"].contains(&version) {
        return true;
    }
    let starts = ["influxdb", "influx", "db", "v"];
    let number = starts.iter().find_map(|start| word.strip_prefix(start));
    let number = number.or(follows_the_name.then_some(version)).unwrap_or_default();
    let major = number.split('.').next().unwrap_or_default();
    ["08", "1", "2", "3"].contains(&major)
}

/// The words of `read_v08`, `ReadV08` and `READ_V08`, in small letters.
fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_capital = true;
    for character in name.chars() {
        let is_capital = character.is_uppercase();
        if character == '_' || is_capital && !was_capital {
            words.push(String::new());
        }
        if let (Some(word), true) = (words.last_mut(), character != '_') {
            word.extend(character.to_lowercase());
        }
        was_capital = is_capital;
    }
    words
}

/// The words of a text, with the points in them, in small letters.
fn text_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '.');
    words.map(|word| word.trim_matches('.').to_lowercase()).collect()
}

/// The database that a name or a text in the code names.
fn database(kind: Kind, text: &str) -> Option<String> {
    if kind == Kind::Comment {
        return None;
    }
    let text = text.to_lowercase();
    let text = OUR_CRATES.iter().fold(text, |text, ours| text.replace(ours, "")).replace('_', "");
    DATABASES.iter().find(|name| text.contains(*name)).map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        let found = breaks(&file).unwrap();
        let rules: Vec<_> = found.iter().map(|violation| violation.rule.as_str()).collect();
        let expected: Vec<_> =
            expected.iter().map(|name| format!("`{name}` must not stand here")).collect();
        assert_eq!(rules, expected, "{path}: {text}");
    }

    #[test]
    fn a_dialect_is_not_named_outside_of_its_folder() {
        for path in ["influx-proto/src/lib.rs", "influx-client/src/config/mod.rs"] {
            check(path, "use crate::v08::Query;", &["v08"]);
            check(path, "fn f() { read_v1(); ReadV2::new(READ_V3) }", &["v1", "v2", "v3"]);
            check(path, "fn f() { influxdb08() }", &["influxdb08"]);
            check(path, r#"const A: &str = "for InfluxDB 0.8";"#, &["0.8"]);
            check(
                path,
                r##"const A: &[&str] = &["0.8.9", "a 1.x server", r#"v2"#];"##,
                &["0.8.9", "1.x", "v2"],
            );
            check(path, r#"const A: &str = "influxdb1://db";"#, &["influxdb1"]);
            check(path, "mod a { pub mod v08 { } }", &["v08"]);
            check(path, "// measured on 0.8.9\n/// as v08 does\nfn f() {}", &[]);
            check(path, r#"const A: &str = "InfluxDB 2.7, v0.8, influx 1";"#, &["2.7"]);
            check(path, "struct InfluxDb08; fn r#v1() {}", &["db08", "v1"]);
            check(path, r#"#[path = "read_v08.rs"] mod a;"#, &["v08.rs"]);
            check(path, r#"m! { v2 => "0.8" }"#, &["v2", "0.8"]);
            check(path, r#"fn f(v10: V4, ipv6: u8) { g(0.8, "10.8", "v11", "1.0x") }"#, &[]);
            check(path, "#[cfg(test)]\nmod tests { use crate::v08; }", &[]);
        }
        check("influx-proto/src/lib.rs", "pub mod v08;\nmod v1;", &[]);
        check("influx-proto/src/http/mod.rs", "pub mod v08;", &["v08"]);
        check("influx-proto/src/http/v08/a.rs", "fn f() {}", &["v08"]);
        check("influx-proto/src/http/read_v08.rs", "fn f() {}", &["v08"]);
        check("influx-proto/src/v08/mod.rs", "use super::v08::Query;", &[]);
        check("influx-proto/src/json/v08/mod.rs", "use super::v08::Query;", &["v08", "v08"]);
        check("influx-client/src/v1.rs", "use super::v08::Query;", &[]);
        check("influx-client/testkit/src/lib.rs", "mod a { use crate::v08; }", &[]);
        check("influx-client/src/store.rs", "use crate::v08;", &[]);
        check("influx-proto/src/flavour/traits.rs", r#"const A: &str = "InfluxDB 0.8";"#, &[]);
        check("influx-client/src/flavour/a.rs", "use crate::v08;", &["v08"]);
        check("influx-proto/src/flavour.rs", "use crate::v08;", &["v08"]);
    }

    #[test]
    fn a_database_is_not_named_below_the_client() {
        for path in ["influx-framing/src/lib.rs", "influx-transport/src/tcp/mod.rs"] {
            check(path, "fn to_influx() {}", &["influx"]);
            check(path, "struct InfluxDb;", &["influx"]);
            check(path, r#"const A: &str = "ask InfluxDB";"#, &["influx"]);
            check(path, "fn f(x: VictoriaMetrics) {}", &["victoriametrics"]);
            check(path, "const VICTORIA_METRICS: u8 = 1;", &["victoriametrics"]);
            check(
                path,
                r#"#[path = "a/influx_db.rs"] mod a; m! { b'i' QuestDb }"#,
                &["influx", "questdb"],
            );
            check(path, "// as InfluxDB does\n/// influxdb\nfn f() {}", &[]);
            check(path, r#"use influx_framing::Frame; const A: &str = "influx-transport";"#, &[]);
            check(path, "use influx_proto::Frame;", &["influx"]);
        }
        check("influx-transport/src/influx.rs", "fn f() {}", &["influx"]);
        check("influx-client/src/lib.rs", "struct InfluxDb;", &[]);
    }
}
