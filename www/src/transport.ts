/**
 * Bytes of published files, whatever the network does.
 *
 * Hosts are static, links are slow and trains have tunnels: a read is tried again after a pause
 * that doubles, with jitter so that a crowd of readers does not come back in step. What is not
 * there (404) is not asked for again. The caller's signal stops everything at once.
 */
import { pause } from "./abort.js";
import { BackfileError } from "./errors.js";

/** How hard to try. */
export interface TransportOptions {
  /** How many files are fetched at the same time. */
  concurrency: number;
  /** How often a failed fetch is repeated. */
  retries: number;
  /** The first pause before a repetition, in milliseconds; each further one is twice as long. */
  backoff: number;
  /** After how many milliseconds one attempt counts as failed. */
  timeout: number;
}

export const DEFAULT_TRANSPORT: TransportOptions = {
  concurrency: 16,
  retries: 3,
  backoff: 250,
  timeout: 30_000,
};

/** Which caches may answer; the values are those of `fetch`. */
export type CacheMode = "default" | "no-cache" | "reload";

/** What is special about one read. */
export interface ReadOptions {
  signal?: AbortSignal | undefined;
  cache?: CacheMode;
  /** The hash that the file must have, as in `<script integrity>`. */
  integrity?: string;
}

/** One attempt that may be repeated; never leaves this module. */
class Transient extends Error {}

export class Transport {
  readonly #base: URL;
  readonly #options: TransportOptions;
  #running = 0;
  readonly #queue: Array<() => void> = [];

  constructor(base: URL, options: TransportOptions) {
    this.#base = base;
    this.#options = options;
  }

  url(name: string): string {
    return new URL(name, this.#base).href;
  }

  /** The bytes of one file below the base. */
  async read(name: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const url = new URL(name, this.#base);
    if (url.protocol === "file:") return readFromDisk(url);
    await this.#enter();
    try {
      return await this.#persist(url.href, options);
    } finally {
      this.#leave();
    }
  }

  /** What failed once is not asked of a cache again. */
  async #persist(url: string, options: ReadOptions): Promise<Uint8Array> {
    const { signal } = options;
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return await this.#attempt(url, attempt > 0 ? { ...options, cache: "reload" } : options);
      } catch (thrown) {
        signal?.throwIfAborted();
        if (!(thrown instanceof Transient)) throw thrown;
        if (attempt >= this.#options.retries) throw unreachable(url, thrown.message);
      }
      await pause(jitter(this.#options.backoff * 2 ** attempt), signal);
    }
  }

  async #attempt(url: string, { signal, cache = "default", integrity = "" }: ReadOptions): Promise<Uint8Array> {
    const attempt = new AbortController();
    const stop = (): void => attempt.abort();
    const timer = setTimeout(stop, this.#options.timeout);
    signal?.addEventListener("abort", stop);
    try {
      const response = await fetch(url, { signal: attempt.signal, cache, integrity });
      return new Uint8Array(await accept(response, url).arrayBuffer());
    } catch (thrown) {
      throw thrown instanceof BackfileError || thrown instanceof Transient ? thrown : networkFailure(thrown, attempt.signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  async #enter(): Promise<void> {
    if (this.#running++ < this.#options.concurrency) return;
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #leave(): void {
    this.#running--;
    this.#queue.shift()?.();
  }
}

function accept(response: Response, url: string): Response {
  if (response.ok) return response;
  if (response.status === 429 || response.status >= 500) throw new Transient(`HTTP ${response.status}`);
  throw new BackfileError(
    "missing",
    `${url}: the host answers ${response.status}. Reload the page; if that does not help, upload the archive's files again.`,
    url,
  );
}

function networkFailure(thrown: unknown, attempt: AbortSignal): Transient {
  if (attempt.aborted) return new Transient("no answer in time");
  return new Transient(thrown instanceof Error ? thrown.message : String(thrown));
}

function unreachable(url: string, reason: string): BackfileError {
  return new BackfileError("unreachable", `${url}: cannot be reached (${reason}). Check the connection and try again.`, url);
}

/** Between half of the pause and all of it. */
function jitter(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random() / 2);
}

/** Node only: a disk neither needs retries nor has caches to go past. */
async function readFromDisk(url: URL): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  try {
    return new Uint8Array(await readFile(url));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new BackfileError("missing", `${url.href}: cannot be read (${reason}). Build the archive again, or correct \`base\`.`, url.href);
  }
}
