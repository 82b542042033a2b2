//! How a long list of articles is cut into pages.
//!
//! A list with the latest articles on its first page and so many on each could not grow: one article more, and all of
//! its pages are other ones, which have to be uploaded again. Here the articles themselves say where a page begins, by
//! a hash of their ids, and its address is that of the article that it begins with. (Backup programs cut files so,
//! "content-defined chunking".) An article that comes or goes, wherever in the list, makes its own page another one,
//! and rarely those beside it.
//!
//! Only the latest page is open: it has what came after the last cut, at a fixed address.

use xxhash_rust::xxh64::xxh64;

/// No page has fewer articles, unless the list has.
const LEAST: usize = 40;
/// After these, one of so many articles begins a page. With [`LEAST`], pages have 140 articles in the mean by
/// calculation, and so has the latest: about 35 KB of HTML, which is what an article more costs a list.
const ONE_OF: u64 = 100;
/// A page with so many ends, whatever comes next; by calculation 3 of 100 do.
const MOST: usize = 400;

/// Another hash than that by which the undated are shared out (`link::issue` in the core).
const SEED: u64 = 1;

/// Cuts a list of articles, the oldest first, into pages, the latest first; `id` says the id of an article.
pub(super) fn parts<'l, 'i>(articles: &'l [u32], id: impl Fn(u32) -> &'i str) -> Vec<&'l [u32]> {
    let mut parts = Vec::new();
    let mut rest = articles;
    while let Some(end) = first_cut(rest, &id) {
        let (part, later) = rest.split_at(end);
        parts.push(part);
        rest = later;
    }
    parts.push(rest);
    parts.reverse();
    parts
}

/// Where the first page of a list ends, if it is not its last.
fn first_cut<'i>(articles: &[u32], id: impl Fn(u32) -> &'i str) -> Option<usize> {
    let last = articles.len().checked_sub(LEAST)?;
    let mut places = LEAST..=last.min(MOST);
    places.find(|&place| place == MOST || begins_page(id(articles[place])))
}

fn begins_page(id: &str) -> bool {
    xxh64(id.as_bytes(), SEED).is_multiple_of(ONE_OF)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every tenth number is free, for articles that come later.
    fn articles(count: u32) -> Vec<u32> {
        (0..count).map(|number| 10 * number).collect()
    }

    fn cut(articles: &[u32]) -> BTreeSet<Vec<u32>> {
        let ids: Vec<String> = (0..30_000).map(|number| format!("a{number}")).collect();
        let parts = parts(articles, |number| &ids[number as usize]);
        let again: Vec<u32> = parts.iter().rev().copied().flatten().copied().collect();
        assert_eq!(again, articles);
        parts.into_iter().map(<[u32]>::to_vec).collect()
    }

    #[test]
    fn pages_have_a_size_that_can_be_read() {
        for count in [0, 1, LEAST as u32, 79] {
            assert_eq!(cut(&articles(count)).len(), 1, "{count}");
        }
        let parts = cut(&articles(3000));
        assert!((15..30).contains(&parts.len()), "{}", parts.len());
        let most = MOST + LEAST;
        assert!(parts.iter().all(|part| (LEAST..most).contains(&part.len())));
    }

    #[test]
    fn a_list_without_a_place_to_cut_is_cut_all_the_same() {
        let all = articles(3000);
        let parts = parts(&all, |_| "a0");
        assert!(!begins_page("a0"));
        let lengths: BTreeSet<usize> = parts[1..].iter().map(|part| part.len()).collect();
        assert_eq!(lengths, BTreeSet::from([MOST]));
    }

    #[test]
    fn articles_that_come_last_leave_all_pages_but_the_latest() {
        for before in (100..2900).step_by(77) {
            let (old, new) = (cut(&articles(before)), cut(&articles(before + 20)));
            assert!(old.difference(&new).count() <= 1, "{before}");
        }
    }

    #[test]
    fn an_article_that_comes_anywhere_leaves_nearly_all_pages() {
        let (all, mut others) = (articles(2900), 0);
        let old = cut(&all);
        for place in (0..2900).step_by(77) {
            let mut more = all.clone();
            more.insert(place, all[place].saturating_sub(5));
            let new = cut(&more);
            let changed = old.difference(&new).count();
            assert!(changed <= 4, "{changed} at {place}");
            others += changed - 1;
        }
        assert!(others < 10, "{others}");
    }
}
