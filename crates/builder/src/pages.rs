//! The printed pages of a build: kept until the site shows them beside their articles, and written
//! into the report for archivists.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::press::CutPage;
use crate::press::report::{ReportWriter, ReportedPage};
use crate::site::{PageRecord, PageRecords};
use crate::source::{PageSink, RawPage};
use crate::spool::Spool;
use crate::workspace::Workspace;

/// See the module's description. Texts wait in a [`Spool`].
#[derive(Debug)]
pub struct Pages {
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    spool: Spool,
    /// Where each page lies, by its id.
    places: BTreeMap<String, (u64, usize)>,
    report: Option<ReportWriter>,
}

impl Pages {
    /// No pages yet. `report` is the folder for the report, if there is to be one.
    ///
    /// # Errors
    /// If the report cannot be written.
    pub fn new(workspace: &Workspace, report: Option<&Path>) -> Result<Self, Error> {
        let kept = Kept {
            spool: workspace.spool("pages", workspace.memory.pages()),
            places: BTreeMap::new(),
            report: report.map(ReportWriter::create).transpose()?,
        };
        Ok(Self {
            kept: Mutex::new(kept),
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.kept().places.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids of all pages, in order.
    pub fn ids(&self) -> Vec<String> {
        self.kept().places.keys().cloned().collect()
    }

    /// Ends the report, when all pages are there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish_report(&self) -> Result<(), Error> {
        let report = self.kept().report.take();
        report.map_or(Ok(()), ReportWriter::finish)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PageSink for Pages {
    fn page(&self, page: RawPage) -> Result<(), Error> {
        let mut kept = self.kept();
        if let Some(report) = &mut kept.report {
            report.page(&ReportedPage {
                id: &page.id,
                path: &page.path,
                text: &page.text,
                cut: &page.cut,
            })?;
        }
        let bytes = postcard::to_allocvec(&(&page.text, &page.cut))
            .expect("postcard does not fail on these types when it writes to memory");
        let len = bytes.len();
        let at = kept.spool.append(bytes)?;
        kept.places.insert(page.id, (at, len));
        Ok(())
    }
}

impl PageRecords for Pages {
    fn page(&self, id: &str) -> Result<Option<PageRecord>, Error> {
        let kept = self.kept();
        let Some(&(at, len)) = kept.places.get(id) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        kept.spool.read(at, len, &mut bytes)?;
        let read: Result<(String, CutPage), _> = postcard::from_bytes(&bytes);
        let (text, cut) = read.map_err(|error| kept.spool.damaged(&error.to_string()))?;
        let id = id.to_owned();
        Ok(Some(PageRecord { id, text, cut }))
    }
}
