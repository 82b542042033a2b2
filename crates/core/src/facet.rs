//! The values of documents' metadata as keys of the dictionary, so that a search can be narrowed
//! to some of them and can count them.
//!
//! A facet key is `␃field␃value`, where `␃` is U+0003: folded text has no control characters, so
//! no key of the text is like it. Its list has the documents with that value, and no positions.
//!
//! The **date** of a document is a value of three fields' worth of use: its year and its month are
//! values of [`DATE`], for counting, and all of it is a value of the field without a name. Documents
//! are numbered by their dates, so those lists are documents in a row one after the other, and where
//! a range of dates begins and ends can be read off two of them.

/// Begins a facet key, and stands between field and value.
pub const MARK: char = '\u{3}';
/// The field of documents' dates.
pub const DATE: &str = "date";
/// A value that is longer than this in UTF-8 is not a key.
pub const LONGEST: usize = 120;
/// Where the key of a whole date has its field.
const WHOLE_DATE: &str = "";

/// The key of a field's value. Control characters and space around the value do not count.
pub fn key(field: &str, value: &str) -> String {
    let mut key = prefix(field);
    key.extend(value.trim().chars().filter(|c| !c.is_control()));
    key
}

/// What the keys of all values of a field begin with.
pub fn prefix(field: &str) -> String {
    let mut mark = [0; 4];
    let mark = &*MARK.encode_utf8(&mut mark);
    [mark, field, mark].concat()
}

/// The key of a whole date.
pub fn date_key(date: &str) -> String {
    key(WHOLE_DATE, date)
}

/// The year of a date, and the month if it has one: the values of [`DATE`].
pub fn date_values(date: &str) -> impl Iterator<Item = &str> {
    let month = date.get(..7);
    date.get(..4).into_iter().chain(month)
}

/// True if this is the key of a value and not of text.
pub fn is_key(key: &str) -> bool {
    key.starts_with(MARK)
}

/// Field and value of a facet key.
pub fn parts(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix(MARK)?.split_once(MARK)
}
