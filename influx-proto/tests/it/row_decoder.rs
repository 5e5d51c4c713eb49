//! The judgement of an answer as a whole, in both formats and with every cut.

use influx_proto::Value;
use influx_proto::decode::{
    AnswerFormat, DecodeError, DecodeOptions, Event, RowDecoder, SeriesAssembler, Shape,
};

/// The rows and the end of an answer that comes in pieces of this size.
fn read(format: AnswerFormat, body: &[u8], size: usize) -> (usize, String) {
    let mut options = DecodeOptions::default();
    options.shape = Shape::Results;
    let mut decoder = RowDecoder::new(format, options);
    let mut rows = 0;
    let mut drain = |decoder: &mut RowDecoder| loop {
        match decoder.next_event() {
            Ok(None) => return None,
            Ok(Some(Event::Row(_))) => rows += 1,
            Ok(Some(Event::Error(text))) => return Some(format!("refused: {text}")),
            Ok(Some(_)) => {}
            Err(error) => return Some(error.to_string()),
        }
    };
    let mut end = None;
    for piece in body.chunks(size) {
        decoder.push(piece);
        end = end.or_else(|| drain(&mut decoder));
    }
    decoder.finish();
    let end = end.or_else(|| drain(&mut decoder)).unwrap_or_default();
    if !end.starts_with("refused") && !end.is_empty() {
        assert_eq!(drain(&mut decoder), Some(end.clone()), "the end is final");
    }
    (rows, end)
}

/// The same in MessagePack: maps, lists, texts and small numbers are enough.
fn msgpack(value: &serde_json::Value, out: &mut Vec<u8>) {
    use serde_json::Value as Json;
    let small = |length: usize| u8::try_from(length).unwrap();
    let text = |text: &str, out: &mut Vec<u8>| {
        out.extend([0xd9, small(text.len())]);
        out.extend(text.bytes());
    };
    match value {
        Json::Null => out.push(0xc0),
        Json::Bool(value) => out.push(0xc2 + u8::from(*value)),
        Json::Number(number) => out.push(small(usize::try_from(number.as_u64().unwrap()).unwrap())),
        Json::String(value) => text(value, out),
        Json::Array(list) => {
            out.push(0x90 + small(list.len()));
            for element in list {
                msgpack(element, out);
            }
        }
        Json::Object(members) => {
            out.push(0x80 + small(members.len()));
            for (name, value) in members {
                text(name, out);
                msgpack(value, out);
            }
        }
    }
}

#[test]
fn an_answer_is_judged_as_a_whole() {
    let truncated = DecodeError::Truncated { bytes: 0 }.to_string();
    let truncated = &*truncated;
    let series = r#""series":[{"columns":["v"],"name":"m","values":[[1],[2]]}]"#;
    let (first, second) = (r#""statement_id":0"#, r#""statement_id":1"#);
    for (results, rows, end) in [
        (format!("{{{first},{series}}}"), 2, ""),
        (format!("{{{first}}}"), 0, ""),
        (format!("{{{first},{series}}},{{{second},{series}}}"), 4, ""),
        // Versions before 1.1 send no numbers.
        (format!("{{{series}}},{{{series}}}"), 4, ""),
        (format!("{{{first},{series},\"partial\":true}},{{{first},{series}}}"), 4, ""),
        (format!("{{{first},{series},\"partial\":true}}"), 2, truncated),
        (format!("{{{second},{series}}}"), 2, truncated),
        (format!("{{{first}}},{{\"statement_id\":2}}"), 0, truncated),
        (String::new(), 0, truncated),
        (format!("{{{first},{series}}},{{{second},\"error\":\"no\"}}"), 2, "refused: no"),
        (format!("{{{first},{series}}},{{\"error\":\"no\"}}"), 2, "refused: no"),
    ] {
        let json = format!("{{\"results\":[{results}]}}");
        let mut packed = Vec::new();
        msgpack(&serde_json::from_str(&json).unwrap(), &mut packed);
        for (format, body) in
            [(AnswerFormat::Json, json.as_bytes()), (AnswerFormat::Msgpack, &packed[..])]
        {
            for size in 1..=body.len() {
                let found = read(format, body, size);
                assert_eq!(found, (rows, end.to_owned()), "{json} as {format:?} by {size}");
            }
        }
    }
}

#[test]
fn a_series_keeps_its_tags_in_both_formats() {
    let json = r#"{"results":[{"series":[
        {"columns":["v"],"name":"m","tags":{"host":"a"},"values":[[1]]},
        {"columns":["v"],"name":"m","tags":{"host":"b"},"values":[[2]]}]}]}"#;
    let mut packed = Vec::new();
    msgpack(&serde_json::from_str(json).unwrap(), &mut packed);
    for (format, body) in
        [(AnswerFormat::Json, json.as_bytes()), (AnswerFormat::Msgpack, &packed[..])]
    {
        let mut assembler = SeriesAssembler::with_format(format, DecodeOptions::default());
        assembler.push(body);
        assembler.finish();
        for (host, value) in [("a", 1), ("b", 2)] {
            let series = assembler.next_series().unwrap().unwrap();
            assert_eq!(series.tags()["host"], host, "{format:?}");
            assert_eq!(series.points().next().unwrap(), [Value::Int(value)]);
        }
        assert_eq!(assembler.next_series(), Ok(None));
    }
}

#[test]
fn tags_count_as_values() {
    let body = br#"{"results":[{"series":[{"name":"m","tags":{"a":"1","b":"2"},"columns":["v"],"values":[[1]]}]}]}"#;
    for (max_values, is_enough) in [(6, false), (7, true)] {
        let mut options = DecodeOptions::default();
        options.max_values = max_values;
        let mut assembler = SeriesAssembler::with_options(options);
        assembler.push(body);
        assembler.finish();
        assert_eq!(assembler.next_series().is_ok(), is_enough, "{max_values}");
    }
}
