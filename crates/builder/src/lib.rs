//! From folders of pages to an archive that needs no server.
//!
//! The builder is a row of plain steps, each of which can be used and tested alone:
//!
//! | step | module | what it makes |
//! |---|---|---|
//! | ask | [`config`] | `backfile.toml` → settings |
//! | read | [`source`] | files → [`source::Documents`] in order, and a [`report::ReadReport`] |
//! | repair | [`radicals`], [`fake_bold`] | undoes radicals that a PDF gave up for characters, and text that it gave up twice |
//! | cut | [`press`] | a page → its articles, and a ledger of every character |
//! | enrich | [`enrich`] | subjects, places, people and reprints, as metadata |
//! | compare | [`update`] | documents, and the archive that is there → what is to be indexed |
//! | index | [`index`] | documents → the files of an archive |
//! | publish | [`publish`] | files → an output folder that is whole at every moment |
//! | equip | [`site`] | the browser files, carried inside the program |
//! | show | [`serve`] | an output folder → a browser on this machine |
//! | look | [`archive`] | an archive on disk → answers, problems, figures |
//!
//! None of them holds all documents or all of the index in memory: what is too much for the budget
//! ([`memory`]) waits in files of a [`workspace`].
//!
//! What goes wrong is an [`error::Error`], which names the file and knows what to do about it.
//! Nothing here prints: long steps tell a [`progress::Progress`], results come back as values.

#![forbid(unsafe_code)]

pub mod archive;
pub mod config;
pub mod document;
pub mod enrich;
pub mod error;
pub mod fake_bold;
pub mod index;
pub mod memory;
mod ordered;
pub mod pages;
pub mod press;
pub mod progress;
pub mod publish;
pub mod radicals;
pub mod report;
mod room;
mod rows;
pub mod serve;
pub mod site;
pub mod source;
mod spool;
pub mod unicode;
pub mod update;
pub mod workspace;
