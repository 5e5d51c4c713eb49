//! Every call of a 1.x server against recorded exchanges.

mod exchanges;
