//! The envelope that all bytes travel in: what they are, how long, and whether they are whole.
//!
//! The manifest file is a row of sections. (All other files are rows of extents, which the
//! manifest vouches for: [`super::stream`].) Nothing is decoded before [`Section::open`] has found magic, version, length and checksum right: of
//! 3,000 single-bit flips in an FST, opening it rejected none, 574 panicked later and 2,426
//! answered wrongly.

use xxhash_rust::xxh64::xxh64;

use super::SectionKind;
use crate::digits::decimal;
use crate::{Error, ErrorKind};

/// The first four bytes of every section.
pub const MAGIC: [u8; 4] = *b"BkFl";
/// The format that this crate writes.
pub const VERSION: u8 = 1;
/// The oldest format that this crate reads.
pub const OLDEST_VERSION: u8 = 1;
/// Bytes before the payload.
pub const HEADER_BYTES: usize = 32;
/// Where the checksum lies in the header; it covers everything but itself.
const CHECKSUM: std::ops::Range<usize> = 24..32;

/// A section that has been checked, borrowed from its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Section<'b> {
    /// What the payload is.
    pub kind: SectionKind,
    /// The seed of the segment it belongs to; 0 in the sections of the whole archive.
    pub seed: u64,
    /// Which segment of the archive that is, from 0.
    pub number: u32,
    /// The content.
    pub payload: &'b [u8],
}

impl<'b> Section<'b> {
    /// Checks and opens the section that `bytes` start with; returns it and the bytes behind it.
    ///
    /// # Errors
    /// See [`ErrorKind`]; the message says which part is wrong.
    pub fn open(bytes: &'b [u8]) -> Result<(Self, &'b [u8]), Error> {
        let header = check_header(bytes)?;
        let length = usize::try_from(u32_at(header, 8)).unwrap_or(usize::MAX);
        let Some((payload, rest)) = bytes[HEADER_BYTES..].split_at_checked(length) else {
            let counts = [bytes.len() - HEADER_BYTES, length];
            let [here, all] = counts.map(|bytes| decimal(bytes as u64, 1));
            let what = [
                "cut short: ",
                &here,
                " of ",
                &all,
                " bytes after the header",
            ];
            return Err(Error::damaged(what.concat()));
        };
        if checksum(header, payload) != u64_at(header, CHECKSUM.start) {
            return Err(Error::damaged("its checksum does not match its content"));
        }
        // Only now: a damaged byte must not pass for another version.
        check_version(header[4])?;
        if header[6] != 0 || header[7] != 0 {
            return Err(Error::damaged("its header has flags that nobody sets"));
        }
        let kind = SectionKind::from_code(header[5]).ok_or_else(|| {
            let code = decimal(header[5].into(), 1);
            Error::damaged(["unknown kind of section ", &code].concat())
        })?;
        let section = Self {
            kind,
            seed: u64_at(header, 16),
            number: u32_at(header, 12),
            payload,
        };
        Ok((section, rest))
    }

    /// Appends the section.
    ///
    /// # Panics
    /// If the payload is 4 GiB or more; no writer makes such a section.
    pub fn write(&self, out: &mut Vec<u8>) {
        let length = u32::try_from(self.payload.len()).expect("sections are far below 4 GiB");
        let mut header = [0; HEADER_BYTES];
        header[..4].copy_from_slice(&MAGIC);
        header[4] = VERSION;
        header[5] = self.kind.code();
        header[8..12].copy_from_slice(&length.to_le_bytes());
        header[12..16].copy_from_slice(&self.number.to_le_bytes());
        header[16..24].copy_from_slice(&self.seed.to_le_bytes());
        let sum = checksum(&header, self.payload);
        header[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(self.payload);
    }
}

fn check_header(bytes: &[u8]) -> Result<&[u8], Error> {
    let magic = bytes.get(..MAGIC.len());
    if magic != Some(&MAGIC[..]) {
        let whole = !bytes.is_empty();
        let what = if whole {
            "not a Backfile section"
        } else {
            "empty"
        };
        return Err(Error::new(ErrorKind::NotBackfile, what));
    }
    let header = bytes.get(..HEADER_BYTES);
    header.ok_or_else(|| Error::damaged("cut short within the header"))
}

fn check_version(version: u8) -> Result<(), Error> {
    match version {
        OLDEST_VERSION..=VERSION => Ok(()),
        newer if newer > VERSION => Err(version_error(ErrorKind::NewerFormat, newer)),
        older => Err(version_error(ErrorKind::OlderFormat, older)),
    }
}

fn version_error(kind: ErrorKind, version: u8) -> Error {
    let numbers = [version, OLDEST_VERSION, VERSION].map(|number| decimal(number.into(), 1));
    let [own, oldest, newest] = &numbers;
    let what = [
        "format ",
        own,
        ", but this Backfile reads ",
        oldest,
        " to ",
        newest,
    ];
    Error::new(kind, what.concat())
}

fn checksum(header: &[u8], payload: &[u8]) -> u64 {
    xxh64(payload, xxh64(&header[..CHECKSUM.start], 0))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(four)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::super::stream::StreamKind;
    use super::*;

    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        let section = Section {
            kind: SectionKind::Stream(StreamKind::Terms),
            seed: 0x0123_4567_89AB_CDEF,
            number: 7,
            payload: b"a payload",
        };
        section.write(&mut bytes);
        bytes
    }

    #[test]
    fn opens_what_was_written() {
        let bytes = sample();
        let (section, rest) = Section::open(&bytes).unwrap();
        assert!(rest.is_empty());
        assert_eq!(
            (section.kind, section.number),
            (SectionKind::Stream(StreamKind::Terms), 7)
        );
        assert_eq!(section.payload, b"a payload");
    }

    #[test]
    fn every_flipped_bit_is_reported() {
        let whole = sample();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Section::open(&bytes).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_truncation_is_reported() {
        let bytes = sample();
        for end in 0..bytes.len() {
            assert!(Section::open(&bytes[..end]).is_err(), "{end}");
        }
    }

    /// As another version of Backfile would write it.
    fn of_version(version: u8) -> Vec<u8> {
        let mut bytes = sample();
        bytes[4] = version;
        let (header, payload) = bytes.split_at(HEADER_BYTES);
        let sum = checksum(header, payload).to_le_bytes();
        bytes[CHECKSUM].copy_from_slice(&sum);
        bytes
    }

    #[test]
    fn versions_outside_the_range_are_named() {
        let kind = |version| Section::open(&of_version(version)).unwrap_err().kind();
        assert_eq!(kind(VERSION + 1), ErrorKind::NewerFormat);
        assert_eq!(kind(OLDEST_VERSION - 1), ErrorKind::OlderFormat);
    }

    #[test]
    fn a_damaged_version_is_damage() {
        let mut bytes = sample();
        bytes[4] = VERSION + 1;
        let error = Section::open(&bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged);
    }
}
