//! The codebooks that stored documents are written with, one for each language that gains from one.
//!
//! They are fixed, so that a document takes as many bytes in one archive as in another; which one a
//! document gets is decided by its own characters. An archive has those that its documents use.
//! Their files have characters in the order of how often they stand, as `cargo xtask frequent` lists
//! them; `crates/builder/codebooks/README.md` says of what. Another order there is another archive: a
//! build does not add to one that was made with others.

use std::sync::OnceLock;

use backfile_core::format::codebook::{Code, Codebook, PLAIN, shorten};

/// Numbers and characters. A number stays with its language.
const SOURCES: [(u8, &str); LANGUAGES] = [
    (1, include_str!("../../codebooks/zh.txt")),
    (2, include_str!("../../codebooks/ja.txt")),
    (3, include_str!("../../codebooks/ko.txt")),
];
const LANGUAGES: usize = 3;
/// Characters from here on have no code in any of them.
const CHARACTERS: usize = 1 << 16;

/// All codebooks.
pub(super) struct Codebooks {
    /// With their numbers.
    all: Vec<(u8, Codebook)>,
    /// For each character its code in each of them.
    codes: Vec<[Option<Code>; LANGUAGES]>,
}

impl Codebooks {
    pub(super) fn all() -> &'static Self {
        static ALL: OnceLock<Codebooks> = OnceLock::new();
        ALL.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut codes = vec![[None; LANGUAGES]; CHARACTERS];
        let read = |(place, (number, source)): (usize, (u8, &str))| {
            let codebook = Codebook::new(&source.replace(char::is_whitespace, ""));
            for (character, code) in codebook.codes() {
                codes[character as usize][place] = Some(code);
            }
            (number, codebook)
        };
        let all = SOURCES.into_iter().enumerate().map(read).collect();
        Self { all, codes }
    }

    /// Those whose numbers are wanted, as the manifest has them.
    pub(super) fn write(&self, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
        let mut out = Vec::new();
        let wanted = self.all.iter().filter(|(number, _)| wanted(*number));
        wanted.for_each(|(number, codebook)| codebook.write(*number, &mut out));
        out
    }

    /// What is to be compressed of a document, and the number of the codebook that makes it shortest,
    /// which it begins with.
    pub(super) fn shorten(&self, document: &[u8]) -> (Vec<u8>, u8) {
        let mut short = Vec::with_capacity(1 + document.len());
        let Some(place) = self.shortest(document) else {
            short.push(PLAIN);
            short.extend_from_slice(document);
            return (short, PLAIN);
        };
        let number = SOURCES[place].0;
        short.push(number);
        let code = |character| self.codes_of(character)?[place];
        shorten(document, code, &mut short);
        (short, number)
    }

    fn shortest(&self, document: &[u8]) -> Option<usize> {
        let mut saved = [0; LANGUAGES];
        let text = document
            .utf8_chunks()
            .flat_map(|chunk| chunk.valid().chars());
        for character in text.filter(|character| !character.is_ascii()) {
            for (saved, code) in saved
                .iter_mut()
                .zip(self.codes_of(character).into_iter().flatten())
            {
                *saved += code.map_or(0, |code| character.len_utf8() - code.bytes());
            }
        }
        let most = *saved.iter().max()?;
        saved.iter().position(|&own| own == most && most > 0)
    }

    fn codes_of(&self, character: char) -> Option<&[Option<Code>; LANGUAGES]> {
        self.codes.get(character as usize)
    }
}

#[cfg(test)]
mod tests {
    use backfile_core::format::codebook::Codebooks as Opened;

    use super::*;

    #[test]
    fn each_language_has_its_own() {
        for (text, number) in [
            ("云溪县的大桥通车了", 1),
            ("これは新しい橋です", 2),
            ("새로운 다리가 개통되었습니다", 3),
            ("A new bridge. Ein neuer Weg.", PLAIN),
            ("", PLAIN),
        ] {
            let (short, its) = Codebooks::all().shorten(text.as_bytes());
            assert_eq!(its, number, "{text}");
            let opened = Opened::read(&Codebooks::all().write(|_| true)).unwrap();
            assert_eq!(opened.expand(&short).unwrap(), text.as_bytes());
            assert!(number == PLAIN || short.len() < text.len(), "{text}");
        }
    }

    #[test]
    fn their_files_have_each_character_once() {
        for (number, source) in SOURCES {
            let mut characters: Vec<char> = source.chars().filter(|c| !c.is_whitespace()).collect();
            let count = characters.len();
            assert_eq!(count, 60 + 2 * 256, "{number}");
            characters.sort_unstable();
            characters.dedup();
            assert_eq!(characters.len(), count, "{number}");
            assert!(characters[0] >= '\u{80}' && (characters[count - 1] as usize) < CHARACTERS);
        }
    }
}
