//! The same archive without pairs that have a symbol in them.
//!
//! A symbol becomes a key of its own. A character before a symbol gets the key that it would have
//! at the end of the text. So each unit that is not a word still begins exactly one key.

use std::collections::BTreeMap;

use backfile_core::text::{Class, FoldTable};

use super::index::{Entry, Index};

/// As in `backfile_core::gram`.
const END: char = '\u{2}';

type Postings = Vec<(u32, Vec<u32>)>;

enum Fate {
    Stays,
    Goes,
    Becomes(String),
}

/// The index that the same text would have.
pub(crate) fn without_symbol_pairs(index: &Index) -> Index {
    let mut kept: Vec<(String, Postings)> = Vec::new();
    let mut merged: BTreeMap<String, Postings> = BTreeMap::new();
    for entry in &index.entries {
        match fate(&index.start.fold_table, &entry.key) {
            Fate::Goes => {}
            Fate::Stays if entry.key.ends_with(END) => {
                merged
                    .entry(entry.key.clone())
                    .or_default()
                    .extend(postings(index, entry));
            }
            Fate::Stays => kept.push((entry.key.clone(), postings(index, entry))),
            Fate::Becomes(key) => merged
                .entry(key)
                .or_default()
                .extend(postings(index, entry)),
        }
    }
    kept.extend(merged.into_iter().map(|(key, all)| (key, together(all))));
    kept.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out = Index::empty(index.start.clone());
    kept.into_iter()
        .for_each(|(key, list)| out.push(key, 0, &list));
    out.measure_documents();
    out
}

fn fate(table: &FoldTable, key: &str) -> Fate {
    let mut chars = key.chars();
    let Some(first) = chars.next() else {
        return Fate::Stays;
    };
    if matches!(table.class(first), Class::Word) || table.is_mark(first) {
        return Fate::Stays;
    }
    let marks = chars.as_str().find(|c| !table.is_mark(c));
    let (left, right) = key.split_at(marks.map_or(key.len(), |at| first.len_utf8() + at));
    let is_symbol = |side: &str| {
        side.chars()
            .next()
            .is_some_and(|c| c > END && matches!(table.class(c), Class::Symbol))
    };
    match (is_symbol(left), is_symbol(right)) {
        (true, _) => Fate::Becomes(left.to_owned()),
        // A word has a key of its own.
        (false, true) if first == '\u{1}' => Fate::Goes,
        (false, true) => Fate::Becomes(format!("{left}{END}")),
        (false, false) => Fate::Stays,
    }
}

fn postings(index: &Index, entry: &Entry) -> Postings {
    let parts = index.parts(entry);
    parts
        .flat_map(|part| part.by_document())
        .map(|(document, own)| (document, own.to_vec()))
        .collect()
}

fn together(mut all: Postings) -> Postings {
    all.sort_by_key(|(document, _)| *document);
    let mut out = Postings::new();
    for (document, positions) in all {
        match out.last_mut() {
            Some((last, own)) if *last == document => own.extend(positions),
            _ => out.push((document, positions)),
        }
    }
    out.iter_mut()
        .for_each(|(_, positions)| positions.sort_unstable());
    out
}
