//! What the builder and the browser must agree on, to the bit.
//!
//! Read in this order:
//!
//! 1. [`text`]: how text becomes *units*, on both sides of a search. This is where the promise
//!    of the project is defined: a query finds what Ctrl-F would find.
//! 2. [`gram`]: which dictionary keys a row of units gives, and which of them pin a query down.
//! 3. [`mod@format`]: how an archive lies on disk, one module for each section, holding its writer,
//!    its reader and their round-trip test. `FORMAT.md` is the specification of the bytes.
//! 4. [`query`]: how a query is answered from extents that arrive one by one.
//!
//! Beside them, [`facet`] says how metadata comes into the dictionary, and [`link`] where the page
//! of a document lies.
//!
//! The crate has no I/O, no clock, no threads, no unsafe code and no browser types. It never
//! fetches: [`query::Engine::search`] answers either with results or with the names of the
//! extents that are still missing.

#![forbid(unsafe_code)]

mod digits;
pub mod error;
pub mod facet;
pub mod format;
pub mod gram;
pub mod link;
pub mod query;
pub mod record;
pub mod text;

pub use error::{Error, ErrorKind};
