//! An answer and the pieces in which it arrives.

use crate::generate::Answer;

pub(super) struct Input {
    answer: Answer,
    /// The end of each piece in the body.
    cuts: Vec<usize>,
}

impl Input {
    pub(super) fn new(answer: Answer, ragged: bool) -> Self {
        let mut rng = fastrand::Rng::with_seed(3);
        let (mut cuts, mut end) = (Vec::new(), 0);
        while end < answer.body.len() {
            end += if ragged { rng.usize(1..38) } else { 16 << 10 };
            cuts.push(end.min(answer.body.len()));
        }
        Self { answer, cuts }
    }

    /// The whole answer, for what is prepared before a pass.
    pub(super) fn body(&self) -> &[u8] {
        &self.answer.body
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        between(self.body(), &self.cuts)
    }

    /// The whole answer, for decoders that need it at once.
    pub(super) fn collect(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for piece in self.pieces() {
            body.extend_from_slice(piece);
        }
        body
    }

    /// The documents of a collected body, whose ends some peers are told for free.
    pub(super) fn documents<'a>(&self, body: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        between(body, &self.answer.ends)
    }
}

fn between<'a>(bytes: &'a [u8], ends: &[usize]) -> impl Iterator<Item = &'a [u8]> {
    let starts = std::iter::once(&0).chain(ends);
    starts.zip(ends).map(|(&start, &end)| &bytes[start..end])
}
