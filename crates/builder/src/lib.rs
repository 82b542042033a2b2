//! Backfile builder.

pub mod unicode;
