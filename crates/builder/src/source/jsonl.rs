//! Documents as JSON objects, one a line.
//!
//! A file is read as batches of whole lines and the batches are parsed in parallel: while one thread unpacks the next
//! batch, the others parse. Nothing but the documents themselves is kept, so a file may be far larger than memory
//! could hold twice.
//!
//! A line that is wrong ends the build: a list is made by a program, so what is wrong with one line is usually wrong
//! with thousands, and an archive without them would look whole.

use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::Origin;
use super::documents::Intake;
use super::input::InputFile;
use super::record::{Notes, Object, Parsed};
use crate::error::Error;
use crate::progress::Progress;
use crate::report::ReadReport;

/// Enough to keep a thread busy for some milliseconds, little beside the documents.
const BATCH_BYTES: usize = 1 << 20;

/// Reads one file. If several lines are wrong, the first is the error.
pub(super) fn read(
    file: &InputFile,
    intake: &Intake<'_>,
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<(), Error> {
    let Some(bytes) = file.open_or_note(progress, report) else {
        return Ok(());
    };
    let failed = AtomicBool::new(false);
    let batches = Batches::new(bytes, intake.longest_line(), &failed)
        .map(|batch| batch.map(|batch| (intake.room_for(batch.bytes.len() as u64), batch)));
    let mut outcomes: Vec<(u64, Result<Notes, Error>)> = batches
        .par_bridge()
        .map(|batch| {
            let outcome = batch.map_or_else(
                |(line, source)| (line, Err(file.unreadable(source))),
                |(_room, batch)| (batch.first_line, take(batch, file, intake)),
            );
            // Batches are handed out in order, so every batch before a wrong one is already being parsed, and those
            // after it need not be.
            failed.fetch_or(outcome.1.is_err(), Ordering::Relaxed);
            outcome
        })
        .collect();
    outcomes.sort_unstable_by_key(|(line, _)| *line);
    report.files += 1;
    report.input_bytes += file.bytes;
    for (_, notes) in outcomes {
        let notes = notes?;
        report.skipped.extend(notes.skipped);
        report.warnings.extend(notes.warnings);
    }
    Ok(())
}

/// Parses a batch and hands its documents on.
fn take(batch: Batch, file: &InputFile, intake: &Intake<'_>) -> Result<Notes, Error> {
    let parsed = parse(&batch, &file.path)?;
    drop(batch);
    intake.take(file.number, parsed.found)?;
    Ok(parsed.notes)
}

/// Whole lines, and the number of the first of them.
struct Batch {
    first_line: u64,
    bytes: Vec<u8>,
}

/// Cuts a stream into batches until it ends, breaks or somebody has failed.
struct Batches<'a, R> {
    reader: R,
    longest_line: u64,
    next_line: u64,
    stop: &'a AtomicBool,
    ended: bool,
}

impl<'a, R: BufRead> Batches<'a, R> {
    fn new(reader: R, longest_line: u64, stop: &'a AtomicBool) -> Self {
        Batches {
            reader,
            longest_line,
            next_line: 1,
            stop,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<Batch> {
        let mut batch = Batch {
            first_line: self.next_line,
            bytes: Vec::with_capacity(BATCH_BYTES + BATCH_BYTES / 8),
        };
        while batch.bytes.len() < BATCH_BYTES && !self.ended {
            let start = batch.bytes.len();
            let mut line = (&mut self.reader).take(self.longest_line + 1);
            self.ended = line.read_until(b'\n', &mut batch.bytes)? == 0;
            if (batch.bytes.len() - start) as u64 > self.longest_line {
                return Err(self.too_long());
            }
            self.next_line += 1;
        }
        Ok(batch)
    }

    fn too_long(&self) -> io::Error {
        let (line, most) = (self.next_line, self.longest_line >> 20);
        io::Error::other(format!(
            "line {line} is longer than {most} MiB, for which this --memory has no room; is each document on a line of its own?"
        ))
    }
}

impl<R: BufRead> Iterator for Batches<'_, R> {
    type Item = Result<Batch, (u64, io::Error)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let batch = self.fill();
        self.ended |= batch.is_err();
        Some(batch.map_err(|error| (self.next_line, error)))
    }
}

fn parse<'a>(batch: &Batch, path: &'a Path) -> Result<Parsed<'a>, Error> {
    let mut parsed = Parsed::default();
    for (number, bytes) in (batch.first_line..).zip(batch.bytes.split(|byte| *byte == b'\n')) {
        let line = Some(number);
        let object = Object::new(bytes, Origin { path, line })?;
        if !object.is_blank() {
            object.parse_into(&mut parsed)?;
        }
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests;
