/**
 * Backfile's public module: opens an archive and searches it.
 *
 * ```js
 * import { openArchive } from "./backfile/backfile.js";
 *
 * const archive = await openArchive();
 * const { total, results } = await archive.search("春耕", { limit: 10 });
 * ```
 *
 * The same module answers in browsers, where the engine runs in a worker, and in Node 20.12 or
 * later, where the archive may also lie on disk. No query ever leaves the reader's machine: all
 * that a host can see is which files were fetched.
 */
import type { Connection } from "./connection.js";
import type { ArchiveInfo, Place, SearchOptions as EngineOptions, SearchResponse } from "./engine.js";
import { BackfileError } from "./errors.js";
import { launch } from "./launch.js";
import type { Launch } from "./launch.js";
import { DEFAULT_TRANSPORT } from "./transport.js";

/** Not for sites: the module asks another instance of itself for it, see `launch.ts`. */
export { openSession } from "./worker.js";
export type { ArchiveInfo, FacetCount, MetaValue, Order, Piece, Place, SearchResponse, SearchResult, ValueCount } from "./engine.js";
export { BackfileError } from "./errors.js";
export type { ErrorCode } from "./errors.js";

/** How to open an archive. */
export interface OpenOptions {
  /**
   * The folder that holds `manifest.bf`: an address, absolute or relative to the page; in Node
   * also a path. Default: the folder of this module, which is right for what the builder writes.
   */
  base?: string | URL;
  /** Aborting it stops the opening. It has no effect on an archive that is open. Default: none. */
  signal?: AbortSignal;
  /** How many files are fetched at once. More helps on HTTP/2, less spares weak hosts. Default: 16. */
  concurrency?: number;
  /** How often a failed fetch is repeated before the search fails. 0 fails at once. Default: 3. */
  retries?: number;
  /** Milliseconds before the first repetition; doubled for each further one. Default: 250. */
  backoff?: number;
  /** Milliseconds after which one attempt to fetch a file counts as failed. Default: 30000. */
  timeout?: number;
}

/** How to search. */
export interface SearchOptions extends EngineOptions {
  /** Aborting it rejects the search with the signal's reason and stops downloads that no other search wants. Default: none. */
  signal?: AbortSignal;
}

/** How to look for hits. */
export interface HitsOptions {
  /** The word that the query ends in may go on, as in a search with this option. Default: false. */
  prefix?: boolean;
}

/** An open archive. */
export interface Archive {
  /** Title, language, number of documents and dates. */
  readonly info: ArchiveInfo;
  /**
   * The documents that contain every term of the query and pass the filters, best first unless another order is asked for
   * or, in a very large archive, relevance would take too many downloads.
   * Searches run independently of each other; none waits for or replaces an earlier one.
   * Rejects with a `BackfileError` when a file that it needs cannot be had: never an empty list.
   */
  search(query: string, options?: SearchOptions): Promise<SearchResponse>;
  /**
   * All places in texts of the archive at which the query's terms stand, for each text in turn, as `[start, end]` in the
   * units of JavaScript's strings. Those of a text rise and do not overlap: what a search would mark, found by the same
   * rules. Nothing is fetched for it, but once, where a term is in none of the texts, what tells characters of one
   * script from those of another. In a text with characters that no document of the archive has, places may be
   * left out.
   */
  hits(query: string, texts: readonly string[], options?: HitsOptions): Promise<Place[][]>;
  /** Ends the engine and frees its memory. Searches under way, and later ones, reject with code `closed`. */
  close(): void;
}

/**
 * Opens the archive: fetches the manifest and the engine and starts it.
 * Rejects with a `BackfileError`, or with the signal's reason.
 */
export async function openArchive(options: OpenOptions = {}): Promise<Archive> {
  options.signal?.throwIfAborted();
  const settings = { base: await resolveBase(options.base), transport: transportOptions(options), signal: options.signal };
  return new OpenedArchive(settings, await launch(settings));
}

class OpenedArchive implements Archive {
  readonly info: ArchiveInfo;
  readonly #launch: Launch;
  #connection: Connection;
  #relaunching: Promise<Connection> | undefined;
  #closed = false;

  constructor(settings: Launch, connection: Connection) {
    this.info = connection.info;
    this.#launch = { ...settings, signal: undefined };
    this.#connection = connection;
  }

  async search(query: string, { signal, ...options }: SearchOptions = {}): Promise<SearchResponse> {
    signal?.throwIfAborted();
    const connection = await this.#running();
    signal?.throwIfAborted();
    return connection.search(query, options, signal);
  }

  async hits(query: string, texts: readonly string[], { prefix = false }: HitsOptions = {}): Promise<Place[][]> {
    return (await this.#running()).hits(query, texts, prefix);
  }

  close(): void {
    this.#closed = true;
    this.#connection.close(closed());
  }

  async #running(): Promise<Connection> {
    if (this.#closed) throw closed();
    if (this.#connection.lost) await this.#relaunch();
    return this.#connection;
  }

  /** After a trap: one new engine, however many searches wait for it. */
  async #relaunch(): Promise<void> {
    this.#relaunching ??= launch(this.#launch).finally(() => (this.#relaunching = undefined));
    this.#connection = await this.#relaunching;
    if (!this.#closed) return;
    this.#connection.close(closed());
    throw closed();
  }
}

function closed(): BackfileError {
  return new BackfileError("closed", "the archive was closed. Open it again to search it.");
}

function transportOptions(options: OpenOptions): Launch["transport"] {
  const { concurrency, retries, backoff, timeout } = DEFAULT_TRANSPORT;
  return {
    concurrency: Math.max(1, options.concurrency ?? concurrency),
    retries: options.retries ?? retries,
    backoff: options.backoff ?? backoff,
    timeout: options.timeout ?? timeout,
  };
}

/** The folder as a URL with a slash at its end. */
async function resolveBase(base: string | URL | undefined): Promise<URL> {
  const url = base === undefined ? new URL("./", import.meta.url) : await toUrl(base);
  return url.pathname.endsWith("/") ? url : new URL(`${url.pathname.slice(url.pathname.lastIndexOf("/") + 1)}/`, url);
}

async function toUrl(base: string | URL): Promise<URL> {
  if (base instanceof URL) return base;
  if (/^(https?|file):/i.test(base)) return new URL(base);
  if (typeof location !== "undefined") return new URL(base, typeof document === "undefined" ? location.href : document.baseURI);
  const { pathToFileURL } = await import("node:url");
  return pathToFileURL(base);
}
