//! An input in pieces, as a socket would deliver it.

use std::iter;

/// Cuts `input` in one of 256 ways: 0 leaves it whole, up to 127 is the size of all pieces,
/// the others are seeds of random sizes, among them empty pieces.
pub(crate) fn pieces(way: u8, input: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let mut rest = input;
    let mut state = u32::from(way);
    iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let size = match way {
            0 => rest.len(),
            1..128 => usize::from(way),
            _ => {
                // The constants of Numerical Recipes; the upper bits are the random ones.
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 27) as usize
            }
        };
        let (piece, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_keeps_the_input() {
        let input: Vec<u8> = (0..=255).collect();
        for way in 0..=255 {
            assert_eq!(pieces(way, &input).collect::<Vec<_>>().concat(), input, "{way}");
        }
        assert_eq!(pieces(0, &input).count(), 1);
        assert_eq!(pieces(1, &input).count(), 256);
        assert!((128..=255).any(|way| pieces(way, &input).any(<[u8]>::is_empty)));
    }
}
