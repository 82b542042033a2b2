//! Makes the fold table of all of Unicode, once, when the builder is compiled.
//!
//! Sources, all pinned in Cargo.lock:
//! * ICU4X with its compiled data: compatibility decomposition, case folding, categories,
//!   scripts, combining classes (Unicode License v3);
//! * OpenCC's character tables as ferrous-opencc carries them (Apache-2.0): traditional, Hong
//!   Kong, Taiwan and Japanese forms to simplified ones;
//! * [`RADICALS`] for what compatibility decomposition leaves out.

use std::collections::HashSet;

use backfile_core::text::{Class, FoldTable, FoldTableBuilder};
use encoding_rs::GBK;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use icu_casemap::CaseMapper;
use icu_normalizer::properties::{CanonicalCombiningClassMap, CanonicalCombiningClassMapBorrowed};
use icu_normalizer::{DecomposingNormalizer, DecomposingNormalizerBorrowed};
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};

use crate::radicals::RADICALS;

/// Writes the table to `$OUT_DIR/fold_table.bin`.
pub(crate) fn generate() {
    println!("cargo:rerun-if-changed=build");
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut bytes = Vec::new();
    whole_table().write(&mut bytes);
    let path = std::path::Path::new(&out).join("fold_table.bin");
    std::fs::write(path, bytes).expect("OUT_DIR can be written");
}

fn whole_table() -> FoldTable {
    let folding = Folding::new();
    let mut table = FoldTableBuilder::default();
    for c in '\0'..=char::MAX {
        table.class(c, folding.class(c));
        let folded = folding.fold(c);
        assert!(!folded.is_empty(), "U+{:04X} folds to nothing", c as u32);
        table.map(c, &folded);
    }
    table.build()
}

struct Folding {
    decompose: DecomposingNormalizerBorrowed<'static>,
    case: icu_casemap::CaseMapperBorrowed<'static>,
    category: CodePointMapDataBorrowed<'static, GeneralCategory>,
    script: CodePointMapDataBorrowed<'static, Script>,
    combining: CanonicalCombiningClassMapBorrowed<'static>,
    regional: Vec<OpenCC>,
    simplified: OpenCC,
    japanese: OpenCC,
}

impl Folding {
    fn new() -> Self {
        use BuiltinConfig::{Hk2t, Jp2t, T2s, Tw2t};
        let open = |config| OpenCC::from_config(config).expect("OpenCC's tables are built in");
        Self {
            decompose: DecomposingNormalizer::new_nfkd(),
            case: CaseMapper::new(),
            category: CodePointMapData::new(),
            script: CodePointMapData::new(),
            combining: CanonicalCombiningClassMap::new(),
            regional: vec![open(Tw2t), open(Hk2t)],
            simplified: open(T2s),
            japanese: open(Jp2t),
        }
    }

    /// What `c` folds to: the steps until nothing changes any more.
    fn fold(&self, c: char) -> Vec<char> {
        if is_hangul_syllable(c) || c == '\0' {
            return vec![c];
        }
        let mut text = c.to_string();
        for _ in 0..8 {
            let next = self.step(&text);
            if next == text {
                return text.chars().collect();
            }
            text = next;
        }
        panic!("folding U+{:04X} does not come to an end", c as u32);
    }

    fn step(&self, text: &str) -> String {
        let decomposed = self.decompose.normalize(text);
        let folded = self.case.fold_string(&decomposed);
        let decomposed = self.decompose.normalize(&folded);
        decomposed.chars().map(|c| self.simplify(c)).collect()
    }

    /// Traditional to simplified, variants and radicals to the usual character.
    ///
    /// A character of GB 2312's first level is one that simplified text uses as it is (乾坤,
    /// 著名), whatever it may stand for in traditional text: it stays. Of the Japanese forms only
    /// those count that Chinese does not use otherwise (広, but not 芸 or 欠).
    fn simplify(&self, c: char) -> char {
        let c = RADICALS
            .iter()
            .find(|(radical, _)| *radical == c)
            .map_or(c, |(_, to)| *to);
        if self.script.get(c) != Script::Han || gb2312_row(c).is_some_and(|row| row <= 55) {
            return c;
        }
        let mut c = c;
        if gb2312_row(c).is_none() {
            c = convert(&self.japanese, c);
        }
        for table in &self.regional {
            c = convert(table, c);
        }
        convert(&self.simplified, c)
    }

    fn class(&self, c: char) -> Class {
        let category = self.category.get(c);
        if GeneralCategoryGroup::Mark.contains(category) {
            return Class::Mark(self.combining.get_u8(c));
        }
        let number_or_letter = GeneralCategoryGroup::Letter.union(GeneralCategoryGroup::Number);
        if !number_or_letter.contains(category) {
            Class::Symbol
        } else if self.is_solo(c) {
            Class::Solo
        } else {
            Class::Word
        }
    }

    /// Letters of scripts that are written without spaces, and the marks of length and iteration
    /// that Unicode gives to no script. Their digits make runs like any digits.
    fn is_solo(&self, c: char) -> bool {
        let digit = self.category.get(c) == GeneralCategory::DecimalNumber;
        !digit
            && (SOLO_SCRIPTS.contains(&self.script.get(c))
                || ('\u{3005}'..='\u{30FF}').contains(&c))
    }
}

const SOLO_SCRIPTS: [Script; 24] = [
    Script::Han,
    Script::Hiragana,
    Script::Katakana,
    Script::Hangul,
    Script::Bopomofo,
    Script::Yi,
    Script::Nushu,
    Script::Tangut,
    Script::KhitanSmallScript,
    Script::Lisu,
    Script::Thai,
    Script::Lao,
    Script::Khmer,
    Script::Myanmar,
    Script::Tibetan,
    Script::TaiLe,
    Script::NewTaiLue,
    Script::TaiTham,
    Script::TaiViet,
    Script::Javanese,
    Script::Balinese,
    Script::Cham,
    Script::Ahom,
    Script::PhagsPa,
];

fn is_hangul_syllable(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

fn convert(table: &OpenCC, c: char) -> char {
    let converted = table.convert(c.encode_utf8(&mut [0; 4]));
    let mut chars = converted.chars();
    match (chars.next(), chars.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// The row of a character in GB 2312, where 16 to 55 is the first level and 56 to 87 the second.
fn gb2312_row(c: char) -> Option<u8> {
    let mut text = [0; 4];
    let (bytes, _, unmappable) = GBK.encode(c.encode_utf8(&mut text));
    match bytes[..] {
        [lead @ 0xB0..=0xF7, 0xA1..=0xFE] if !unmappable => Some(lead - 0xA0),
        _ => None,
    }
}

/// Fails the build if the core's list of invisible characters is not Unicode's.
pub(crate) fn check_ignored() {
    use icu_properties::CodePointSetData;
    use icu_properties::props::DefaultIgnorableCodePoint;
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let table = FoldTableBuilder::default().build();
    let differs: HashSet<u32> = ('\0'..=char::MAX)
        .filter(|&c| c != '\u{FEFF}')
        .filter(|&c| ignorable.contains(c) != (table.class(c) == Class::Ignored))
        .map(|c| c as u32)
        .collect();
    assert!(
        differs.is_empty(),
        "Class::fixed differs from Unicode at {differs:X?}"
    );
}
