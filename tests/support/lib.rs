//! Helpers of the acceptance tests.

pub mod command;
pub mod corpora;
pub mod scanner;
pub mod second_reader;
pub mod site;
