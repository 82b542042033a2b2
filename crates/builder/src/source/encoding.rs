//! From bytes to text.
//!
//! Text is UTF-8 unless something says otherwise: a byte order mark, `encoding` in `backfile.toml`, or the bytes
//! themselves. Bytes that are no UTF-8 are judged by [`chardetng`], which knows how often each pair of bytes is met in
//! Chinese, Japanese and Korean text, and what it takes them for has to decode without a single error: a page in
//! GB18030 or Big5 is converted and the report says so. One or two broken bytes in a page that is UTF-8 otherwise are no
//! reason to lose the page: they become U+FFFD, and the report names their lines. What is neither is no text, and is
//! left out with the reason.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
};

/// A page may have one broken byte in so many and still be taken. Text in another encoding breaks at every second
/// character.
const BYTES_FOR_A_BROKEN_ONE: usize = 200;
/// Text in a western encoding has at least three letters in four from ASCII; anything else that happens to decode is
/// not text.
const ASCII_IN_WESTERN_TEXT: (usize, usize) = (3, 4);
/// Less text than this could be anything.
const SHORTEST_WESTERN_TEXT: usize = 40;
/// Lines that are named; a page that is broken in more is told by these and the number.
const LINES_NAMED: usize = 5;

/// Text, and what had to be done for it.
#[derive(Debug, PartialEq)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// What is to be told about it.
    pub(super) note: Option<String>,
}

/// The text of a file without its byte order mark, or why it has none.
///
/// # Errors
/// The reason, for people.
pub(super) fn decode(bytes: Vec<u8>, told: Option<&'static Encoding>) -> Result<Decoded, String> {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        return marked(bytes, encoding, mark);
    }
    if let Some(encoding) = told.filter(|encoding| *encoding != UTF_8) {
        return as_told(&bytes, encoding);
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return readable(text, None),
        Err(error) => error.into_bytes(),
    };
    if is_mostly_utf8(&bytes) {
        return Ok(patched(&bytes));
    }
    let encoding = guess(&bytes).ok_or_else(|| not_text(&bytes))?;
    let text = encoding.decode_without_bom_handling(&bytes).0.into_owned();
    let name = name(encoding);
    let note =
        format!("is {name} and was converted; if it reads wrong, say `encoding` in backfile.toml");
    readable(text, Some(note))
}

/// What bytes that are not UTF-8 are, if all of them can be read as that.
pub(super) fn guess(bytes: &[u8]) -> Option<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    // Short text leaves it open what it is; then it is what is spoken where the page comes from.
    let places: [Option<&[u8]>; 3] = [None, Some(b"cn"), Some(b"tw")];
    let mut guesses = places.into_iter().map(|place| {
        let guessed = detector.guess(place, Utf8Detection::Deny);
        if guessed == GBK { GB18030 } else { guessed }
    });
    guesses.find(|encoding| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        text.is_some_and(|text| {
            if is_eastern(encoding) {
                reads_eastern(&text)
            } else {
                reads_western(&text)
            }
        })
    })
}

fn is_eastern(encoding: &'static Encoding) -> bool {
    [GB18030, BIG5, EUC_KR, EUC_JP, SHIFT_JIS].contains(&encoding)
}

/// Whether hardly any character is one that nobody uses: that is how Big5 looks when it is read as GB18030.
fn reads_eastern(text: &str) -> bool {
    let is_private = |c: &char| ('\u{E000}'..='\u{F8FF}').contains(c);
    let (all, private) = (
        text.chars().count(),
        text.chars().filter(is_private).count(),
    );
    private * 50 <= all
}

/// The name by which people know it.
pub(super) fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 {
        "GB18030"
    } else {
        encoding.name()
    }
}

fn marked(bytes: Vec<u8>, encoding: &'static Encoding, mark: usize) -> Result<Decoded, String> {
    if encoding == UTF_8 {
        let rest = String::from_utf8(bytes[mark..].to_vec());
        return match rest {
            Ok(text) => readable(text, None),
            Err(error) if is_mostly_utf8(error.as_bytes()) => Ok(patched(error.as_bytes())),
            Err(error) => Err(not_text(error.as_bytes())),
        };
    }
    let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
    let name = if [UTF_16LE, UTF_16BE].contains(&encoding) {
        "UTF-16"
    } else {
        encoding.name()
    };
    let mut note = format!("is {name} and was converted");
    if broken {
        note.push_str("; what is broken in it became U+FFFD");
    }
    readable(text.into_owned(), Some(note))
}

fn as_told(bytes: &[u8], encoding: &'static Encoding) -> Result<Decoded, String> {
    // A folder of pages in one encoding often has a few newer ones.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return readable(text.to_owned(), None);
    }
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    let name = name(encoding);
    if !broken {
        return readable(
            text.into_owned(),
            Some(format!("is {name}, as told, and was converted")),
        );
    }
    let many = text.chars().filter(|c| *c == '\u{FFFD}').count();
    if many * BYTES_FOR_A_BROKEN_ONE > bytes.len() {
        return Err(format!(
            "is not {name}, though `encoding` says so: {many} characters are broken"
        ));
    }
    let lines = lines_of_replacements(&text);
    Ok(Decoded {
        note: Some(replaced(&lines)),
        text: text.into_owned(),
    })
}

/// Text without control characters that no page has: a picture with the extension `.txt` is no page.
fn readable(text: String, note: Option<String>) -> Result<Decoded, String> {
    let controls = text.bytes().filter(|byte| is_binary(*byte)).count();
    if controls * BYTES_FOR_A_BROKEN_ONE > text.len() {
        return Err(NO_TEXT.into());
    }
    Ok(Decoded { text, note })
}

const NO_TEXT: &str = "is no text: it has bytes that only pictures and programs have; remove it or give it its extension";

fn is_binary(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1B)
}

/// Whether all but a few bytes are UTF-8, and enough of them not ASCII, so that it is no accident.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let broken: usize = bytes
        .utf8_chunks()
        .filter(|chunk| !chunk.invalid().is_empty())
        .count();
    let beyond_ascii = bytes
        .utf8_chunks()
        .flat_map(|chunk| chunk.valid().chars())
        .filter(|c| !c.is_ascii())
        .count();
    broken * BYTES_FOR_A_BROKEN_ONE <= bytes.len() && beyond_ascii > 4 * broken
}

fn patched(bytes: &[u8]) -> Decoded {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut lines = Vec::new();
    let mut line = 1;
    for chunk in bytes.utf8_chunks() {
        line += chunk.valid().matches('\n').count();
        if !chunk.invalid().is_empty() {
            lines.push(line);
        }
    }
    Decoded {
        text,
        note: Some(replaced(&lines)),
    }
}

fn lines_of_replacements(text: &str) -> Vec<usize> {
    let lines = (1..).zip(text.lines());
    lines
        .filter(|(_, line)| line.contains('\u{FFFD}'))
        .map(|(number, _)| number)
        .collect()
}

/// Which lines have characters that nobody can read any more.
fn replaced(lines: &[usize]) -> String {
    let mut distinct = lines.to_vec();
    distinct.dedup();
    let mut named: Vec<String> = distinct
        .iter()
        .take(LINES_NAMED)
        .map(usize::to_string)
        .collect();
    if distinct.len() > LINES_NAMED {
        named.push(format!("{} more", distinct.len() - LINES_NAMED));
    }
    let noun = if distinct.len() == 1 { "line" } else { "lines" };
    format!(
        "has broken bytes, which became U+FFFD, in {noun} {}",
        named.join(", ")
    )
}

fn reads_western(text: &str) -> bool {
    let (all, mut ascii) = (text.chars().count(), 0);
    let (most, of) = ASCII_IN_WESTERN_TEXT;
    for c in text.chars() {
        ascii += usize::from(c.is_ascii());
        if ('\u{80}'..='\u{9F}').contains(&c) {
            return false;
        }
    }
    ascii * of >= all * most && all >= SHORTEST_WESTERN_TEXT
}

fn not_text(bytes: &[u8]) -> String {
    if bytes.iter().filter(|byte| is_binary(**byte)).count() * BYTES_FOR_A_BROKEN_ONE > bytes.len()
    {
        return NO_TEXT.into();
    }
    let valid = bytes
        .utf8_chunks()
        .next()
        .map_or(0, |chunk| chunk.valid().len());
    let line = 1 + bytes[..valid].iter().filter(|byte| **byte == b'\n').count();
    let byte = bytes.get(valid).copied().unwrap_or_default();
    format!(
        "is neither UTF-8 nor GB18030 nor Big5: byte 0x{byte:02X} at offset {valid}, in line {line}; \
         convert it with iconv, or say `encoding` in backfile.toml"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "鹭陵报\n\n苇渡大桥通车\n本报讯（记者 农谷雨）昨日上午，连接两岸的大桥正式通车，群众奔走相告。\n";
    const TRADITIONAL: &str = "鷺陵報\n\n葦渡大橋通車\n本報訊（記者 農穀雨）昨日上午，連接兩岸的大橋正式通車，群眾奔走相告。\n";

    fn decoded(bytes: &[u8]) -> Decoded {
        decode(bytes.to_vec(), None).unwrap()
    }

    fn refused(bytes: &[u8]) -> String {
        decode(bytes.to_vec(), None).unwrap_err()
    }

    #[test]
    fn encodings_are_recognised() {
        for (encoding, text, named) in [
            (GB18030, PAGE, "GB18030"),
            (BIG5, TRADITIONAL, "Big5"),
            (GB18030, TRADITIONAL, "GB18030"),
        ] {
            let (bytes, _, lost) = encoding.encode(text);
            assert!(!lost);
            let found = decoded(&bytes);
            assert_eq!(found.text, text, "{named}");
            assert!(found.note.unwrap().starts_with(&format!("is {named} ")));
        }
    }

    #[test]
    fn marks_are_no_text_and_say_what_follows() {
        assert_eq!(
            decoded("\u{FEFF}文".as_bytes()),
            Decoded {
                text: "文".into(),
                note: None
            }
        );
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{FEFF}大桥\n".encode_utf16().flat_map(bytes).collect()
        };
        for bytes in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
            let found = decoded(&bytes);
            assert_eq!(found.text, "大桥\n");
            assert_eq!(found.note.as_deref(), Some("is UTF-16 and was converted"));
        }
    }

    #[test]
    fn a_broken_byte_costs_a_character_and_not_the_page() {
        let mut bytes = PAGE.repeat(20).into_bytes();
        let whole = bytes.len();
        bytes[PAGE.len() + 1] = b'\xFF';
        let found = decoded(&bytes);
        assert_eq!(
            found.note.unwrap(),
            "has broken bytes, which became U+FFFD, in line 5"
        );
        assert!(found.text.len() + 12 > whole && found.text.contains('\u{FFFD}'));
    }

    #[test]
    fn what_is_no_text_is_refused_with_the_reason() {
        assert!(refused(b"\xFF").contains("byte 0xFF at offset 0, in line 1; convert it"));
        assert_eq!(refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01"), NO_TEXT);
        assert_eq!(refused(b"abc\0\0\0"), NO_TEXT);
    }

    #[test]
    fn what_is_told_wins_over_a_guess() {
        let (bytes, _, _) = BIG5.encode("電話");
        assert_eq!(decode(bytes.to_vec(), Some(BIG5)).unwrap().text, "電話");
        assert!(
            decode(b"ab\xFF\xFF".to_vec(), Some(BIG5))
                .unwrap_err()
                .contains("not Big5")
        );
        assert_eq!(decode("電話".into(), Some(BIG5)).unwrap().text, "電話");
    }
}
