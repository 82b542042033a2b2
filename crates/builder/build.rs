//! Makes what is compiled into the program: see `build/`.

#[path = "build/fold.rs"]
mod fold;
#[path = "build/radicals.rs"]
mod radicals;
#[path = "build/site.rs"]
mod site;

fn main() {
    site::generate();
    fold::check_ignored();
    fold::generate();
    radicals::generate();
}
