//! What the builder adds to documents while they come in: addresses, people, subjects, places.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use backfile::config::Config;
use backfile::document::{Document, field};
use backfile::enrich::{EnrichReport, Enricher, Gazetteer, Taxonomy};
use backfile::error::Error;
use backfile::site;
use backfile::source::Finish;

/// Takes every document in hand once.
pub(super) struct Editing {
    enricher: Enricher,
    /// For documents that are not articles of a newspaper, if the taxonomy is not for them.
    others: Option<Enricher>,
    /// Documents get a page here even if they have an address elsewhere.
    adopt: bool,
    report: Mutex<EnrichReport>,
}

impl Editing {
    /// What the settings say. Without a taxonomy of their own, the articles of newspapers get the one for local news
    /// that comes with the program, and nothing else does.
    ///
    /// # Errors
    /// If a list cannot be read.
    pub(super) fn new(config: &Config, adopt: bool) -> Result<Self, Error> {
        let own = config.subjects.taxonomy.as_deref();
        let taxonomy = match own {
            Some(path) => Taxonomy::read(path)?,
            None => Taxonomy::parse(
                Taxonomy::starter(),
                Path::new("the taxonomy for local news"),
            )?,
        };
        let gazetteer = config.places.gazetteer.as_deref();
        let gazetteer = gazetteer.map(Gazetteer::read).transpose()?;
        let others = own.is_none().then(|| Enricher {
            taxonomy: None,
            gazetteer: gazetteer.clone(),
        });
        let enricher = Enricher {
            taxonomy: Some(taxonomy),
            gazetteer,
        };
        Ok(Self {
            report: Mutex::new(enricher.report()),
            enricher,
            others,
            adopt,
        })
    }

    /// What it came to.
    pub(super) fn report(self) -> EnrichReport {
        let report = self.report.into_inner();
        report.unwrap_or_else(PoisonError::into_inner)
    }

    fn enricher(&self, document: &Document) -> &Enricher {
        let is_article = document.field(field::KIND).is_some();
        let others = self.others.as_ref().filter(|_| !is_article);
        others.unwrap_or(&self.enricher)
    }
}

impl Finish for Editing {
    fn finish(&self, document: &mut Document) {
        if self.adopt {
            site::adopt(document);
        }
        let enricher = self.enricher(document);
        let evidence = enricher.enrich(document);
        let report = self.report.lock();
        report
            .unwrap_or_else(PoisonError::into_inner)
            .add(enricher, &evidence);
    }
}
