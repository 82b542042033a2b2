//! From a query to results.
//!
//! [`parse()`] makes terms of the query; [`evaluate`] finds the documents that contain them all,
//! reading as few blocks as it can; [`score`] ranks them; [`excerpt`] shows where the words are;
//! [`Engine`] holds the blocks and takes these steps in order, asking for what is missing.

pub mod blocks;
mod engine;
pub mod evaluate;
pub mod excerpt;
mod leg;
mod parse;
mod response;
pub mod score;

pub use engine::{Engine, Loaded, Outcome, SearchOptions};
pub use parse::{Query, Term, parse};
pub use response::{ArchiveInfo, Response, SearchResult};
