//! From a query to results.
//!
//! [`parse()`] makes terms of the query; `find` decides which documents are looked at, and in which
//! order what is found comes; [`evaluate`] finds those that contain all terms, reading as few bytes
//! as it can, and only those that [`Filter`]s let through; [`score`] ranks them; [`excerpt`] shows
//! where the words are; [`Engine`] holds the extents and takes these steps in order, asking for what
//! is missing.

mod engine;
pub mod evaluate;
pub mod excerpt;
pub mod extents;
mod find;
mod leg;
mod narrow;
mod parse;
mod response;
pub mod score;
pub mod segment;

pub use engine::{Engine, Loaded, Order, Outcome, SearchOptions};
pub use narrow::{DateRange, Filter};
pub use parse::{Query, Term, parse};
pub use response::{ArchiveInfo, FacetCount, Pack, Read, Response, SearchResult, ValueCount};
