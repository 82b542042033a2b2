//! The `backfile` command.
fn main() {}
