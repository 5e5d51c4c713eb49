//! Riemann.
