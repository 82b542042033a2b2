//! The keys of several runs, in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::run::prefix;
use super::runs::{KeyRange, RunReader};
use crate::error::Error;

/// The next key of a run. Compared by key, then by run; the prefix is the key's.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    prefix: u64,
    key: Vec<u8>,
    run: usize,
}

/// Hands each key of a range to `visit`, with the reader before its list, which has to be read or
/// passed over. A key comes once for each run that has it. Runs follow one another in documents, so
/// the list of a key is that of the first run that has it, then that of the next.
///
/// # Errors
/// If a run cannot be read, or `visit` fails.
pub(super) fn walk<'r>(
    mut readers: Vec<RunReader<'r>>,
    range: &KeyRange,
    mut visit: impl FnMut(&[u8], &mut RunReader<'r>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut heads = BinaryHeap::with_capacity(readers.len());
    for (run, reader) in readers.iter_mut().enumerate() {
        heads.extend(first_head(reader, run, range)?.map(Reverse));
    }
    while let Some(mut head) = heads.peek_mut() {
        let reader = &mut readers[head.0.run];
        visit(&head.0.key, reader)?;
        if !advance(&mut head.0, reader, range)? {
            PeekMut::pop(head);
        }
    }
    Ok(())
}

/// A run's first key in the range, if it has one.
fn first_head(
    reader: &mut RunReader<'_>,
    run: usize,
    range: &KeyRange,
) -> Result<Option<Head>, Error> {
    let mut head = Head {
        prefix: 0,
        key: Vec::new(),
        run,
    };
    let from = range.from.as_deref().unwrap_or_default();
    while advance(&mut head, reader, range)? {
        if *head.key >= *from {
            return Ok(Some(head));
        }
        reader.skip_list()?;
    }
    Ok(None)
}

/// Goes on to the run's next key; false if the range has no more of them.
fn advance(head: &mut Head, reader: &mut RunReader<'_>, range: &KeyRange) -> Result<bool, Error> {
    let is_there = reader.key(&mut head.key)?;
    head.prefix = prefix(&head.key);
    let is_below = |bound: &[u8]| *head.key < *bound;
    Ok(is_there && range.to.as_deref().is_none_or(is_below))
}
