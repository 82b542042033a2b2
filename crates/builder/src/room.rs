//! Memory that threads share.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::rows::Row;

/// So many bytes of input may be worked on at once.
///
/// Whoever wants more than is left waits, and whoever wants more than there is gets it when nobody else has any: one
/// large thing at a time, and beside each other what is small.
#[derive(Debug)]
pub(crate) struct Room {
    most: u64,
    taken: Mutex<u64>,
    given_back: Condvar,
}

/// A part of a [`Room`], given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Taken<'r> {
    room: &'r Room,
    bytes: u64,
}

impl Taken<'_> {
    /// Gives back what is more than so many bytes.
    pub(crate) fn keep(&mut self, bytes: u64) {
        let more = self.bytes.saturating_sub(bytes);
        self.bytes -= more;
        self.room.give_back(more);
    }
}

impl Room {
    pub(crate) fn new(most: u64) -> Self {
        Self {
            most,
            taken: Mutex::new(0),
            given_back: Condvar::new(),
        }
    }

    /// Waits for so many bytes. Who has some must not ask for more.
    pub(crate) fn take(&self, bytes: u64) -> Taken<'_> {
        let is_full = |taken: &mut u64| *taken > 0 && *taken + bytes > self.most;
        let free = self.given_back.wait_while(self.taken(), is_full);
        *free.unwrap_or_else(PoisonError::into_inner) += bytes;
        Taken { room: self, bytes }
    }

    fn give_back(&self, bytes: u64) {
        *self.taken() -= bytes;
        self.given_back.notify_all();
    }

    fn taken(&self) -> MutexGuard<'_, u64> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A row of documents, and room for their text.
pub(crate) type Housed<'i, 'r, T> = Result<(Row<'i, T>, Taken<'r>), Error>;

/// Takes room for each row. They have to be worked on in their order.
pub(crate) fn housed<'i, 'r, T: 'i>(
    rows: impl Iterator<Item = Result<Row<'i, T>, Error>>,
    room: &'r Room,
) -> impl Iterator<Item = Housed<'i, 'r, T>> {
    rows.map(|row| {
        let row = row?;
        let taken = room.take(row.bytes);
        Ok((row, taken))
    })
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.room.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is_but_by_one_alone() {
        let (room, now) = (Room::new(10), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for bytes in [1, 4, 25, 4, 9, 30, 2, 8, 10, 3, 25, 1] {
                let (room, now) = (&room, &now);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let mut taken = room.take(2 * bytes);
                        taken.keep(bytes);
                        let all = now.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        assert!(all <= 10 || all == bytes, "{all}");
                        now.fetch_sub(bytes, Ordering::SeqCst);
                        drop(taken);
                    }
                });
            }
        });
        assert_eq!(*room.taken(), 0);
    }
}
