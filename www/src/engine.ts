/**
 * The only file that imports what the Rust crate generates.
 *
 * Types are declared once, in Rust; nothing else in www declares them again.
 */
export { initSync as instantiate, Engine } from "../generated/backfile_wasm.js";
export type {
  ArchiveInfo,
  FacetCount,
  MetaValue,
  Order,
  Piece,
  Place,
  Read,
  SearchOptions,
  SearchResponse,
  SearchResult,
  ValueCount,
} from "../generated/backfile_wasm.js";

/** The engine on its way to whoever runs it: packed, see `unpack.ts`. */
export type EngineCode = Uint8Array;
