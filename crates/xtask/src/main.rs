//! Build steps of this repository.
fn main() {}
