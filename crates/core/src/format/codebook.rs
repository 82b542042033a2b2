//! Codebooks: the characters that a stored document has in one byte or two.
//!
//! UTF-8 has three bytes for a Chinese character, and DEFLATE, which sees bytes, cannot make good
//! that most of the first two say nothing: a short document is literals for the most part. So before
//! it is compressed, the characters that are the most frequent in its language become one byte, the
//! next 512 or more become two, and everything else stays. They are written with bytes that UTF-8 never
//! begins a character with, so whoever meets one knows that it is from the codebook.
//!
//! A codebook is made once for a language and never from the documents of an archive: then a
//! document has the same bytes in each archive that it is in, and the same length for ranking.

use std::borrow::Cow;

use super::cursor::{Cursor, put_varint};
use crate::Error;

/// Characters of one byte.
pub const SINGLES: usize = 60;
/// Characters that share the first of their two bytes.
pub const PAGE: usize = 256;
/// Characters that a codebook can have.
pub const MOST: usize = SINGLES + (LEADS - SINGLES) * PAGE;
/// The number of no codebook: nothing is short.
pub const PLAIN: u8 = 0;

/// Bytes that begin no character in UTF-8, but for the last of all: they are 0x80 to 0xC1 and 0xF5 to
/// 0xFE.
const LEADS: usize = 76;
/// From 0x80 on, the first byte that begins a character in UTF-8, and how many bytes do.
const GAP: (u8, u8) = (0x42, 0x33);
/// The byte behind it is itself.
const ESCAPE: u8 = 0xFF;

/// Characters of three bytes in UTF-8, in the order of their codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codebook {
    characters: Vec<u16>,
}

/// The code of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// One byte.
    Single(u8),
    /// Two bytes.
    Pair(u8, u8),
}

impl Code {
    /// How many bytes it has.
    pub fn bytes(self) -> usize {
        match self {
            Self::Single(_) => 1,
            Self::Pair(..) => 2,
        }
    }
}

impl Codebook {
    /// Of these characters, the most frequent first. Only those are taken that have three bytes in
    /// UTF-8, and no more than [`MOST`]. Those whose codes have the same length lie in their own order,
    /// which takes less to say.
    pub fn new(by_frequency: &str) -> Self {
        let all = by_frequency
            .chars()
            .filter(|character| character.len_utf8() == 3);
        let mut characters: Vec<u16> = all.take(MOST).map(|own| own as u16).collect();
        let singles = SINGLES.min(characters.len());
        let (singles, pages) = characters.split_at_mut(singles);
        singles.sort_unstable();
        pages.chunks_mut(PAGE).for_each(<[u16]>::sort_unstable);
        Self { characters }
    }

    /// All characters and their codes.
    pub fn codes(&self) -> impl Iterator<Item = (char, Code)> + '_ {
        let codes = self.characters.iter().enumerate();
        codes.filter_map(|(place, &own)| Some((char::from_u32(own.into())?, code(place))))
    }

    /// As the manifest has it, behind those before it. Documents call it by its number, their first
    /// byte, which is not [`PLAIN`].
    pub fn write(&self, number: u8, out: &mut Vec<u8>) {
        out.push(number);
        put_varint(out, self.characters.len() as u64);
        let mut before = 0;
        for (place, &character) in self.characters.iter().enumerate() {
            if is_first(place) {
                before = 0;
            }
            put_varint(out, u64::from(character - before));
            before = character;
        }
    }

    /// The inverse of [`Codebook::write`].
    fn read(cursor: &mut Cursor<'_>) -> Result<(u8, Self), Error> {
        let number = cursor.bytes(1)?[0];
        let (mut characters, mut character) = (Vec::new(), 0_u32);
        for place in 0..cursor.varint_u32()? as usize {
            if is_first(place) {
                character = 0;
            }
            character = character.wrapping_add(cursor.varint_u32()?);
            characters.push(character as u16);
        }
        Ok((number, Self { characters }))
    }

    /// What is not text is left as it is, and not taken for text by whoever reads the document.
    fn expand(&self, short: &[u8]) -> Option<Vec<u8>> {
        let mut whole = Vec::with_capacity(short.len() * 2);
        let mut rest = short.iter().copied();
        while let Some(first) = rest.next() {
            let more = match first {
                0..0x80 => 0,
                0xC2..0xE0 => 1,
                0xE0..0xF0 => 2,
                0xF0..=0xF4 => 3,
                ESCAPE => {
                    whole.push(rest.next()?);
                    continue;
                }
                _ => {
                    whole.extend(self.character(first, &mut rest)?);
                    continue;
                }
            };
            whole.push(first);
            for _ in 0..more {
                whole.push(rest.next()?);
            }
        }
        Some(whole)
    }

    fn character(&self, first: u8, rest: &mut impl Iterator<Item = u8>) -> Option<[u8; 3]> {
        let lead = first - 0x80;
        let lead = usize::from(if lead < GAP.0 { lead } else { lead - GAP.1 });
        let place = match lead.checked_sub(SINGLES) {
            None => lead,
            Some(page) => SINGLES + page * PAGE + usize::from(rest.next()?),
        };
        let character = *self.characters.get(place)?;
        let six = |shift: u32| 0x80 | (character >> shift & 0x3F) as u8;
        Some([0xE0 | (character >> 12) as u8, six(6), six(0)])
    }
}

/// Codebooks by their numbers, as an open archive has them.
#[derive(Clone, Debug, Default)]
pub struct Codebooks(Vec<(u8, Codebook)>);

impl Codebooks {
    /// Reads all that [`Codebook::write`] wrote behind one another.
    ///
    /// # Errors
    /// If the bytes are no codebooks.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(bytes, "codebook");
        let mut all = Vec::new();
        while !cursor.is_empty() {
            all.push(Codebook::read(&mut cursor)?);
        }
        Ok(Self(all))
    }

    /// What an inflated document says: without the number of its codebook, every character in UTF-8.
    ///
    /// # Errors
    /// If there is no such codebook, or no such character in it.
    pub fn expand<'s>(&self, inflated: &'s [u8]) -> Result<Cow<'s, [u8]>, Error> {
        let expanded = match inflated.split_first() {
            Some((&PLAIN, plain)) => Some(Cow::Borrowed(plain)),
            Some((number, short)) => {
                let own = self.0.iter().find(|(its, _)| its == number);
                own.and_then(|(_, codebook)| codebook.expand(short))
                    .map(Cow::Owned)
            }
            None => None,
        };
        expanded.ok_or_else(|| Error::damaged("a document has characters that no codebook has"))
    }
}

/// The inverse of [`Codebooks::expand`], but for the number in front: puts `bytes`, which need not be
/// text, behind what `short` has. `code` says the code of a character, if it has one.
pub fn shorten(bytes: &[u8], code: impl Fn(char) -> Option<Code>, short: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match code(character) {
                Some(Code::Single(byte)) => short.push(byte),
                Some(Code::Pair(first, second)) => short.extend([first, second]),
                None => short.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        short.extend(chunk.invalid().iter().flat_map(|&byte| [ESCAPE, byte]));
    }
}

/// True where codes of another length or another first byte begin.
fn is_first(place: usize) -> bool {
    place == 0 || (place >= SINGLES && (place - SINGLES).is_multiple_of(PAGE))
}

fn code(place: usize) -> Code {
    match place.checked_sub(SINGLES) {
        None => Code::Single(lead(place)),
        Some(behind) => Code::Pair(lead(SINGLES + behind / PAGE), (behind % PAGE) as u8),
    }
}

fn lead(number: usize) -> u8 {
    let lead = number as u8;
    0x80 + if lead < GAP.0 { lead } else { lead + GAP.1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More characters than a codebook takes, the most frequent of which are not the first in order.
    fn many() -> Codebook {
        let han = (0x4E00..0x9FFF).rev().filter_map(char::from_u32);
        Codebook::new(&han.collect::<String>())
    }

    fn shortened(codebook: &Codebook, bytes: &[u8]) -> Vec<u8> {
        let codes: std::collections::HashMap<char, Code> = codebook.codes().collect();
        let mut short = vec![3];
        shorten(
            bytes,
            |character| codes.get(&character).copied(),
            &mut short,
        );
        short
    }

    fn expanded(codebook: &Codebook, short: &[u8]) -> Result<Vec<u8>, Error> {
        let mut written = Vec::new();
        Codebook::new("了α").write(1, &mut written);
        codebook.write(3, &mut written);
        Codebooks::read(&written)?
            .expand(short)
            .map(Cow::into_owned)
    }

    #[test]
    fn every_character_comes_back() {
        for codebook in [Codebook::default(), Codebook::new("的一是"), many()] {
            let all: String = ('\0'..='\u{10FFFF}')
                .step_by(7)
                .chain(codebook.codes().map(|(character, _)| character))
                .collect();
            let short = shortened(&codebook, all.as_bytes());
            assert_eq!(expanded(&codebook, &short).unwrap(), all.as_bytes());
        }
    }

    #[test]
    fn bytes_that_are_no_text_come_back() {
        let codebook = many();
        let bytes: Vec<u8> = (0..=255)
            .chain((0..=255).rev())
            .chain([0xE4, 0xB8])
            .collect();
        let short = shortened(&codebook, &bytes);
        assert_eq!(expanded(&codebook, &short).unwrap(), bytes);
    }

    #[test]
    fn codes_are_those_of_the_specification() {
        let codes: Vec<(char, Code)> = many().codes().collect();
        assert_eq!(codes.len(), MOST);
        assert_eq!(codes[0].1, Code::Single(0x80));
        assert_eq!(codes[59].1, Code::Single(0xBB));
        assert_eq!(codes[60].1, Code::Pair(0xBC, 0));
        assert_eq!(codes[60 + 6 * 256].1, Code::Pair(0xF5, 0));
        assert_eq!(codes[MOST - 1].1, Code::Pair(0xFE, 255));
        let rise = |part: &[(char, Code)]| part.is_sorted_by_key(|(character, _)| *character);
        assert!(rise(&codes[..60]) && rise(&codes[60..316]) && !rise(&codes));
    }

    #[test]
    fn what_is_not_in_the_codebook_is_damage() {
        let codebook = Codebook::new("的一是");
        assert_eq!(
            expanded(&codebook, &[3, 0x82, b'a']).unwrap(),
            "的a".as_bytes()
        );
        for short in [
            &[][..],
            &[2],
            &[3, 0x83],
            &[3, 0xFF],
            &[3, 0xE4, 0xB8],
            &[3, 0xBC],
        ] {
            assert!(expanded(&codebook, short).is_err(), "{short:?}");
        }
        assert_eq!(expanded(&codebook, &[PLAIN, 0x82]).unwrap(), [0x82]);
    }

    #[test]
    fn a_damaged_codebook_is_reported() {
        let mut written = Vec::new();
        many().write(3, &mut written);
        assert!(Codebooks::read(&written).is_ok());
        for end in 1..written.len() {
            assert!(Codebooks::read(&written[..end]).is_err(), "{end}");
        }
    }
}
