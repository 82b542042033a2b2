//! The site around an archive: pages that read well without scripts, and the search.
//!
//! A site is a function of its archive. [`write()`] walks through the archive twice: a census of what there is and what
//! belongs together, then the pages, on all threads, each issue with its articles. What is in memory at a time are
//! the cards of the census and the texts of a few hundred articles.
//!
//! | page | what is on it |
//! |---|---|
//! | `index.html` | the search, the latest issue, years, what to browse by |
//! | `calendar/` | all years; of each year the days with an issue |
//! | `issues/` | an issue, page by page; with [`Articles::Issues`] the articles themselves |
//! | `articles/` | an article each, with [`Articles::Files`] |
//! | `pages/` | a printed page as it was read, where [`PageRecords`] has it |
//! | `people/`, `places/`, `subjects/`, `columns/` | who and what occurs where |
//! | `sitemap.xml`, `feed.xml`, `robots.txt`, `404.html` | for machines and for the lost |
//!
//! Pages of a year and of an issue lie in different folders, because the date of an issue may be no more than a year.
//!
//! The pages are written when the archive is in its place already ([`crate::publish`]), articles before the lists that
//! lead to them. A build that is killed in between leaves a site of which some pages are newer than others, and the
//! next build makes it whole.
//!
//! Templates are in `crates/builder/templates`, where a README says what each of them is given.

mod address;
mod article;
mod browser;
mod census;
mod dates;
mod feeds;
mod fields;
mod lists;
mod original;
mod paragraphs;
mod parts;
mod strings;
mod templates;
mod writer;

use std::path::PathBuf;

use backfile_core::link::Articles;
use serde::Serialize;

use crate::archive::Archive;
use crate::error::Error;
use crate::memory::Memory;
use crate::press::CutPage;
use crate::progress::Progress;
use crate::publish::Publication;

pub use browser::{MISSING, files};
pub use fields::adopt;

/// With more documents than this, articles lie in the files of their issues unless told otherwise: hosts take about
/// 20,000 files, and each article may bring a page of somebody or something else along.
const MOST_FILES: u64 = 10_000;

/// What is up to the user.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where the site is going to be (`https://example.org/archive/`); empty if that is not known. Without it there is
    /// no sitemap, and no page says its own address.
    pub base_url: String,
    /// How articles lie in files.
    pub articles: Articles,
    /// A folder with templates that take the place of ours.
    pub templates: Option<PathBuf>,
    /// How much memory there is.
    pub memory: Memory,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SiteSummary {
    /// Pages, files for machines included.
    pub pages: u64,
    /// Articles that can be read in the site.
    pub articles: u64,
    /// Issues.
    pub issues: u64,
    /// How articles lie in files.
    pub layout: &'static str,
    /// Addresses in the sitemap; none if there is no sitemap.
    pub in_sitemap: Option<u64>,
}

/// A printed page as it was read and cut.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageRecord {
    /// The page's id. Those of its articles are this, `-` and their number from 1.
    pub id: String,
    /// The text of the page.
    pub text: String,
    /// What it was taken apart into.
    pub cut: CutPage,
}

/// Where printed pages are found again.
pub trait PageRecords: Sync {
    /// The page with this id, if this build has read it.
    ///
    /// # Errors
    /// If it cannot be read back.
    fn page(&self, id: &str) -> Result<Option<PageRecord>, Error>;
}

/// How the articles of an archive are to lie in files, if it is up to us: as they do already, and in a new site by
/// their number.
pub fn choose_articles(earlier: Option<Articles>, documents: u64) -> Articles {
    match earlier {
        Some(earlier) => earlier,
        None if documents > MOST_FILES => Articles::Issues,
        None => Articles::Files,
    }
}

/// Writes the browser files and styles, which come before the archive that needs them.
///
/// # Errors
/// If they cannot be written, or a template is wrong.
pub fn write_assets(settings: &Settings, publication: &mut Publication) -> Result<(), Error> {
    for (name, bytes) in browser::published() {
        publication.write_site(name, bytes)?;
    }
    let templates =
        templates::Templates::load(settings.templates.as_deref(), strings::Strings::of(""))?;
    publication.write_site(&style_name(&templates.style), templates.style.as_bytes())
}

/// Writes the pages of the site around an archive that is in its place.
///
/// # Errors
/// If the archive cannot be read, a page cannot be written, or a template does not work.
pub fn write(
    archive: &Archive,
    settings: &Settings,
    pages: Option<&dyn PageRecords>,
    publication: &mut Publication,
    progress: &dyn Progress,
) -> Result<SiteSummary, Error> {
    writer::write(archive, settings, pages, publication, progress)
}

/// The style sheet is named by its content, so that browsers may keep it.
fn style_name(style: &str) -> String {
    let hash = xxhash_rust::xxh64::xxh64(style.as_bytes(), 0);
    format!("assets/site-{hash:016x}.css")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_keeps_its_addresses_when_it_grows() {
        assert_eq!(choose_articles(None, 10_000), Articles::Files);
        assert_eq!(choose_articles(None, 10_001), Articles::Issues);
        assert_eq!(
            choose_articles(Some(Articles::Files), 10_001),
            Articles::Files
        );
        assert_eq!(choose_articles(Some(Articles::Issues), 1), Articles::Issues);
        assert_eq!(choose_articles(Some(Articles::None), 1), Articles::None);
    }
}
