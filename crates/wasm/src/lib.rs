//! The engine as JavaScript sees it.
//!
//! Every method decodes its arguments, calls [`backfile_core::query::Engine`], and encodes what
//! comes back: plain objects, no JSON strings, no global state. Fetching, inflating and workers
//! are the caller's business (`www/src`).

mod error;
mod plain;
mod types;

use backfile_core::Error;
use backfile_core::query::excerpt::in_utf16;
use backfile_core::query::{Engine as Core, Filter, Loaded, Order, Outcome, SearchOptions};
use js_sys::{Array, Object};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use error::to_js;
use types::{ArchiveInfoJs, OutcomeJs, ReadsJs, SearchOptionsJs};

/// An opened archive. After a trap (a bug), throw the instance away.
#[wasm_bindgen]
pub struct Engine {
    core: Core,
}

#[wasm_bindgen]
impl Engine {
    /// Checks and opens the bytes of `manifest.bf`.
    ///
    /// # Errors
    /// Throws an `EngineError` if they are damaged or of another format.
    #[wasm_bindgen(constructor)]
    pub fn new(manifest: &[u8]) -> Result<Engine, JsValue> {
        let core = Core::open(manifest).map_err(|error| to_js(&error))?;
        Ok(Self { core })
    }

    /// What the archive says about itself.
    pub fn info(&self) -> ArchiveInfoJs {
        plain::info(self.core.info()).unchecked_into()
    }

    /// Answers `query`, or says which extents to load before asking again.
    ///
    /// # Errors
    /// Throws an `EngineError` if an extent cannot be read.
    pub fn search(
        &mut self,
        query: &str,
        options: Option<SearchOptionsJs>,
    ) -> Result<OutcomeJs, JsValue> {
        encode_outcome(self.core.search(query, &decode(options)))
    }

    /// The same for a search without filters, dates and facets, in the order of relevance; for
    /// archives that `ranksByLength`. It needs less of the engine, see `www/src/engine.ts`.
    ///
    /// # Errors
    /// As `search`.
    #[wasm_bindgen(js_name = searchPlain)]
    pub fn search_plain(
        &mut self,
        query: &str,
        limit: Option<u32>,
        offset: Option<u32>,
        prefix: Option<bool>,
    ) -> Result<OutcomeJs, JsValue> {
        let options = page_of(limit, offset, prefix);
        encode_outcome(self.core.search_plain(query, &options))
    }

    /// True if the archive is small enough for `searchPlain`.
    #[wasm_bindgen(js_name = ranksByLength)]
    pub fn ranks_by_length(&self) -> bool {
        self.core.ranks_by_length()
    }

    /// What a search with this query will ask for first. It needs no code but what comes first, see
    /// `www/src/engine.ts`.
    pub fn plan(&mut self, query: &str, prefix: bool) -> ReadsJs {
        plain::reads(self.core.plan(query, prefix)).unchecked_into()
    }

    /// Checks the bytes of an extent and keeps it. If its payload is compressed, returns that:
    /// inflate it (`deflate-raw`) and call `loadInflated`.
    ///
    /// # Errors
    /// Throws an `EngineError` if the bytes are damaged or another extent's.
    pub fn load(
        &mut self,
        file: &str,
        start: u32,
        bytes: &[u8],
    ) -> Result<Option<Vec<u8>>, JsValue> {
        let loaded = self.core.load(file, start.into(), bytes);
        match loaded.map_err(|error| to_js(&error))? {
            Loaded::Kept => Ok(None),
            Loaded::Deflated(payload) => Ok(Some(payload)),
        }
    }

    /// Bytes of memory that extents take which are kept for later searches.
    #[wasm_bindgen(js_name = cacheBytes)]
    pub fn cache_bytes(&self) -> u32 {
        u32::try_from(self.core.cache_bytes()).unwrap_or(u32::MAX)
    }

    /// What has to be loaded before `hits` finds all terms of a query in texts, of which this is all
    /// that they say. Mostly nothing.
    ///
    /// # Errors
    /// Throws an `EngineError` if what was loaded cannot be read.
    #[wasm_bindgen(js_name = wantsForHits)]
    pub fn wants_for_hits(
        &mut self,
        query: &str,
        text: &str,
        prefix: bool,
    ) -> Result<ReadsJs, JsValue> {
        let reads = self.core.wants_for_hits(query, text, prefix);
        let reads = reads.map_err(|error| to_js(&error))?;
        Ok(plain::reads(reads).unchecked_into())
    }

    /// Where the terms of a query stand in a text of the archive: start and end of each place in
    /// turn, in UTF-16 code units. They rise and do not overlap.
    pub fn hits(&self, query: &str, text: &str, prefix: bool) -> Vec<u32> {
        in_utf16(text, &self.core.hits(query, text, prefix))
    }

    /// Keeps an extent whose payload has been inflated.
    ///
    /// # Errors
    /// Throws an `EngineError` if the archive has no such extent, or no codebook for what is in it.
    #[wasm_bindgen(js_name = loadInflated)]
    pub fn load_inflated(&mut self, file: &str, start: u32, payload: &[u8]) -> Result<(), JsValue> {
        let kept = self.core.load_inflated(file, start.into(), payload);
        kept.map_err(|error| to_js(&error))
    }
}

/// Objects with plain fields, `null` for what is absent.
fn encode(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&Serializer::json_compatible())?)
}

fn encode_outcome(outcome: Result<Outcome, Error>) -> Result<OutcomeJs, JsValue> {
    let outcome = match outcome.map_err(|error| to_js(&error))? {
        Outcome::Missing(missing) => plain::object(&[("missing", plain::reads(missing))]),
        Outcome::Response(response) => plain::object(&[("response", encode(&response)?)]),
    };
    Ok(outcome.unchecked_into())
}

fn page_of(limit: Option<u32>, offset: Option<u32>, prefix: Option<bool>) -> SearchOptions {
    let default = SearchOptions::default();
    SearchOptions {
        limit: limit.map_or(default.limit, |limit| limit as usize),
        offset: offset.map_or(default.offset, |offset| offset as usize),
        prefix: prefix.unwrap_or(default.prefix),
        ..default
    }
}

/// Reads the fields one by one: a general decoder would be a tenth of the engine.
fn decode(options: Option<SearchOptionsJs>) -> SearchOptions {
    let Some(options) = options else {
        return SearchOptions::default();
    };
    let mut decoded = page_of(options.limit(), options.offset(), options.prefix());
    decoded.filters = filters(&options);
    decoded.dates.from = options.from();
    decoded.dates.to = options.to();
    decoded.facets = options
        .facets()
        .map_or_else(Vec::new, |facets| texts(&facets));
    if let Some(limit) = options.facet_limit() {
        decoded.facet_limit = limit as usize;
    }
    decoded.order = match options.order().as_deref() {
        Some("newest") => Order::Newest,
        Some("oldest") => Order::Oldest,
        _ => Order::Relevance,
    };
    decoded.first_page = options.first_page().unwrap_or(decoded.first_page);
    decoded
}

fn filters(options: &SearchOptionsJs) -> Vec<Filter> {
    let Some(filters) = options.filters() else {
        return Vec::new();
    };
    let filter = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        let field = entry.get(0).as_string()?;
        let values = texts(&entry.get(1).unchecked_into());
        Some(Filter { field, values })
    };
    Object::entries(&filters)
        .iter()
        .filter_map(filter)
        .collect()
}

fn texts(array: &Array) -> Vec<String> {
    array.iter().filter_map(|text| text.as_string()).collect()
}
