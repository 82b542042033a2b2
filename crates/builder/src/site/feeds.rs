//! What machines read: the sitemap and `robots.txt`.

use std::fmt::Write as _;

use super::templates::escape;

/// Addresses that one sitemap may have.
pub(super) const PER_SITEMAP: usize = 50_000;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Backfile -->\n";
const SCHEMA: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// The files of a sitemap of these pages, which are relative to the site: one, or an index and its parts.
pub(super) fn sitemaps(base_url: &str, pages: &[String], per_file: usize) -> Vec<(String, String)> {
    if pages.len() <= per_file {
        return vec![("sitemap.xml".into(), sitemap(base_url, pages))];
    }
    let parts = pages.chunks(per_file).enumerate();
    let mut files: Vec<(String, String)> = parts
        .map(|(number, pages)| {
            (
                format!("sitemap-{}.xml", number + 1),
                sitemap(base_url, pages),
            )
        })
        .collect();
    let mut index = format!("{HEAD}<sitemapindex xmlns=\"{SCHEMA}\">\n");
    for (name, _) in &files {
        let _ = writeln!(
            index,
            "<sitemap><loc>{}</loc></sitemap>",
            escape(&format!("{base_url}{name}"))
        );
    }
    index.push_str("</sitemapindex>\n");
    files.push(("sitemap.xml".into(), index));
    files
}

fn sitemap(base_url: &str, pages: &[String]) -> String {
    let mut map = format!("{HEAD}<urlset xmlns=\"{SCHEMA}\">\n");
    for page in pages {
        let _ = writeln!(
            map,
            "<url><loc>{}</loc></url>",
            escape(&absolute(base_url, page))
        );
    }
    map.push_str("</urlset>\n");
    map
}

/// A page's address in the world. The start page is that of its folder.
pub(super) fn absolute(base_url: &str, page: &str) -> String {
    let page = if page == "index.html" { "" } else { page };
    format!("{base_url}{page}")
}

/// Everybody may read everything but the index, which means nothing to crawlers.
pub(super) fn robots(base_url: &str) -> String {
    let mut text = "# Backfile\nUser-agent: *\nAllow: /\n".to_owned();
    if !base_url.is_empty() {
        let _ = writeln!(text, "Sitemap: {base_url}sitemap.xml");
    }
    text
}

/// The way to the site from the top of its host; the top itself, if nothing is known.
pub(super) fn path(base_url: &str) -> String {
    let after_scheme = base_url.split_once("://").map_or("", |(_, rest)| rest);
    let path = after_scheme.split_once('/').map_or("", |(_, path)| path);
    format!("/{path}")
}

/// The address of the site as others are appended to it; `None` if it is none.
pub(super) fn base(url: &str) -> Option<String> {
    let url = url.trim();
    if url.is_empty() {
        return Some(String::new());
    }
    let (scheme, rest) = url.split_once("://")?;
    let is_known = matches!(scheme, "http" | "https");
    let is_plain = !rest.is_empty() && !rest.contains(['?', '#', ' ', '<', '"', '\\']);
    let slash = if url.ends_with('/') { "" } else { "/" };
    (is_known && is_plain).then(|| format!("{url}{slash}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_sitemap_is_cut() {
        let pages: Vec<String> = (0..5).map(|number| format!("{number}.html")).collect();
        let names = |per_file| -> Vec<String> {
            let files = sitemaps("https://example.org/", &pages, per_file);
            files.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(5), ["sitemap.xml"]);
        assert_eq!(
            names(2),
            [
                "sitemap-1.xml",
                "sitemap-2.xml",
                "sitemap-3.xml",
                "sitemap.xml"
            ]
        );
    }

    #[test]
    fn the_lost_find_the_site_from_anywhere() {
        assert_eq!(path("https://example.org/a/b/"), "/a/b/");
        assert_eq!(
            (path("https://example.org/"), path("")),
            ("/".into(), "/".into())
        );
    }

    #[test]
    fn a_base_has_a_scheme_and_a_slash() {
        assert_eq!(
            base("https://example.org/a").as_deref(),
            Some("https://example.org/a/")
        );
        assert_eq!(
            base(" http://example.org/ ").as_deref(),
            Some("http://example.org/")
        );
        assert_eq!(base("").as_deref(), Some(""));
        for url in [
            "example.org",
            "ftp://x",
            "https://",
            "https://x/?a",
            "javascript://x/\"",
            "https://x y",
        ] {
            assert_eq!(base(url), None, "{url}");
        }
    }
}
