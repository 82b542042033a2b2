/**
 * What the page is doing, without its pixels: one query at a time, the newest wins.
 *
 * The archive is opened at the reader's first move and not before. After an error, but that the
 * network is gone, the next attempt opens it anew: files that were missing may have been replaced
 * by a newer build.
 */
import { pause } from "../abort.js";
import type { Archive, ArchiveInfo, BackfileError, ErrorCode, FacetCount, Order, SearchOptions, SearchResult } from "../backfile.js";
import { facetsOf, isEmpty, known, NO_FILTERS, only, rangeOf } from "./filters.js";
import type { Filters } from "./filters.js";

/** What there is to see. */
export type State =
  | { kind: "idle" }
  | Found
  /** The results, if any, are those that had been listed before a further page failed. */
  | { kind: "failed"; query: string; results: readonly SearchResult[]; code: ErrorCode; details: string };

export interface Found {
  kind: "found";
  query: string;
  /** So many match, or so many at least, until they have been counted. */
  total: number;
  exact: boolean;
  order: Order;
  results: readonly SearchResult[];
}

/** Whoever shows it. */
export interface View {
  opened(info: ArchiveInfo): void;
  show(state: State): void;
  /** The answer takes long enough that a reader should be told. */
  busy(busy: boolean): void;
}

/** Enough for the months of some decades. */
const VALUES = 500;
const PAGE_SIZE = 10;
const SLOW_AFTER = 150;
/** Milliseconds without another key after which the matches are counted: that may take megabytes, and the next key ends it. */
const COUNT_AFTER = 400;
/** Milliseconds before each attempt after the network is said to be back. */
const RECONNECTS = [0, 1_000, 4_000, 16_000];

export class Finder {
  readonly #open: () => Promise<Archive>;
  readonly #view: View;
  #archive: Promise<Archive> | undefined;
  #state: State = { kind: "idle" };
  #query = "";
  #filters = NO_FILTERS;
  #stop = new AbortController();

  constructor(open: () => Promise<Archive>, view: View) {
    this.#open = open;
    this.#view = view;
  }

  /** A search is likely soon. What goes wrong now is tried again, and told, when it comes. */
  prepare(): void {
    this.#opened().catch(() => undefined);
  }

  find(query: string, filters: Filters): void {
    if (query === this.#query && filters === this.#filters && this.#state.kind !== "failed") return;
    this.#query = query;
    this.#filters = filters;
    if (query.trim() === "" && isEmpty(filters)) return this.#clear();
    void this.#ask(query, []);
  }

  /** How many of all that is found have which values; undefined if there is another search by then. */
  async count(): Promise<FacetCount[] | undefined> {
    const { signal } = this.#stop;
    const archive = await this.#opened();
    const facets = facetsOf(archive.info);
    const { facets: counts } = await archive.search(this.#query, { ...this.#narrowed(archive), facets, facetLimit: VALUES, limit: 0, signal });
    return signal.aborted ? undefined : counts;
  }

  more(): void {
    if (this.#state.kind === "found") void this.#ask(this.#query, this.#state.results);
  }

  retry(): void {
    if (this.#state.kind === "failed") void this.#ask(this.#query, this.#state.results);
  }

  /** The network is said to be back, which is often said a moment before it is. */
  async reconnected(): Promise<void> {
    for (const wait of RECONNECTS) {
      await pause(wait, undefined);
      const state = this.#state;
      if (state.kind !== "failed") return;
      await this.#ask(this.#query, state.results);
    }
  }

  #clear(): void {
    this.#stop.abort();
    this.#view.busy(false);
    this.#show({ kind: "idle" });
  }

  /** Asks for the results after those that are listed. */
  async #ask(query: string, listed: readonly SearchResult[]): Promise<void> {
    const signal = this.#startAnew();
    const slow = setTimeout(() => this.#view.busy(true), SLOW_AFTER);
    const state = await this.#answer(query, listed, signal);
    clearTimeout(slow);
    if (signal.aborted) return;
    this.#view.busy(false);
    this.#show(state);
    if (state.kind === "found" && !state.exact) this.#countAll(state, signal).catch(() => undefined);
  }

  /** The results are there before their number is known. Without it, it stays the least that is. */
  async #countAll(state: Found, signal: AbortSignal): Promise<void> {
    await pause(COUNT_AFTER, signal);
    const archive = await this.#opened();
    const { total } = await archive.search(state.query, { ...this.#narrowed(archive), limit: 0, signal });
    if (!signal.aborted) this.#show({ ...state, total, exact: true });
  }

  async #answer(query: string, listed: readonly SearchResult[], signal: AbortSignal): Promise<State> {
    try {
      const archive = await this.#opened();
      // The address may have had nothing but parameters of others.
      if (query.trim() === "" && isEmpty(known(this.#filters, archive.info))) return { kind: "idle" };
      const page = { limit: PAGE_SIZE, offset: listed.length, firstPage: true, signal };
      const { total, exact, order, results } = await archive.search(query, { ...this.#narrowed(archive), ...page });
      return { kind: "found", query, total, exact, order, results: [...listed, ...results] };
    } catch (thrown) {
      const code = codeOf(thrown);
      // Without a network what has been loaded can still be searched; no newer build could be reached either.
      if (!signal.aborted && code !== "unreachable") this.#reopen();
      return { kind: "failed", query, results: listed, code, details: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }

  #narrowed({ info }: Archive): SearchOptions {
    const filters = known(this.#filters, info);
    const range = rangeOf(info).flatMap((end) => (filters[end] ? [[end, filters[end][0]]] : []));
    return { prefix: true, filters: only(filters, facetsOf(info)), ...Object.fromEntries(range) };
  }

  #startAnew(): AbortSignal {
    this.#stop.abort();
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  #opened(): Promise<Archive> {
    this.#archive ??= this.#open().then((archive) => {
      this.#view.opened(archive.info);
      return archive;
    }, (thrown: unknown) => {
      this.#archive = undefined;
      throw thrown;
    });
    return this.#archive;
  }

  #reopen(): void {
    void this.#archive?.then((archive) => archive.close());
    this.#archive = undefined;
  }

  #show(state: State): void {
    this.#state = state;
    this.#view.show(state);
  }
}

/**
 * The module itself is loaded late, so its class cannot be imported here to be compared with.
 * What has no code comes from the browser, which could not load the module.
 */
function codeOf(thrown: unknown): ErrorCode {
  return isBackfileError(thrown) ? thrown.code : "unreachable";
}

function isBackfileError(thrown: unknown): thrown is BackfileError {
  return thrown instanceof Error && thrown.name === "BackfileError";
}
