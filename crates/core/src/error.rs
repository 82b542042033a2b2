//! One error for everything that can be wrong with an archive's bytes.

use std::fmt;

/// What went wrong, as a stable code that JavaScript and scripts may compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The bytes do not start like a Backfile section: another file, or a host's error page.
    NotBackfile,
    /// Length, checksum or content is not what was written.
    Damaged,
    /// A sound block, but not the one that was asked for.
    WrongBlock,
    /// Written by a newer Backfile than this one.
    NewerFormat,
    /// Written by an older Backfile whose format is no longer read.
    OlderFormat,
}

impl ErrorKind {
    /// The code that crosses into JavaScript as `error.code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotBackfile => "not-backfile",
            Self::Damaged => "damaged",
            Self::WrongBlock => "wrong-block",
            Self::NewerFormat => "newer-format",
            Self::OlderFormat => "older-format",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::NotBackfile => "check that the file was uploaded and that the address is right",
            Self::Damaged => "load it again, or upload it again from the build",
            Self::WrongBlock => "upload the whole build again; files of two builds are mixed",
            Self::NewerFormat => "reload the page, or use a newer Backfile",
            Self::OlderFormat => "build the archive again with this Backfile",
        }
    }
}

/// An archive's bytes cannot be used: which file, what is wrong with it, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    file: String,
    what: String,
}

impl Error {
    /// `what` says which part is wrong and how.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            file: String::new(),
            what: what.into(),
        }
    }

    /// Shorthand for the most common kind.
    pub fn damaged(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, what)
    }

    /// Names the file, unless an inner step has named it already.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        if self.file.is_empty() {
            self.file = file.to_owned();
        }
        self
    }

    /// The stable code.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file's name below the archive's folder; empty if it is not known.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// All of it in one line. (For those who do without `format!`, see [`crate::digits`].)
    pub fn message(&self) -> String {
        let colon = if self.file.is_empty() { "" } else { ": " };
        [&self.file, colon, &self.what, "; ", self.kind.remedy()].concat()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Error {}
