//! Backfile core.
