/**
 * The only file that imports what the Rust crate generates, and puts the engine's parts together.
 *
 * `cargo xtask split` has cut it into three. The first opens an archive and knows what a query asks
 * for first (`Engine.plan`); the second takes what has come for it and answers most searches
 * (`load`, `searchPlain`, `hits`); the third has filters, counts and orders (`search`). A call before
 * its part is there is a trap; `session.ts` sees to it that there is none.
 *
 * Types are declared once, in Rust; nothing else in www declares them again.
 */
import { initSync } from "../generated/backfile_wasm.js";
import { Unpacker } from "./unpack.js";

/** How long each part is once it is unpacked; put in by the build. */
declare const PART_BYTES: readonly number[];

export { Engine } from "../generated/backfile_wasm.js";
export type {
  ArchiveInfo,
  FacetCount,
  MetaValue,
  Order,
  Outcome,
  Piece,
  Place,
  Read,
  SearchOptions,
  SearchResponse,
  SearchResult,
  ValueCount,
} from "../generated/backfile_wasm.js";

/** A part of the engine on its way to whoever runs it: packed, see `unpack.ts`. */
export type EngineCode = Uint8Array;

/** They are packed as one. */
let unpacker: Unpacker;
/** Where the part begins that comes next. */
let start = 0;
/** The exports of the parts that are there, under the names by which those behind import them. */
const exports: Record<string, WebAssembly.Exports> = {};

/** Makes the engine, as far as its first part goes. */
export async function startEngine(code: EngineCode): Promise<void> {
  unpacker = new Unpacker(code);
  exports["a"] = { ...initSync({ module: await nextModule(0) }) };
}

/** Adds the part that comes next. */
export async function addToEngine(part: number, code: EngineCode): Promise<void> {
  unpacker.add(code);
  const { exports: own } = new WebAssembly.Instance(await nextModule(part), exports); // it writes itself into the table of the first
  exports["b"] ??= own;
}

function nextModule(part: number): Promise<WebAssembly.Module> {
  const end = start + PART_BYTES[part]!;
  const bytes = unpacker.until(end).subarray(start, end);
  start = end;
  return WebAssembly.compile(bytes);
}
