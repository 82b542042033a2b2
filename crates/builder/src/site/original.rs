//! A printed page as it was read: its text, and what each part of it was taken for.

use serde::Serialize;

use super::PageRecord;
use super::fields::clean;
use crate::press::BlockKind;

/// A block as shown.
#[derive(Debug, Serialize)]
pub(super) struct BlockView {
    pub(super) kind: BlockKind,
    pub(super) why: String,
    pub(super) confidence: u8,
    pub(super) text: String,
    /// The article; empty if it belongs to none.
    pub(super) href: String,
}

/// The blocks of a page; `article` knows where the article of a number can be read.
pub(super) fn blocks(record: &PageRecord, article: impl Fn(usize) -> String) -> Vec<BlockView> {
    let mut blocks: Vec<_> = record.cut.blocks.iter().collect();
    blocks.sort_by_key(|block| block.range.start);
    let view = |block: &crate::press::Block| {
        let text = record.text.get(block.range.clone())?;
        Some(BlockView {
            kind: block.kind,
            why: clean(&block.why),
            confidence: block.confidence,
            text: clean(text.trim_matches('\n')),
            href: block
                .article
                .map_or_else(String::new, |number| article(number + 1)),
        })
    };
    blocks.into_iter().filter_map(view).collect()
}
