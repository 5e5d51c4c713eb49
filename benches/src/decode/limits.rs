//! Parts of the work that no decoder can leave out.

use std::hint::black_box;
use std::rc::Rc;

use memchr::memchr_iter;

use super::input::Input;
use crate::harness::{Contender, Kind, Pass};

pub(super) fn contenders(input: &Rc<Input>) -> Vec<Contender> {
    vec![numbers(Rc::clone(input)), brackets(Rc::clone(input)), pieces(Rc::clone(input))]
}

fn numbers(input: Rc<Input>) -> Contender {
    let tokens = number_tokens(input.body());
    limit("converting the numbers alone", move |pass| {
        for token in &tokens {
            let digits = &input.body()[token.start..token.end];
            if token.is_float {
                let value = black_box(float(digits));
                if pass == Pass::Checked {
                    assert_eq!(Ok(value), str::from_utf8(digits).unwrap().parse());
                }
            } else {
                black_box(integer(digits));
            }
        }
    })
}

fn brackets(input: Rc<Input>) -> Contender {
    limit("finding the ends of rows (memchr)", move |_| {
        black_box(memchr_iter(b']', black_box(input.body())).count());
    })
}

fn pieces(input: Rc<Input>) -> Contender {
    let mut window = vec![0; 16 << 10];
    limit("copying the pieces", move |_| {
        for piece in input.pieces() {
            window[..piece.len()].copy_from_slice(piece);
            black_box(&mut window);
        }
    })
}

fn limit(name: &'static str, pass: impl FnMut(Pass) + 'static) -> Contender {
    Contender { kind: Kind::Limit, name, pass: Box::new(pass) }
}

/// A number in the body. Where they are is found before the clock starts.
struct Token {
    start: usize,
    end: usize,
    is_float: bool,
}

fn number_tokens(body: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut at, mut in_string) = (0, false);
    while let Some(byte) = body.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'"' => in_string = !in_string,
            b'0'..=b'9' if !in_string => {
                at += body[at..].iter().take_while(|byte| !b",]".contains(byte)).count();
                let is_float = body[start..at].iter().any(|byte| b".e".contains(byte));
                tokens.push(Token { start, end: at, is_float });
            }
            _ => {}
        }
    }
    tokens
}

fn integer(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}

/// Short decimals by one exact division, the others by the fastest parser there is.
fn float(digits: &[u8]) -> f64 {
    // Mantissas and powers up to these are exact doubles, so that one division rounds correctly.
    const MAX_DIGITS: usize = 15;
    const POWERS: [f64; 8] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];
    let (mut mantissa, mut places) = (0_u64, None);
    for byte in digits.iter().take(MAX_DIGITS + 1) {
        match byte {
            b'.' => places = Some(0_usize),
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                places = places.map(|places| places + 1);
            }
            _ => places = None,
        }
    }
    match places.and_then(|places| POWERS.get(places)) {
        Some(power) if digits.len() <= MAX_DIGITS => mantissa as f64 / power,
        _ => fast_float2::parse(digits).unwrap(),
    }
}
