/**
 * The engine's side of the wall.
 *
 * The module's own script is the worker's too: what both need is downloaded once, and Node runs
 * exactly the code that readers run. Inside a worker that was started as ours it listens.
 */
import { earlyRead } from "./early.js";
import type { EngineCode } from "./engine.js";
import { asBackfileError, BackfileError, isTrap, toData } from "./errors.js";
import { LaterParts, start } from "./parts.js";
import { BUILD, WORKER_NAME } from "./protocol.js";
import type { FromWorker, OpenRequest, ToWorker } from "./protocol.js";
import { Session } from "./session.js";
import { Source } from "./source.js";
import { Transport } from "./transport.js";
import type { TransportOptions } from "./transport.js";

/** The engine of this very module, which all archives have that are opened here. */
let running: Promise<LaterParts> | undefined;

/** Starts the engine and opens the archive. */
export async function openSession(engine: EngineCode, request: OpenRequest): Promise<Session> {
  running ??= startHere(engine, request.transport).catch((thrown: unknown) => {
    running = undefined;
    throw thrown;
  });
  return new Session(request.manifest, newSource(request), await running);
}

async function startHere(engine: EngineCode, transport: TransportOptions): Promise<LaterParts> {
  const later = new LaterParts(transport);
  await start(engine);
  return later;
}

/** What the first search needs is on its way before the engine can say so. */
function newSource({ manifest, base, transport }: OpenRequest): Source {
  const source = new Source(new Transport(new URL(base), transport), manifest);
  const early = earlyRead(manifest);
  if (early) source.fetchEarly(early);
  return source;
}

/** The archive was published anew between the page's download of the script and the worker's. */
function replaced(): BackfileError {
  return new BackfileError("missing", "the scripts of this archive have been replaced by others since the page was loaded. Reload the page.");
}

class Host {
  #later: LaterParts | undefined;
  #run!: (code: EngineCode) => void;
  readonly #started: Promise<void>;
  #session: Session | undefined;
  readonly #searches = new Map<number, AbortController>();
  readonly #post: (message: FromWorker) => void;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
    this.#started = new Promise<EngineCode>((resolve) => (this.#run = resolve)).then((code) => {
      if (!this.#later) throw replaced();
      return start(code);
    });
    this.#started.catch(() => undefined); // said to whoever opens an archive
  }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case "start":
        return this.#start(message);
      case "engine":
        return this.#run(message.code);
      case "open":
        return void this.#open(message.request);
      case "search":
        return this.#search(message);
      case "hits":
        return void this.#hits(message);
      case "cancel":
        return this.#cancel(message.id);
    }
  }

  /** The second part of the engine is asked for at once: it is needed as soon as there is a query. */
  #start({ build, transport }: ToWorker & { kind: "start" }): void {
    if (build === BUILD) this.#later = new LaterParts(transport);
  }

  async #open(request: OpenRequest): Promise<void> {
    try {
      const source = newSource(request);
      await this.#started;
      this.#session = new Session(request.manifest, source, this.#later!);
      this.#post({ kind: "opened", info: this.#session.info });
    } catch (thrown) {
      this.#fail(thrown, (error) => ({ kind: "not-opened", error: toData(error) }));
    }
  }

  #search({ id, query, options }: ToWorker & { kind: "search" }): void {
    const stop = new AbortController();
    try {
      const answer = this.#opened().search(query, options, stop.signal);
      if (!(answer instanceof Promise)) return this.#post({ kind: "answer", id, response: answer });
      this.#searches.set(id, stop);
      void this.#answerLater(id, answer);
    } catch (thrown) {
      this.#refuse(id, thrown);
    }
  }

  async #hits({ id, query, texts, prefix }: ToWorker & { kind: "hits" }): Promise<void> {
    try {
      this.#post({ kind: "marked", id, places: await this.#opened().hits(query, texts, prefix) });
    } catch (thrown) {
      this.#refuse(id, thrown);
    }
  }

  #opened(): Session {
    if (this.#session) return this.#session;
    throw new BackfileError("internal", "a query came before the archive was open");
  }

  async #answerLater(id: number, answer: ReturnType<Session["search"]>): Promise<void> {
    try {
      const response = await answer;
      if (this.#searches.delete(id)) this.#post({ kind: "answer", id, response });
    } catch (thrown) {
      if (this.#searches.delete(id) || isTrap(thrown)) this.#refuse(id, thrown);
    }
  }

  /** Nobody waits any more: forgotten first, so that the abort is not reported as an error. */
  #cancel(id: number): void {
    const stop = this.#searches.get(id);
    this.#searches.delete(id);
    stop?.abort();
  }

  #refuse(id: number, thrown: unknown): void {
    this.#fail(thrown, (error) => ({ kind: "no-answer", id, error: toData(error) }));
  }

  #fail(thrown: unknown, otherwise: (error: BackfileError) => FromWorker): void {
    const error = asBackfileError(thrown);
    this.#post(isTrap(thrown) ? { kind: "trapped", error: toData(error) } : otherwise(error));
  }
}

/** Its own scope, as far as it is used; the DOM's types describe a page's. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}

function isWorker(scope: object): scope is WorkerScope {
  return "WorkerGlobalScope" in scope && "name" in scope && scope.name === WORKER_NAME;
}

if (isWorker(globalThis)) {
  const scope: WorkerScope = globalThis;
  const host = new Host((message) => scope.postMessage(message));
  scope.onmessage = (event) => host.receive(event.data);
}
