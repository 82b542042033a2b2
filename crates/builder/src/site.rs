//! The browser files, carried inside the program: one binary makes a whole site.
//!
//! `build/site.rs` puts everything below `www/dist` here when the program is compiled.

use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// How to get browser files into a program that has none.
pub const MISSING: &str = "this program was compiled without the browser files, so the site has an index but no page; \
     ./build.sh makes them and compiles the program anew";

/// Every browser file: its path below the site, with `/`, and its bytes. Empty if the program was compiled before the
/// browser files were made.
pub fn files() -> &'static [(&'static str, &'static [u8])] {
    FILES
}

/// Stands in the search page where the archive's name belongs.
const TITLE: &str = "%TITLE%";

/// The bytes of a browser file as they are published: a page gets the archive's name.
pub fn published(name: &str, bytes: &'static [u8], title: &str) -> Cow<'static, [u8]> {
    match std::str::from_utf8(bytes) {
        Ok(page) if name.ends_with(".html") => {
            Cow::Owned(page.replace(TITLE, &escape(title)).into_bytes())
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// Text as HTML writes it between tags.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_the_title_as_text() {
        let page = published("index.html", b"<h1>%TITLE%</h1>", "A<b> & C");
        assert_eq!(&*page, b"<h1>A&lt;b&gt; &amp; C</h1>");
        let script = published("page.js", b"%TITLE%", "A");
        assert_eq!(&*script, b"%TITLE%");
    }

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
