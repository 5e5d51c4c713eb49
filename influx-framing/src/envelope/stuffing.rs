//! Byte stuffing: frames without their delimiter's byte.

const END: u8 = 0xc0;
const ESCAPE: u8 = 0xdb;
const ESCAPED_END: u8 = 0xdc;
const ESCAPED_ESCAPE: u8 = 0xdd;

/// The longest run of bytes that one code of COBS stands before.
const RUN: usize = 254;

/// The bytes that SLIP sends for `frame`, without its delimiters.
pub(super) fn slip(frame: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(frame.len());
    for byte in frame {
        match *byte {
            END => wire.extend([ESCAPE, ESCAPED_END]),
            ESCAPE => wire.extend([ESCAPE, ESCAPED_ESCAPE]),
            other => wire.push(other),
        }
    }
    wire
}

/// The frame, and whether the bytes are all of it; otherwise the bytes before the first bad escape.
pub(super) fn unslip(wire: &[u8]) -> (Vec<u8>, bool) {
    let mut frame = Vec::with_capacity(wire.len());
    let mut bytes = wire.iter();
    while let Some(&byte) = bytes.next() {
        frame.push(match byte {
            ESCAPE => match bytes.next() {
                Some(&ESCAPED_END) => END,
                Some(&ESCAPED_ESCAPE) => ESCAPE,
                _ => return (frame, false),
            },
            other => other,
        });
    }
    (frame, true)
}

/// The bytes that COBS sends for `frame`, without its delimiter.
pub(super) fn cobs(frame: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(frame.len() + frame.len() / RUN + 1);
    let mut parts = frame.split(|byte| *byte == 0).peekable();
    while let Some(part) = parts.next() {
        let (runs, rest) = part.as_chunks::<RUN>();
        for run in runs {
            wire.push(u8::MAX);
            wire.extend(run);
        }
        // A run of the greatest length stands for no zero behind it, so it may be the last.
        if !rest.is_empty() || runs.is_empty() || parts.peek().is_some() {
            wire.push(u8::try_from(rest.len() + 1).unwrap_or(u8::MAX));
            wire.extend(rest);
        }
    }
    wire
}

/// The frame, and whether the bytes are all of it; otherwise the bytes before the first bad code.
pub(super) fn uncobs(wire: &[u8]) -> (Vec<u8>, bool) {
    let mut frame = Vec::with_capacity(wire.len());
    let mut rest = wire;
    while let Some((&code, behind)) = rest.split_first() {
        let run = behind.split_at_checked(usize::from(code).saturating_sub(1));
        let Some((run, behind)) = run.filter(|_| code > 0) else {
            frame.extend(behind);
            return (frame, false);
        };
        frame.extend(run);
        if code < u8::MAX && !behind.is_empty() {
            frame.push(0);
        }
        rest = behind;
    }
    (frame, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_cobs(frame: &[u8], wire: &[u8]) {
        assert_eq!(cobs(frame), wire, "{frame:?}");
        assert_eq!(uncobs(wire), (frame.to_vec(), true), "{wire:?}");
    }

    /// The examples of the COBS paper (Cheshire and Baker, 1999), and the borders of a run.
    #[test]
    fn cobs_frames() {
        check_cobs(b"", b"\x01");
        check_cobs(b"\0", b"\x01\x01");
        check_cobs(b"\0\0", b"\x01\x01\x01");
        check_cobs(b"\0\x11\0", b"\x01\x02\x11\x01");
        check_cobs(b"\x11\x22\0\x33", b"\x03\x11\x22\x02\x33");
        let run: Vec<u8> = (1..=254).collect();
        check_cobs(&run[..253], &[b"\xfe", &run[..253]].concat());
        check_cobs(&run, &[b"\xff", &run[..]].concat());
        check_cobs(&[&run, &b"\0"[..]].concat(), &[b"\xff", &run[..], b"\x01\x01"].concat());
        check_cobs(&[&run, &b"\xff"[..]].concat(), &[b"\xff", &run[..], b"\x02\xff"].concat());
        check_cobs(&[&b"\0"[..], &run].concat(), &[b"\x01\xff", &run[..]].concat());
    }

    #[test]
    fn slip_frames() {
        for (frame, wire) in
            [(&b""[..], &b""[..]), (b"hi", b"hi"), (b"\xc0\xdb\xdc", b"\xdb\xdc\xdb\xdd\xdc")]
        {
            assert_eq!(slip(frame), wire);
            assert_eq!(unslip(wire), (frame.to_vec(), true));
        }
    }

    #[test]
    fn bytes_that_are_not_stuffed_this_way() {
        for (wire, start) in [(&b"ab\xdb"[..], &b"ab"[..]), (b"ab\xdbcd", b"ab")] {
            assert_eq!(unslip(wire), (start.to_vec(), false));
        }
        for (wire, start) in [(&b"\x02"[..], &b""[..]), (b"\x02a\x04bc", b"a\0bc"), (b"\0a", b"a")]
        {
            assert_eq!(uncobs(wire), (start.to_vec(), false));
        }
    }
}
