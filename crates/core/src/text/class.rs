//! What a folded character does to the row of units.

/// The part that a folded character plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Invisible (variation selectors, joiners, soft hyphens): leaves no trace.
    Ignored,
    /// White space and control characters: ends a word, takes no position.
    Space,
    /// Quotation marks, title marks, middle dots: ends a word, takes no position.
    Soft,
    /// Other punctuation, symbols, and whatever Unicode has no better word for: a unit of its own.
    Symbol,
    /// A character of a script that is written without spaces: a unit of its own.
    Solo,
    /// A letter or a digit: part of a run.
    Word,
    /// A combining mark, with its canonical combining class: part of the unit before it.
    Mark(u8),
}

/// Marks are stored as this plus their combining class.
const MARK_CODE: u16 = 16;

impl Class {
    /// The number that stands for the class in a stored table; only the last four are stored,
    /// because the others are the same in every archive ([`Class::fixed`]).
    pub(super) fn code(self) -> u16 {
        match self {
            Self::Ignored => 0,
            Self::Space => 1,
            Self::Soft => 2,
            Self::Symbol => 3,
            Self::Solo => 4,
            Self::Word => 5,
            Self::Mark(combining_class) => MARK_CODE + u16::from(combining_class),
        }
    }

    /// The inverse of [`Class::code`].
    pub(super) fn from_code(code: u16) -> Option<Self> {
        match code {
            0 => Some(Self::Ignored),
            1 => Some(Self::Space),
            2 => Some(Self::Soft),
            3 => Some(Self::Symbol),
            4 => Some(Self::Solo),
            5 => Some(Self::Word),
            _ => u8::try_from(code.checked_sub(MARK_CODE)?)
                .ok()
                .map(Self::Mark),
        }
    }

    /// The class of characters that vanish, which no archive has to store.
    pub(super) fn fixed(c: char) -> Option<Self> {
        if c.is_ascii_alphanumeric() {
            None
        } else if is_space(c) {
            Some(Self::Space)
        } else if is_soft(c) {
            Some(Self::Soft)
        } else if is_ignored(c) {
            Some(Self::Ignored)
        } else {
            None
        }
    }
}

/// White space and control characters, after compatibility mapping (so U+3000 is U+0020 by now).
fn is_space(c: char) -> bool {
    matches!(c, '\0'..=' ' | '\u{7F}'..='\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}'
        | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// Punctuation that a reader leaves out, or sets another way, without noticing.
fn is_soft(c: char) -> bool {
    matches!(c,
        // quotation marks
        '"' | '\'' | '`' | '«' | '»' | '‘'..='‟' | '‹' | '›' | '「'..='』' | '〝'..='〟'
        // title marks
        | '《' | '》' | '〈' | '〉' | '⟨' | '⟩' | '⟪' | '⟫'
        // middle dots
        | '·' | '•' | '‧' | '∙' | '⋅' | '・')
}

/// Unicode's Default_Ignorable_Code_Point (version 17.0, DerivedCoreProperties.txt), and U+FEFF
/// with it. A test of the builder compares this list with the Unicode tables it is built with.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        let classes = [Class::Symbol, Class::Solo, Class::Word, Class::Mark(0)];
        for class in classes
            .into_iter()
            .chain([Class::Mark(230), Class::Ignored])
        {
            assert_eq!(Class::from_code(class.code()), Some(class));
        }
        assert_eq!(Class::from_code(6), None);
        assert_eq!(Class::from_code(u16::MAX), None);
    }
}
