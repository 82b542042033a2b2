//! Helpers of the acceptance tests.

pub mod command;
