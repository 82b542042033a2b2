//! Which documents of a segment contain every term, and how often.
//!
//! Each step asks for everything that it needs before it gives up, so a step is a round trip:
//!
//! 1. the leaves of the planned legs of all terms ([`planned`]);
//! 2. documents: the lists are intersected, the rarest first, so that of a long list only the
//!    chunks are read that can hold a candidate;
//! 3. if few candidates are left, their text: it will be shown in any case, and looking into it
//!    is cheaper than positions that lie apart or legs that have not been read;
//! 4. otherwise the remaining legs, and positions: where the legs of a term agree, it matches.
//!
//! Both ways give the same documents and the same frequencies.

use super::excerpt::count_hits;
use super::extents::Stop;
use super::leg::LegReader;
use super::parse::{Query, Term};
use super::segment::SegmentReader;
use crate::format::postings::DocumentsChunk;
use crate::gram::{Leg, cover};

/// Long lists are asked for together with the rarest one if they have at most this many times
/// its documents: that saves a round trip and costs few bytes.
const TOGETHER: u64 = 8;
/// Legs of a term that are read in any case. Three places of a sentence have hardly ever more
/// than that sentence in common.
const PLANNED: usize = 3;
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

/// Evaluates a query.
///
/// # Errors
/// If something is missing or damaged.
pub fn evaluate(query: &Query, segment: &SegmentReader<'_>) -> Result<Matches, Stop> {
    let mut terms = find_terms(query, segment)?;
    let document_frequencies = terms.iter().map(TermReader::document_frequencies).collect();
    let candidates = intersect_documents(&mut terms, segment)?;
    let mut matches = Matches {
        documents: candidates,
        frequencies: vec![Vec::new(); terms.len()],
        document_frequencies,
    };
    if matches.documents.is_empty() {
        return Ok(matches);
    }
    if matches.documents.len() <= FEW && terms.iter().any(|term| term.is_far(&matches.documents)) {
        look_into_texts(query, &mut matches, segment)?;
        return Ok(matches);
    }
    if find_deferred(&mut terms, segment)? {
        matches.documents = intersect_documents(&mut terms, segment)?;
    }
    agree(&mut terms, &mut matches, segment)?;
    Ok(matches)
}

struct TermReader {
    legs: Vec<LegReader>,
    /// Legs that are read only if it has to be.
    deferred: Vec<Leg>,
    /// True if the term is one leg of its own: then its documents are all there is to know.
    alone: bool,
}

/// Takes the legs that are read in any case out of a term's cover: the first, the last, and one
/// in the middle of many. The choice depends on nothing but the term, and so does the term's
/// weight, which is that of the rarest of them.
fn planned(cover: &mut Vec<Leg>) -> Vec<Leg> {
    if cover.len() <= PLANNED {
        return std::mem::take(cover);
    }
    let last = cover.pop();
    let middle = cover.remove(cover.len() / 2);
    let first = cover.remove(0);
    [first, middle].into_iter().chain(last).collect()
}

fn find_terms(query: &Query, segment: &SegmentReader<'_>) -> Result<Vec<TermReader>, Stop> {
    let terms: Vec<_> = query
        .terms
        .iter()
        .map(|term| TermReader::find(term, segment))
        .collect();
    terms.into_iter().collect()
}

/// Reads the legs that were put off. True if there were any.
fn find_deferred(terms: &mut [TermReader], segment: &SegmentReader<'_>) -> Result<bool, Stop> {
    let (mut any, mut stop) = (false, Ok(()));
    for term in terms {
        for leg in std::mem::take(&mut term.deferred) {
            any = true;
            match LegReader::find(&leg, false, segment) {
                Ok(found) => term.legs.push(found),
                Err(other) => stop = Err(other),
            }
        }
    }
    stop.map(|()| any)
}

/// The documents that every leg of every term has.
fn intersect_documents(
    terms: &mut [TermReader],
    segment: &SegmentReader<'_>,
) -> Result<Vec<u32>, Stop> {
    let mut legs: Vec<_> = terms.iter_mut().flat_map(|term| &mut term.legs).collect();
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
        None => Ok(candidates.unwrap_or_default()),
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
    let counts: Vec<_> = terms
        .iter_mut()
        .map(|term| term.counts(&matches.documents, segment))
        .collect();
    let counts = counts.into_iter().collect::<Result<Vec<_>, _>>()?;
    let has_all = |at: usize| counts.iter().all(|own| own[at] > 0);
    let kept: Vec<usize> = (0..matches.documents.len())
        .filter(|&at| has_all(at))
        .collect();
    matches.documents = kept.iter().map(|&at| matches.documents[at]).collect();
    for (frequencies, own) in matches.frequencies.iter_mut().zip(&counts) {
        *frequencies = kept.iter().map(|&at| own[at]).collect();
    }
    Ok(())
}

impl TermReader {
    /// Finds the planned legs.
    fn find(term: &Term, segment: &SegmentReader<'_>) -> Result<Self, Stop> {
        let mut deferred = cover(&term.units(), term.open_end);
        let alone = deferred.len() == 1;
        let legs: Vec<_> = planned(&mut deferred)
            .iter()
            .map(|leg| LegReader::find(leg, alone, segment))
            .collect();
        Ok(Self {
            legs: legs.into_iter().collect::<Result<_, _>>()?,
            deferred,
            alone,
        })
    }

    fn document_frequencies(&self) -> Vec<u64> {
        self.legs.iter().map(|leg| leg.document_frequency).collect()
    }

    /// True if more would have to be fetched to know where the term stands in these documents.
    fn is_far(&self, candidates: &[u32]) -> bool {
        !self.alone
            && (!self.deferred.is_empty() || self.legs.iter().any(|leg| leg.is_far(candidates)))
    }

    /// How often the term stands in each candidate.
    fn counts(
        &mut self,
        candidates: &[u32],
        segment: &SegmentReader<'_>,
    ) -> Result<Vec<u32>, Stop> {
        match &mut self.legs[..] {
            [only] if self.alone => Ok(count_documents(
                &only.documents(Some(candidates), segment)?,
                candidates,
            )),
            legs => Ok(count_spots(
                &agreeing_spots(legs, candidates, segment)?,
                candidates.len(),
            )),
        }
    }
}

/// Where all legs are in their places.
fn agreeing_spots(
    legs: &[LegReader],
    candidates: &[u32],
    segment: &SegmentReader<'_>,
) -> Result<Vec<u64>, Stop> {
    let all: Vec<_> = legs
        .iter()
        .map(|leg| leg.spots(candidates, segment))
        .collect();
    let mut agreeing: Option<Vec<u64>> = None;
    for own in all {
        let own = own?;
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
