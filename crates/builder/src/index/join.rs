//! Few large runs in the place of many small ones.
//!
//! Merging reads a window of every run for every range of keys, so its work grows with the product
//! of the two, and its memory with the number of runs. Of a large archive, neighbours among the
//! runs are joined first.

use std::ops::Range;

use super::run::{JoinedList, SortedLists};
use super::runs::{KeyRange, Runs, WINDOW};
use super::walk::walk;
use crate::error::Error;
use crate::ordered::in_order;
use crate::progress::{Progress, Stage};
use crate::room::Room;
use crate::workspace::Workspace;

/// Joins runs if they are many.
///
/// # Errors
/// If a run cannot be read, or what becomes of it cannot be written.
pub(super) fn join(
    runs: &mut Runs,
    workspace: &Workspace,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let memory = workspace.memory;
    let most = memory.windows(WINDOW);
    if runs.len() <= most {
        return Ok(());
    }
    let groups = runs.neighbours(memory.joined_run(runs.bytes(), most));
    progress.begin(Stage::Join, runs.len() as u64);
    let room = Room::new(memory.merging());
    let housed = groups.into_iter().map(|group| {
        let bytes = runs.bytes_of(&group) + (group.len() * WINDOW) as u64;
        (group, room.take(bytes))
    });
    let mut joined = Runs::new(workspace.spool("joined-runs", memory.runs()));
    let work = |(group, room): (Range<usize>, _)| {
        let count = group.len() as u64;
        (
            runs.first_document(group.start),
            lists_of(runs, group),
            count,
            room,
        )
    };
    in_order(housed, work, |(first, lists, count, _room)| {
        joined.add_lists(first, lists?)?;
        progress.advance(count);
        Ok(())
    })?;
    runs.replace(joined);
    Ok(())
}

/// The lists of some runs as those of one.
fn lists_of(runs: &Runs, group: Range<usize>) -> Result<SortedLists, Error> {
    let first = runs.first_document(group.start);
    let mut lists = SortedLists::with_capacity(runs.bytes_of(&group) as usize);
    let (mut key, mut list) = (Vec::new(), JoinedList::default());
    let all = KeyRange::default();
    walk(runs.readers(group, &all), &all, |next, reader| {
        if next != key {
            put(&mut lists, &key, &mut list);
            key.clear();
            key.extend_from_slice(next);
        }
        list.append(reader.first - first, reader.list_bytes()?);
        Ok(())
    })?;
    put(&mut lists, &key, &mut list);
    Ok(lists)
}

/// Appends a list, of which nothing is left.
fn put(lists: &mut SortedLists, key: &[u8], list: &mut JoinedList) {
    if !list.bytes.is_empty() {
        lists.push(key, |out| out.extend_from_slice(&list.bytes));
        list.clear();
    }
}
