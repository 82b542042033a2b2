//! What crosses the border, once in Rust and once for TypeScript, side by side.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// See `TYPESCRIPT`.
    #[wasm_bindgen(typescript_type = "SearchOptions")]
    pub type SearchOptionsJs;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn limit(this: &SearchOptionsJs) -> Option<u32>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn offset(this: &SearchOptionsJs) -> Option<u32>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn prefix(this: &SearchOptionsJs) -> Option<bool>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn filters(this: &SearchOptionsJs) -> Option<Object>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn from(this: &SearchOptionsJs) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn to(this: &SearchOptionsJs) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn facets(this: &SearchOptionsJs) -> Option<Array>;
    #[wasm_bindgen(method, getter, structural, js_name = facetLimit)]
    pub(crate) fn facet_limit(this: &SearchOptionsJs) -> Option<u32>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn order(this: &SearchOptionsJs) -> Option<String>;
    #[wasm_bindgen(method, getter, structural, js_name = firstPage)]
    pub(crate) fn first_page(this: &SearchOptionsJs) -> Option<bool>;
    /// See `TYPESCRIPT`.
    #[wasm_bindgen(typescript_type = "ArchiveInfo")]
    pub type ArchiveInfoJs;
    /// See `TYPESCRIPT`.
    #[wasm_bindgen(typescript_type = "Outcome")]
    pub type OutcomeJs;
    /// See `TYPESCRIPT`.
    #[wasm_bindgen(typescript_type = "Read[]")]
    pub type ReadsJs;
}

/// The only place where these are written down for TypeScript.
#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = r#"
/** How to search. */
export interface SearchOptions {
  /** At most so many results. Default 10. */
  limit?: number;
  /** Leave out so many results before the first. Default 0. */
  offset?: number;
  /** The word that the query ends in may go on: it is still being typed. Default false. */
  prefix?: boolean;
  /**
   * For fields of the archive's facets, and `date`, the values of which a document needs one in each field. A value of
   * a hierarchy stands for all below it, a date for all that begins with it (`2024`, `2024-01`). With filters or dates
   * the query may be empty: then everything is found that passes them, the newest first. Default: none.
   */
  filters?: { [field: string]: readonly string[] };
  /** Only documents of this date or a later one: a year, a month or a day. Default: none. */
  from?: string;
  /** Only documents of this date or an earlier one; of a year or month, all of it. Default: none. */
  to?: string;
  /** Fields whose values are counted among all that is found. It takes further downloads. Default: none. */
  facets?: readonly string[];
  /** At most so many values of each field. Default 50. */
  facetLimit?: number;
  /**
   * Which results come first. Where relevance would take too many downloads, in archives of more than 65,536 documents,
   * the newest do instead, and the response says so. Default "relevance".
   */
  order?: Order;
  /**
   * The page that is asked for is enough: where all matches would take many downloads, it comes as soon as it is certain,
   * and `exact` is false. Search again without this for the number. Default false.
   */
  firstPage?: boolean;
}

/** The best first; the archive from its end; the archive from its start. Documents of a day are in the order of the archive. */
export type Order = "relevance" | "newest" | "oldest";

/** A value of a field and how many documents have it. */
export interface ValueCount {
  /** One text; the levels of a hierarchy in it are separated by ` ▸ `. */
  value: string;
  count: number;
}

/** The values of a field, the most frequent first, of hierarchies all levels, of `date` years and months. */
export interface FacetCount {
  field: string;
  /** Counted among all documents that match the query and all filters but those of this field. */
  values: ValueCount[];
}

/** A piece of the original text; `hit` if it is what a term of the query matched. */
export interface Piece {
  text: string;
  hit: boolean;
}

/** Where something begins in a text and where it has ended, in UTF-16 code units, as JavaScript counts. */
export type Place = [start: number, end: number];

/** A metadata value, as it was in the input. */
export type MetaValue =
  | null | boolean | number | string | MetaValue[] | { [name: string]: MetaValue };

/** A document that was found. */
export interface SearchResult {
  /** The document's identifier. */
  id: string;
  /** Where it can be read, relative to the site or absolute; empty if nowhere. */
  url: string;
  /** Its headline; may be empty. */
  title: string;
  /** `YYYY-MM-DD`, or shorter, or null. */
  date: string | null;
  /** BM25: higher is better. 0 where the order is not that of relevance. */
  score: number;
  /** Pieces of the text in a row, or of the title if only that has hits. */
  excerpt: Piece[];
  /** Every other field of the document. */
  meta: { [name: string]: MetaValue };
}

/** The answer to a query. */
export interface SearchResponse {
  /** The query as it was asked. */
  query: string;
  /** The number of documents that contain every term and pass all filters. */
  total: number;
  /** False if there may be more than `total`, which only a search with `firstPage` says. */
  exact: boolean;
  /** The order of the results; "newest" also where the query has no terms, or relevance would have cost too much. */
  order: Order;
  /** The fields that were to be counted. */
  facets: FacetCount[];
  /** The page that was asked for. */
  results: SearchResult[];
}

/** What an archive says about itself. */
export interface ArchiveInfo {
  /** Its name; may be empty. */
  title: string;
  /** Its language as a BCP 47 tag; may be empty. */
  language: string;
  /** How many documents it has. */
  documents: number;
  /** The earliest date of a document. */
  firstDate: string | null;
  /** The latest date of a document. */
  lastDate: string | null;
  /** The metadata fields that can be filtered and counted, besides `date`, in the order to show them in. */
  facets: string[];
  /** True if the index came whole with the start, so that counting fetches nothing. */
  resident: boolean;
  /** The version of the index format. */
  format: number;
}

/** An extent that the engine lacks: bytes of a published file. */
export interface Read {
  file: string;
  /** Where in it they begin. */
  start: number;
  /** How many. */
  bytes: number;
  /** The same bytes in a large file, if the archive has such. */
  pack?: { file: string; start: number; total: number };
}

/** What a search came to: the answer, or the extents to load before asking again. */
export type Outcome = { missing: Read[] } | { response: SearchResponse };

/** What the engine throws when an archive's bytes cannot be used. */
export interface EngineError extends Error {
  code: "not-backfile" | "damaged" | "wrong-block" | "newer-format" | "older-format";
  /** The file below the archive's folder. */
  file: string;
}
"#;
