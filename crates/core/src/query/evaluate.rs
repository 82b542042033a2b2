//! Which documents contain every term, and how often.
//!
//! Three steps, each of which asks for all the blocks it needs before it gives up:
//!
//! 1. the terms blocks of all legs of all terms;
//! 2. documents: the lists are intersected, the rarest first, so that of a long list only the
//!    chunks are read that can hold a candidate;
//! 3. positions, for the candidates that are left: where the legs of a term agree, it matches.

use super::blocks::{Blocks, Stop};
use super::leg::{self, LegReader};
use super::parse::Query;
use crate::format::dictionary::Dictionary;
use crate::format::postings::DocumentsChunk;
use crate::gram::cover;
use crate::text::FoldTable;

/// Long lists are asked for together with the rarest one if they have at most this many times
/// its documents: that saves a round trip and costs few bytes.
const TOGETHER: u64 = 8;

/// The documents that match, and what ranking needs to know about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Document numbers, rising.
    pub documents: Vec<u32>,
    /// For each term, its frequencies in `documents` and its document frequency.
    pub terms: Vec<TermMatches>,
}

/// What ranking needs to know about one term.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermMatches {
    /// The documents that contain its rarest leg: exact for a term of one leg, and a bound that
    /// costs no look-up for a longer one.
    pub document_frequency: u64,
    /// How often it stands in each of the documents.
    pub frequencies: Vec<u32>,
}

/// Evaluates a query.
///
/// # Errors
/// If blocks are missing or damaged.
pub fn evaluate(
    query: &Query,
    blocks: &Blocks,
    dictionary: &Dictionary,
    table: &FoldTable,
) -> Result<Matches, Stop> {
    let Some(mut terms) = find_terms(query, blocks, dictionary, table)? else {
        return Ok(Matches::default());
    };
    let mut candidates = intersect_documents(&mut terms, blocks)?;
    for term in &terms {
        term.want_positions(&candidates, blocks);
    }
    let mut found = Vec::new();
    for term in &mut terms {
        let frequencies = term.frequencies(&mut candidates, &mut found, blocks)?;
        found.push(TermMatches {
            document_frequency: term.document_frequency(),
            frequencies,
        });
    }
    Ok(Matches {
        documents: candidates,
        terms: found,
    })
}

struct TermReader<'b> {
    legs: Vec<LegReader<'b>>,
}

/// The legs of all terms; `None` if one of them is in no document.
fn find_terms<'b>(
    query: &Query,
    blocks: &'b Blocks,
    dictionary: &Dictionary,
    table: &FoldTable,
) -> Result<Option<Vec<TermReader<'b>>>, Stop> {
    let (mut terms, mut stop, mut absent) = (Vec::new(), Ok(()), query.terms.is_empty());
    for term in &query.terms {
        let mut legs = Vec::new();
        for leg in cover(&term.units(), term.open_end) {
            match leg::find(&leg, blocks, dictionary, table) {
                Ok(found) => {
                    absent |= found.is_empty();
                    legs.push(found);
                }
                Err(other) => stop = Err(other),
            }
        }
        terms.push(TermReader { legs });
    }
    if absent {
        return Ok(None);
    }
    stop.map(|()| Some(terms))
}

/// The documents that every leg of every term has.
fn intersect_documents(terms: &mut [TermReader<'_>], blocks: &Blocks) -> Result<Vec<u32>, Stop> {
    let mut legs: Vec<_> = terms.iter_mut().flat_map(|term| &mut term.legs).collect();
    let mut candidates: Option<Vec<u32>> = None;
    let mut stopped: Option<(u64, Stop)> = None;
    while let Some(rarest) = rarest(&legs) {
        let leg = legs.swap_remove(rarest);
        let frequency = leg.document_frequency();
        if let Some((rarest, _)) = &stopped
            && frequency > rarest.saturating_mul(TOGETHER)
        {
            break;
        }
        match leg.documents(candidates.as_deref(), blocks) {
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
fn rarest(legs: &[&mut LegReader<'_>]) -> Option<usize> {
    (0..legs.len()).min_by_key(|&at| legs[at].document_frequency())
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

impl TermReader<'_> {
    fn document_frequency(&self) -> u64 {
        self.legs
            .iter()
            .map(LegReader::document_frequency)
            .min()
            .unwrap_or(0)
    }

    /// Blocks that are missing have been noted; the step that needs them will stop.
    fn want_positions(&self, candidates: &[u32], blocks: &Blocks) {
        if self.legs.len() > 1 {
            for leg in &self.legs {
                // Only the request matters here; `frequencies` meets the same failure again.
                drop(leg.want_positions(candidates, blocks));
            }
        }
    }

    /// How often the term stands in each candidate; candidates without it are dropped, from the
    /// frequencies that were `found` for earlier terms as well.
    fn frequencies(
        &mut self,
        candidates: &mut Vec<u32>,
        found: &mut [TermMatches],
        blocks: &Blocks,
    ) -> Result<Vec<u32>, Stop> {
        let counts = match &mut self.legs[..] {
            [only] => count_documents(&only.documents(Some(candidates), blocks)?, candidates),
            legs => count_spots(&agreeing_spots(legs, candidates, blocks)?, candidates.len()),
        };
        for term in found {
            keep_where(&mut term.frequencies, &counts);
        }
        keep_where(candidates, &counts);
        Ok(counts.into_iter().filter(|&count| count > 0).collect())
    }
}

/// Where all legs are in their places.
fn agreeing_spots(
    legs: &[LegReader<'_>],
    candidates: &[u32],
    blocks: &Blocks,
) -> Result<Vec<u64>, Stop> {
    let mut agreeing: Option<Vec<u64>> = None;
    for leg in legs {
        let own = leg.spots(candidates, blocks)?;
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

fn keep_where<T>(values: &mut Vec<T>, counts: &[u32]) {
    let mut counts = counts.iter();
    values.retain(|_| counts.next().is_some_and(|&count| count > 0));
}
