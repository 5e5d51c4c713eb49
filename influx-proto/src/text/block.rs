//! Bytes tested and copied many at once, for which compilers have vector instructions.

/// Appends bytes. A few are copied as two blocks that overlap, which needs no call.
#[inline]
pub(crate) fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    let copied = match bytes.len() {
        4..8 => append_ends::<4>(out, bytes),
        8..16 => append_ends::<8>(out, bytes),
        16..32 => append_ends::<16>(out, bytes),
        _ => None,
    };
    if copied.is_none() {
        out.extend_from_slice(bytes);
    }
}

/// Appends the first and the last `N` of up to twice as many bytes.
#[inline]
fn append_ends<const N: usize>(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    let (first, last) = (bytes.first_chunk::<N>()?, bytes.last_chunk::<N>()?);
    let last_start = out.len() + bytes.len() - N;
    out.extend_from_slice(first);
    out.truncate(last_start);
    out.extend_from_slice(last);
    Some(())
}

/// Whether `test` holds for any byte.
///
/// The test should be a few comparisons; it is also run on bytes that were tested already.
#[inline]
pub(crate) fn any(bytes: &[u8], test: impl Fn(u8) -> bool) -> bool {
    match bytes.last_chunk::<16>() {
        Some(last) => {
            let mut blocks = bytes.chunks_exact(16).filter_map(<[u8]>::first_chunk::<16>);
            blocks.any(|block| any_of(block, &test)) || any_of(last, &test)
        }
        None => any_of_ends::<8>(bytes, &test)
            .or_else(|| any_of_ends::<4>(bytes, &test))
            .unwrap_or_else(|| bytes.iter().any(|&byte| test(byte))),
    }
}

/// Tests the first and the last `N` bytes, which overlap: of up to twice as many, that is all.
#[inline]
fn any_of_ends<const N: usize>(bytes: &[u8], test: &impl Fn(u8) -> bool) -> Option<bool> {
    Some(any_of(bytes.first_chunk::<N>()?, test) | any_of(bytes.last_chunk::<N>()?, test))
}

#[inline]
fn any_of<const N: usize>(block: &[u8; N], test: &impl Fn(u8) -> bool) -> bool {
    block.iter().fold(false, |any, &byte| any | test(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_appended() {
        for len in 0..=70 {
            let bytes: Vec<u8> = (0..len).collect();
            let mut out = b"before".to_vec();
            append(&mut out, &bytes);
            assert_eq!(out, [b"before", bytes.as_slice()].concat());
        }
    }

    #[test]
    fn every_byte_is_tested() {
        for len in 0..=70 {
            let plain = vec![b'x'; len];
            assert!(!any(&plain, |byte| byte != b'x'), "{len}");
            for position in 0..len {
                let mut bytes = plain.clone();
                bytes[position] = 0xff;
                assert!(any(&bytes, |byte| byte == 0xff), "{position} of {len}");
            }
        }
    }
}
