//! Rows of a stream as Rust values: as `from_row` reads them, whatever was read before.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use influx_proto::decode::{Event, SeriesDecoder};
use influx_proto::{RowError, Value, from_row};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Rows of several series, so that columns change, come back and do not fit.
const TABLES: [(&[&str], &[&str]); 7] = [
    (
        &["time", "host", "value"],
        &[
            r#"[1,"a",2]"#,
            r#"[2,"b\n",2.5]"#,
            "[3,null,null]",
            r#"["x","c",1]"#,
            r#"[18446744073709551615,"d",6e+06]"#,
            "[-1,true,-0]",
        ],
    ),
    (&["value", "host", "time"], &[r#"[0.5,"a",1]"#, r#"[1e300,"é",2.0]"#]),
    (&["host", "extra", "value", "time"], &[r#"["a",null,1,2]"#, r#"["a","x",3,4]"#]),
    (&["time", "value"], &["[1,2]", "[3,4.5]"]),
    (&["time", "host", "value", "host"], &[r#"[1,"a",2,"b"]"#, r#"[3,"c",4,"d"]"#]),
    (&["time", "v", "value", "host"], &[r#"[1,2,3,"a"]"#, r#"[4,5,6,"b"]"#]),
    (&[], &["[]"]),
];

/// Reads every row of the tables twice in a row: by the decoder and by `from_row`.
fn check<T: DeserializeOwned + Debug + PartialEq>() {
    let mut decoder = SeriesDecoder::new();
    let mut expected = Vec::new();
    for (columns, rows) in [TABLES, TABLES].concat() {
        let columns: Vec<String> = columns.iter().copied().map(str::to_owned).collect();
        let document = format!(r#"{{"columns":{columns:?},"points":[{}]}}"#, rows.join(","));
        decoder.push(document.as_bytes());
        for row in rows {
            let cells: Vec<Value> = serde_json::from_str(row).unwrap();
            expected.push(from_row::<T>(&columns, &cells));
        }
    }
    let mut found = Vec::new();
    while let Some(event) = decoder.next_event().unwrap() {
        if let Event::Row(row) = event {
            found.push(row.deserialize::<T>());
        }
    }
    assert_eq!(found, expected);
    assert!(found.iter().any(Result::is_ok), "{found:?}");
}

#[derive(Debug, Deserialize, PartialEq)]
struct Plain {
    time: i64,
    host: Option<String>,
    value: f64,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Reordered {
    value: Option<f32>,
    time: u64,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "UPPERCASE", default)]
#[derive(Default)]
struct Renamed {
    #[serde(rename = "time")]
    at: i64,
    #[serde(rename = "host", skip_serializing)]
    name: Value,
    #[serde(skip)]
    skipped: u8,
    missing: u8,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Strict {
    time: i64,
    host: Value,
    value: Value,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Flat {
    time: Value,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// The columns may hold a name and its alias at once, which is an error.
#[derive(Debug, Deserialize, PartialEq)]
struct Aliased {
    time: i64,
    #[serde(alias = "v")]
    value: Value,
}

/// Two fields may be confused if a name without a column counts as an alias.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(default)]
#[derive(Default)]
struct Defaulted {
    missing: Option<i64>,
    #[serde(alias = "at", alias = "time")]
    when: Option<i64>,
    absent: Option<Value>,
    value: Option<f64>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Newtype(Plain);

#[derive(Debug, Deserialize, PartialEq)]
struct Tuple(Value, Value, Value);

#[derive(Debug, Deserialize, PartialEq)]
#[serde(try_from = "Plain")]
struct Checked(i64);

impl TryFrom<Plain> for Checked {
    type Error = String;

    fn try_from(plain: Plain) -> Result<Self, String> {
        if plain.value < 3.0 { Ok(Self(plain.time)) } else { Err("too high".to_owned()) }
    }
}

#[test]
fn every_kind_of_type_is_read_as_from_a_row_in_memory() {
    check::<Plain>();
    check::<Reordered>();
    check::<Renamed>();
    check::<Strict>();
    check::<Flat>();
    check::<Aliased>();
    check::<Defaulted>();
    check::<Newtype>();
    check::<Tuple>();
    check::<Checked>();
    check::<Option<Plain>>();
    check::<Box<Plain>>();
    check::<(Value, Option<String>, Value)>();
    check::<Vec<Value>>();
    check::<HashMap<String, Value>>();
    check::<BTreeMap<String, Option<Value>>>();
}

#[test]
fn a_struct_that_reads_maps_only_is_read_by_name() {
    #[derive(Debug, PartialEq)]
    struct ByName(BTreeMap<String, Value>);

    impl<'de> Deserialize<'de> for ByName {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = ByName;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a map")
                }

                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<ByName, A::Error> {
                    let mut members = BTreeMap::new();
                    while let Some((name, value)) = map.next_entry()? {
                        members.insert(name, value);
                    }
                    Ok(ByName(members))
                }
            }
            deserializer.deserialize_struct("ByName", &["time", "host"], Visitor)
        }
    }
    check::<ByName>();
}

#[test]
fn types_may_change_from_row_to_row() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Swapped {
        b: i64,
        a: i64,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Straight {
        a: i64,
        b: i64,
    }
    let mut decoder = SeriesDecoder::new();
    decoder
        .push(br#"{"columns":["a","b"],"points":[[1,2],[1,2],[1,2],[1,2],[1,2],["x",2],[1,2]]}"#);
    let mut index = 0;
    while let Some(event) = decoder.next_event().unwrap() {
        let Event::Row(row) = event else { continue };
        match index {
            0 | 1 | 3 => assert_eq!(row.deserialize(), Ok(Swapped { b: 2, a: 1 })),
            2 => assert_eq!(row.deserialize(), Ok((1, 2))),
            5 => {
                let error: RowError = row.deserialize::<Straight>().unwrap_err();
                assert_eq!(
                    error.to_string(),
                    "column \"a\": string \"x\" where i64 was expected",
                    "the decoder goes on"
                );
            }
            _ => assert_eq!(row.deserialize(), Ok(Straight { a: 1, b: 2 })),
        }
        index += 1;
    }
    assert_eq!(index, 7);
}

#[test]
fn aliases_do_not_throw_a_struct_off_the_short_way() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Load {
        #[serde(alias = "_time", alias = "at")]
        time: i64,
        #[serde(alias = "_value")]
        value: Counted,
    }
    /// Counts how often it is read.
    #[derive(Debug, PartialEq)]
    struct Counted(f64);
    impl<'de> Deserialize<'de> for Counted {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            READS.with(|reads| reads.set(reads.get() + 1));
            f64::deserialize(deserializer).map(Self)
        }
    }
    thread_local!(static READS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });

    for columns in [r#""time","value""#, r#""_value","_time""#, r#""value","at","x""#] {
        let mut decoder = SeriesDecoder::new();
        let is_reversed = !columns.starts_with(r#""time"#);
        let extra = if columns.contains('x') { ",0" } else { "" };
        let row = if is_reversed { format!("[2.5,1{extra}]") } else { format!("[1,2.5{extra}]") };
        let rows = vec![row; 10].join(",");
        decoder.push(format!(r#"{{"columns":[{columns}],"points":[{rows}]}}"#).as_bytes());
        READS.set(0);
        let mut rows = 0;
        while let Some(event) = decoder.next_event().unwrap() {
            if let Event::Row(row) = event {
                assert_eq!(row.deserialize(), Ok(Load { time: 1, value: Counted(2.5) }));
                rows += 1;
            }
        }
        // A row that was tried by position in vain would be read twice.
        assert_eq!((rows, READS.get()), (10, 10), "{columns}");
    }
}
