//! The fold table of all of Unicode, as it was when the builder was compiled.

use std::sync::OnceLock;

use backfile_core::text::FoldTable;

static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/fold_table.bin"));

/// How documents are folded. An archive gets the part of it that its text needs.
///
/// # Panics
/// Never: the bytes were written by the same code when the builder was compiled.
pub fn fold_table() -> &'static FoldTable {
    static TABLE: OnceLock<FoldTable> = OnceLock::new();
    TABLE.get_or_init(|| FoldTable::read(BYTES).expect("the builder carries its own table"))
}

/// Tells one fold table from another. Text that was folded with one cannot be searched together
/// with text that was folded with another.
pub fn fold_table_hash() -> u64 {
    static HASH: OnceLock<u64> = OnceLock::new();
    *HASH.get_or_init(|| xxhash_rust::xxh64::xxh64(BYTES, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use backfile_core::text::fold;

    fn units(text: &str) -> Vec<String> {
        fold(fold_table(), text)
            .texts()
            .map(str::to_owned)
            .collect()
    }

    fn same(a: &str, b: &str) {
        assert_eq!(units(a), units(b), "{a} and {b}");
    }

    #[test]
    fn width_case_and_script_do_not_matter() {
        same("ＡＢＣ　１２３", "abc 123");
        same("臺灣學習區", "台湾学习区");
        same("羣峯裏喫麪", "群峰里吃面");
        same("広島発電", "广岛发电");
        same("ｶﾞｲﾄﾞ", "ガイド");
        same("Straße", "STRASSE");
        same("①㎏㈱", "1kg(株)");
        same("é", "e\u{301}");
    }

    #[test]
    fn radicals_are_the_characters_they_look_like() {
        same("⻓江⻔⼾⽂⼀⽹", "长江门户文一网");
    }

    #[test]
    fn simplified_text_stays_as_it_is() {
        for text in ["乾坤", "著名", "王芸", "欠缺", "瞭望"] {
            assert_eq!(units(text).concat(), text);
        }
        assert_ne!(units("己"), units("已"));
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_characters() {
        assert_eq!(units("カードの々〆").len(), 6);
        assert_eq!(units("한국어").len(), 3);
        assert_eq!(units("สวัสดี").len(), 4);
        assert_eq!(units("Привет мир"), ["привет", "мир"]);
    }

    #[test]
    fn jamo_and_syllables_are_the_same() {
        same("ㅎㅏㄴ", "하ㄴ");
        same("\u{1112}\u{1161}\u{11AB}", "한");
        same("ﾡ", "ㄱ");
    }

    #[test]
    fn soft_punctuation_and_spaces_vanish_between_characters() {
        same("《数字·乡村》“讲 堂”", "数字乡村讲\n堂");
        assert_ne!(units("数字，乡村"), units("数字乡村"));
    }
}
