//! Single JSON tokens, written straight into a buffer.

use super::number_text::{write_finite, write_i64, write_u64};
use crate::{Value, block};

/// Writes a value that JSON can carry.
///
/// # Errors
///
/// The value itself if it is an infinity or not a number; nothing is written then.
#[inline]
pub(super) fn write_value(value: &Value, out: &mut Vec<u8>) -> Result<(), f64> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(value) => write_i64(out, *value),
        Value::UInt(value) => write_u64(out, *value),
        Value::Float(value) if !value.is_finite() => return Err(*value),
        // Without a fraction or an exponent, the server would store an integer.
        Value::Float(value) => write_finite(out, *value),
        Value::String(value) => write_string(value, out),
        Value::Time(time) => write_i64(out, time.nanos()),
    }
    Ok(())
}

/// Writes a quoted string. Everything but quotes, backslashes and control characters stays as it is.
#[inline]
pub(super) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    if block::any(text.as_bytes(), |byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        write_escaped(text, out);
    } else {
        block::append(out, text.as_bytes());
    }
    out.push(b'"');
}

#[cold]
fn write_escaped(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some(plain) = rest.iter().position(|&byte| escape(byte) != PLAIN) {
        let (head, tail) = rest.split_at(plain);
        out.extend_from_slice(head);
        let Some((&byte, tail)) = tail.split_first() else { break };
        match escape(byte) {
            UNICODE => {
                let digit =
                    |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
                out.extend_from_slice(&[
                    b'\\',
                    b'u',
                    b'0',
                    b'0',
                    digit(byte >> 4),
                    digit(byte & 15),
                ]);
            }
            short => out.extend_from_slice(&[b'\\', short]),
        }
        rest = tail;
    }
    out.extend_from_slice(rest);
}

/// The letter after the backslash, or [`PLAIN`].
#[expect(clippy::indexing_slicing, reason = "the table has an entry for every byte")]
fn escape(byte: u8) -> u8 {
    ESCAPES[usize::from(byte)]
}

const PLAIN: u8 = 0;
const UNICODE: u8 = b'u';

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static ESCAPES: [u8; 256] = {
    let mut escapes = [PLAIN; 256];
    let mut control = 0;
    while control < 0x20 {
        escapes[control] = UNICODE;
        control += 1;
    }
    escapes[0x08] = b'b';
    escapes[0x0c] = b'f';
    escapes[b'\n' as usize] = b'n';
    escapes[b'\r' as usize] = b'r';
    escapes[b'\t' as usize] = b't';
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes
};

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: impl Into<Value>, expected: &str) {
        let mut out = Vec::new();
        write_value(&value.into(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn floats_never_look_like_integers() {
        for (value, expected) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e21, "1e+21"),
            (1e300, "1e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (9_007_199_254_740_992.0, "9007199254740992.0"),
        ] {
            check(value, expected);
        }
    }

    #[test]
    fn integers_keep_all_bits() {
        check(i64::MIN, "-9223372036854775808");
        check(i64::MAX, "9223372036854775807");
        check(u64::MAX, "18446744073709551615");
    }

    #[test]
    fn strings_are_escaped_where_json_demands_it() {
        check("", r#""""#);
        check("a\"b\\c/d", r#""a\"b\\c/d""#);
        check(
            "\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f} \u{7f}",
            "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f \u{7f}\"",
        );
        check("żółw 🐢\u{2028}", "\"żółw 🐢\u{2028}\"");
    }

    #[test]
    fn what_json_cannot_carry_is_not_written() {
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let mut out = Vec::new();
            let error = write_value(&Value::Float(value), &mut out).unwrap_err();
            assert_eq!((error.to_bits(), out.len()), (value.to_bits(), 0));
        }
    }
}
