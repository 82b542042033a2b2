/**
 * One opened archive: the engine and the extents that it asks for.
 *
 * The engine does no I/O. It either answers or names the extents that are missing; they are
 * fetched and it is asked again. The same loop runs in the worker and in Node.
 */
import { orAborted } from "./abort.js";
import { Engine } from "./engine.js";
import type { ArchiveInfo, Outcome, Place, Read, SearchOptions, SearchResponse } from "./engine.js";
import { BackfileError } from "./errors.js";
import { Extents } from "./extents.js";
import type { LaterPart, LaterParts } from "./parts.js";
import type { Source } from "./source.js";

/** An engine that still asks after so many rounds asks in circles. */
const MAX_ROUNDS = 32;

/** No term of a query stands in a row across it. */
const APART = "\n!\n";

export class Session {
  readonly info: ArchiveInfo;
  readonly #engine: Engine;
  readonly #extents: Extents;
  readonly #parts: LaterParts;
  readonly #ranksByLength: boolean;

  constructor(manifest: Uint8Array, source: Source, parts: LaterParts) {
    this.#parts = parts;
    this.#engine = new Engine(manifest);
    this.#extents = new Extents(this.#engine, source, () => parts.search.add());
    this.#ranksByLength = this.#engine.ranksByLength();
    this.info = this.#engine.info();
    this.#partFor({}).add().catch(() => undefined); // said to whoever searches
  }

  /** The answer, at once if all that it needs is there: a warm search must not wait for a turn of the event loop. */
  search(query: string, options: SearchOptions, signal: AbortSignal): SearchResponse | Promise<SearchResponse> {
    return this.#partFor(options).ready ? this.#answer(query, options, signal) : this.#planAndAnswer(query, options, signal);
  }

  /** Where the query stands in each of the texts. */
  async hits(query: string, texts: readonly string[], prefix: boolean): Promise<Place[][]> {
    await this.#parts.search.add();
    const all = texts.join(APART);
    for (let missing; (missing = this.#engine.wantsForHits(query, all, prefix)).length > 0; ) {
      await this.#extents.load(missing, new AbortController().signal);
    }
    return texts.map((text) => inPairs(this.#engine.hits(query, text, prefix)));
  }

  /** The part of the engine that a search waits for. */
  #partFor(options: SearchOptions): LaterPart {
    return this.#ranksByLength && isPlain(options) ? this.#parts.search : this.#parts.rest;
  }

  #ask(query: string, options: SearchOptions): Outcome {
    const { limit, offset, prefix } = options;
    return this.#partFor(options) === this.#parts.search ? this.#engine.searchPlain(query, limit, offset, prefix) : this.#engine.search(query, options);
  }

  #answer(query: string, options: SearchOptions, signal: AbortSignal): SearchResponse | Promise<SearchResponse> {
    const answer = this.#ask(query, options);
    return "response" in answer ? answer.response : this.#fetchAndAsk(query, options, answer.missing, signal);
  }

  /** While a part of the engine is on its way, what it will ask for first is fetched. */
  async #planAndAnswer(query: string, options: SearchOptions, signal: AbortSignal): Promise<SearchResponse> {
    const planned = this.#extents.load(this.#engine.plan(query, options.prefix ?? false), signal);
    await Promise.all([planned, orAborted(this.#partFor(options).add(), signal)]);
    return this.#answer(query, options, signal);
  }

  async #fetchAndAsk(query: string, options: SearchOptions, missing: Read[], signal: AbortSignal): Promise<SearchResponse> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#extents.load(missing, signal);
      const answer = this.#ask(query, options);
      if ("response" in answer) return answer.response;
      missing = answer.missing;
    }
    throw new BackfileError("internal", `the engine keeps asking for ${missing.map(({ file }) => file).join(", ")}. Please report this query: ${query}`);
  }
}

/** True if the engine's `searchPlain` answers it, in an archive that is not too large; if in doubt, not. */
function isPlain({ filters = {}, from, to, facets = [], order = "relevance" }: SearchOptions): boolean {
  return order === "relevance" && from === undefined && to === undefined && facets.length === 0 && Object.keys(filters).length === 0;
}

function inPairs(ends: Uint32Array): Place[] {
  return Array.from({ length: ends.length >> 1 }, (_, index) => [ends[2 * index] ?? 0, ends[2 * index + 1] ?? 0]);
}
