//! Bytes tested many at once, for which compilers have vector instructions.

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
