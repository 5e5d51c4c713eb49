//! The request bodies that were too long to be recorded whole, made again from their rule.

use std::fmt::Display;

/// The body of a scenario, of which the recording holds the beginning and the length.
pub(crate) fn whole(id: &str) -> String {
    let second = |i: u32| 1_400_000_000 + i;
    match id {
        "w-manycols" => {
            let names: Vec<_> = (0..300).map(|i| format!("\"c{i:03}\"")).collect();
            series("wide", &names.join(", "), [row((0..300).collect::<Vec<u32>>())])
        }
        "w-big" => {
            let text = "x".repeat(50);
            let rows = (0..100_000).map(|i| format!("[{}, {i}, \"{text}\"]", second(i)));
            series("big", "\"time\", \"v\", \"s\"", rows)
        }
        "w-bigstr" => series("big2", "\"s\"", [format!("[\"{}\"]", "y".repeat(20 << 20))]),
        "w-str-1048576" | "w-str-2096952" | "w-str-2097153" => {
            let length = id.trim_start_matches("w-str-").parse().unwrap();
            let row = format!("[{}, \"{}\"]", second(0), "z".repeat(length));
            series("strlim", "\"time\", \"s\"", [row])
        }
        "w-str-two" => {
            let rows = (0..2).map(|i| format!("[{}, \"{}\"]", second(i), "z".repeat(1_500_000)));
            series("strlim2", "\"time\", \"s\"", rows)
        }
        "q-w-m" => series("mil", "\"time\", \"v\"", (0..100_000).map(|i| row([second(i), 1]))),
        "c-w-1" => numbered("k1", 1_000),
        "c-w-2" => {
            let rows = (0..250).map(|i| format!("[{}, 1, {i}, \"x\"]", second(i)));
            series("k2", "\"time\", \"sequence_number\", \"a\", \"b\"", rows)
        }
        "c-w-3" => numbered("kbig", 20_000),
        _ => panic!("{id}: no rule for its body"),
    }
}

fn numbered(name: &str, count: u32) -> String {
    let rows = (0..count).map(|i| row([1_400_000_000 + i, 1, i]));
    series(name, "\"time\", \"sequence_number\", \"v\"", rows)
}

fn row(values: impl IntoIterator<Item = impl Display>) -> String {
    let values: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
    format!("[{}]", values.join(", "))
}

fn series(name: &str, columns: &str, rows: impl IntoIterator<Item = String>) -> String {
    let rows: Vec<_> = rows.into_iter().collect();
    format!(
        "[{{\"name\": \"{name}\", \"columns\": [{columns}], \"points\": [{}]}}]",
        rows.join(", ")
    )
}
