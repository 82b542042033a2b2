//! Reading and writing bytes: the only code that looks at raw offsets.
//!
//! A checksum guards against accident, not against intent or a bug in the writer, so every read
//! is checked again. All numbers are little-endian; a varint is LEB128: seven bits a byte, the
//! low ones first, the high bit set on all but the last.

use crate::Error;

/// Walks over a section's bytes; what it cannot read is an error that names the section.
#[derive(Clone, Debug)]
pub struct Cursor<'b> {
    rest: &'b [u8],
    what: &'static str,
}

impl<'b> Cursor<'b> {
    /// `what` names the part that is read, for error messages.
    pub fn new(bytes: &'b [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// An error about this part.
    pub fn wrong(&self, how: &str) -> Error {
        Error::damaged(["the ", self.what, " holds ", how].concat())
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn bytes(&mut self, len: usize) -> Result<&'b [u8], Error> {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            return Err(Error::damaged(["the ", self.what, " ends early"].concat()));
        };
        self.rest = rest;
        Ok(taken)
    }

    /// The next varint.
    ///
    /// # Errors
    /// If the bytes end within it, or it does not fit into 64 bits.
    pub fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.bytes(1)?[0];
            let bits = u64::from(byte & 0x7F);
            if (bits << shift) >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.wrong("a number that is too large"))
    }

    /// The next varint, which must fit into 32 bits.
    ///
    /// # Errors
    /// As [`Cursor::varint`], or if it is larger.
    pub fn varint_u32(&mut self) -> Result<u32, Error> {
        u32::try_from(self.varint()?).map_err(|_| self.wrong("a number that is too large"))
    }

    /// The next varint as a length or a count in memory.
    ///
    /// # Errors
    /// As [`Cursor::varint`], or if it is larger than memory can be.
    pub fn varint_usize(&mut self) -> Result<usize, Error> {
        usize::try_from(self.varint()?).map_err(|_| self.wrong("a number that is too large"))
    }

    /// What has not been read.
    pub fn rest(&self) -> &'b [u8] {
        self.rest
    }

    /// True at the end.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Asserts that everything was read.
    ///
    /// # Errors
    /// If bytes are left over.
    pub fn finish(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.wrong("more than it should"))
        }
    }
}

/// Appends a varint.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varints_round_trip(values: Vec<u64>) {
            let mut bytes = Vec::new();
            values.iter().for_each(|&value| put_varint(&mut bytes, value));
            let mut cursor = Cursor::new(&bytes, "test");
            for value in values {
                prop_assert_eq!(cursor.varint().unwrap(), value);
            }
            cursor.finish().unwrap();
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let mut cursor = Cursor::new(&bytes, "test");
            while !cursor.is_empty() && cursor.varint().is_ok() {}
        }
    }

    #[test]
    fn a_varint_beyond_64_bits_is_refused() {
        let bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02];
        assert!(Cursor::new(&bytes, "test").varint().is_err());
    }
}
