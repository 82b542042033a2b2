//! Compiles data into the builder: the fold table.

#[path = "build/fold.rs"]
mod fold;
#[path = "build/radicals.rs"]
mod radicals;

fn main() {
    fold::check_ignored();
    fold::generate();
}
