//! Rows are read many at a time, and their cells by blocks of 64 bytes: neither can be told from
//! the events.

use influx_proto::Value;
use influx_proto::decode::{DecodeError, DecodeOptions, SeriesDecoder};

use crate::series_events::{decode, line, whole};

/// A series of rows, of which the first tells the number of columns.
fn series(rows: &[String]) -> String {
    let columns = serde_json::from_str::<Vec<Value>>(&rows[0]).unwrap().len();
    let columns: Vec<String> = (0..columns).map(|column| format!("\"{column}\"")).collect();
    format!(r#"{{"columns":[{}],"points":[{}]}}"#, columns.join(","), rows.join(","))
}

/// The rows before the end, and how it ends, with the input in one piece.
fn rows_of(input: &str) -> (Vec<String>, Result<(), DecodeError>) {
    let (mut lines, end) = whole(input.as_bytes());
    lines.retain(|line| line.starts_with('['));
    (lines, end)
}

/// The row as `serde_json` reads it.
fn reference(row: &str) -> Option<Vec<Value>> {
    serde_json::from_str(row).ok()
}

/// The rows are read as `serde_json` reads each of them.
fn check(rows: &[String]) {
    let expected = rows.iter().map(|row| serde_json::to_string(&reference(row).unwrap()).unwrap());
    let (found, end) = rows_of(&series(rows));
    assert_eq!(end, Ok(()), "{rows:?}");
    assert_eq!(found, expected.collect::<Vec<_>>());
}

const CELLS: [&str; 40] = [
    "0",
    "7",
    "-1",
    "-0",
    "12345678",
    "-12345678",
    "123456789",
    "123456789012345",
    "1234567890123456",
    "1234567890123456789",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "0.5",
    "-0.0",
    "12.34",
    "123456.7",
    "123456.78",
    "1234567.8",
    "12345678.9",
    "0.12345678",
    "-0.123456789",
    "98.987654321012345",
    "1.234567890123456789",
    "5.348183912345678e-8",
    "5.348183912345678e-08",
    "1e-7",
    "1.5e-10",
    "6e+06",
    "1E5",
    "null",
    "true",
    "false",
    r#""""#,
    r#""server01""#,
    r#""a text of fifteen""#,
    r#""2015-01-29T21:55:43.702900257Z""#,
    r#""a text, with [brackets], \"quotes\" and é""#,
    r#""a text of more than sixty-four bytes has no end in the block that it begins in""#,
];

#[test]
fn every_cell_at_every_place() {
    for cell in CELLS {
        for before in 0..100 {
            let text = "x".repeat(before);
            check(&[format!(r#"["{text}",{cell},1]"#)]);
            check(&[format!(r#"["{text}",{cell}]"#)]);
            check(&vec![format!("[{}{cell}]", "1,".repeat(before)); 3]);
        }
    }
}

#[test]
fn every_pair_of_cells() {
    for first in CELLS {
        let rows: Vec<_> = CELLS.iter().map(|second| format!("[{first},{second}]")).collect();
        check(&rows);
        let blanks: Vec<_> = CELLS.iter().map(|second| format!("[ {first} ,\n{second}]")).collect();
        check(&blanks);
    }
}

#[test]
fn any_other_byte_is_read_as_serde_json_reads_it() {
    for cell in CELLS {
        for place in 0..cell.len() {
            for byte in 0..128_u8 {
                let mut row = format!("[{cell},1]").into_bytes();
                if !row[place + 1].is_ascii() {
                    continue;
                }
                row[place + 1] = byte;
                let row = String::from_utf8(row).unwrap();
                // Behind it is enough for a whole block.
                let input = format!(
                    r#"{{"columns":["a","b"],"points":[{row},{}]}}"#,
                    ["[2,3]"; 40].join(",")
                );
                let (found, end) = rows_of(&input);
                match reference(&row) {
                    Some(cells) if cells.len() == 2 => {
                        assert_eq!(end, Ok(()), "{row}");
                        assert_eq!(found[0], serde_json::to_string(&cells).unwrap(), "{row}");
                    }
                    _ => assert!(end.is_err() && found.is_empty(), "{row}: {found:?}"),
                }
            }
        }
    }
}

/// Rows whose lengths and cells differ, around the lengths of a block and of a window.
fn mixed_rows(count: usize) -> Vec<String> {
    (0..count)
        .map(|index| {
            let text = "x".repeat([1, 8, 44, 45, 46, 47, 48, 76, 77, 78, 79, 80][index % 12]);
            let cell = CELLS[index % CELLS.len()];
            format!(r#"[{index},"{text}",{cell},"\n{index}"]"#)
        })
        .collect()
}

#[test]
fn batches_end_anywhere() {
    for count in [1, 2, 63, 64, 65, 127, 128, 129, 200] {
        check(&mixed_rows(count));
    }
    for width in [1, 7, 8, 9, 255, 256, 257, 511, 512, 513] {
        check(&vec![format!("[{}1]", "1234,".repeat(width - 1)); 20]);
    }
    // Texts with escapes of more bytes than a batch may have.
    check(&vec![format!(r#"["{}"]"#, "\\n".repeat(10_000)); 20]);
    check(&vec!["[]".to_owned(); 200]);
}

#[test]
fn rows_in_pieces_of_any_size() {
    let rows = mixed_rows(150);
    let input = series(&rows);
    let expected = whole(input.as_bytes());
    for cut in 0..=input.len() {
        let (head, tail) = input.as_bytes().split_at(cut);
        assert!(decode(SeriesDecoder::new(), [head, tail]) == expected, "cut at {cut}");
    }
    for size in 1..=37 {
        let found = decode(SeriesDecoder::new(), input.as_bytes().chunks(size));
        assert!(found == expected, "in pieces of {size}");
    }
}

#[test]
fn rows_that_wait_survive_further_pieces() {
    let rows = mixed_rows(300);
    let input = series(&rows);
    let expected = whole(input.as_bytes()).0;
    for size in [40, 700, 5000] {
        // One event is taken after each piece, the others at last.
        let mut decoder = SeriesDecoder::new();
        let mut found = Vec::new();
        for piece in input.as_bytes().chunks(size) {
            decoder.push(piece);
            found.extend(decoder.next_event().unwrap().map(line));
        }
        decoder.finish();
        while let Some(event) = decoder.next_event().unwrap() {
            found.push(line(event));
        }
        assert_eq!(found, expected);
        assert_eq!(decoder.buffered(), 0);
    }
}

#[test]
fn an_error_comes_behind_all_rows_before_it() {
    let rows = mixed_rows(140);
    for wrong in
        ["[1,2,3]", "[1,2,3,4,5]", "[1,2,3,4x]", "[01,2,3,4]", "{}", "[1,2,[3],4]", "\u{e9}"]
    {
        for position in [1, 2, 31, 63, 64, 65, 66, 127, 128, 129, 139] {
            let mut rows = rows.clone();
            let offset = series(&rows[..position]).len() - 1;
            wrong.clone_into(&mut rows[position]);
            let input = series(&rows);
            let (found, end) = rows_of(&input);
            assert_eq!(found.len(), position, "{wrong}");
            let at = match end.unwrap_err() {
                DecodeError::Width { offset, .. } | DecodeError::Json { offset, .. } => offset,
                error => panic!("{error}"),
            };
            let at = usize::try_from(at).unwrap();
            assert!((offset..=offset + wrong.len()).contains(&at), "{wrong}: {at} near {offset}");
            for size in [1, 13, 64, 100] {
                let pieces = input.as_bytes().chunks(size);
                assert!(decode(SeriesDecoder::new(), pieces) == whole(input.as_bytes()));
            }
        }
    }
}

#[test]
fn limits_hold_inside_of_a_batch() {
    let long = 40;
    for position in [0, 1, 30, 63, 64, 65, 127, 128] {
        let mut rows = vec![r#"["short"]"#.to_owned(); 200];
        rows[position] = format!(r#"["{}"]"#, "x".repeat(long));
        let input = series(&rows);
        let offset = series(&rows[..=position]).len() - 2 - rows[position].len();
        for difference in [-1_isize, 0, 1] {
            let max = |length: usize| length.saturating_add_signed(difference);
            let mut rows = DecodeOptions::default();
            rows.max_row = max(long + 4);
            let mut strings = DecodeOptions::default();
            strings.max_string = max(long);
            for (what, options, limit, offset) in [
                ("max_row", rows, rows.max_row, offset),
                ("max_string", strings, strings.max_string, offset + 1),
            ] {
                for size in [7, 100, input.len()] {
                    let pieces = input.as_bytes().chunks(size);
                    let (lines, end) = decode(SeriesDecoder::with_options(options), pieces);
                    let found = lines.iter().filter(|line| line.starts_with('[')).count();
                    let exceeded = DecodeError::TooLarge { what, limit, offset: offset as u64 };
                    let expected =
                        if difference < 0 { (position, Err(exceeded)) } else { (200, Ok(())) };
                    assert_eq!((found, end), expected, "{what} {limit} in pieces of {size}");
                }
            }
        }
    }
}
