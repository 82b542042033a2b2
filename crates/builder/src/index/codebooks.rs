//! The codebooks that stored documents are written with, one for each language that gains from one.
//!
//! They are fixed, so that a document takes as many bytes in one archive as in another; which one a
//! document gets is decided by its own characters. An archive has those that its documents use.
//! Their files have characters in the order of how often they stand, as `cargo xtask frequent` lists
//! them; `crates/builder/codebooks/README.md` says of what. Another order there is another archive: a
//! build does not add to one that was made with others.

use std::sync::OnceLock;

use backfile_core::format::codebook::{Codebook, PLAIN, Shortener, character};

/// Numbers and characters. A number stays with its language.
const SOURCES: [(u8, &str); LANGUAGES] = [
    (1, include_str!("../../codebooks/zh.txt")),
    (2, include_str!("../../codebooks/ja.txt")),
    (3, include_str!("../../codebooks/ko.txt")),
];
const LANGUAGES: usize = 3;
/// What all of this many bytes save fits into a lane of [`Codebooks::shortest`].
const AT_ONCE: usize = 1 << 20;
/// Bits of a lane, of which 64 have three: two bytes saved of every third are below 2^20 for
/// [`AT_ONCE`].
const LANE: u32 = 21;

/// A codebook has to save this part of a document, or the document does without: a few quotation marks
/// in English are not worth a codebook in the manifest, which every reader loads.
const WORTH: u64 = 16;

struct Language {
    /// What documents and manifests call its codebook.
    number: u8,
    codebook: Codebook,
    shortener: Shortener,
}

/// All codebooks.
pub(super) struct Codebooks {
    languages: [Language; LANGUAGES],
    /// For each character, how many bytes each of them saves: two bits for each.
    saved: Vec<u8>,
    /// These bits in lanes, which can be added up.
    lanes: [u64; 1 << (2 * LANGUAGES)],
}

impl Codebooks {
    pub(super) fn all() -> &'static Self {
        static ALL: OnceLock<Codebooks> = OnceLock::new();
        ALL.get_or_init(Self::read)
    }

    fn read() -> Self {
        let languages = SOURCES.map(|(number, source)| {
            let codebook = Codebook::new(&source.replace(char::is_whitespace, ""));
            Language {
                number,
                shortener: Shortener::new(&codebook),
                codebook,
            }
        });
        let saved = |character: u16| {
            let by = |language: &Language| 3 - language.shortener.bytes(character);
            let all = languages.iter().rev();
            all.fold(0, |saved, language| saved << 2 | by(language))
        };
        let lanes = |saved: usize| {
            let lane = |place| (saved as u64 >> (2 * place) & 3) << (LANE * place);
            (0..LANGUAGES as u32).map(lane).sum()
        };
        Self {
            saved: (0..=u16::MAX).map(saved).collect(),
            lanes: std::array::from_fn(lanes),
            languages,
        }
    }

    /// Those whose numbers are wanted, as the manifest has them.
    pub(super) fn write(&self, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
        let mut out = Vec::new();
        let all = self.languages.iter();
        all.filter(|language| wanted(language.number))
            .for_each(|language| language.codebook.write(language.number, &mut out));
        out
    }

    /// Puts what is to be compressed of a document behind what `short` has, and gives the number of the
    /// codebook that makes it shortest, which it begins with.
    pub(super) fn shorten(&self, document: &[u8], short: &mut Vec<u8>) -> u8 {
        let Some(language) = self.shortest(document) else {
            short.push(PLAIN);
            short.extend_from_slice(document);
            return PLAIN;
        };
        short.push(language.number);
        language.shortener.shorten(document, short);
        language.number
    }

    /// The first of those that save most, if that is worth it. The sums for all of them are made at once, in one number: it
    /// takes as long as one would.
    fn shortest(&self, document: &[u8]) -> Option<&Language> {
        let mut saved = [0; LANGUAGES];
        for part in document.chunks(AT_ONCE) {
            let sums = self.saved_of(part);
            for (place, saved) in (0..).zip(&mut saved) {
                *saved += sums >> (LANE * place) & ((1 << LANE) - 1);
            }
        }
        let most = saved.into_iter().max()?;
        if most == 0 || most * WORTH < document.len() as u64 {
            return None;
        }
        let place = saved.iter().position(|&own| own == most)?;
        self.languages.get(place)
    }

    fn saved_of(&self, text: &[u8]) -> u64 {
        let (mut sums, mut rest) = (0, text);
        while let [first, behind @ ..] = rest {
            rest = match *behind {
                [second, third, ref behind @ ..] if first >> 4 == 0xE => {
                    let character = usize::from(character(*first, second, third));
                    sums += self.lanes[usize::from(self.saved[character])];
                    behind
                }
                _ => behind,
            };
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use backfile_core::format::codebook::{Codebooks as Opened, PAGE, SINGLES};

    use super::*;

    #[test]
    fn each_language_has_its_own() {
        for (text, number) in [
            ("云溪县的大桥通车了", 1),
            ("これは新しい橋です", 2),
            ("새로운 다리가 개통되었습니다", 3),
            ("A new bridge. Ein neuer Weg.", PLAIN),
            (
                "The “new bridge” is open, and people on either side of the river are glad of it.",
                PLAIN,
            ),
            ("", PLAIN),
        ] {
            let mut short = Vec::new();
            let its = Codebooks::all().shorten(text.as_bytes(), &mut short);
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
            assert_eq!(count, SINGLES + 2 * PAGE, "{number}");
            characters.sort_unstable();
            characters.dedup();
            assert_eq!(characters.len(), count, "{number}");
            assert!(characters.iter().all(|own| own.len_utf8() == 3));
        }
    }
}
