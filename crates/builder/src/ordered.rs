//! Work on all threads, results in order.
//!
//! A stage is a row of items, something to do with each on any thread, and somebody who takes the
//! results one after the other. Only so many items are on their way at any time, so a stage takes
//! as much memory as those do, however many there are and however slow the taker is.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What came of an item, or the panic that it ended in.
type Outcome<R> = Result<R, Box<dyn Any + Send>>;

/// Hands `work(item)` for every item to `take`, in the order of the items. Uses as many threads as
/// rayon would, and the calling one for `take`; two items for each thread are on their way.
///
/// # Errors
/// The first error of `take`; then no more items are begun.
pub(crate) fn in_order<T: Send, R: Send, E>(
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
    take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    in_order_with(items, || &work, take)
}

/// The same, but each thread works with what `worker` makes for it, which may keep something from one
/// item to the next.
///
/// # Errors
/// The first error of `take`; then no more items are begun.
pub(crate) fn in_order_with<T: Send, R: Send, E, W: FnMut(T) -> R>(
    items: impl Iterator<Item = T> + Send,
    worker: impl Fn() -> W + Sync,
    take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = rayon::current_num_threads();
    let (permits, permitted) = channel();
    let (results, finished) = channel();
    let queue = Mutex::new((permitted, items.enumerate()));
    for _ in 0..2 * threads {
        // The other end lives as long as the queue.
        let _ = permits.send(());
    }
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (queue, worker, results) = (&queue, &worker, results.clone());
            scope.spawn(move || serve(queue, worker(), &results));
        }
        drop(results);
        collect(finished, permits, take)
    })
}

/// Takes items from the queue until there are none left, or nobody wants them any more.
fn serve<T, R>(
    queue: &Mutex<(Receiver<()>, impl Iterator<Item = (usize, T)>)>,
    mut work: impl FnMut(T) -> R,
    results: &Sender<(usize, Outcome<R>)>,
) {
    let next = || {
        let mut queue = queue.lock().ok()?;
        queue.0.recv().ok()?;
        queue.1.next()
    };
    while let Some((number, item)) = next() {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(item)));
        if results.send((number, outcome)).is_err() {
            return;
        }
    }
}

/// Puts results in order, and permits one more item for each that has been taken. Those that nobody takes are dropped
/// before it returns, so that what they hold is given back to whoever waits for it.
fn collect<R, E>(
    finished: Receiver<(usize, Outcome<R>)>,
    permits: Sender<()>,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    for (number, outcome) in finished {
        waiting.insert(number, outcome);
        while let Some(outcome) = waiting.remove(&next) {
            take(outcome.unwrap_or_else(|panic| resume_unwind(panic)))?;
            next += 1;
            // Nobody listens when the items have come to their end.
            let _ = permits.send(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let mut seen = Vec::new();
        let slow_when_even = |item: u64| {
            std::thread::sleep(std::time::Duration::from_millis((item + 1) % 2));
            item * item
        };
        let taken: Result<(), ()> = in_order(0..50, slow_when_even, |result| {
            seen.push(result);
            Ok(())
        });
        taken.unwrap();
        assert_eq!(seen, (0..50).map(|item| item * item).collect::<Vec<u64>>());
    }

    #[test]
    fn an_error_ends_it_and_few_items_are_on_their_way() {
        let begun = AtomicUsize::new(0);
        let count = |_| begun.fetch_add(1, Ordering::Relaxed);
        let mut taken = 0;
        let outcome = in_order(0..1_000_000, count, |_| {
            taken += 1;
            if taken == 10 { Err("enough") } else { Ok(()) }
        });
        assert_eq!(outcome, Err("enough"));
        let most = 10 + 2 * rayon::current_num_threads();
        assert!(begun.into_inner() <= most);
    }

    #[test]
    #[should_panic(expected = "broken item")]
    fn a_panic_reaches_the_caller() {
        let work = |item| assert!(item != 3, "broken item");
        let _: Result<(), ()> = in_order(0..100, work, |()| Ok(()));
    }
}
