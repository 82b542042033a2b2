/**
 * Bytes of published files, whatever the network does.
 *
 * Hosts are static, links are slow and trains have tunnels: a read is tried again after a pause
 * that doubles, with jitter so that a crowd of readers does not come back in step. What is not
 * there (404) is not asked for again. The caller's signal stops everything at once.
 */
import { isAbort, orAborted, pause } from "./abort.js";
import { BackfileError, messageOf } from "./errors.js";

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
export type CacheMode = "default" | "no-cache" | "reload" | "no-store";

/** A part of a file. */
export interface Range {
  start: number;
  /** The first byte after it; `Infinity` for the whole file. */
  end: number;
  /** The size of the file if it is too large to be read as a whole. */
  total?: number | undefined;
}

/** What is special about one read. */
export interface ReadOptions {
  signal?: AbortSignal | undefined;
  cache?: CacheMode;
  /** The hash that the file must have, as in `<script integrity>`. */
  integrity?: string;
}

type FetchOptions = RequestInit & { signal: AbortSignal };

/** One attempt that may be repeated; never leaves this module. */
class Transient extends Error {}

/** The host's answer to a range is not that range: ask in another way. */
export class Refused extends Error {}

/** So many whole files stay in memory; as many as may be on their way by default. */
const KEPT = 16;

export const WHOLE: Range = { start: 0, end: Infinity };

export class Transport {
  readonly #base: URL;
  readonly #options: TransportOptions;
  #running = 0;
  readonly #queue: Array<() => void> = [];
  /** Files of which a range is on its way. */
  readonly #asked = new Set<string>();
  /** Whole files that are on their way or came last, for other reads of the same file. */
  readonly #wholeFiles = new Map<string, Promise<Uint8Array>>();
  /** False as soon as the host has answered a range with anything but that range; a disk is not asked for any. */
  ranges: boolean;
  /** The host has answered a range rightly; what goes wrong from now on is the network's fault. */
  #proven = false;

  constructor(base: URL, options: TransportOptions) {
    this.#base = base;
    this.#options = options;
    this.ranges = base.protocol !== "file:";
  }

  url(name: string): string {
    return new URL(name, this.#base).href;
  }

  /**
   * The bytes of one file below the base, or of a part of it. Fewer come only if the file ends
   * there. Rejects with `Refused` if the host cannot be asked for this part.
   */
  async read(name: string, options: ReadOptions = {}, range = WHOLE): Promise<Uint8Array> {
    const url = new URL(name, this.#base);
    if (url.protocol === "file:") return part(await readFromDisk(url), range);
    await this.#enter();
    try {
      return await this.#persist(url.href, options, range);
    } finally {
      this.#leave();
    }
  }

  /** What failed once is not asked of a cache again. */
  async #persist(url: string, options: ReadOptions, range: Range): Promise<Uint8Array> {
    const { signal } = options;
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return await this.#attempt(url, attempt > 0 ? { ...options, cache: "reload" } : options, range);
      } catch (thrown) {
        signal?.throwIfAborted();
        if (!(thrown instanceof Transient)) throw thrown;
        if (attempt >= this.#options.retries) throw unreachable(url, thrown.message);
      }
      await pause(jitter(this.#options.backoff * 2 ** attempt), signal);
    }
  }

  /**
   * Chromium's cache lets one request for a file wait until the one before has all its bytes, also
   * when they are for different ranges. Whoever would have to wait goes past it. So does everybody
   * before the host has answered a range rightly: with a compressed piece of a compressed file in
   * its cache, Chromium was seen to ask for it thousands of times.
   */
  async #attempt(url: string, { signal, cache = "default", integrity = "" }: ReadOptions, range: Range): Promise<Uint8Array> {
    const attempt = new AbortController();
    const stop = (): void => attempt.abort();
    const timer = setTimeout(stop, this.#options.timeout);
    const ranged = range.end < Infinity;
    const queued = this.#asked.has(url);
    const past = queued || (ranged && !this.#proven);
    signal?.addEventListener("abort", stop);
    if (ranged) this.#asked.add(url);
    try {
      return await this.#fetch(url, { signal: attempt.signal, cache: past && cache === "default" ? "no-store" : cache, integrity }, range);
    } catch (thrown) {
      const ours = thrown instanceof BackfileError || thrown instanceof Transient || thrown instanceof Refused;
      throw ours ? thrown : networkFailure(thrown, attempt.signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      stop(); // ends the download of a body that nobody is going to read
      if (ranged && !queued) this.#asked.delete(url);
    }
  }

  /**
   * One read at a time asks for a whole file, the others wait for it. Of two that ask, one would have
   * to be given up: Firefox was seen to keep the first part of its body, and later to ask for the rest
   * with a range, of a host that lies about them.
   */
  async #fetch(url: string, options: FetchOptions, range: Range): Promise<Uint8Array> {
    const arriving = this.#shared(url, options);
    if (arriving) return this.#from(arriving, url, options, range);
    const asked = this.#ask(url, options, range);
    if (range.end === Infinity) return this.#share(url, asked.then(bytesOf));
    const response = await asked;
    if (response.status === 206) return this.#exactly(response, range);
    this.ranges = false;
    const other = this.#shared(url, options);
    if (other) void response.body?.cancel();
    return other ? this.#from(other, url, options, range) : part(await this.#share(url, bytesOf(response)), range);
  }

  /**
   * A ranged request that gets no answer at all may be one that is not allowed: browsers refuse
   * compressed answers to it, and ask other origins for permission first. They do not say so.
   */
  async #ask(url: string, options: FetchOptions, range: Range): Promise<Response> {
    const ranged = range.end < Infinity;
    const headers: HeadersInit = ranged ? { range: `bytes=${range.start}-${range.end - 1}` } : {};
    const response = await fetch(url, { ...options, headers }).catch(async (thrown: unknown) => {
      if (options.integrity) await refuseWrong(url, options);
      throw ranged && !this.#proven && !options.signal.aborted ? new Refused(messageOf(thrown)) : thrown;
    });
    accept(response, url, range);
    return response;
  }

  async #exactly(response: Response, { start, end }: Range): Promise<Uint8Array> {
    const bytes = await bytesOf(response);
    if (bytes.length !== end - start) throw new Refused(`a range of ${end - start} bytes has ${bytes.length}`);
    this.#proven = true;
    return bytes;
  }

  /** Not for those who want to go past caches: what is on its way may come from one. */
  #shared(url: string, { cache }: FetchOptions): Promise<Uint8Array> | undefined {
    return cache === "reload" ? undefined : this.#wholeFiles.get(url);
  }

  /** A part of a file that another read asked for; if that gives it up, this one asks. */
  async #from(arriving: Promise<Uint8Array>, url: string, options: FetchOptions, range: Range): Promise<Uint8Array> {
    try {
      return part(await orAborted(arriving, options.signal), range);
    } catch (thrown) {
      if (options.signal.aborted || !isAbort(thrown)) throw thrown;
      return this.#fetch(url, options, range);
    }
  }

  /** A small archive is one file: on a host without ranges, every step of a search wants all of it again. */
  #share(url: string, arriving: Promise<Uint8Array>): Promise<Uint8Array> {
    arriving.catch(() => {
      if (this.#wholeFiles.get(url) === arriving) this.#wholeFiles.delete(url);
    });
    this.#wholeFiles.set(url, arriving);
    for (const oldest of this.#wholeFiles.keys()) if (this.#wholeFiles.size > KEPT) this.#wholeFiles.delete(oldest);
    return arriving;
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

/** Throws unless the answer is what was asked for, or the whole file if that can be read. */
function accept(response: Response, url: string, { start, end, total }: Range): void {
  const { status, headers } = response;
  if (status === 429 || status >= 500) throw new Transient(`HTTP ${status}`);
  if (status === 206 && end < Infinity) {
    const said = headers.get("content-range") ?? "nothing";
    const wanted = `bytes ${start}-${end - 1}/${total ?? ""}`;
    if (total ? said !== wanted : !said.startsWith(wanted)) throw new Refused(`${wanted} is answered with ${said}`);
    if (headers.has("content-encoding")) throw new Refused("a range is compressed");
    if (Number(headers.get("content-length") ?? end - start) !== end - start) throw new Refused("a range is not as long as it says");
  } else if (total || (status === 416 && end < Infinity)) {
    throw new Refused(`a range is answered with HTTP ${status}`);
  } else if (!response.ok) {
    throw new BackfileError(
      "missing",
      `${url}: the host answers ${status}. Reload the page; if that does not help, upload the archive's files again.`,
      url,
    );
  }
}

/**
 * Browsers do not say why a file with a hash does not come: a wrong hash is to them as if there were no network, also
 * where the bytes are those of a 404. So the host is asked once more, without the hash.
 */
async function refuseWrong(url: string, { signal }: FetchOptions): Promise<never> {
  const response = await fetch(url, { signal, cache: "no-store" });
  void response.body?.cancel();
  accept(response, url, WHOLE);
  throw new Transient("its bytes are not those that were published");
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

function part(whole: Uint8Array, { start, end }: Range): Uint8Array {
  return whole.subarray(start, end);
}

function networkFailure(thrown: unknown, attempt: AbortSignal): Transient {
  if (attempt.aborted) return new Transient("no answer in time");
  return new Transient(messageOf(thrown));
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
    throw new BackfileError("missing", `${url.href}: cannot be read (${messageOf(thrown)}). Build the archive again, or correct \`base\`.`, url.href);
  }
}
