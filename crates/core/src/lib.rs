//! Backfile core.

pub mod record;
