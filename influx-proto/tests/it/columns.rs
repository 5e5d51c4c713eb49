//! Columns hold the cells of the rows, in the narrowest type.

use influx_proto::decode::{Event, SeriesDecoder};
use influx_proto::{Cell, ColumnBatch, ColumnValues, RowError, Value};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::json_encode::any_value;

/// The integers up to which every one is exact as a double.
const EXACT: i64 = 1 << f64::MANTISSA_DIGITS;

/// A batch of one column.
fn batch(cells: &[Value]) -> ColumnBatch {
    let mut batch = ColumnBatch::new(["v"]);
    push(&mut batch, cells);
    batch
}

fn push(batch: &mut ColumnBatch, cells: &[Value]) {
    for cell in cells {
        batch.push([Cell::from(cell)]).unwrap();
    }
}

/// The type and the values, those of nulls included.
fn shown(batch: &ColumnBatch) -> String {
    match batch.column(0).unwrap().values() {
        ColumnValues::Text(texts) => format!("Text({:?})", texts.iter().collect::<Vec<_>>()),
        values => format!("{values:?}"),
    }
}

fn check(json: &str, expected: &str) {
    let cells: Vec<Value> = serde_json::from_str(json).unwrap();
    assert_eq!(shown(&batch(&cells)), expected, "{json}");
}

#[test]
fn a_column_has_the_narrowest_type() {
    check("[]", "Null(0)");
    check("[null,null]", "Null(2)");
    check("[true,null,false]", "Bool([true, false, false])");
    check("[null,-1,7]", "Int([0, -1, 7])");
    check("[1,18446744073709551615,null]", "UInt([1, 18446744073709551615, 0])");
    check("[18446744073709551615,1]", "UInt([18446744073709551615, 1])");
    check("[1,0.5,null,2]", "Float([1.0, 0.5, NaN, 2.0])");
    check("[-0,3]", "Float([-0.0, 3.0])");
    check("[9223372036854775808,0.5]", "Float([9.223372036854776e18, 0.5])");
    check("[\"\",null,\"é\"]", "Text([\"\", \"\", \"é\"])");
}

#[test]
fn what_has_no_common_type_is_mixed() {
    check("[1,\"x\",null]", "Mixed([Int(1), String(\"x\"), Null])");
    check("[true,1]", "Mixed([Bool(true), Int(1)])");
    check("[-1,18446744073709551615]", "Mixed([Int(-1), UInt(18446744073709551615)])");
    check("[0.5,9007199254740993]", "Mixed([Float(0.5), Int(9007199254740993)])");
    check("[9007199254740993,0.5]", "Mixed([Int(9007199254740993), Float(0.5)])");
    check("[9223372036854775807,0.5]", "Mixed([Int(9223372036854775807), Float(0.5)])");
    check(
        "[1,18446744073709551615,0.5]",
        "Mixed([Int(1), UInt(18446744073709551615), Float(0.5)])",
    );
}

#[test]
fn a_cleared_column_keeps_its_type_while_it_fits() {
    for (first, second, expected) in [
        ("[0.5]", "[1]", "Float([1.0])"),
        ("[0.5]", "[null]", "Float([NaN])"),
        ("[0.5]", "[9007199254740993]", "Int([9007199254740993])"),
        ("[18446744073709551615]", "[1,-1]", "Int([1, -1])"),
        ("[1]", "[\"x\"]", "Text([\"x\"])"),
        ("[\"x\"]", "[\"y\",null]", "Text([\"y\", \"\"])"),
        ("[1,\"x\"]", "[1]", "Mixed([Int(1)])"),
        ("[null]", "[true]", "Bool([true])"),
    ] {
        let [first, second]: [Vec<Value>; 2] =
            [first, second].map(|json| serde_json::from_str(json).unwrap());
        let mut batch = batch(&first);
        batch.clear();
        assert!(batch.is_empty() && batch.column(0).unwrap().is_empty());
        assert_eq!(batch.column(0).unwrap().validity(), None);
        push(&mut batch, &second);
        assert_eq!(shown(&batch), expected);
    }
}

#[test]
fn columns_are_found_by_position_and_by_name() {
    let mut batch = ColumnBatch::new(["a", "b", "a"]);
    batch.push([1, 2, 3].map(Cell::Int)).unwrap();
    assert_eq!(batch.names(), ["a", "b", "a"]);
    assert_eq!(batch.column(2).unwrap().values(), ColumnValues::Int(&[3]));
    assert_eq!(batch.column(3), None);
    assert_eq!(batch.column_by_name("a").unwrap().values(), ColumnValues::Int(&[1]));
    assert_eq!(batch.column_by_name("c"), None);
}

#[test]
fn a_row_of_another_width_is_refused() {
    let mut batch = ColumnBatch::new(["a", "b"]);
    for width in [0, 1, 3] {
        let error: RowError = batch.push(vec![Cell::Bool(true); width]).unwrap_err();
        assert_eq!(error.to_string(), format!("row: {width} cells for 2 columns"));
        assert!(batch.is_empty() && batch.column(0).unwrap().is_empty());
    }
}

#[test]
fn texts_lie_one_after_the_other() {
    let batch = batch(&["a".into(), Value::Null, "é\n".into()]);
    let column = batch.column(0).unwrap();
    let ColumnValues::Text(texts) = column.values() else { panic!("{column:?}") };
    assert_eq!((texts.joined(), texts.offsets()), ("aé\n", &[0, 1, 1, 4][..]));
    let found: Vec<_> = (0..4).map(|index| texts.get(index)).collect();
    assert_eq!(found, [Some("a"), Some(""), Some("é\n"), None]);
    assert_eq!(texts.get(usize::MAX), None);
    assert_eq!(column.validity(), Some(&[true, false, true][..]));
}

/// Rows of two columns, whose cells often have the same type.
fn any_rows() -> impl Strategy<Value = Vec<[Value; 2]>> {
    let near = -2..=2_i64;
    let integer = prop_oneof![
        near.clone().prop_map(Value::from),
        near.clone().prop_map(|near| Value::from(EXACT + near)),
        near.prop_map(|near| Value::from((1_u64 << 63).wrapping_add_signed(near))),
    ]
    .boxed();
    let float = (-8.0..8.0_f64).prop_map(Value::from).boxed();
    let number =
        prop_oneof![3 => integer.clone(), 1 => float.clone(), 1 => Just(Value::Null)].boxed();
    prop_oneof![
        vec([number.clone(), any_value().boxed()], 0..20),
        vec([integer, float], 0..20),
        vec([number.clone(), number], 0..6),
    ]
}

/// Whether the cell has the same value, in whatever type of number.
fn is_same(found: Cell<'_>, expected: &Value) -> bool {
    match (found, Cell::from(expected)) {
        (Cell::Float(found), Cell::Int(value)) => format!("{found:.0}") == value.to_string(),
        (Cell::Float(found), Cell::UInt(value)) => format!("{found:.0}") == value.to_string(),
        (Cell::Float(found), Cell::Float(value)) => found.to_bits() == value.to_bits(),
        (found, expected) => found == expected,
    }
}

proptest! {
    #[test]
    fn columns_hold_what_the_rows_held(rows in any_rows(), size in 1_usize..8) {
        let document = format!(
            r#"{{"columns":["a","b"],"points":{}}}"#,
            serde_json::to_string(&rows).unwrap()
        );
        let mut decoder = SeriesDecoder::new();
        decoder.push(document.as_bytes());
        let mut batch = ColumnBatch::new(["a", "b"]);
        let mut rows = rows.chunks(size);
        while let Some(event) = decoder.next_event().unwrap() {
            let is_full = match event {
                Event::Row(row) => {
                    batch.push(row.cells()).unwrap();
                    batch.len() == size
                }
                Event::End { .. } => !batch.is_empty(),
                _ => false,
            };
            if is_full {
                let rows = rows.next().unwrap();
                prop_assert_eq!(batch.len(), rows.len());
                for index in 0..2 {
                    let column = batch.column(index).unwrap();
                    prop_assert_eq!(column.len(), rows.len());
                    for (row, expected) in rows.iter().enumerate() {
                        let found = column.cell(row).unwrap();
                        prop_assert!(is_same(found, &expected[index]), "{:?} {:?}", column, rows);
                        let valid = column.validity().is_none_or(|validity| validity[row]);
                        prop_assert_eq!(valid, !expected[index].is_null());
                    }
                    prop_assert_eq!(column.cell(rows.len()), None);
                    prop_assert!(column.validity().is_none_or(|validity| validity.contains(&false)));
                }
                batch.clear();
            }
        }
        prop_assert_eq!(rows.next(), None);
    }
}
