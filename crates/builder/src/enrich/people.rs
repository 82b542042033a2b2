//! People and what they did, from an author's name or a byline that arrives as one text.
//!
//! Articles that were cut from pages come with lists of names by role. Other documents have an `author`, `authors` or
//! `byline` of some kind: `记者 甲 通讯员 乙、丙`, `Ann Lee and Bo Ek`, `甲/文 乙/图`. Here it becomes the same lists.
//! What was there is kept: as `byline`, if the document has none.

use std::collections::BTreeMap;

use backfile_core::record::Value;

use crate::document::{Document, field};
use crate::press::{Person, Role};

/// Another name for [`field::AUTHOR`].
const AUTHORS: &str = "authors";

/// The field that has the names of a role.
pub fn role_field(role: Role) -> &'static str {
    match role {
        Role::Reporter => field::REPORTER,
        Role::Correspondent => field::CORRESPONDENT,
        Role::Photographer => field::PHOTOGRAPHER,
        Role::Author => field::AUTHOR,
    }
}

/// Makes lists of names of a document's authors and byline, unless it has such lists: names in a list are names as they
/// stand.
///
/// A second time changes nothing.
pub fn normalise(document: &mut Document) {
    const FIELDS: [&str; 4] = [
        field::REPORTER,
        field::CORRESPONDENT,
        field::PHOTOGRAPHER,
        field::AUTHOR,
    ];
    let is_list = |name| matches!(document.field(name), Some(Value::List(_)));
    if FIELDS.into_iter().any(is_list) {
        return;
    }
    let mut people = Vec::new();
    let mut as_printed = Vec::new();
    for name in [field::AUTHOR, AUTHORS, field::BYLINE] {
        for text in texts(document.field(name)) {
            people.extend(parse(text));
            if name != field::BYLINE {
                as_printed.push(text.to_owned());
            }
        }
    }
    // A role of its own: `"reporter": "甲、乙"`.
    for name in [field::REPORTER, field::CORRESPONDENT, field::PHOTOGRAPHER] {
        let role = role_of_field(name);
        let found = texts(document.field(name)).into_iter().flat_map(parse);
        people.extend(found.map(|person| Person { role, ..person }));
    }
    if !people.is_empty() {
        keep_as_printed(document, &as_printed);
        store(document, people);
    }
}

fn role_of_field(name: &str) -> Role {
    match name {
        field::REPORTER => Role::Reporter,
        field::CORRESPONDENT => Role::Correspondent,
        field::PHOTOGRAPHER => Role::Photographer,
        _ => Role::Author,
    }
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> Vec<&str> {
    fn text(value: &Value) -> Option<&str> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
    match value {
        Some(Value::List(values)) => values.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The byline of a document that has none, where its parts would not say the same.
fn keep_as_printed(document: &mut Document, texts: &[String]) {
    let is_more_than_names = texts
        .iter()
        .any(|text| parse(text).iter().all(|person| person.name != *text));
    if document.field(field::BYLINE).is_none() && is_more_than_names {
        document.set_field(field::BYLINE, Value::Text(texts.join("; ")));
    }
}

fn store(document: &mut Document, people: Vec<Person>) {
    let mut by_role: BTreeMap<Role, Vec<Value>> = BTreeMap::new();
    for Person { role, name } in people {
        let (names, name) = (by_role.entry(role).or_default(), Value::Text(name));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // A text that turned out to name reporters is not an author too.
    if !by_role.contains_key(&Role::Author) && !texts(document.field(field::AUTHOR)).is_empty() {
        document.metadata.retain(|(name, _)| name != field::AUTHOR);
    }
    for (role, names) in by_role {
        document.set_field(role_field(role), Value::List(names));
    }
}

/// Words that say what somebody did, longer ones before those that they begin with.
const BEFORE: [(&str, Role); 19] = [
    ("本报特约记者", Role::Reporter),
    ("本报实习记者", Role::Reporter),
    ("本报记者", Role::Reporter),
    ("特约记者", Role::Reporter),
    ("实习记者", Role::Reporter),
    ("全媒体记者", Role::Reporter),
    ("融媒体记者", Role::Reporter),
    ("见习记者", Role::Reporter),
    ("记者", Role::Reporter),
    ("特约通讯员", Role::Correspondent),
    ("本报通讯员", Role::Correspondent),
    ("通讯员", Role::Correspondent),
    ("特约摄影师", Role::Photographer),
    ("摄影师", Role::Photographer),
    ("photographers", Role::Photographer),
    ("photographer", Role::Photographer),
    ("correspondent", Role::Correspondent),
    ("reporter", Role::Reporter),
    ("作者", Role::Author),
];

/// Words that stand on either side of the names.
const EITHER: [(&str, Role); 12] = [
    ("摄影报道", Role::Photographer),
    ("文/图", Role::Author),
    ("文／图", Role::Author),
    ("图文", Role::Author),
    ("摄影", Role::Photographer),
    ("供图", Role::Photographer),
    ("photos", Role::Photographer),
    ("photo", Role::Photographer),
    ("文字", Role::Author),
    ("摄", Role::Photographer),
    ("图", Role::Photographer),
    ("文", Role::Author),
];

/// Words that stand between names, or around them, and mean nothing here.
const NOTHING: [&str; 7] = ["by", "and", "和", "本报讯", "报道", "采写", "撰文"];

/// The people in a byline, in its order.
///
/// ```
/// use backfile::enrich::people::parse;
/// use backfile::press::Role;
///
/// let people = parse("本报记者 穆青禾 通讯员 司南、林 溪");
/// let people: Vec<_> = people.iter().map(|person| (person.role, person.name.as_str())).collect();
/// assert_eq!(people, [(Role::Reporter, "穆青禾"), (Role::Correspondent, "司南"), (Role::Correspondent, "林溪")]);
/// ```
pub fn parse(text: &str) -> Vec<Person> {
    let mut reader = Reader::default();
    for piece in pieces(text) {
        reader.take(&piece);
    }
    reader.finish()
}

/// Cuts at everything that stands between names. Spaces do so between Chinese names only.
fn pieces(text: &str) -> Vec<String> {
    // `Doe, Jane; Roe, Rick`: where there are semicolons, commas are inside of names.
    let commas = !text.contains([';', '；']) || text.chars().any(is_han);
    let is_end = |c: char| match c {
        ',' => commas,
        '/' | '／' | '、' | '，' | '；' | ';' | '|' | '&' | ':' | '：' | '(' | ')' | '（'
        | '）' => true,
        '【' | '】' | '[' | ']' | '□' | '■' | '◎' | '●' | '◆' | '▲' | '△' | '○' | '\n' | '\t' => {
            true
        }
        _ => false,
    };
    let mut text = text.to_owned();
    for (word, _) in EITHER.iter().filter(|(word, _)| word.contains(['/', '／'])) {
        text = text.replace(word, " 图文 ");
    }
    text.split(is_end).flat_map(words).collect()
}

/// Chinese names by themselves, their single characters together; other words as they stand.
fn words(part: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    // Whether the last piece is an open name of single characters, or of words.
    let (mut single, mut latin) = (false, false);
    for word in part.split_whitespace() {
        let is_latin = !word.chars().any(is_han);
        let is_single = !is_latin && word.chars().count() == 1 && role(&EITHER, word).is_none();
        let is_word = is_latin && !is_nothing(word) && role_word(word).is_none();
        match pieces.last_mut() {
            Some(last) if is_single && single => last.push_str(word),
            Some(last) if is_word && latin => {
                last.push(' ');
                last.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
        (single, latin) = (is_single && !single, is_word);
    }
    pieces
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn is_nothing(word: &str) -> bool {
    NOTHING
        .iter()
        .any(|nothing| word.eq_ignore_ascii_case(nothing))
}

fn role(words: &[(&str, Role)], word: &str) -> Option<Role> {
    let found = words.iter().find(|(its, _)| word.eq_ignore_ascii_case(its));
    found.map(|(_, role)| *role)
}

fn role_word(word: &str) -> Option<Role> {
    role(&BEFORE, word).or_else(|| role(&EITHER, word))
}

/// Gives names their roles.
#[derive(Default)]
struct Reader {
    people: Vec<(Option<Role>, String)>,
    role: Option<Role>,
    /// A role that no name has followed yet.
    waiting: Option<Role>,
}

impl Reader {
    fn take(&mut self, piece: &str) {
        if is_nothing(piece) {
            return;
        }
        if let Some(role) = role(&BEFORE, piece) {
            self.role = Some(role);
        } else if let Some(role) = role(&EITHER, piece) {
            self.take_either(role);
        } else {
            self.take_name(piece);
        }
    }

    /// The word is for the names before it if they have no role yet, and otherwise for those behind it.
    fn take_either(&mut self, role: Role) {
        let open = self
            .people
            .iter_mut()
            .rev()
            .take_while(|(its, _)| its.is_none());
        let mut open = open.peekable();
        if open.peek().is_none() {
            (self.role, self.waiting) = (Some(role), Some(role));
        }
        open.for_each(|(its, _)| *its = Some(role));
    }

    fn take_name(&mut self, piece: &str) {
        let glued = BEFORE
            .iter()
            .find_map(|(word, role)| Some((piece.strip_prefix(word)?, *role)));
        let piece = match glued {
            // 记者部 and the like are no role with a name of one character behind it.
            Some((name, role)) if name.chars().count() > 1 => {
                self.role = Some(role);
                name
            }
            _ => piece,
        };
        let is_long = piece.chars().count() > 2;
        let (name, role) = match piece.strip_suffix('摄') {
            Some(name) if is_long => (name, Some(Role::Photographer)),
            _ => (piece, self.role),
        };
        let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
        if !name.is_empty() {
            self.people.push((role, name.to_owned()));
            self.waiting = None;
        }
    }

    fn finish(mut self) -> Vec<Person> {
        // `通讯员 丙 摄`: who wrote it took the picture too.
        if self.waiting == Some(Role::Photographer)
            && let Some((_, name)) = self.people.last().cloned()
        {
            self.people.push((self.waiting, name));
        }
        let mut people: Vec<Person> = Vec::new();
        for (role, name) in self.people {
            let role = role.unwrap_or(Role::Author);
            let person = Person { role, name };
            if !people.contains(&person) {
                people.push(person);
            }
        }
        people
    }
}

#[cfg(test)]
mod tests;
