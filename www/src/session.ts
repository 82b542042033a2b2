/**
 * One opened archive: the engine and the extents that it asks for.
 *
 * The engine does no I/O. It either answers or names the extents that are missing; they are
 * fetched and it is asked again. The same loop runs in the worker and in Node.
 */
import { Engine } from "./engine.js";
import type { ArchiveInfo, Place, Read, SearchOptions, SearchResponse } from "./engine.js";
import { BackfileError } from "./errors.js";
import { Extents } from "./extents.js";
import { Source } from "./source.js";
import type { Transport } from "./transport.js";

/** An engine that still asks after so many rounds asks in circles. */
const MAX_ROUNDS = 32;

export class Session {
  readonly info: ArchiveInfo;
  readonly #engine: Engine;
  readonly #extents: Extents;

  constructor(manifest: Uint8Array, transport: Transport) {
    this.#engine = new Engine(manifest);
    this.#extents = new Extents(this.#engine, new Source(transport, manifest));
    this.info = this.#engine.info();
  }

  /** The answer, at once if all that it needs is there: a warm search must not wait for a turn of the event loop. */
  search(query: string, options: SearchOptions, signal: AbortSignal): SearchResponse | Promise<SearchResponse> {
    const answer = this.#engine.search(query, options);
    return "response" in answer ? answer.response : this.#fetchAndAsk(query, options, answer.missing, signal);
  }

  /** Where the query stands in each of the texts; nothing is fetched for it. */
  hits(query: string, texts: readonly string[], prefix: boolean): Place[][] {
    return texts.map((text) => inPairs(this.#engine.hits(query, text, prefix)));
  }

  async #fetchAndAsk(query: string, options: SearchOptions, missing: Read[], signal: AbortSignal): Promise<SearchResponse> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#extents.load(missing, signal);
      const answer = this.#engine.search(query, options);
      if ("response" in answer) return answer.response;
      missing = answer.missing;
    }
    throw new BackfileError("internal", `the engine keeps asking for ${missing.map(({ file }) => file).join(", ")}. Please report this query: ${query}`);
  }
}

function inPairs(ends: Uint32Array): Place[] {
  return Array.from({ length: ends.length >> 1 }, (_, index) => [ends[2 * index] ?? 0, ends[2 * index + 1] ?? 0]);
}
