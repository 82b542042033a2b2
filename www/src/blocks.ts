/**
 * Fetches blocks into the engine, each of them once.
 *
 * Two searches that want the same block wait for the same download. A download goes on as long
 * as one of them still wants it and is aborted when the last has given up.
 */
import { asBackfileError, isDamage, isTrap } from "./errors.js";
import type { Engine } from "./engine.js";
import type { CacheMode, Transport } from "./transport.js";

/** What blocks are put into; the engine, as far as this module is concerned. */
export type BlockKeeper = Pick<Engine, "load" | "loadInflated">;

/** One download and how many searches wait for it. */
interface Download {
  readonly name: string;
  readonly done: Promise<void>;
  readonly stop: AbortController;
  waiting: number;
}

export class Blocks {
  readonly #keeper: BlockKeeper;
  readonly #transport: Transport;
  readonly #downloads = new Map<string, Download>();

  constructor(keeper: BlockKeeper, transport: Transport) {
    this.#keeper = keeper;
    this.#transport = transport;
  }

  /** Resolves when the engine has all these blocks. */
  async load(names: readonly string[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const joined = names.map((name) => this.#join(name));
    const leave = (): void => joined.forEach((download) => this.#leave(download));
    signal.addEventListener("abort", leave, { once: true });
    try {
      await Promise.all(joined.map(({ done }) => done));
    } finally {
      signal.removeEventListener("abort", leave);
    }
    signal.throwIfAborted();
  }

  #join(name: string): Download {
    const download = this.#downloads.get(name) ?? this.#start(name);
    download.waiting++;
    return download;
  }

  #start(name: string): Download {
    const stop = new AbortController();
    const done = this.#fetchAndKeep(name, stop.signal).finally(() => {
      if (this.#downloads.get(name) === download) this.#downloads.delete(name);
    });
    const download: Download = { name, done, stop, waiting: 0 };
    this.#downloads.set(name, download);
    return download;
  }

  #leave(download: Download): void {
    if (--download.waiting > 0) return;
    if (this.#downloads.get(download.name) === download) this.#downloads.delete(download.name);
    download.stop.abort();
  }

  /** A cache between here and the host may hold damaged bytes, so damage is fetched past it once. */
  async #fetchAndKeep(name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#read(name, signal, "default");
    } catch (thrown) {
      if (!isDamage(thrown)) throw thrown;
      await this.#read(name, signal, "reload");
    }
  }

  async #read(name: string, signal: AbortSignal, cache: CacheMode): Promise<void> {
    const bytes = await this.#transport.read(name, { signal, cache });
    try {
      const packed = this.#keeper.load(name, bytes);
      if (packed) this.#keeper.loadInflated(name, await inflate(packed));
    } catch (thrown) {
      throw isTrap(thrown) ? thrown : asBackfileError(thrown, this.#transport.url(name));
    }
  }
}

/** The browser inflates, so the engine does not have to carry the code for it. */
async function inflate(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
  const inflated = stream.pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}
