//! The cells of a row, wherever they are.

use super::cell::Cell;
use crate::Value;

/// The cells of one row, each given by its token.
pub(crate) trait Cells<'de>: Copy {
    type Token: 'de;

    /// The tokens, in the order of the columns.
    fn tokens(self) -> &'de [Self::Token];

    /// The cell of a token.
    fn cell(self, token: &'de Self::Token) -> Cell<'de>;

    /// The text of a token, if it is one.
    fn text(self, token: &'de Self::Token) -> Option<&'de str>;

    /// The number of a token, if it is a signed integer.
    fn int(token: &Self::Token) -> Option<i64>;

    /// The number of a token, if it is a double.
    fn float(token: &Self::Token) -> Option<f64>;

    fn is_null(token: &Self::Token) -> bool;
}

impl<'de> Cells<'de> for &'de [Value] {
    type Token = Value;

    fn tokens(self) -> &'de [Value] {
        self
    }

    fn cell(self, token: &'de Value) -> Cell<'de> {
        token.into()
    }

    fn text(self, token: &'de Value) -> Option<&'de str> {
        token.as_str()
    }

    fn int(token: &Value) -> Option<i64> {
        if let Value::Int(value) = token { Some(*value) } else { None }
    }

    fn float(token: &Value) -> Option<f64> {
        if let Value::Float(value) = token { Some(*value) } else { None }
    }

    fn is_null(token: &Value) -> bool {
        *token == Value::Null
    }
}
