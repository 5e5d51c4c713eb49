//! Names in the path and in the query string of a request.

use influx_proto::v08::{
    self, DeleteDatabaseUser, DeleteSeries, MAX_SEGMENT, RunQuery, drop_series_segment,
};
use influx_proto::{Operation, Target};
use percent_encoding::percent_decode_str;

use crate::lexer::{Token, tokens};

/// Two names, divided by the first newline.
///
/// Each is one segment, parameter or token that means the name, or is refused for a reason.
pub fn path_segment(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (first, second) = text.split_once('\n').unwrap_or((text, text));
    check_segment(first);
    check_dropped_series(first);
    check_parameter(first);
    check_parameter(text);
    check_request(first, second);
}

fn check_segment(name: &str) {
    let Ok(segment) = v08::path_segment(name) else {
        let refused = |c: char| c.is_control() || matches!(c, '/' | '\\');
        let is_dots = matches!(name, "" | "." | "..");
        assert!(is_dots || name.len() > MAX_SEGMENT || name.contains(refused), "{name:?}");
        return;
    };
    assert_carries(&segment, name);
    // The server decodes before it routes, and a proxy may decode once more.
    assert!(!name.contains(['/', '\\', '\r', '\n', '\0']) && name != ".." && name != ".");
}

/// The text has no character with a meaning of its own and decodes to the name.
fn assert_carries(encoded: &str, name: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
    assert!(encoded.chars().all(plain), "{encoded:?}");
    assert_eq!(decode(encoded), name);
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().expect("a text was encoded").into_owned()
}

fn check_dropped_series(name: &str) {
    let Ok(segment) = drop_series_segment(name) else { return };
    let statement = format!("drop series {}", decode(&segment));
    let word = |text: &str| Token::Keyword(text.to_owned());
    let expected = vec![word("drop"), word("series"), Token::Name(name.to_owned())];
    assert_eq!(tokens(&statement), Ok(expected), "{statement}");
    // Not even a server that splits before it reads quotes sees a second statement.
    assert!(!statement.contains(';'));
}

fn check_parameter(value: &str) {
    // Longer texts are refused with the whole address.
    let Ok(request) = RunQuery::new("x", value).request(&target()) else {
        assert!(value.len() > 20_000, "{value:?} is refused for no reason");
        return;
    };
    let text = request.uri().query().and_then(|query| query.strip_prefix("q="));
    assert_carries(text.expect("there is one parameter"), value);
}

fn target() -> Target {
    Target::new("http://h/prefix".parse().expect("it is a URI")).expect("it is HTTP")
}

fn check_request(database: &str, name: &str) {
    let target = target();
    let segments = |path: &str| path.split('/').map(decode).collect::<Vec<_>>();
    if let Ok(request) = DeleteDatabaseUser::new(database, name).request(&target) {
        assert_eq!(segments(request.uri().path()), ["", "prefix", "db", database, "users", name]);
    }
    if let Ok(request) = DeleteSeries::new(database, name).request(&target) {
        let segments = segments(request.uri().path());
        assert_eq!(segments[..5], ["", "prefix", "db", database, "series"]);
        assert_eq!(segments.len(), 6);
    }
}
