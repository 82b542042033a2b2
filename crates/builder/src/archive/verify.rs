//! Checks every byte of an archive, and that its parts agree.

use backfile_core::format::documents::DocumentsBlock;
use backfile_core::format::postings::{DocumentsChunk, ListReader, Place, Skip};
use backfile_core::format::terms::TermsBlock;
use backfile_core::format::{BlockId, BlockKind, lengths};

use super::{Archive, Problem};
use crate::error::Error;

impl Archive {
    /// Everything that is wrong with the archive; nothing, if it is fit to be published.
    ///
    /// Reads each block, decodes each list and each document, and holds lists against the
    /// number of documents and keys against the order of the dictionary.
    pub fn verify(&self) -> Vec<Problem> {
        let mut check = Check::new(self);
        let mut last_key = Vec::new();
        for id in self.segment().blocks() {
            let payload = match self.payload(id) {
                Ok(payload) => payload,
                Err(error) => {
                    check.report(id, &chain(&error));
                    check.streams_are_whole &= !is_stream(id.kind);
                    continue;
                }
            };
            match id.kind {
                BlockKind::Terms => check.terms(id, &payload, &mut last_key),
                BlockKind::Documents => check.documents(id, &payload),
                BlockKind::LongDocuments => check.long_documents.extend_from_slice(&payload),
                BlockKind::LongPositions => check.long_positions.extend_from_slice(&payload),
                BlockKind::Lengths => check.lengths(id, &payload),
                BlockKind::Manifest | BlockKind::FoldTable | BlockKind::Dictionary => {}
            }
        }
        // With a piece missing, every list behind it would be blamed.
        if check.streams_are_whole {
            check.long_lists();
        }
        check.problems
    }
}

fn is_stream(kind: BlockKind) -> bool {
    matches!(kind, BlockKind::LongDocuments | BlockKind::LongPositions)
}

struct Check<'a> {
    archive: &'a Archive,
    problems: Vec<Problem>,
    long_documents: Vec<u8>,
    long_positions: Vec<u8>,
    streams_are_whole: bool,
    /// Leaves that have lists in the streams, which are read after them.
    with_long_lists: Vec<u32>,
}

impl<'a> Check<'a> {
    fn new(archive: &'a Archive) -> Self {
        Self {
            archive,
            problems: Vec::new(),
            long_documents: Vec::new(),
            long_positions: Vec::new(),
            streams_are_whole: true,
            with_long_lists: Vec::new(),
        }
    }

    fn report(&mut self, id: BlockId, what: &str) {
        self.problems.push(Problem {
            file: id.file_name(self.archive.segment().tag),
            what: what.to_owned(),
        });
    }

    fn terms(&mut self, id: BlockId, payload: &[u8], last_key: &mut Vec<u8>) {
        let mut block = TermsBlock::new(payload, self.archive.segment().tuning());
        loop {
            let list = match block.next_term() {
                Ok(Some(list)) => list,
                Ok(None) => return,
                Err(error) => return self.report(id, &error.to_string()),
            };
            if !last_key.is_empty() && block.key() <= last_key.as_slice() {
                self.report(id, "a key is not behind the one before it");
            }
            if self.archive.engine.start().dictionary.leaf(block.key()) != id.number {
                self.report(id, "the dictionary looks for a key in another leaf");
            }
            block.key().clone_into(last_key);
            if list.form() == "long" {
                self.with_long_lists.push(id.number);
            } else if let Err(what) = self.list(&list) {
                self.report(id, &what);
            }
        }
    }

    fn long_lists(&mut self) {
        let mut leaves = std::mem::take(&mut self.with_long_lists);
        leaves.dedup();
        for number in leaves {
            let id = BlockId {
                kind: BlockKind::Terms,
                number,
            };
            let Ok(payload) = self.archive.payload(id) else {
                continue;
            };
            let mut block = TermsBlock::new(&payload, self.archive.segment().tuning());
            while let Ok(Some(list)) = block.next_term() {
                if let Err(what) = self.list(&list) {
                    self.report(id, &what);
                }
            }
        }
    }

    /// Decodes a whole list.
    fn list(&self, list: &ListReader<'_>) -> Result<(), String> {
        let Some(skips) = list.skips() else {
            let (chunk, positions) = list.decode_short().map_err(|error| error.to_string())?;
            return self.counts(
                list,
                chunk.documents.len(),
                positions.len(),
                chunk.documents.last(),
            );
        };
        let (mut documents, mut positions) = (0, 0);
        for skip in skips {
            let (chunk, own) = self.chunk(list, skip)?;
            documents += chunk.documents.len();
            positions += own.len();
        }
        let last = skips.last().map(|skip| skip.last_document);
        self.counts(list, documents, positions, last.as_ref())
    }

    fn chunk(
        &self,
        list: &ListReader<'_>,
        skip: &Skip,
    ) -> Result<(DocumentsChunk, Vec<u32>), String> {
        let documents = match list.documents_place(skip) {
            Place::Here(bytes) => bytes.to_vec(),
            Place::Stream => stream_part(&self.long_documents, &skip.documents)?,
        };
        let chunk = list
            .decode_documents(skip, &documents)
            .map_err(|error| error.to_string())?;
        let positions = match list.positions_place(skip) {
            Place::Here(bytes) => bytes.to_vec(),
            Place::Stream => stream_part(&self.long_positions, &skip.positions)?,
        };
        let positions = list.decode_positions(&chunk.frequencies, &positions);
        Ok((chunk, positions.map_err(|error| error.to_string())?))
    }

    fn counts(
        &self,
        list: &ListReader<'_>,
        documents: usize,
        positions: usize,
        last: Option<&u32>,
    ) -> Result<(), String> {
        if last.is_none_or(|&last| last >= self.archive.segment().documents) {
            return Err("a list names a document that the archive does not have".into());
        }
        let same = documents == list.document_frequency() as usize
            && positions as u64 == list.occurrences();
        if same {
            Ok(())
        } else {
            Err("a list is of another length than its head says".into())
        }
    }

    fn lengths(&mut self, id: BlockId, payload: &[u8]) {
        let left = self.archive.segment().documents - id.number * lengths::PER_BLOCK;
        let expected = left.min(lengths::PER_BLOCK).div_ceil(2) as usize;
        if payload.len() != expected {
            self.report(id, &format!("{} bytes, not {expected}", payload.len()));
        }
    }

    fn documents(&mut self, id: BlockId, payload: &[u8]) {
        let segment = self.archive.segment();
        let first = id.number * segment.documents_per_block;
        let expected = segment.documents_per_block.min(segment.documents - first) as usize;
        let block = match DocumentsBlock::read(payload) {
            Ok(block) => block,
            Err(error) => return self.report(id, &error.to_string()),
        };
        if block.len() != expected {
            self.report(id, &format!("{} documents, not {expected}", block.len()));
        }
        for place in 0..block.len() {
            if let Err(error) = block.document(place) {
                self.report(id, &error.to_string());
            }
        }
    }
}

fn stream_part(stream: &[u8], range: &std::ops::Range<u64>) -> Result<Vec<u8>, String> {
    let part = stream.get(range.start as usize..range.end as usize);
    let part = part.ok_or("a long list reaches beyond its stream")?;
    Ok(part.to_vec())
}

/// An error and what caused it, in one line.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
