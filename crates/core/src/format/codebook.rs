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

    /// All characters and the bytes that stand for each of them.
    pub fn codes(&self) -> impl Iterator<Item = (u16, Code)> + '_ {
        let codes = self.characters.iter().enumerate();
        codes.map(|(place, &character)| (character, code(place)))
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

    /// The bytes need not be text: whoever reads the record in them finds out.
    fn expand(&self, short: &[u8]) -> Option<Vec<u8>> {
        let mut whole = Vec::with_capacity(short.len() * 2);
        let mut rest = short.iter().copied();
        while let Some(first) = rest.next() {
            match first {
                0..0x80 | 0xC2..=0xF4 => {
                    whole.push(first);
                    for _ in 1..width(first) {
                        whole.push(rest.next()?);
                    }
                }
                ESCAPE => whole.push(rest.next()?),
                _ => whole.extend(self.character(first, &mut rest)?),
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
        Some(in_utf8(*self.characters.get(place)?))
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

/// One byte, or two with the first of them higher.
pub type Code = u16;

/// Writes documents with a codebook.
#[derive(Clone, Debug)]
pub struct Shortener {
    /// For each character that has three bytes in UTF-8, what stands for it: its code, or these bytes.
    written: Box<[Written; 1 << 16]>,
}

/// Up to three bytes, and in the last how many they are.
type Written = [u8; 4];
/// Bytes that are written for one at most: a byte that is no text is escaped.
const MOST_WRITTEN: usize = 2;

impl Shortener {
    /// For one codebook.
    pub fn new(codebook: &Codebook) -> Self {
        let mut written = Box::new([[0; 4]; 1 << 16]);
        for (character, written) in (0..=u16::MAX).zip(&mut written[..]) {
            let [first, second, third] = in_utf8(character);
            *written = [first, second, third, 3];
        }
        for (character, code) in codebook.codes() {
            let [first, second] = code.to_be_bytes();
            written[usize::from(character)] = match first {
                0 => [second, 0, 0, 1],
                _ => [first, second, 0, 2],
            };
        }
        Self { written }
    }

    /// Bytes that stand for a character of three.
    pub fn bytes(&self, character: u16) -> u8 {
        self.written[usize::from(character)][3]
    }

    /// The inverse of [`Codebooks::expand`], but for the number in front: puts `bytes`, which need not
    /// be text, behind what `short` has.
    ///
    /// How many bytes come out for a character is a toss. So there is no branch for it: four are
    /// written each time, and what comes next begins where it has to.
    pub fn shorten(&self, bytes: &[u8], short: &mut Vec<u8>) {
        let mut at = short.len();
        short.resize(at + MOST_WRITTEN * bytes.len() + size_of::<Written>(), 0);
        let mut rest = bytes;
        while let [first, behind @ ..] = rest {
            let (taken, written, count) = match *behind {
                // Most of what there is, so it is worth a way of its own.
                [second, third, ..]
                    if first >> 4 == 0xE && is_within(second) && is_within(third) =>
                {
                    let written = self.written[usize::from(character(*first, second, third))];
                    (3, written, written[3])
                }
                _ if *first < 0x80 => (1, [*first, 0, 0, 0], 1),
                _ => as_it_is(rest),
            };
            if let Some(room) = short[at..].first_chunk_mut() {
                *room = written;
            }
            at += usize::from(count);
            rest = &rest[taken..];
        }
        short.truncate(at);
    }
}

/// A character that is in no codebook, or a byte that is no text: how many bytes it has, and what is
/// written for it.
fn as_it_is(bytes: &[u8]) -> (usize, Written, u8) {
    let width = width(bytes[0]);
    let own = bytes.get(1..width).unwrap_or_default();
    if width == 1 || own.len() + 1 < width || !own.iter().all(|&own| is_within(own)) {
        return (1, [ESCAPE, bytes[0], 0, 0], 2);
    }
    let mut written = [0; 4];
    written[..width].copy_from_slice(&bytes[..width]);
    (width, written, width as u8)
}

/// How many bytes a character of UTF-8 has that begins like this; 1 if none does.
fn width(first: u8) -> usize {
    match first {
        0xC2..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    }
}

/// True of bytes that UTF-8 has behind the first of a character.
fn is_within(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// The character of three bytes in UTF-8.
pub fn character(first: u8, second: u8, third: u8) -> u16 {
    u16::from(first & 0x0F) << 12 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F)
}

/// The inverse of [`character`].
fn in_utf8(character: u16) -> [u8; 3] {
    let six = |shift: u32| 0x80 | (character >> shift & 0x3F) as u8;
    [0xE0 | (character >> 12) as u8, six(6), six(0)]
}

/// True where codes of another length or another first byte begin.
fn is_first(place: usize) -> bool {
    place == 0 || (place >= SINGLES && (place - SINGLES).is_multiple_of(PAGE))
}

fn code(place: usize) -> Code {
    match place.checked_sub(SINGLES) {
        None => u16::from(lead(place)),
        Some(behind) => u16::from_be_bytes([lead(SINGLES + behind / PAGE), (behind % PAGE) as u8]),
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
        let mut short = vec![3];
        Shortener::new(codebook).shorten(bytes, &mut short);
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
        let all: String = ('\0'..='\u{10FFFF}').collect();
        for codebook in [Codebook::default(), Codebook::new("的一是"), many()] {
            let short = shortened(&codebook, all.as_bytes());
            assert_eq!(expanded(&codebook, &short).unwrap(), all.as_bytes());
            let saved: usize = (codebook.codes())
                .map(|(_, code)| if code <= 0xFF { 2 } else { 1 })
                .sum();
            assert_eq!(short.len() - 1, all.len() - saved);
        }
    }

    proptest::proptest! {
        #[test]
        fn bytes_that_are_no_text_come_back(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let short = shortened(&many(), &bytes);
            proptest::prop_assert_eq!(expanded(&many(), &short).unwrap(), bytes);
        }
    }

    #[test]
    fn codes_are_those_of_the_specification() {
        let codes: Vec<(u16, Code)> = many().codes().collect();
        assert_eq!(codes.len(), MOST);
        assert_eq!(codes[0].1, 0x80);
        assert_eq!(codes[59].1, 0xBB);
        assert_eq!(codes[60].1, 0xBC00);
        assert_eq!(codes[60 + 6 * 256].1, 0xF500);
        assert_eq!(codes[MOST - 1].1, 0xFEFF);
        assert!(codes[..60].is_sorted() && codes[60..316].is_sorted() && !codes.is_sorted());
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
