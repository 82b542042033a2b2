/**
 * Brings extents into the engine, each of them once.
 *
 * Two searches that want the same extent wait for the same download. A download goes on as long
 * as one of them still wants it and is aborted when the last has given up.
 */
import { asBackfileError, isDamage, isTrap } from "./errors.js";
import type { Engine, Read } from "./engine.js";
import type { Delivery, Request, Source } from "./source.js";
import type { CacheMode } from "./transport.js";

/** What extents are put into; the engine, as far as this module is concerned. */
export type Keeper = Pick<Engine, "load" | "loadInflated">;

/** One download and how many searches wait for it. */
interface Download {
  readonly keys: readonly string[];
  readonly done: Promise<void>;
  readonly stop: AbortController;
  waiting: number;
}

/** What came is not what was published. */
interface Damage {
  delivery: Delivery;
  error: unknown;
}

export class Extents {
  readonly #keeper: Keeper;
  readonly #source: Source;
  readonly #ready: () => Promise<void>;
  /** By the keys of what they bring. */
  readonly #downloads = new Map<string, Download>();

  /** What arrives is put in when the keeper is `ready`. */
  constructor(keeper: Keeper, source: Source, ready: () => Promise<void>) {
    this.#keeper = keeper;
    this.#source = source;
    this.#ready = ready;
  }

  /** Resolves when the engine has all these extents. */
  async load(reads: readonly Read[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const joined = this.#join(reads);
    const leave = (): void => joined.forEach((download) => this.#leave(download));
    signal.addEventListener("abort", leave, { once: true });
    try {
      await Promise.all(joined.map(({ done }) => done));
    } finally {
      signal.removeEventListener("abort", leave);
    }
    signal.throwIfAborted();
  }

  /** The downloads that bring these extents; those that are not under way are started. */
  #join(reads: readonly Read[]): Download[] {
    const absent = reads.filter((read) => !this.#downloads.has(keyOf(read)));
    for (const request of this.#source.plan(absent)) this.#start(request);
    const joined = new Set(reads.map((read) => this.#downloads.get(keyOf(read))).filter((download) => download !== undefined));
    for (const download of joined) download.waiting++;
    return [...joined];
  }

  #start(request: Request): void {
    const keys = request.places.map(({ read }) => keyOf(read));
    const stop = new AbortController();
    const done = this.#fetchAndKeep(request, stop.signal).finally(() => this.#forget(download));
    const download: Download = { keys, done, stop, waiting: 0 };
    for (const key of keys) this.#downloads.set(key, download);
  }

  #leave(download: Download): void {
    if (--download.waiting > 0) return;
    this.#forget(download);
    download.stop.abort();
  }

  #forget(download: Download): void {
    for (const key of download.keys) if (this.#downloads.get(key) === download) this.#downloads.delete(key);
  }

  /**
   * A cache between here and the host may hold damaged bytes, so damage is fetched past it once.
   * A proxy may mangle ranges, so what is damaged even then is looked for in whole files.
   */
  async #fetchAndKeep(request: Request, signal: AbortSignal): Promise<void> {
    let damaged = await this.#read([request], signal, "default");
    if (damaged.length > 0) damaged = await this.#read(this.#source.plan(readsOf(damaged)), signal, "reload");
    const [ranged] = damaged.filter(({ delivery }) => delivery.request.end < Infinity);
    if (ranged) {
      damaged = await this.#read(this.#source.plan(readsOf(damaged), true), signal, "reload");
      if (damaged.length === 0) this.#source.distrust(ranged.delivery.request, "damaged, and sound in the whole file");
    }
    if (damaged[0]) throw asBackfileError(damaged[0].error, this.#source.url(damaged[0].delivery.read.file));
  }

  /** Keeps what is sound and gives the rest. */
  async #read(requests: readonly Request[], signal: AbortSignal, cache: CacheMode): Promise<Damage[]> {
    const deliveries = await Promise.all(requests.map((request) => this.#source.fetch(request, { signal, cache })));
    await this.#ready();
    const kept = await Promise.all(deliveries.flat().map((delivery) => this.#keep(delivery)));
    return kept.filter((damage) => damage !== undefined);
  }

  async #keep(delivery: Delivery): Promise<Damage | undefined> {
    const { file, start } = delivery.read;
    try {
      const packed = this.#keeper.load(file, start, delivery.bytes);
      if (packed) this.#keeper.loadInflated(file, start, await inflate(packed));
      return undefined;
    } catch (error) {
      if (isDamage(error)) return { delivery, error };
      throw isTrap(error) ? error : asBackfileError(error, this.#source.url(file));
    }
  }
}

function keyOf({ file, start }: Read): string {
  return `${start} ${file}`;
}

function readsOf(damaged: readonly Damage[]): Read[] {
  return damaged.map(({ delivery }) => delivery.read);
}

/**
 * The browser inflates, so the engine does not have to carry the code for it. What it reads is the
 * body of a response: Chromium gets a blob's bytes from another process.
 */
async function inflate(packed: Uint8Array): Promise<Uint8Array> {
  const { body } = new Response(packed as Uint8Array<ArrayBuffer>);
  const inflated = body!.pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}
