/**
 * Brings the engine, the manifest and a thread together.
 *
 * A cold start is counted in round trips: the worker, the engine and the manifest are all asked
 * for in the same moment, and the worker's script is this one, which the browser has. Manifest and
 * the engine's first part are handed to the worker, which would otherwise ask for them one round trip
 * later. The manifest is asked for first: what it says that the first search needs (`early.ts`) can be
 * asked for while the engine is on its way. Later parts are the worker's business: nothing waits for
 * them before the first search.
 */
import { orAborted } from "./abort.js";
import { connectWorker, LocalConnection, startEngine, startWorker } from "./connection.js";
import type { Connection, StartedWorker } from "./connection.js";
import type { EngineCode } from "./engine.js";
import { asBackfileError, isDamage } from "./errors.js";
import { fetchPart, SCRIPT } from "./parts.js";
import type { OpenRequest } from "./protocol.js";
import { Transport } from "./transport.js";
import type { CacheMode, TransportOptions } from "./transport.js";
import { openSession } from "./worker.js";

/** What is the same for every connection of one archive. */
export interface Launch {
  base: URL;
  transport: TransportOptions;
  signal: AbortSignal | undefined;
}

/** Opens the archive; a damaged manifest is fetched once more, past all caches. */
export async function launch(launch: Launch): Promise<Connection> {
  try {
    return await connect(launch, "no-cache");
  } catch (thrown) {
    launch.signal?.throwIfAborted();
    if (!isDamage(thrown)) throw thrown;
    return connect(launch, "reload");
  }
}

async function connect({ base, transport, signal }: Launch, cache: CacheMode): Promise<Connection> {
  const started = tryWorker(transport);
  const arriving = new Transport(base, transport).read("manifest.bf", { signal, cache });
  const request = arriving.then((manifest) => ({ manifest, base: base.href, transport }));
  const engine = engineCode(transport);
  try {
    return await orAborted(started ? openInWorker(started, engine, request) : connectHere(engine, request), signal);
  } catch (thrown) {
    started?.worker.terminate();
    signal?.throwIfAborted();
    throw asBackfileError(thrown, new URL("manifest.bf", base).href);
  }
}

/** Each as soon as it is there. */
async function openInWorker(started: StartedWorker, engine: Promise<EngineCode>, request: Promise<OpenRequest>): Promise<Connection> {
  const opened = request.then((request) => connectWorker(started, request));
  const [connection] = await Promise.all([opened, engine.then((code) => startEngine(started, code))]);
  return connection;
}

/** Undefined where there are no workers, or where a page may not start one from another origin. */
function tryWorker(transport: TransportOptions): StartedWorker | undefined {
  if (typeof Worker === "undefined") return undefined;
  try {
    return startWorker(SCRIPT, transport);
  } catch {
    return undefined;
  }
}

/** Counts the traps in this thread: an instance that trapped is never opened again. */
let traps = 0;

/** A module has one engine; another query string makes another module of the same script. */
async function connectHere(engine: Promise<EngineCode>, request: Promise<OpenRequest>): Promise<Connection> {
  const arriving = Promise.all([engine, request]);
  arriving.catch(() => undefined); // said below, and while the module is on its way by nobody
  const module: { openSession: typeof openSession } = traps > 0 ? await import(`${SCRIPT}?${traps}`) : { openSession };
  return new LocalConnection(await module.openSession(...(await arriving)), () => traps++);
}

/** The engine's first part is immutable and the same for all archives of this page. */
let code: Promise<EngineCode> | undefined;

function engineCode(transport: TransportOptions): Promise<EngineCode> {
  code ??= fetchPart(0, transport).catch((thrown: unknown) => {
    code = undefined;
    throw thrown;
  });
  return code;
}
