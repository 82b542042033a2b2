/**
 * The engine's parts on their way: siblings of this script, with hashed names.
 *
 * Opening an archive takes the first. What a query asks for first is known with that alone, so the
 * second arrives at the same time as the first extents: on a slow link that is a round trip less.
 * The third is fetched by the first search that needs it. `engine.ts` makes one of them.
 */
import { addToEngine, startEngine } from "./engine.js";
import type { EngineCode } from "./engine.js";
import { BackfileError, messageOf } from "./errors.js";
import { Transport } from "./transport.js";
import type { TransportOptions } from "./transport.js";

/** Put in by the build. A flipped bit in the engine could give wrong answers; the browser checks the hash for us. */
declare const PARTS: readonly { file: string; integrity: string }[];

export const SCRIPT = import.meta.url;

/** As it comes; whoever runs it unpacks it, beside the page's own work where there are workers. */
export function fetchPart(part: number, transport: TransportOptions): Promise<EngineCode> {
  const { file, integrity } = PARTS[part]!;
  return new Transport(new URL("./", SCRIPT), transport).read(file, { integrity });
}

/** Starts the engine with its first part. */
export function start(code: EngineCode): Promise<void> {
  return orRefused(startEngine(code));
}

/** A later part: fetched once, and once more by the next who needs it if that failed. */
export class LaterPart {
  /** True if it is part of the engine. */
  ready = false;
  readonly #part: number;
  readonly #transport: TransportOptions;
  readonly #before: LaterPart | undefined;
  #code: Promise<EngineCode> | undefined;
  #adding: Promise<void> | undefined;

  /** Those behind the second say which one has to be there `before`. */
  constructor(part: number, transport: TransportOptions, before?: LaterPart) {
    this.#part = part;
    this.#transport = transport;
    this.#before = before;
  }

  /** Has it fetched. What goes wrong is said to those who wait for it. */
  fetch(): void {
    this.#code ??= fetchPart(this.#part, this.#transport);
    this.#code.catch(() => undefined);
  }

  /** Resolves when it is part of the engine, which has been started. */
  add(): Promise<void> {
    this.#adding ??= this.#add().catch((thrown: unknown) => {
      this.#adding = this.#code = undefined;
      throw thrown;
    });
    return this.#adding;
  }

  async #add(): Promise<void> {
    this.fetch();
    const [code] = await Promise.all([this.#code!, this.#before?.add()]);
    await orRefused(addToEngine(code));
    this.ready = true;
  }
}

/** The parts behind the first. */
export class LaterParts {
  /** What answers searches that nothing narrows. */
  readonly search: LaterPart;
  /** What answers all others. */
  readonly rest: LaterPart;

  constructor(transport: TransportOptions) {
    this.search = new LaterPart(1, transport);
    this.rest = new LaterPart(2, transport, this.search);
    this.search.fetch();
  }
}

async function orRefused(started: Promise<void>): Promise<void> {
  try {
    await started;
  } catch (thrown) {
    throw new BackfileError(
      "unsupported",
      `the search engine cannot start (${messageOf(thrown)}). Use a current browser; if the page sets a Content-Security-Policy, allow 'wasm-unsafe-eval' in script-src.`,
    );
  }
}
