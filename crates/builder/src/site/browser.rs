//! The browser files, carried inside the program: one binary makes a whole site.
//!
//! `build/site.rs` puts everything below `www/dist` here when the program is compiled. The search page is among them
//! as a page of its own; the start page takes the search out of it, so there is one source for both.

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// How to get browser files into a program that has none.
pub const MISSING: &str = "this program was compiled without the browser files, so the site has an index but no search; \
     ./build.sh makes them and compiles the program anew";

/// The page that the search is taken from.
const SEARCH_PAGE: &str = "index.html";

/// Every browser file: its path below the site, with `/`, and its bytes. Empty if the program was compiled before the
/// browser files were made.
pub fn files() -> &'static [(&'static str, &'static [u8])] {
    FILES
}

/// The browser files that are published as they are.
pub(super) fn published() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let plain = FILES.iter().filter(|(name, _)| *name != SEARCH_PAGE);
    plain.copied()
}

/// What stands between the tags of the search page's `main`; empty without browser files.
pub(super) fn search() -> &'static str {
    between(page(), "<main>", "</main>").unwrap_or("").trim()
}

/// The address of a file whose name carries a hash; empty if there is none.
pub(super) fn hashed(stem: &str, extension: &str) -> &'static str {
    let is_wanted =
        |name: &&str| name.starts_with(stem) && name.ends_with(extension) && name.contains('-');
    let mut names = FILES.iter().map(|(name, _)| *name);
    names.find(|name| is_wanted(name)).unwrap_or("")
}

fn page() -> &'static str {
    let page = FILES.iter().find(|(name, _)| *name == SEARCH_PAGE);
    page.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok())
        .unwrap_or("")
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_is_taken_out_of_its_page() {
        if files().is_empty() {
            return;
        }
        for id in ["search", "query", "results", "failure", "more", "unstarted"] {
            assert!(search().contains(&format!("id=\"{id}\"")), "{id}");
        }
        assert!(hashed("assets/page-", ".js").ends_with(".js"));
        assert!(published().all(|(name, _)| name != "index.html"));
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
