//! Helpers of the acceptance tests and of the benchmark.

pub mod annotations;
pub mod articles;
pub mod command;
pub mod corpora;
pub mod cut;
pub mod lines;
pub mod press;
pub mod random;
pub mod scanner;
pub mod second_reader;
pub mod site;
