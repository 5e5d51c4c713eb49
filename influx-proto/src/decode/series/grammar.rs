//! The shape of an answer.

/// The part of an answer that the next pending byte belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Between documents. Outside of an array, every slot is the first.
    Between(Slot),
    /// Between the members of an object.
    Object(Scope, Slot),
    Key(Scope),
    Colon(Scope, Member),
    Value(Scope, Member),
    /// Between the objects of a list: results or series.
    List(Scope, Slot),
    /// Between the rows of a series.
    Rows(Scope, Slot),
    /// Text in the place of something else: in a document of the `expected` part,
    /// outside of it the server's message.
    Text {
        expected: Option<&'static str>,
    },
}

impl Default for Place {
    fn default() -> Self {
        Self::Between(Slot::First)
    }
}

/// A place between the elements of something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Slot {
    First,
    /// Behind an element.
    After,
    /// Behind a comma.
    Next,
}

impl Slot {
    /// The meaning of a byte here, if `close` ends the list.
    #[inline]
    pub(super) fn meet(self, byte: u8, close: u8) -> Meeting {
        match self {
            Self::First | Self::After if byte == close => Meeting::Close,
            Self::After if byte == b',' => Meeting::Comma,
            Self::After => Meeting::Nothing,
            Self::First | Self::Next => Meeting::Element,
        }
    }
}

/// The meaning of a byte between elements.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meeting {
    Close,
    Comma,
    /// Perhaps an element.
    Element,
    Nothing,
}

/// A kind of object that is read member by member.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::decode) enum Scope {
    /// A document, which may be a series itself.
    Document,
    /// The result of a statement.
    Result,
    /// A series of a result.
    Series,
}

impl Scope {
    /// The level of an object of this kind, from 1.
    pub(super) fn depth(self) -> usize {
        match self {
            Self::Document => 1,
            Self::Result => 3,
            Self::Series => 5,
        }
    }

    /// The member of this name.
    pub(in crate::decode) fn member(self, name: &str) -> Member {
        match (self, name) {
            (Self::Document | Self::Series, "name") => Member::Name,
            (Self::Document | Self::Series, "columns") => Member::Columns,
            (Self::Document, "points") | (Self::Series, "values") => Member::Rows,
            (Self::Series, "tags") => Member::Tags,
            (Self::Series | Self::Result, "partial") => Member::Partial,
            (Self::Result, "statement_id") => Member::StatementId,
            (Self::Result, "messages") => Member::Messages,
            (Self::Result | Self::Document, "error") => Member::Error,
            (Self::Result, "series") => Member::List(Self::Series),
            (Self::Document, "results") => Member::List(Self::Result),
            _ => Member::Unknown,
        }
    }
}

/// A member of an object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::decode) enum Member {
    Columns,
    Error,
    /// A list of such objects.
    List(Scope),
    Messages,
    Name,
    Partial,
    Rows,
    StatementId,
    Tags,
    Unknown,
}
