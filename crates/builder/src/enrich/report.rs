//! What enrichment did, for whoever keeps the lists: what stayed unclassified, and which words are of no use.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::{Enricher, Evidence, Gazetteer, Taxonomy};
use crate::report::Note;

/// As many documents are named that got nothing; all are counted.
const NAMED: usize = 1000;

/// Counts over documents. Parts of it can be made on several threads and put together in any order
/// ([`EnrichReport::absorb`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnrichReport {
    /// Documents that were looked at.
    pub documents: u64,
    /// Documents that got a subject.
    classified: u64,
    /// Documents without a subject, of those that were looked at for one.
    pub unclassified: u64,
    /// The first of them, by id.
    pub unclassified_ids: BTreeSet<String>,
    /// Documents of each subject.
    pub subjects: BTreeMap<String, u64>,
    /// Of each subject its keywords, and in how many documents each was seen, whether it was enough or not.
    pub keywords: BTreeMap<String, BTreeMap<String, u64>>,
    /// Documents of each place. A place in a document does not count for those around it.
    pub places: BTreeMap<String, u64>,
    /// Names that stayed ambiguous, as all that they may mean, and in how many documents.
    pub ambiguous_places: BTreeMap<String, u64>,
    /// What is odd in the lists.
    pub warnings: Vec<Note>,
}

impl EnrichReport {
    pub(super) fn new(enricher: &Enricher) -> Self {
        let mut report = Self::default();
        if let Some(taxonomy) = &enricher.taxonomy {
            report.expect_subjects(taxonomy);
        }
        if let Some(gazetteer) = &enricher.gazetteer {
            let names = gazetteer.place_names();
            report.places = names.map(|place| (place.to_owned(), 0)).collect();
        }
        let warnings = enricher.taxonomy.as_ref().map(Taxonomy::warnings);
        let others = enricher.gazetteer.as_ref().map(Gazetteer::warnings);
        let warnings = warnings.into_iter().chain(others).flatten();
        report.warnings = warnings.cloned().collect();
        report
    }

    fn expect_subjects(&mut self, taxonomy: &Taxonomy) {
        let names = taxonomy.subject_names();
        self.subjects = names.map(|subject| (subject.to_owned(), 0)).collect();
        for (subject, keyword) in taxonomy.keywords() {
            let keywords = self.keywords.entry(subject.to_owned()).or_default();
            keywords.insert(keyword.to_owned(), 0);
        }
    }

    /// Counts a document.
    pub fn add(&mut self, enricher: &Enricher, evidence: &Evidence) {
        self.documents += 1;
        if let Some(taxonomy) = &enricher.taxonomy {
            self.add_subjects(taxonomy, evidence);
        }
        for place in &evidence.places {
            *self.places.entry(place.place.clone()).or_default() += 1;
        }
        for name in &evidence.ambiguous {
            *self.ambiguous_places.entry(name.clone()).or_default() += 1;
        }
    }

    fn add_subjects(&mut self, taxonomy: &Taxonomy, evidence: &Evidence) {
        self.classified += u64::from(!evidence.subjects.is_empty());
        if evidence.subjects.is_empty() {
            self.unclassified += 1;
            self.name_unclassified(evidence.id.clone());
        }
        for found in &evidence.subjects {
            *self.subjects.entry(found.subject.clone()).or_default() += 1;
        }
        let keywords = evidence.keywords.iter();
        for (subject, keyword) in keywords.filter_map(|number| taxonomy.keyword(*number)) {
            let seen = self
                .keywords
                .get_mut(subject)
                .and_then(|of_one| of_one.get_mut(keyword));
            if let Some(documents) = seen {
                *documents += 1;
                continue;
            }
            let of_one = self.keywords.entry(subject.to_owned()).or_default();
            of_one.insert(keyword.to_owned(), 1);
        }
    }

    fn name_unclassified(&mut self, id: String) {
        self.unclassified_ids.insert(id);
        if self.unclassified_ids.len() > NAMED {
            self.unclassified_ids.pop_last();
        }
    }

    /// Takes up what another part had to say.
    pub fn absorb(&mut self, other: Self) {
        self.documents += other.documents;
        self.classified += other.classified;
        self.unclassified += other.unclassified;
        for id in other.unclassified_ids {
            self.name_unclassified(id);
        }
        add_counts(&mut self.subjects, other.subjects);
        for (subject, keywords) in other.keywords {
            add_counts(self.keywords.entry(subject).or_default(), keywords);
        }
        add_counts(&mut self.places, other.places);
        add_counts(&mut self.ambiguous_places, other.ambiguous_places);
        self.warnings.extend(other.warnings);
        self.warnings.sort();
        self.warnings.dedup();
    }

    /// Documents that got a subject.
    pub fn classified(&self) -> u64 {
        self.classified
    }

    /// Keywords that no document has, with their subjects.
    pub fn never_matched(&self) -> Vec<(&str, &str)> {
        let all = self.keywords.iter().flat_map(|(subject, keywords)| {
            let unseen = keywords.iter().filter(|(_, documents)| **documents == 0);
            unseen.map(|(keyword, _)| (subject.as_str(), keyword.as_str()))
        });
        all.collect()
    }
}

fn add_counts(counts: &mut BTreeMap<String, u64>, others: BTreeMap<String, u64>) {
    for (name, number) in others {
        *counts.entry(name).or_default() += number;
    }
}

/// The report as it is written for machines.
#[derive(Serialize)]
struct Written<'r> {
    documents: u64,
    unclassified: u64,
    unclassified_ids: &'r BTreeSet<String>,
    subjects: &'r BTreeMap<String, u64>,
    keywords: &'r BTreeMap<String, BTreeMap<String, u64>>,
    never_matched: BTreeMap<&'r str, Vec<&'r str>>,
    places: &'r BTreeMap<String, u64>,
    ambiguous_places: &'r BTreeMap<String, u64>,
    warnings: &'r [Note],
}

impl Serialize for EnrichReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut never_matched: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (subject, keyword) in self.never_matched() {
            never_matched.entry(subject).or_default().push(keyword);
        }
        let written = Written {
            documents: self.documents,
            unclassified: self.unclassified,
            unclassified_ids: &self.unclassified_ids,
            subjects: &self.subjects,
            keywords: &self.keywords,
            never_matched,
            places: &self.places,
            ambiguous_places: &self.ambiguous_places,
            warnings: &self.warnings,
        };
        written.serialize(serializer)
    }
}
