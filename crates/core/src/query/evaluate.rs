//! Which documents of a segment contain every term, and how often.
//!
//! Each step asks for everything that it needs before it gives up, so a step is a round trip. The
//! first one is always needed, the others only as long as it is not clear what matches:
//!
//! 1. the leaves of the planned legs of all terms ([`planned`]), and chunks of documents of long
//!    lists: the lists are intersected, the rarest first, so that only those chunks are read that
//!    can hold a candidate; positions in the leaves sort out more;
//! 2. the leaves of all other pairs within the terms. They are a few kilobytes, and one of them is
//!    often rare;
//! 3. positions that lie apart.
//!
//! As soon as few candidates are left, their texts say the rest: those will be shown in any case.
//! All ways give the same documents and the same frequencies.

use super::excerpt::count_hits;
use super::extents::{Stop, every};
use super::leg::LegReader;
use super::parse::{Query, Term};
use super::segment::SegmentReader;
use crate::format::postings::DocumentsChunk;
use crate::gram::{Leg, bridges, cover};

/// Long lists are asked for together with the rarest one if they have at most this many times
/// its documents: that saves a round trip and costs few bytes.
const TOGETHER: u64 = 8;
/// Legs of a term that are read in any case.
const PLANNED: usize = 2;
/// So many candidates or fewer are looked at in their text.
const FEW: usize = 12;

/// The documents of a segment that match, and what ranking needs to know about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Document numbers, rising.
    pub documents: Vec<u32>,
    /// For each term, how often it stands in each of the documents.
    pub frequencies: Vec<Vec<u32>>,
    /// For each term and each of its planned legs, the documents that have it.
    pub document_frequencies: Vec<Vec<u64>>,
}

impl Matches {
    /// Drops the documents at whose place this is false.
    pub(super) fn keep(&mut self, is_kept: impl Fn(usize) -> bool) {
        let keep = |row: &mut Vec<u32>| {
            let mut place = 0..;
            row.retain(|_| place.next().is_some_and(&is_kept));
        };
        keep(&mut self.documents);
        self.frequencies.iter_mut().for_each(keep);
    }
}

/// Evaluates a query. Only documents count that all of the filters let through; a query without
/// terms has all of those.
///
/// # Errors
/// If something is missing or damaged.
pub(super) fn evaluate(
    query: &Query,
    filters: Result<Vec<LegReader>, Stop>,
    segment: &SegmentReader<'_>,
) -> Result<Matches, Stop> {
    // Both have asked for what they lack before one gives up.
    let terms = find_terms(query, segment);
    let (mut filters, mut terms) = (filters?, terms?);
    let mut matches = Matches {
        frequencies: vec![Vec::new(); terms.len()],
        document_frequencies: terms.iter().map(TermReader::document_frequencies).collect(),
        documents: Vec::new(),
    };
    matches.documents = intersect_documents(&mut terms, &mut filters, segment)?;
    sort_out_nearby(&terms, &mut matches.documents, segment)?;
    if needs_more(&terms, &matches.documents) && matches.documents.len() > FEW {
        find_deferred(&mut terms, segment)?;
        matches.documents = intersect_documents(&mut terms, &mut filters, segment)?;
        sort_out_nearby(&terms, &mut matches.documents, segment)?;
    }
    if needs_more(&terms, &matches.documents) && matches.documents.len() <= FEW {
        look_into_texts(query, &mut matches, segment)?;
    } else {
        agree(&mut terms, &mut matches, segment)?;
    }
    Ok(matches)
}

/// True if more has to be read to know which candidates match, and how often.
fn needs_more(terms: &[TermReader], candidates: &[u32]) -> bool {
    !candidates.is_empty() && terms.iter().any(|term| term.is_far(candidates))
}

struct TermReader {
    legs: Vec<LegReader>,
    /// Legs that are read only if it has to be.
    deferred: Vec<Leg>,
    /// Of those, how many the term's cover needs; the others are its bridges.
    needed: usize,
    /// True if the term is one leg of its own: then its documents are all there is to know.
    alone: bool,
}

/// Takes the legs that are read in any case out of a term's cover: the first and the last. The
/// choice depends on nothing but the term, and so does the term's weight, which is that of the
/// rarest of them.
fn planned(cover: &mut Vec<Leg>) -> Vec<Leg> {
    if cover.len() <= PLANNED {
        return std::mem::take(cover);
    }
    let last = cover.pop();
    let first = cover.remove(0);
    [first].into_iter().chain(last).collect()
}

fn find_terms(query: &Query, segment: &SegmentReader<'_>) -> Result<Vec<TermReader>, Stop> {
    let terms = query.terms.iter();
    every(terms.map(|term| TermReader::find(term, segment)))
}

/// Reads the legs that were put off.
fn find_deferred(terms: &mut [TermReader], segment: &SegmentReader<'_>) -> Result<(), Stop> {
    let mut stop = Ok(());
    for term in terms {
        for leg in std::mem::take(&mut term.deferred) {
            match LegReader::find(&leg, false, segment) {
                Ok(found) => term.legs.push(found),
                Err(other) => stop = Err(other),
            }
        }
    }
    stop
}

/// Drops candidates in which those legs do not agree whose positions are at hand.
fn sort_out_nearby(
    terms: &[TermReader],
    candidates: &mut Vec<u32>,
    segment: &SegmentReader<'_>,
) -> Result<(), Stop> {
    for term in terms {
        let near: Vec<&LegReader> = term
            .legs
            .iter()
            .filter(|leg| !leg.is_far(candidates))
            .collect();
        if near.len() > 1 {
            let counts = count_spots(
                &agreeing_spots(&near, candidates, segment)?,
                candidates.len(),
            );
            let mut counts = counts.into_iter();
            candidates.retain(|_| counts.next().is_some_and(|count| count > 0));
        }
    }
    Ok(())
}

/// The documents that every leg of every term has, and every filter; all documents if there are
/// none of either.
fn intersect_documents(
    terms: &mut [TermReader],
    filters: &mut [LegReader],
    segment: &SegmentReader<'_>,
) -> Result<Vec<u32>, Stop> {
    let legs = terms.iter_mut().flat_map(|term| &mut term.legs);
    let mut legs: Vec<_> = legs.chain(filters).collect();
    let mut candidates: Option<Vec<u32>> = None;
    let mut stopped: Option<(u64, Stop)> = None;
    while let Some(rarest) = rarest(&legs) {
        let leg = legs.swap_remove(rarest);
        let frequency = leg.document_frequency;
        if frequency == 0 {
            return Ok(Vec::new());
        }
        if let Some((rarest, _)) = &stopped
            && frequency > rarest.saturating_mul(TOGETHER)
        {
            break;
        }
        match leg.documents(candidates.as_deref(), segment) {
            Ok(own) => candidates = Some(intersect(candidates, own)),
            Err(stop) => stopped = stopped.or(Some((frequency, stop))),
        }
    }
    match stopped {
        Some((_, stop)) => Err(stop),
        None => Ok(candidates.unwrap_or_else(|| (0..segment.segment.documents).collect())),
    }
}

/// A query has a handful of legs: looking for the least is as good as sorting them.
fn rarest(legs: &[&mut LegReader]) -> Option<usize> {
    (0..legs.len()).min_by_key(|&at| legs[at].document_frequency)
}

fn intersect(candidates: Option<Vec<u32>>, own: DocumentsChunk) -> Vec<u32> {
    let Some(mut candidates) = candidates else {
        return own.documents;
    };
    let mut own = own.documents.into_iter().peekable();
    candidates.retain(|candidate| {
        while own.next_if(|document| document < candidate).is_some() {}
        own.peek() == Some(candidate)
    });
    candidates
}

/// Counts the terms in the text of all candidates.
fn look_into_texts(
    query: &Query,
    matches: &mut Matches,
    segment: &SegmentReader<'_>,
) -> Result<(), Stop> {
    let candidates = std::mem::take(&mut matches.documents);
    for (document, stored) in candidates.iter().zip(segment.stored(&candidates)?) {
        let counts = count_hits(segment.table, query, &stored.record.title, &stored.body);
        if counts.iter().all(|&count| count > 0) {
            matches.documents.push(*document);
            for (frequencies, count) in matches.frequencies.iter_mut().zip(counts) {
                frequencies.push(count);
            }
        }
    }
    Ok(())
}

/// Counts the terms where their legs agree, and drops candidates that lack one.
fn agree(
    terms: &mut [TermReader],
    matches: &mut Matches,
    segment: &SegmentReader<'_>,
) -> Result<(), Stop> {
    let terms = terms.iter_mut();
    let counts = every(terms.map(|term| term.counts(&matches.documents, segment)))?;
    matches.frequencies.clone_from(&counts);
    matches.keep(|at| counts.iter().all(|own| own[at] > 0));
    Ok(())
}

impl TermReader {
    /// Finds the planned legs.
    fn find(term: &Term, segment: &SegmentReader<'_>) -> Result<Self, Stop> {
        let units = term.units();
        let mut deferred = cover(&units, term.open_end);
        let alone = deferred.len() == 1;
        let planned = planned(&mut deferred);
        let legs = planned.iter();
        let legs = every(legs.map(|leg| LegReader::find(leg, alone, segment)));
        let needed = deferred.len();
        deferred.extend(bridges(&units));
        Ok(Self {
            legs: legs?,
            deferred,
            needed,
            alone,
        })
    }

    fn document_frequencies(&self) -> Vec<u64> {
        self.legs.iter().map(|leg| leg.document_frequency).collect()
    }

    /// True if more would have to be fetched to know where the term stands in these documents.
    fn is_far(&self, candidates: &[u32]) -> bool {
        !self.alone
            && ((self.needed > 0 && !self.deferred.is_empty())
                || self.legs.iter().any(|leg| leg.is_far(candidates)))
    }

    /// How often the term stands in each candidate.
    fn counts(
        &mut self,
        candidates: &[u32],
        segment: &SegmentReader<'_>,
    ) -> Result<Vec<u32>, Stop> {
        if let [only] = &mut self.legs[..]
            && self.alone
        {
            let own = only.documents(Some(candidates), segment)?;
            return Ok(count_documents(&own, candidates));
        }
        let legs: Vec<&LegReader> = self.legs.iter().collect();
        Ok(count_spots(
            &agreeing_spots(&legs, candidates, segment)?,
            candidates.len(),
        ))
    }
}

/// Where all legs are in their places.
fn agreeing_spots(
    legs: &[&LegReader],
    candidates: &[u32],
    segment: &SegmentReader<'_>,
) -> Result<Vec<u64>, Stop> {
    // Asks for all that is missing before it gives up on the first.
    let all = every(legs.iter().map(|leg| leg.spots(candidates, segment)))?;
    let mut agreeing: Option<Vec<u64>> = None;
    for own in all {
        agreeing = Some(match agreeing {
            None => own,
            Some(before) => intersect_spots(before, &own),
        });
    }
    Ok(agreeing.unwrap_or_default())
}

fn intersect_spots(mut before: Vec<u64>, own: &[u64]) -> Vec<u64> {
    let mut own = own.iter().peekable();
    before.retain(|spot| {
        while own.next_if(|other| *other < spot).is_some() {}
        own.peek() == Some(&spot)
    });
    before
}

fn count_documents(own: &DocumentsChunk, candidates: &[u32]) -> Vec<u32> {
    let mut own = own.documents.iter().zip(&own.frequencies).peekable();
    let count = |candidate: &u32| {
        while own.next_if(|(document, _)| *document < candidate).is_some() {}
        let same = own.peek().filter(|(document, _)| *document == candidate);
        same.map_or(0, |(_, frequency)| **frequency)
    };
    candidates.iter().map(count).collect()
}

fn count_spots(spots: &[u64], candidates: usize) -> Vec<u32> {
    let mut counts = vec![0; candidates];
    for spot in spots {
        // A spot's upper half is a candidate's place.
        counts[(spot >> 32) as usize] += 1;
    }
    counts
}
