/**
 * The only file that imports what the Rust crate generates.
 *
 * Types are declared once, in Rust; nothing else in www declares them again.
 */
export { initSync as instantiate, Engine } from "../generated/backfile_wasm.js";
export type {
  ArchiveInfo,
  MetaValue,
  Piece,
  Place,
  Read,
  SearchOptions,
  SearchResponse,
  SearchResult,
} from "../generated/backfile_wasm.js";

/** The engine on its way to whoever runs it: compiled where possible, bytes elsewhere. */
export type EngineCode = WebAssembly.Module | ArrayBuffer;
