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

/** A module of WebAssembly, a character for each byte (`crates/unpacker`); put in by the build. */
declare const UNPACKER: string;

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

/** A part of the engine on its way to whoever runs it: packed, see `crates/unpacker`. */
export type EngineCode = Uint8Array;

/** They are packed as one, so this has all that came before. */
let unpacker: Unpacker;
/** The exports of the parts that are there, under the names by which those behind import them. */
const exports: Record<string, WebAssembly.Exports> = {};

/** Makes the engine, as far as its first part goes. */
export async function startEngine(code: EngineCode): Promise<void> {
  unpacker = startUnpacker();
  exports["a"] = { ...initSync({ module: await unpack(code) }) };
}

/** Adds the part that comes next. */
export async function addToEngine(code: EngineCode): Promise<void> {
  const { exports: own } = new WebAssembly.Instance(await unpack(code), exports); // it writes itself into the table of the first
  exports["b"] ??= own;
}

interface Unpacker {
  memory: WebAssembly.Memory;
  /** Where the next so many packed bytes belong. */
  room(bytes: number): number;
  /** Where the next part is, all of which has come. */
  part(): number;
  /** How long that part is. */
  bytes(): number;
}

function startUnpacker(): Unpacker {
  const code = Uint8Array.from(UNPACKER, (byte) => byte.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Unpacker;
}

function unpack(code: EngineCode): Promise<WebAssembly.Module> {
  const { memory, room, part, bytes } = unpacker;
  new Uint8Array(memory.buffer).set(code, room(code.length));
  return WebAssembly.compile(new Uint8Array(memory.buffer, part(), bytes()));
}
