//! Which documents of a segment contain every term, and how often.
//!
//! Each step asks for everything that it needs before it gives up, so a step is a round trip. The
//! first one is always needed, the others only as long as it is not clear what matches:
//!
//! 1. the leaves of the planned legs of all terms ([`TermPlan`]): the lists are intersected, the rarest
//!    first, and positions in the leaves sort out more;
//! 2. chunks of documents of long lists: only those that can hold a candidate;
//! 3. the leaves of the other pairs that a term needs, and of all its pairs if they cost less than
//!    positions would: they are a few kilobytes, and one of them is often rare. Where chunks of
//!    documents have to be fetched, those leaves are asked for along with them;
//! 4. positions that lie apart: first those of legs that have few, if others are **heavy**, as commas
//!    are. Candidates that are left then may be few.
//!
//! As soon as few candidates are left, their texts say the rest in place of whatever step comes next:
//! those will be shown in any case. They also do if they take fewer bytes than that step, or
//! if one of the lists is **bare**: it has no positions, and few documents. All ways
//! give the same documents and the same frequencies.
//!
//! A word that is being typed behind another, `women's`, or a character behind a symbol is a range of
//! keys. Where there are very many of them, the list of all of them (`gram`, beginnings) is read first, as
//! if it were bare. The keys are only read if the texts of the candidates that it leaves would take more.

use std::ops::Range;

use super::excerpt::count_hits;
use super::extents::{Stop, every};
use super::leg::LegReader;
use super::parse::{Query, Term};
use super::segment::{SegmentReader, Wanted};
use crate::format::postings::DocumentsChunk;
use crate::gram::{KeyUnit, Leg, UnitKind, bridges, cover, has_mixed_pairs, mark_common_words};

/// Long lists are asked for together with the rarest one if they have at most this many times
/// its documents: that saves a round trip and costs few bytes.
const TOGETHER: u64 = 8;
/// Legs of a term that are read in any case, and legs that it is weighed by, at most.
const PLANNED: usize = 2;
/// Legs whose leaves are read. The third is of use if its documents are in there, which is a round trip
/// less for every other long term; a fourth did not pay.
const AT_ONCE: usize = 3;
/// What a leaf costs, about.
const LEAF_BYTES: u64 = 4 << 10;
/// So many candidates or fewer are looked at in their text.
const FEW: usize = 12;
/// Bytes that take about as long on a slow link as a round trip: more are worth one if after it there may
/// be less to read.
const ROUND_TRIP: u64 = 32 << 10;
/// With so many documents in the rarest leg, candidates will most likely be more.
const MANY: u64 = 128;

/// The documents of a segment that match, and what ranking needs to know about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Document numbers, rising.
    pub documents: Vec<u32>,
    /// For each term, how often it stands in each of the documents.
    pub frequencies: Vec<Vec<u32>>,
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

/// The legs of a query in one segment, before anything is known of their documents.
pub(super) struct Evaluation {
    terms: Vec<TermReader>,
    filters: Vec<LegReader>,
}

impl Evaluation {
    /// Finds the planned legs of all terms. Only documents will count that all of the filters let
    /// through.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub(super) fn find(
        query: &Query,
        filters: Result<Vec<LegReader>, Stop>,
        segment: &SegmentReader<'_>,
    ) -> Result<Self, Stop> {
        // Both have asked for what they lack before one gives up.
        let terms = find_terms(query, segment);
        Ok(Self {
            filters: filters?,
            terms: terms?,
        })
    }

    /// For each term and each of the legs that it is weighed by, the documents that have it.
    pub(super) fn document_frequencies(&self) -> Vec<Vec<u64>> {
        let terms = self.terms.iter();
        terms.map(|term| term.frequencies.clone()).collect()
    }

    /// Terms with an end that they are not weighed by: a symbol, or a word that is being typed.
    pub(super) fn light_ends(&self) -> usize {
        let terms = self.terms.iter();
        terms.filter(|term| term.has_light_end).count()
    }

    /// How many documents match, if the dictionary says so: of one key or character, without filters.
    pub(super) fn known_count(&self) -> Option<u64> {
        match &self.terms[..] {
            [term] if self.filters.is_empty() => term.known_count(),
            _ => None,
        }
    }

    /// Bytes of chunks that would have to be fetched to look at all of these documents, and of texts if
    /// nothing else says where a term stands.
    pub(super) fn far_bytes(&self, documents: &Range<u32>, segment: &SegmentReader<'_>) -> u64 {
        let terms = self.terms.iter().map(|term| term.far_bytes(documents));
        let filters = self.filters.iter();
        let filters = filters.map(|filter| filter.far_bytes(documents, false));
        let chunks: u64 = terms.chain(filters).sum();
        if !self.has_summaries() {
            return chunks;
        }
        let legs = self.terms.iter().flat_map(|term| &term.legs);
        let legs = legs.chain(&self.filters);
        let candidates = legs.map(|leg| leg.documents_within(documents)).min();
        chunks + candidates.unwrap_or(0) * segment.document_bytes()
    }

    fn has_summaries(&self) -> bool {
        self.terms.iter().any(TermReader::has_summaries)
    }

    /// Reads the keys that summaries stand for, if that takes less than the texts of the candidates.
    fn open_summaries(
        &mut self,
        candidates: &[u32],
        segment: &SegmentReader<'_>,
    ) -> Result<(), Stop> {
        let most = self.positions(candidates, Asked::All);
        if !self.has_summaries() || texts_take_less(candidates, most, segment) {
            return Ok(());
        }
        let mut opened = Ok(());
        for leg in self.terms.iter_mut().flat_map(|term| &mut term.legs) {
            // All of them ask for what they lack before one gives up.
            opened = leg.open(candidates, segment).and(opened);
        }
        opened
    }

    /// Which of these documents match; a query without terms has all that the filters let through.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub(super) fn matches(
        &mut self,
        query: &Query,
        within: &Range<u32>,
        segment: &SegmentReader<'_>,
    ) -> Result<Matches, Stop> {
        let candidates = self.candidates(within, segment);
        if candidates.is_err() {
            self.foresee(within, segment);
        }
        let mut matches = Matches {
            frequencies: vec![Vec::new(); self.terms.len()],
            documents: candidates?,
        };
        let documents = &mut matches.documents;
        let leaves: u64 = self.terms.iter().map(TermReader::deferred_leaves).sum();
        if leaves > 0 && needs_more(&self.terms, documents) {
            // Other keys may leave fewer candidates, for a few leaves and a round trip.
            let most = self.positions(documents, Asked::All);
            let most = most.min(leaves * LEAF_BYTES + ROUND_TRIP);
            if !texts_take_less(documents, most, segment) {
                find_deferred(&mut self.terms, documents, segment)?;
                *documents = self.candidates(within, segment)?;
            }
        }
        self.open_summaries(documents, segment)?;
        if self.terms.iter().any(TermReader::is_unread) {
            look_into_texts(query, &mut matches, segment)?;
            return Ok(matches);
        }
        let is_bare = self.terms.iter().any(TermReader::is_bare);
        let mut left = self.positions(documents, Asked::All);
        let heavy = self.positions(documents, Asked::Heavy);
        // So may the positions of legs that have few.
        let most = left.min(left - heavy + ROUND_TRIP);
        if (is_bare || heavy > 0) && !texts_take_less(documents, most, segment) {
            sort_out(&self.terms, documents, segment, Asked::Light)?;
            left = self.positions(documents, Asked::Heavy);
        }
        if is_bare
            || needs_more(&self.terms, documents) && texts_take_less(documents, left, segment)
        {
            look_into_texts(query, &mut matches, segment)?;
        } else {
            agree(&mut self.terms, &mut matches, segment)?;
        }
        Ok(matches)
    }

    /// Asks for the leaves that will most likely be read once the documents are there, which saves a
    /// round trip: those of terms with far positions, unless texts are likely to do.
    fn foresee(&self, within: &Range<u32>, segment: &SegmentReader<'_>) {
        for term in &self.terms {
            let leaves = term.deferred_leaves() * LEAF_BYTES;
            if term.rarest() >= MANY && term.far_bytes(within) > leaves {
                term.needed.iter().for_each(|leg| segment.want(&leg.key));
                term.bridges.iter().for_each(|leg| segment.want(&leg.key));
            }
        }
    }

    /// The documents that the legs found so far leave. Those legs come first of which nothing has to be
    /// fetched; if they leave few, whose texts cost less than anything else, the others stay
    /// [unread](TermReader::is_unread).
    fn candidates(
        &mut self,
        within: &Range<u32>,
        segment: &SegmentReader<'_>,
    ) -> Result<Vec<u32>, Stop> {
        self.legs().for_each(|leg| leg.is_read = false);
        // Where all documents count, there is no need to write them down.
        let is_limited = within.len() < segment.segment.documents as usize;
        let mut candidates = is_limited.then(|| within.clone().collect());
        self.intersect(&mut candidates, Reach::Near, segment)?;
        if let Some(near) = &mut candidates
            && self.legs().any(|leg| !leg.is_read)
        {
            sort_out(&self.terms, near, segment, Asked::Near)?;
        }
        let are_few = |near: &Vec<u32>| near.len() <= FEW;
        if !candidates.as_ref().is_some_and(are_few) || self.filters.iter().any(|leg| !leg.is_read)
        {
            self.intersect(&mut candidates, Reach::All, segment)?;
        }
        let mut candidates = candidates.unwrap_or_else(|| within.clone().collect());
        segment.drop_deleted(&mut candidates)?;
        sort_out(&self.terms, &mut candidates, segment, Asked::Near)?;
        Ok(candidates)
    }

    /// Of the candidates, those that all legs within reach have, the rarest leg first; `None` are all
    /// documents.
    #[inline(never)]
    fn intersect(
        &mut self,
        candidates: &mut Option<Vec<u32>>,
        reach: Reach,
        segment: &SegmentReader<'_>,
    ) -> Result<(), Stop> {
        let mut stopped: Option<(u64, Stop)> = None;
        loop {
            let all = candidates.as_deref();
            let is_near = |leg: &LegReader| !leg.lacks_documents(all, segment);
            let legs = self.legs().filter(|leg| !leg.is_read);
            let legs = legs.filter(|leg| reach == Reach::All || is_near(leg));
            let Some(leg) = legs.min_by_key(|leg| leg.document_frequency) else {
                break;
            };
            let frequency = leg.document_frequency;
            if let Some((rarest, _)) = &stopped
                && frequency > rarest.saturating_mul(TOGETHER)
            {
                break;
            }
            leg.is_read = true;
            match leg.documents(all, segment) {
                Ok(own) => *candidates = Some(own.documents),
                Err(stop) => stopped = stopped.or(Some((frequency, stop))),
            }
        }
        stopped.map_or(Ok(()), |(_, stop)| Err(stop))
    }

    /// Bytes of positions of these legs that lie apart.
    fn positions(&self, candidates: &[u32], asked: Asked) -> u64 {
        let legs = self.terms.iter().flat_map(|term| &term.legs);
        let asked = legs.filter(|leg| asked.includes(leg, candidates));
        asked.map(|leg| leg.far_positions(candidates)).sum()
    }

    fn legs(&mut self) -> impl Iterator<Item = &mut LegReader> {
        let terms = self.terms.iter_mut();
        let legs = terms.flat_map(|term| term.legs.iter_mut().chain(&mut term.near_bridges));
        legs.chain(&mut self.filters)
    }
}

/// Which legs are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those of which nothing has to be fetched.
    Near,
    All,
}

/// Which legs are asked where their key stands. (Not functions behind pointers, with which more of the
/// engine would have to come first, see `crates/xtask/src/split.rs`.)
#[derive(Clone, Copy)]
enum Asked {
    All,
    /// Those that it costs no fetch to ask.
    Near,
    /// Those that are not heavy, if they say it at all.
    Light,
    /// Those that have so many positions that they are asked last.
    Heavy,
}

impl Asked {
    fn includes(self, leg: &LegReader, candidates: &[u32]) -> bool {
        let is_heavy = || leg.far_positions(candidates) > ROUND_TRIP;
        match self {
            Self::All => true,
            Self::Near => leg.is_read && !leg.is_bare() && !leg.is_far(candidates),
            Self::Light => !leg.is_bare() && !is_heavy(),
            Self::Heavy => is_heavy(),
        }
    }
}

/// True if the texts of the candidates take fewer bytes than that. Those of a few will be shown in any
/// case.
fn texts_take_less(candidates: &[u32], than: u64, segment: &SegmentReader<'_>) -> bool {
    candidates.len() <= FEW || segment.texts_take_less(candidates, than)
}

/// True if more has to be read to know which candidates match, and how often.
fn needs_more(terms: &[TermReader], candidates: &[u32]) -> bool {
    !candidates.is_empty() && terms.iter().any(|term| term.is_far(candidates))
}

struct TermReader {
    /// Those of its cover that have been found.
    legs: Vec<LegReader>,
    /// The other legs of its cover.
    needed: Vec<Leg>,
    /// Its bridges, until it is known whether they are worth reading.
    bridges: Vec<Leg>,
    /// Bridges that sort out candidates without anything being fetched.
    near_bridges: Vec<LegReader>,
    /// True if the term is one leg of its own: then its documents are all there is to know.
    alone: bool,
    /// Of each leg that it is weighed by, the documents that have it.
    frequencies: Vec<u64>,
    has_light_end: bool,
}

/// Which keys of a term are looked for first.
struct TermPlan {
    /// These.
    legs: Vec<Leg>,
    /// So many of them are used in any case.
    used: usize,
    /// So many of them say what the term weighs, unless there are legs for nothing else.
    weighed: usize,
    /// Those.
    weights: Vec<Leg>,
    /// It has two legs or more, and is not weighed by two.
    has_light_end: bool,
    needed: Vec<Leg>,
    bridges: Vec<Leg>,
    alone: bool,
}

impl TermPlan {
    /// Its first and its last leg, and one more; where branches have to be fetched, and steps are many,
    /// all of it, and the branches of bridges are asked for.
    ///
    /// What a term weighs must not depend on how the archive is cut into segments, and not all of them have mixed pairs:
    /// so it is up to the other keys.
    fn of(term: &Term, segment: &SegmentReader<'_>) -> Self {
        let mut units = term.units();
        let mut legs = ends_first(cover(&units, term.open_end, false));
        let weighed = weighty_first(&mut legs, &units);
        let has_light_end = weighed < legs.len().min(PLANNED);
        let mut weights = Vec::new();
        mark_common_words(&mut units, term.open_end, &segment.segment.common_words);
        if segment.segment.mixed_pairs && has_mixed_pairs(&units) {
            legs.truncate(weighed);
            let mixed = ends_first(cover(&units, term.open_end, true));
            weights = std::mem::replace(&mut legs, mixed);
        }
        let alone = legs.len() == 1;
        let bridges = bridges(&units);
        let mut used = legs.len();
        let mut needed = Vec::new();
        if segment.has_branches() {
            used = used.min(PLANNED);
            needed = legs.split_off(legs.len().min(AT_ONCE));
        } else {
            // Hundreds of bytes each, and a round trip less if their leaves are read.
            for leg in &bridges {
                drop(segment.leaves(&leg.key, false));
            }
        }
        Self {
            legs,
            used,
            weighed,
            weights,
            has_light_end,
            needed,
            bridges,
            alone,
        }
    }
}

/// Says by how many of its first legs a term is weighed: not by one of a symbol, nor of a word that is being
/// typed, if it has another. At least the first is such a one then.
fn weighty_first(legs: &mut [Leg], units: &[KeyUnit<'_>]) -> usize {
    let is_light = |leg: &Leg| match units[leg.offset as usize].kind {
        UnitKind::Symbol => true,
        UnitKind::Word | UnitKind::CommonWord => leg.is_prefix,
        UnitKind::Solo => false,
    };
    let light_ends = legs.iter().take(PLANNED).filter(|leg| is_light(leg));
    let weighed = PLANNED - light_ends.count();
    if let Some(weighty) = legs.iter().position(|leg| !is_light(leg)) {
        legs.swap(0, weighty);
    }
    weighed.max(1).min(legs.len())
}

/// Puts the last leg behind the first.
fn ends_first(mut legs: Vec<Leg>) -> Vec<Leg> {
    if legs.len() > PLANNED
        && let Some(last) = legs.pop()
    {
        legs.insert(1, last);
    }
    legs
}

/// Asks for what [`Evaluation::find`] will ask for first, without the code that reads it.
pub(super) fn want_planned(query: &Query, segment: &SegmentReader<'_>) {
    for term in &query.terms {
        let plan = TermPlan::of(term, segment);
        for leg in plan.weights.iter().chain(&plan.legs) {
            if leg.is_prefix {
                segment.want_range(&leg.key, Wanted::of_leg(plan.alone));
            } else {
                segment.want(&leg.key);
            }
        }
    }
}

fn find_terms(query: &Query, segment: &SegmentReader<'_>) -> Result<Vec<TermReader>, Stop> {
    let terms = query.terms.iter();
    every(terms.map(|term| TermReader::find(term, segment)))
}

/// Reads the legs that were put off; of the bridges only those of terms whose positions would cost
/// more for these candidates.
fn find_deferred(
    terms: &mut [TermReader],
    candidates: &[u32],
    segment: &SegmentReader<'_>,
) -> Result<(), Stop> {
    let terms = terms.iter_mut();
    every(terms.map(|term| term.find_deferred(candidates, segment))).map(drop)
}

/// Drops candidates in which those of a term's legs do not agree that are worth asking.
#[inline(never)]
fn sort_out(
    terms: &[TermReader],
    candidates: &mut Vec<u32>,
    segment: &SegmentReader<'_>,
    asked: Asked,
) -> Result<(), Stop> {
    for term in terms {
        let legs = term.legs.iter().chain(&term.near_bridges);
        let asked = legs.filter(|leg| asked.includes(leg, candidates));
        let asked: Vec<&LegReader> = asked.collect();
        if asked.len() > 1 {
            let counts = count_spots(
                &agreeing_spots(&asked, candidates, segment)?,
                candidates.len(),
            );
            let mut counts = counts.into_iter();
            candidates.retain(|_| counts.next().is_some_and(|count| count > 0));
        }
    }
    Ok(())
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
        let TermPlan {
            legs: mut planned,
            used,
            weighed,
            weights,
            has_light_end,
            mut needed,
            bridges,
            alone,
        } = TermPlan::of(term, segment);
        let find = |leg: &Leg| LegReader::find(leg, alone, segment);
        // Both have asked for what they lack before one gives up.
        let weights = every(weights.iter().map(find));
        let mut legs = every(planned.iter().map(find))?;
        let weights = weights?;
        let frequencies = if weights.is_empty() {
            frequencies(&legs[..weighed])
        } else {
            frequencies(&weights)
        };
        if legs[used..].iter().any(LegReader::has_far_documents) {
            legs.truncate(used);
            needed.extend(planned.drain(used..));
        }
        Ok(Self {
            legs,
            needed,
            bridges,
            near_bridges: Vec::new(),
            alone,
            frequencies,
            has_light_end,
        })
    }

    /// The documents that its rarest leg has.
    fn rarest(&self) -> u64 {
        let legs = self.legs.iter();
        legs.fold(u64::MAX, |least, leg| least.min(leg.document_frequency))
    }

    /// How many documents have the term, if the dictionary says so.
    fn known_count(&self) -> Option<u64> {
        let only = self.legs.first().filter(|_| self.alone)?;
        only.known_count()
    }

    /// Leaves that [`TermReader::find_deferred`] reads, at most.
    fn deferred_leaves(&self) -> u64 {
        (self.needed.len() + self.bridges.len()) as u64
    }

    /// See [`Evaluation::far_bytes`].
    fn far_bytes(&self, documents: &Range<u32>) -> u64 {
        let legs = self.legs.iter();
        legs.map(|leg| leg.far_bytes(documents, !self.alone)).sum()
    }

    /// See [`find_deferred`].
    fn find_deferred(
        &mut self,
        candidates: &[u32],
        segment: &SegmentReader<'_>,
    ) -> Result<(), Stop> {
        let positions = self.legs.iter().map(|leg| leg.far_positions(candidates));
        let pays = positions.sum::<u64>() > self.bridges.len() as u64 * LEAF_BYTES;
        let find = |leg: &Leg| LegReader::find(leg, false, segment);
        let needed = every(self.needed.iter().map(find));
        let bridges = if pays {
            every(self.bridges.iter().map(find))
        } else {
            Ok(Vec::new())
        };
        self.legs.extend(needed?);
        self.near_bridges = bridges?;
        // A bridge says nothing that positions do not say as well: it is not worth a fetch.
        self.near_bridges
            .retain(|bridge| !bridge.has_far_documents());
        self.needed.clear();
        Ok(())
    }

    /// True if more would have to be fetched to know where the term stands in these documents.
    fn is_far(&self, candidates: &[u32]) -> bool {
        let is_far = |leg: &LegReader| leg.is_bare() || leg.is_far(candidates);
        !self.alone && (!self.needed.is_empty() || self.legs.iter().any(is_far))
    }

    fn has_summaries(&self) -> bool {
        self.legs.iter().any(LegReader::is_summary)
    }

    /// True if it has a leg of which it is not known which of the candidates have it.
    fn is_unread(&self) -> bool {
        self.legs.iter().any(|leg| !leg.is_read)
    }

    /// True if only the texts of documents say where the term stands in them.
    fn is_bare(&self) -> bool {
        !self.alone && self.legs.iter().any(LegReader::is_bare)
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

/// Where all legs are in their places: wherever the rarest is, if each other agrees. So nobody writes
/// down where all the commas are.
fn agreeing_spots(
    legs: &[&LegReader],
    candidates: &[u32],
    segment: &SegmentReader<'_>,
) -> Result<Vec<u64>, Stop> {
    let wanted = legs
        .iter()
        .map(|leg| leg.want_positions(candidates, segment));
    every(wanted)?;
    let numbered = legs.iter().enumerate();
    let Some((rarest, leg)) = numbered.min_by_key(|(_, leg)| leg.document_frequency) else {
        return Ok(Vec::new());
    };
    let mut agreeing = leg.spots(candidates, None, segment)?;
    for (number, leg) in legs.iter().enumerate() {
        if number != rarest {
            agreeing = leg.spots(candidates, Some(&agreeing), segment)?;
        }
    }
    Ok(agreeing)
}

fn frequencies(legs: &[LegReader]) -> Vec<u64> {
    legs.iter().map(|leg| leg.document_frequency).collect()
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
