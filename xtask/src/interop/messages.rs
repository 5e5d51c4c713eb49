//! The messages that are exchanged.

/// `count` different JSON texts, each of one line: every kind of value, escapes, other alphabets,
/// blanks at both ends, from a few bytes to 4 KiB.
pub(super) fn json(count: usize) -> Vec<String> {
    let message = |n: usize| match n % 6 {
        0 => format!(r#"{{"n": {n}, "load": {n}.25, "change": -1e-3, "up": true, "note": null}}"#),
        1 => format!(r#"{{"n": {n}, "text": "tab \t, quote \", backslash \\, ETB \u0017"}}"#),
        2 => format!(r#"{{"n": {n}, "text": "ünïcödé ☃ 😀 'single' $HOME %s `id`"}}"#),
        3 => format!(r#"{{"n": {n}, "text": "{}"}}"#, "x".repeat(n % 4000)),
        4 => format!(r#"[{n}, [], {{}}, ""]"#),
        _ => format!("  {n} "),
    };
    (0..count).map(message).collect()
}

/// `count` different JSON objects, as short as possible and with sorted members, so that a program
/// that reads and writes them does not change them.
pub(super) fn json_objects(count: usize) -> Vec<String> {
    let message = |n: usize| match n % 4 {
        0 => format!(r#"{{"load":{n}.25,"n":{n},"note":null,"up":true}}"#),
        1 => format!(r#"{{"n":{n},"text":"tab \t, quote \", backslash \\, ETB \u0017"}}"#),
        2 => format!(r#"{{"n":-{n},"text":"ünïcödé ☃ 😀"}}"#),
        _ => format!(r#"{{"list":[{n},[],{{}},""],"text":"{}"}}"#, "x".repeat(n % 4000)),
    };
    (0..count).map(message).collect()
}

/// Messages as lines.
pub(super) fn lines(messages: &[String]) -> Vec<u8> {
    let mut lines = messages.join("\n");
    lines.push('\n');
    lines.into_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_messages_differ_and_have_no_control_characters() {
        check(&json(1000));
        check(&json_objects(1000));
    }

    fn check(messages: &[String]) {
        assert_eq!(messages.iter().collect::<BTreeSet<_>>().len(), 1000);
        assert!(!messages.iter().any(|message| message.contains(char::is_control)));
        assert!(messages.iter().any(|message| message.len() > 900));
    }

    #[test]
    fn every_line_ends() {
        assert_eq!(lines(&["a".to_owned(), "b".to_owned()]), b"a\nb\n");
    }
}
