//! The parser accepts what InfluxDB 1.6.7 accepted, and reads the same point.
//!
//! The table holds a line as a Python literal, the server's status, and either the points that a
//! query returned, again in Python, or the server's error.

use std::fmt::Write as _;

use influx_proto::line::{FieldValue, Line, lines};

const TABLE: &str = include_str!("../fixtures/v1/line_protocol_table.txt");

/// Lines that the parser judges differently than the server, and why.
const EXCEPTIONS: [(&str, &str); 5] = [
    ("b'm v=1u 1'", "later servers read unsigned integers"),
    ("b'm v=18446744073709551615u 1'", "later servers read unsigned integers"),
    ("b'm v=\"\\xff\\xfe\" 1'", "the server gives U+FFFD back: the text is lost"),
    ("b'm v=1,v=2 1'", "the server keeps only the last of the two"),
    ("b'm time=1,v=1 1'", "the server drops the field `time`"),
];

/// The table cuts long lines; this is the rest of them: a start, a byte that fills, an end.
const LONG: [(&str, &str, u8, &str, usize); 5] = [
    ("b'm,kkkkkkkkkkkkkkkkkk'..40010 bytes", "m,", b'k', "=x v=1 1", 40_010),
    ("b'm,t=xxxxxxxxxxxxxxxx'..65546 bytes", "m,t=", b'x', " v=1 1", 65_546),
    ("b'mmmmmmmmmmmmmmmmmmmm'..65542 bytes", "", b'm', " v=1 1", 65_542),
    ("b'm s=\"xxxxxxxxxxxxxxx'..65545 bytes", "m s=\"", b'x', "\" 1", 65_545),
    ("b'm s=\"xxxxxxxxxxxxxxx'..70008 bytes", "m s=\"", b'x', "\" 1", 70_008),
];

#[test]
fn the_parser_agrees_with_the_server() {
    let mut exceptions = 0;
    for row in TABLE.lines() {
        let (literal, answer) = row.split_at(row.find("  204  ").or(row.find("  400 ")).unwrap());
        let (literal, answer) = (literal.trim_end(), answer.trim_start());
        let accepted = answer.starts_with("204");
        let read: Vec<_> = match LONG.iter().find(|(cut, ..)| *cut == literal) {
            Some(&(_, start, fill, end, len)) => {
                let mut line = start.as_bytes().to_vec();
                line.resize(len - end.len(), fill);
                line.extend_from_slice(end.as_bytes());
                lines(&line).map(|line| line.map(|line| python(&line))).collect()
            }
            None => lines(&bytes(literal)).map(|line| line.map(|line| python(&line))).collect(),
        };
        let [read] = &*read else { panic!("{literal}: {} lines", read.len()) };

        if let Some((_, reason)) = EXCEPTIONS.iter().find(|(line, _)| *line == literal) {
            assert_ne!(read.is_ok(), accepted, "{literal} has ceased to be an exception: {reason}");
            exceptions += 1;
            continue;
        }
        assert_eq!(read.is_ok(), accepted, "{literal}: {read:?}");
        if let Ok(read) = read {
            // The table cuts long answers.
            let expected = answer.trim_start_matches("204  [").trim_end_matches(']');
            assert!(
                read == expected || read.len() > 160 && read.starts_with(expected),
                "{literal}: {read}"
            );
        }
    }
    assert_eq!((TABLE.lines().count(), exceptions), (103, EXCEPTIONS.len()));
}

/// The bytes of a Python literal `b'...'`.
fn bytes(literal: &str) -> Vec<u8> {
    let text = literal.strip_prefix('b').unwrap();
    let text = &text[1..text.len() - 1];
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'\\' {
            match rest.next().unwrap() {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                escaped => escaped,
            }
        } else {
            byte
        });
    }
    bytes
}

/// The point as the table shows the server's answer: `('m', {'time': 1, 'v': 1})`.
fn python(line: &Line<'_>) -> String {
    let tags = line.tags.iter().map(|(key, value)| (key, python_text(value)));
    let fields = line.fields.iter().map(|(key, value)| {
        let value = match value {
            FieldValue::String(text) => python_text(text),
            FieldValue::Bool(true) => "True".to_owned(),
            FieldValue::Bool(false) => "False".to_owned(),
            // The server prints -0 as 0.
            FieldValue::Float(value) => (value + 0.0).to_string(),
            number => number.to_string(),
        };
        (key, value)
    });
    let mut columns: Vec<_> = tags.chain(fields).collect();
    columns.sort();
    let mut text =
        format!("({}, {{'time': {}", python_text(&line.measurement), line.timestamp.unwrap());
    for (key, value) in columns {
        write!(text, ", {}: {value}", python_text(key)).unwrap();
    }
    text + "})"
}

fn python_text(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
    format!("'{}'", text.replace('\0', "\\x00"))
}
