//! The browser files, carried inside the program: one binary makes a whole site.
//!
//! `build/site.rs` puts everything below `www/dist` here when the program is compiled.

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// How to get browser files into a program that has none.
pub const MISSING: &str = "this program was compiled without the browser files, so the site has an index but no page; \
     ./build.sh makes them and compiles the program anew";

/// Every browser file: its path below the site, with `/`, and its bytes. Empty if the program was compiled before the
/// browser files were made.
pub fn files() -> &'static [(&'static str, &'static [u8])] {
    FILES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_stay_inside_the_site() {
        assert!(files().is_sorted());
        for (name, _) in files() {
            assert!(
                !name.starts_with('/') && !name.split('/').any(|part| part == ".."),
                "{name}"
            );
        }
    }
}
