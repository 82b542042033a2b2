//! From a query to its matches, in all segments and in order.
//!
//! Relevance needs every match, and so does their exact number. In a large archive that can be
//! megabytes for a common word, of which a reader looks at ten results. So there
//!
//! * a query that has too much to read gives the newest matches first ([`Finder::order`]), an order
//!   that does not need all of them;
//! * whoever asks for the first page only gets it as soon as it is certain: documents are looked at
//!   from the end of the archive, in windows that cost [`FIRST_WINDOW`] bytes for each leg and then
//!   several times as much ([`growth`]).
//!
//! Results and their order do not depend on how the archive came to be: the order is chosen by document
//! frequencies, which are the same whether there is one segment or many. Only a number that is not
//! exact does, since windows are cut by the bytes of chunks.
//!
//! Segments never change, so they may have documents that the archive has no longer. Those are left out of what
//! is found, and the segment of deleted documents says by how many each number of documents has to be less ([`Gone`]).

use std::ops::Range;

use super::evaluate::{Evaluation, Matches};
use super::extents::{Stop, every};
use super::leg::LegReader;
use super::narrow::{Count, Filters, add_up, count, passing};
use super::parse::Query;
use super::score::{Collection, Scored, scores, weights};
use super::segment::SegmentReader;
use super::{Order, SearchOptions};
use crate::format::manifest::Manifest;
use crate::format::postings::{CHUNK, PostingsList};

/// Bytes of chunks that the first window costs at most, for each leg.
const FIRST_WINDOW: u64 = 16 << 10;
/// How much more the next one may cost, at least and at most.
const GROWTH: (u64, u64) = (2, 8);
/// Where lengths are not known, all matches are ranked only if their legs have at most so many
/// chunks that can hold one. A chunk is about a kilobyte, positions included.
const CHUNKS_TO_RANK: u64 = 64;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) scored: Vec<Scored>,
    /// For each field that was to be counted, its values.
    pub(super) facets: Vec<Vec<Count>>,
    /// The number of matches; if it is not exact there may be more.
    pub(super) total: u64,
    pub(super) exact: bool,
    pub(super) order: Order,
}

impl Found {
    /// The answer to no query at all.
    pub(super) fn nothing(order: Order) -> Self {
        Self {
            exact: true,
            order,
            ..Self::default()
        }
    }
}

/// What numbers of documents count that are deleted.
#[derive(Default)]
struct Gone {
    /// For each term and each of its planned legs.
    frequencies: Vec<Vec<u64>>,
    /// Of all that match, if that is known.
    count: Option<u64>,
}

impl Gone {
    /// Asks the segment of deleted documents, if there is one.
    fn find(query: &Query, deleted: Option<&SegmentReader<'_>>) -> Result<Self, Stop> {
        let Some(segment) = deleted else {
            return Ok(Self {
                count: Some(0),
                ..Self::default()
            });
        };
        let evaluation = Evaluation::find(query, Ok(Vec::new()), segment)?;
        Ok(Self {
            frequencies: evaluation.document_frequencies(),
            count: evaluation.known_count(),
        })
    }

    /// The documents that have each planned leg in the archive, if these have it in its segments.
    fn subtract_from(&self, mut frequencies: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
        let gone = self.frequencies.iter().flatten();
        for (frequency, gone) in frequencies.iter_mut().flatten().zip(gone) {
            *frequency = frequency.saturating_sub(*gone);
        }
        frequencies
    }
}

/// All matches of a query, the best first, where nothing narrows it and lengths are known: what most
/// searches ask for. [`Finder::find`] finds the same, with more code, for which a first search need
/// not wait (see `crates/xtask/src/split.rs`).
///
/// # Errors
/// If something is missing or damaged.
pub(super) fn find_plain(
    query: &Query,
    manifest: &Manifest,
    segments: &[SegmentReader<'_>],
    deleted: Option<&SegmentReader<'_>>,
) -> Result<Found, Stop> {
    segments.iter().for_each(SegmentReader::want_directory);
    let find = |segment: &SegmentReader<'_>| Evaluation::find(query, Ok(Vec::new()), segment);
    let evaluations = every(segments.iter().map(find));
    let gone = Gone::find(query, deleted);
    let mut evaluations = evaluations?;
    let frequencies = gone?.subtract_from(frequencies(evaluations.iter()));
    let evaluations = evaluations.iter_mut().zip(segments);
    let matches = every(evaluations.map(|(evaluation, segment)| {
        evaluation.matches(query, &(0..segment.segment.documents), segment)
    }))?;
    let scored = by_score(manifest, segments, &matches, &frequencies)?;
    Ok(Found {
        total: scored.len() as u64,
        exact: true,
        scored,
        ..Found::default()
    })
}

/// Finds the matches of one query.
pub(super) struct Finder<'f> {
    pub(super) query: &'f Query,
    pub(super) options: &'f SearchOptions,
    pub(super) manifest: &'f Manifest,
    pub(super) segments: &'f [SegmentReader<'f>],
    pub(super) deleted: Option<&'f SegmentReader<'f>>,
}

impl Finder<'_> {
    /// All matches, or as many as the page needs.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub(super) fn find(&self) -> Result<Found, Stop> {
        if !self.query.terms.is_empty() {
            let segments = self.segments.iter();
            segments.for_each(SegmentReader::want_directory);
        }
        let segments = self.segments.iter();
        let searches = every(segments.map(|segment| self.begin(segment)));
        let gone = Gone::find(self.query, self.deleted);
        let (mut searches, gone) = (searches?, gone?);
        let evaluations = || searches.iter().map(|search| &search.evaluation);
        let frequencies = gone.subtract_from(frequencies(evaluations()));
        let known: Option<u64> = evaluations().map(Evaluation::known_count).sum();
        let known = known
            .zip(gone.count)
            .map(|(all, gone)| all.saturating_sub(gone));
        let order = self.order(&frequencies, &searches);
        let all = self.manifest.places_in_all();
        let mut budget = if self.needs_all(order) {
            u64::MAX
        } else {
            // A query may have filters and no terms: a window of no bytes would never grow.
            let legs = frequencies.iter().flatten().count().max(1);
            FIRST_WINDOW * legs as u64
        };
        loop {
            let window = self.window(order, budget, &searches);
            let is_whole = window == (0..all);
            let mut found = self.within(&window, order, &mut searches, &frequencies)?;
            let wanted = self.options.offset.saturating_add(self.options.limit);
            if is_whole || found.scored.len() >= wanted {
                let known = known.filter(|_| !is_whole);
                found.total = known.unwrap_or(found.scored.len() as u64);
                found.exact = is_whole || known.is_some();
                return Ok(found);
            }
            let seen = found.scored.len();
            budget = budget.saturating_mul(growth(seen as u64, wanted as u64));
        }
    }

    fn needs_all(&self, order: Order) -> bool {
        let options = self.options;
        order == Order::Relevance || !options.first_page || !options.facets.is_empty()
    }

    fn is_by_date(&self) -> bool {
        self.query.terms.is_empty() && self.options.order == Order::Relevance
    }

    /// Finds what does not depend on which documents are looked at.
    fn begin(&self, segment: &SegmentReader<'_>) -> Result<Search, Stop> {
        let options = self.options;
        // All of these ask for what they lack before one of them gives up.
        let fields = options.facets.iter();
        let values: Vec<_> = fields.map(|field| segment.values(field)).collect();
        let filters = Filters::find(&options.filters, &options.dates, &options.facets, segment);
        if self.is_by_date() {
            drop(segment.dates());
        }
        let (common, own) = match filters {
            Ok(Filters { common, own }) => (Ok(common), own),
            Err(stop) => (Err(stop), Vec::new()),
        };
        let evaluation = Evaluation::find(self.query, common, segment);
        Ok(Search {
            values: every(values.into_iter())?,
            evaluation: evaluation?,
            own,
        })
    }

    /// The order of the results: the one that was asked for, unless relevance would cost too much.
    fn order(&self, frequencies: &[Vec<u64>], searches: &[Search]) -> Order {
        let is_large = !collection(self.manifest).ranks_by_length();
        let asked = self.options.order;
        let light_ends = searches
            .first()
            .map_or(0, |search| search.evaluation.light_ends());
        if asked == Order::Relevance && is_large && chunks(frequencies, light_ends) > CHUNKS_TO_RANK
        {
            return Order::Newest;
        }
        asked
    }

    /// The places that are looked at: as many from the end of the archive (or from its start) as
    /// cost at most so many bytes.
    fn window(&self, order: Order, budget: u64, searches: &[Search]) -> Range<u64> {
        let all = self.manifest.places_in_all();
        let take = |count: u64| match order {
            Order::Oldest => 0..count,
            _ => all - count..all,
        };
        let cost = |count: u64| -> u64 {
            let ranges = self.ranges(&take(count)).into_iter();
            let searches = ranges.zip(searches).zip(self.segments);
            searches
                .map(|((range, search), segment)| search.evaluation.far_bytes(&range, segment))
                .sum()
        };
        if budget == u64::MAX || cost(all) <= budget {
            return 0..all;
        }
        let (mut affordable, mut too_many) = (0, all);
        while too_many - affordable > 1 {
            let middle = affordable.midpoint(too_many);
            if cost(middle) <= budget {
                affordable = middle;
            } else {
                too_many = middle;
            }
        }
        take(affordable)
    }

    /// The documents of each segment that have these places.
    fn ranges(&self, places: &Range<u64>) -> Vec<Range<u32>> {
        let starts = self.manifest.below(places.start).into_iter();
        let ends = self.manifest.below(places.end);
        starts.zip(ends).map(|(start, end)| start..end).collect()
    }

    fn within(
        &self,
        window: &Range<u64>,
        order: Order,
        searches: &mut [Search],
        frequencies: &[Vec<u64>],
    ) -> Result<Found, Stop> {
        let ranges = self.ranges(window);
        let segments = self.segments.iter().zip(&ranges).zip(searches);
        let matching = |((segment, range), search): ((_, _), &mut Search)| {
            search.matches(self.query, range, segment)
        };
        let (mut matches, mut facets) = (Vec::new(), vec![Vec::new(); self.options.facets.len()]);
        for (own, counts) in every(segments.map(matching))? {
            matches.push(own);
            for (sum, counts) in facets.iter_mut().zip(counts) {
                *sum = add_up(std::mem::take(sum), counts);
            }
        }
        let (scored, order) = match order {
            Order::Relevance if self.is_by_date() => (self.by_date(&matches)?, Order::Newest),
            Order::Relevance => {
                let scored = by_score(self.manifest, self.segments, &matches, frequencies)?;
                (scored, order)
            }
            _ => (self.by_place(&matches, order), order),
        };
        Ok(Found {
            scored,
            facets,
            order,
            ..Found::default()
        })
    }

    /// The newest first, and those of a day in the order of the archive.
    fn by_date(&self, matches: &[Matches]) -> Result<Vec<Scored>, Stop> {
        let dates = every(self.segments.iter().map(SegmentReader::dates))?;
        let mut scored = Vec::new();
        for (segment, (matches, dates)) in matches.iter().zip(&dates).enumerate() {
            let mut dates = dates.iter().peekable();
            let mut date = 0;
            let mut rank = |document: &u32| {
                while let Some((_, next)) = dates.next_if(|(first, _)| first <= document) {
                    date = *next;
                }
                date
            };
            let ranks: Vec<u64> = matches.documents.iter().map(&mut rank).collect();
            place(self.manifest, segment, matches, &ranks, &mut scored);
        }
        Ok(scored)
    }

    /// In the order of the archive, or from its end.
    fn by_place(&self, matches: &[Matches], order: Order) -> Vec<Scored> {
        let mut scored = Vec::new();
        for (segment, matches) in matches.iter().enumerate() {
            let ranks = vec![0; matches.documents.len()];
            place(self.manifest, segment, matches, &ranks, &mut scored);
        }
        if order == Order::Newest {
            scored.iter_mut().for_each(|hit| hit.rank = hit.place);
        }
        scored
    }
}

/// All matches of a query in all segments, by their scores.
fn by_score(
    manifest: &Manifest,
    segments: &[SegmentReader<'_>],
    matches: &[Matches],
    frequencies: &[Vec<u64>],
) -> Result<Vec<Scored>, Stop> {
    let collection = collection(manifest);
    let weights = weights(frequencies, collection);
    let lengths = every(segments.iter().zip(matches).map(|(segment, matches)| {
        if collection.ranks_by_length() {
            segment.lengths(&matches.documents)
        } else {
            Ok(Vec::new())
        }
    }))?;
    let mut scored = Vec::new();
    for (segment, (matches, lengths)) in matches.iter().zip(&lengths).enumerate() {
        let scores = scores(matches, &weights, lengths, collection);
        // The bits of a positive float sort as the float does.
        let ranks: Vec<u64> = scores.iter().map(|score| score.to_bits()).collect();
        place(manifest, segment, matches, &ranks, &mut scored);
    }
    Ok(scored)
}

/// Adds a segment's matches, with what they are ranked by. (Not an iterator, of which the engine
/// would have a copy for each order.)
#[inline(never)]
fn place(
    manifest: &Manifest,
    segment: usize,
    matches: &Matches,
    ranks: &[u64],
    scored: &mut Vec<Scored>,
) {
    let places = manifest.places(segment, &matches.documents);
    for ((&document, &rank), place) in matches.documents.iter().zip(ranks).zip(places) {
        scored.push(Scored {
            segment,
            document,
            place,
            rank,
        });
    }
}

pub(super) fn collection(manifest: &Manifest) -> Collection {
    let live = manifest.live_segments().iter();
    let length: u64 = live.map(|segment| segment.length).sum();
    let deleted = manifest.deleted_segment();
    Collection {
        documents: manifest.documents(),
        length: length.saturating_sub(deleted.map_or(0, |segment| segment.length)),
    }
}

/// How many times more has to be looked at to find all that is wanted, if the rest of the archive
/// is like what has been seen; and half as much again, since another step costs more.
fn growth(seen: u64, wanted: u64) -> u64 {
    let (least, most) = GROWTH;
    let more = wanted.saturating_mul(3).checked_div(seen.saturating_mul(2));
    more.map_or(most, |more| (more + 1).clamp(least, most))
}

/// The documents that have each planned leg, in all segments: those of each term together.
fn frequencies<'e>(evaluations: impl Iterator<Item = &'e Evaluation>) -> Vec<Vec<u64>> {
    let mut sums: Vec<Vec<u64>> = Vec::new();
    for evaluation in evaluations {
        let own = evaluation.document_frequencies();
        if sums.is_empty() {
            sums = own;
            continue;
        }
        for (sum, more) in sums.iter_mut().flatten().zip(own.iter().flatten()) {
            *sum += more;
        }
    }
    sums
}

/// Chunks that can hold a match, about: the rarest leg has a candidate in so many at most.
/// Light ends are not looked up and count as in all documents.
fn chunks(frequencies: &[Vec<u64>], light_ends: usize) -> u64 {
    let rarest = frequencies.iter().flatten().min().copied().unwrap_or(0);
    let chunks = |frequency: &u64| frequency.div_ceil(CHUNK as u64).min(rarest);
    let known: u64 = frequencies.iter().flatten().map(chunks).sum();
    known + rarest * light_ends as u64
}

/// A search in one segment.
struct Search {
    evaluation: Evaluation,
    /// The values of each field that is to be counted.
    values: Vec<Vec<(String, PostingsList)>>,
    /// The filters of such fields, with the place of the field among them.
    own: Vec<(usize, LegReader)>,
}

impl Search {
    /// Which of these documents match, and how many of them have which values. Where values are
    /// counted, it is asked once.
    fn matches(
        &mut self,
        query: &Query,
        within: &Range<u32>,
        segment: &SegmentReader<'_>,
    ) -> Result<(Matches, Vec<Vec<Count>>), Stop> {
        let mut matches = self.evaluation.matches(query, within, segment)?;
        let own = std::mem::take(&mut self.own);
        let passing = passing(own, &matches.documents, segment)?;
        let values = std::mem::take(&mut self.values).into_iter().enumerate();
        let counts = every(values.map(|(at, values)| {
            let places = 0..matches.documents.len();
            let places = places.filter(|&place| passing.passes(place, Some(at)));
            let documents: Vec<u32> = places.map(|place| matches.documents[place]).collect();
            count(values, &documents, segment)
        }))?;
        matches.keep(|place| passing.passes(place, None));
        Ok((matches, counts))
    }
}
