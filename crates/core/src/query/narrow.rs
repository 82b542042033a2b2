//! Narrowing a search to some values of facets, and counting values among what was found.
//!
//! A filter is a leg like those of a term: lists of documents, of which only the chunks are read
//! that can hold a candidate. It has no part in scores, so what is found has the score that it has
//! without filters.
//!
//! The values of a field are counted among the documents that match everything but the filters of
//! that field itself: so the counts say what choosing another value would add.

use super::extents::{Stop, every};
use super::leg::LegReader;
use super::segment::SegmentReader;
use crate::facet;
use crate::format::postings::PostingsList;

/// Values of a field; a document needs one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The field.
    pub field: String,
    /// The values. One of a hierarchy stands for all below it as well.
    pub values: Vec<String>,
}

/// The dates from one to another, both included, each whole or only a year or a month.
///
/// Dates are compared as text, and all that goes on from the last is within: `2023` to `2024-05` has
/// `2023-01-01`, `2024-05-31`, and also what is only known to be of `2024`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateRange {
    /// The first; `None` if there is none.
    pub from: Option<String>,
    /// The last; `None` if there is none.
    pub to: Option<String>,
}

impl DateRange {
    fn is_limited(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// The documents that it has in a segment.
    fn list(&self, segment: &SegmentReader<'_>) -> Result<Option<PostingsList>, Stop> {
        // Everything that goes on from a date is below that date with the highest character.
        let behind = self.to.as_ref().map(|to| [to, "\u{10FFFF}"].concat());
        let start = segment.first_dated(self.from.as_deref().unwrap_or(""));
        let end = match &behind {
            Some(behind) => segment.first_dated(behind),
            None => Ok(segment.segment.documents),
        };
        let (start, end) = (start?, end?);
        Ok((start < end).then(|| PostingsList::row(start..end)))
    }
}

impl Filter {
    /// What it lets through.
    fn leg(&self, segment: &SegmentReader<'_>) -> Result<LegReader, Stop> {
        let list = |value: &String| {
            if self.field != facet::DATE {
                return segment.list(&facet::key(&self.field, value));
            }
            let (from, to) = (Some(value.clone()), Some(value.clone()));
            DateRange { from, to }.list(segment)
        };
        let lists = every(self.values.iter().map(list))?;
        Ok(LegReader::of(lists.into_iter().flatten().collect()))
    }
}

/// The filters of a search in one segment.
pub(super) struct Filters {
    /// Those that everything has to pass.
    pub(super) common: Vec<LegReader>,
    /// Those of fields that are counted, by the places of the fields among those.
    pub(super) own: Vec<(usize, LegReader)>,
}

impl Filters {
    /// Finds the lists of all of them.
    ///
    /// # Errors
    /// If something is missing (all of it has been asked for) or damaged.
    pub(super) fn find(
        filters: &[Filter],
        dates: &DateRange,
        counted: &[String],
        segment: &SegmentReader<'_>,
    ) -> Result<Self, Stop> {
        let dated = dates.is_limited().then(|| dates.list(segment));
        let legs = every(filters.iter().map(|filter| filter.leg(segment)));
        let mut found = Self {
            common: Vec::new(),
            own: Vec::new(),
        };
        if let Some(dated) = dated {
            let list = dated?.into_iter();
            found.common.push(LegReader::of(list.collect()));
        }
        for (filter, leg) in filters.iter().zip(legs?) {
            match counted.iter().position(|field| *field == filter.field) {
                Some(at) => found.own.push((at, leg)),
                None => found.common.push(leg),
            }
        }
        Ok(found)
    }
}

/// For each filter of a field that is counted, which of the documents pass it.
///
/// # Errors
/// If something is missing (all of it has been asked for) or damaged.
pub(super) fn passing(
    filters: Vec<(usize, LegReader)>,
    documents: &[u32],
    segment: &SegmentReader<'_>,
) -> Result<Passing, Stop> {
    let passed = filters.into_iter();
    every(passed.map(|(at, mut leg)| Ok((at, marked(&mut leg, documents, segment)?)))).map(Passing)
}

/// Which documents, of a row of them, pass the filters of which counted fields.
pub(super) struct Passing(Vec<(usize, Vec<bool>)>);

impl Passing {
    /// True if the document at this place of the row passes all filters but those of one field.
    pub(super) fn passes(&self, place: usize, but: Option<usize>) -> bool {
        let all = self.0.iter();
        all.filter(|(field, _)| Some(*field) != but)
            .all(|(_, passed)| passed[place])
    }
}

/// For each of the documents, whether a leg has it.
fn marked(
    leg: &mut LegReader,
    documents: &[u32],
    segment: &SegmentReader<'_>,
) -> Result<Vec<bool>, Stop> {
    let own = leg.documents(Some(documents), segment)?.documents;
    let mut own = own.into_iter().peekable();
    let has = |document: &u32| {
        while own.next_if(|other| other < document).is_some() {}
        own.peek() == Some(document)
    };
    Ok(documents.iter().map(has).collect())
}

/// A value and how many documents have it.
pub(super) type Count = (String, u64);

/// How many of the documents have each value, values rising; those that none has are left out.
///
/// # Errors
/// If something is missing (all of it has been asked for) or damaged.
pub(super) fn count(
    values: Vec<(String, PostingsList)>,
    documents: &[u32],
    segment: &SegmentReader<'_>,
) -> Result<Vec<Count>, Stop> {
    let count = |(value, list)| {
        let own = LegReader::of(vec![list]).documents(Some(documents), segment)?;
        Ok((value, own.documents.len() as u64))
    };
    let mut counts = every(values.into_iter().map(count))?;
    counts.retain(|(_, count)| *count > 0);
    Ok(counts)
}

/// Adds up the counts of segments; values rise.
pub(super) fn add_up(sums: Vec<Count>, counts: Vec<Count>) -> Vec<Count> {
    let mut all: Vec<Count> = Vec::with_capacity(sums.len() + counts.len());
    let mut sums = sums.into_iter().peekable();
    for (value, mut count) in counts {
        while let Some(less) = sums.next_if(|(other, _)| *other < value) {
            all.push(less);
        }
        if let Some((_, more)) = sums.next_if(|(other, _)| *other == value) {
            count += more;
        }
        all.push((value, count));
    }
    all.extend(sums);
    all
}
