//! Makes what is compiled into the program: see `build/`.

#[path = "build/site.rs"]
mod site;

fn main() {
    site::generate();
}
