//! Where each page of a site lies.
//!
//! All addresses are relative to the site; a page puts the way to the site in front of them, so that the site may lie
//! below any path. They follow from what the page is about and from nothing else.

use backfile_core::link::{Articles, slug};
use xxhash_rust::xxh64::xxh64;

use super::census::{Card, Issue, Kind};

/// The page of a document: in this site or elsewhere; empty if it has none.
pub(super) fn article(card: &Card, issue: &Issue, articles: Articles) -> String {
    if card.url.is_empty() {
        articles.address(&card.id, issue.date.as_deref())
    } else {
        (*card.url).to_owned()
    }
}

/// The page of an issue.
pub(super) fn issue(name: &str) -> String {
    format!("issues/{name}.html")
}

/// The page of a year.
pub(super) fn year(year: &str) -> String {
    format!("calendar/{year}.html")
}

/// The page of all years.
pub(super) const YEARS: &str = "calendar/index.html";

/// The printed page with this id.
pub(super) fn page(id: &str) -> String {
    format!("pages/{}.html", slug(id))
}

/// The page that lists all values of a kind.
pub(super) fn values(kind: Kind) -> String {
    format!("{}/index.html", kind.folder())
}

/// The page that lists the latest of what has a value.
pub(super) fn value(kind: Kind, value: &str) -> String {
    format!("{}/{}.html", kind.folder(), value_name(value))
}

/// A page that lists what has a value, from the article with this id on.
pub(super) fn value_from(kind: Kind, value: &str, first: &str) -> String {
    let (folder, name) = (kind.folder(), value_name(value));
    // No name of a value has two hyphens in a row.
    format!("{folder}/{name}--{:016x}.html", xxh64(first.as_bytes(), 0))
}

/// With a space at its end no value is its own name, so all names end in a hash.
fn value_name(value: &str) -> String {
    slug(&format!("{value} "))
}

/// The printed page that an article was cut from: ids of articles are those of their page and a number.
pub(super) fn page_id(article: &str) -> Option<(&str, usize)> {
    let (page, number) = article.rsplit_once('-')?;
    let number: usize = number.parse().ok()?;
    (number > 0 && !page.is_empty()).then_some((page, number))
}

/// The way from a page to the site.
pub(super) fn root(name: &str) -> String {
    "../".repeat(name.matches('/').count())
}

/// An address as a page below the site has to write it.
pub(super) fn from(root: &str, address: &str) -> String {
    let first = address.split(['/', '?', '#']).next().unwrap_or_default();
    if address.starts_with(['/', '#']) || first.contains(':') {
        address.to_owned()
    } else {
        format!("{root}{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_values_never_meet() {
        let names = ["a", "a-2", "a ", "宓小满", "A", "../x", "a/2", ""];
        let pages = |name: &&str| {
            let from = ["1", "2"].map(|first| value_from(Kind::People, name, first));
            from.into_iter().chain([value(Kind::People, name)])
        };
        let mut addresses: Vec<String> = names.iter().flat_map(pages).collect();
        addresses.sort();
        let all = addresses.len();
        addresses.dedup();
        assert_eq!(addresses.len(), all);
        assert!(
            addresses
                .iter()
                .all(|address| !address.contains("..") && address.matches('/').count() == 1)
        );
    }

    #[test]
    fn a_page_finds_the_site() {
        assert_eq!(root("index.html"), "");
        assert_eq!(root("articles/2024-01-12/03-2.html"), "../../");
        assert_eq!(from("../", "a.html"), "../a.html");
        for address in ["https://example.org/", "/a", "#x", "//host/x"] {
            assert_eq!(from("../", address), address);
        }
        assert_eq!(page_id("2024-01-12/03-2"), Some(("2024-01-12/03", 2)));
        assert_eq!(page_id("2024-01-12/03"), None);
        assert_eq!(
            (page_id("a-x"), page_id("a-0"), page_id("-1")),
            (None, None, None)
        );
    }
}
