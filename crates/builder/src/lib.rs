//! Backfile builder.
