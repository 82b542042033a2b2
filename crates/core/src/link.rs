//! Where the page of a document lies in a site that Backfile wrote.
//!
//! Site and search have to agree on it without storing it: an address follows from the document's
//! id and date alone, so it stays what it is when the archive grows.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh64::xxh64;

use crate::digits::hexadecimal;
use crate::text::slice;

/// How the documents of a site that have no address of their own can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Articles {
    /// Not at all: there are only search results.
    #[default]
    None,
    /// Each in a file: `articles/2024-01-12/03-2.html`.
    Files,
    /// All of one date in one file: `issues/2024-01-12.html#2024-01-12/03-2`. For archives with
    /// more documents than hosts take files.
    Issues,
}

/// Parts of the undated, which have no issue to be read in.
const UNDATED_PARTS: u64 = 1 << 10;
/// Longer names are cut: file systems and addresses have limits.
const LONGEST: usize = 160;
/// A name that is cut or altered keeps so much of what it was.
const KEPT: usize = 60;
/// Windows has no files of these names, whatever comes after a point.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

impl Articles {
    /// The address of a document, relative to the site; empty if it has none.
    pub fn address(self, id: &str, date: Option<&str>) -> String {
        match self {
            Self::None => String::new(),
            Self::Files => ["articles/", &slug(id), ".html"].concat(),
            Self::Issues => ["issues/", &issue(id, date), ".html#", &slug(id)].concat(),
        }
    }
}

/// The name of the issue that a document belongs to: its date, or one of a fixed number of parts.
pub fn issue(id: &str, date: Option<&str>) -> String {
    match date.filter(|date| !date.is_empty()) {
        Some(date) => date.to_owned(),
        None => {
            let part = xxh64(id.as_bytes(), 0) % UNDATED_PARTS;
            let digits = hexadecimal(part);
            ["undated-", slice(&digits, 13..digits.len())].concat()
        }
    }
}

/// A document's id as part of an address and as the name of a file: the same for the same id,
/// another for every other, on file systems that ignore case too.
pub fn slug(id: &str) -> String {
    if is_plain(id) {
        return id.to_owned();
    }
    let mut name = String::new();
    for c in id.chars() {
        let c = c.to_ascii_lowercase();
        let kept = c.is_ascii_alphanumeric() || c == '_';
        if kept {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if name.len() >= KEPT {
            break;
        }
    }
    if !name.is_empty() && !name.ends_with('-') {
        name.push('-');
    }
    name.push_str(&hexadecimal(xxh64(id.as_bytes(), 0)));
    name
}

/// True if the id can be the name as it is. What [`slug`] makes of another ends in 16 hexadecimal
/// digits, so a plain one must not.
fn is_plain(id: &str) -> bool {
    let hashed = id.len() >= 16 && id.bytes().rev().take(16).all(|b| b.is_ascii_hexdigit());
    let reserved_end = id == "index" || id.ends_with("/index");
    id.len() <= LONGEST && !hashed && !reserved_end && id.split('/').all(is_plain_part)
}

fn is_plain_part(part: &str) -> bool {
    let plain =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    let is_reserved = |name: &&str| part.starts_with(name);
    !part.is_empty()
        && part.bytes().all(plain)
        && !part.starts_with('.')
        && !part.ends_with('.')
        && !part.ends_with(".html")
        && !RESERVED.iter().any(is_reserved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_ids_are_their_own_names() {
        for id in ["2024-01-12/03-2", "a", "cctv_2024.5"] {
            assert_eq!(slug(id), id);
        }
        assert_eq!(
            Articles::Files.address("2024-01-12/03-2", Some("2024-01-12")),
            "articles/2024-01-12/03-2.html"
        );
        assert_eq!(
            Articles::Issues.address("2024-01-12/03-2", Some("2024-01-12")),
            "issues/2024-01-12.html#2024-01-12/03-2"
        );
        assert_eq!(Articles::None.address("a", None), "");
    }

    #[test]
    fn others_get_a_name_that_files_can_have() {
        assert_eq!(
            slug("周口日报_20240112_03-1").split('-').next(),
            Some("_20240112_03")
        );
        for id in [
            "", ".", "..", "../x", "a//b", "A", "con", "a/nul.x", "x.html/y", "index", "a\0b",
        ] {
            let name = slug(id);
            assert_ne!(name, id);
            assert!(
                !name.is_empty() && !name.contains(['/', '.', '\0']),
                "{id:?} {name}"
            );
        }
        assert_ne!(slug("A"), slug("a"));
        assert!(issue("x", None).starts_with("undated-"));
        assert_eq!(issue("x", None).len(), 11);
    }

    proptest! {
        #[test]
        fn names_are_safe_and_different(a in "\\PC{0,200}|[a-c./-]{0,5}", b in "\\PC{0,200}|[a-c./-]{0,5}") {
            let name = slug(&a);
            prop_assert!(name.len() <= LONGEST);
            prop_assert!(name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/')));
            prop_assert!(!name.split('/').any(|part| part.is_empty() || part.starts_with('.')));
            prop_assert!(a == b || slug(&a) != slug(&b));
        }
    }
}
